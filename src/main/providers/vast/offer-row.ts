// Vast's row of an offer, and its translation to the contract's offer.
import { object, type output } from 'zod';
import type { Offer } from '../../../contract';
import { countryCode, flag, integer, number, text } from './wire-fields';

/** No GPU costs more than this per hour; a price beyond it is a trap or a fault, $/h. */
const highestPricePerGpu = 1000;
const hoursPerMonth = 720;
const price = () => number(0, highestPricePerGpu * 1024);

const row = object({
  id: integer(1), machine_id: integer(), host_id: integer(), hosting_type: integer(), gpu_name: text(100), num_gpus: integer(1, 1024),
  gpu_ram: number(0, 1e8), gpu_total_ram: number(0, 1e11), gpu_mem_bw: number(0), gpu_arch: text(40), compute_cap: number(0, 1e5), cuda_max_good: number(0, 1000),
  driver_version: text(60), cpu_name: text(), cpu_cores_effective: number(0, 1e6), cpu_ram: number(0, 1e11), disk_space: number(0, 1e9), disk_bw: number(0),
  disk_name: text(), inet_up: number(0), inet_down: number(0), inet_up_cost: number(0, 1e4), inet_down_cost: number(0, 1e4), pcie_bw: number(0),
  direct_port_count: integer(0, 1e6), geolocation: text(200), static_ip: flag(), verification: text(40), vericode: integer(-100, 100),
  reliability: number(0, 1), reliability2: number(0, 1), dlperf: number(0), dlperf_per_dphtotal: number(0), total_flops: number(0), score: number(),
  dph_base: price(), dph_total: price(), min_bid: price(), is_bid: flag(), storage_cost: number(0, 1e4), storage_total_cost: price(), duration: number(),
});

type Row = output<typeof row>;

const diskPrice = (raw: Row, allocatedGb: number): { readonly perMonth: number; readonly perHour: number } | null => {
  const difference = raw.dph_total !== null && raw.dph_base !== null && raw.dph_total >= raw.dph_base ? raw.dph_total - raw.dph_base : null;
  const perHour = raw.storage_total_cost ?? (raw.storage_cost === null ? difference : (raw.storage_cost * allocatedGb) / hoursPerMonth);
  if (perHour === null) return null;
  return { perHour, perMonth: raw.storage_cost ?? (allocatedGb > 0 ? (perHour * hoursPerMonth) / allocatedGb : 0) };
};

/**
 * The offer of a row, or null when it lacks what renting needs: an id, a machine, a GPU, a disk and a believable price.
 * `allocatedGb` is the disk the search asked for.
 */
export const readOffer = (value: unknown, allocatedGb: number): Offer | null => {
  const parsed = row.safeParse(value);
  if (!parsed.success) return null;
  const raw = parsed.data;
  const { id, machine_id, gpu_name, num_gpus, gpu_ram, dph_total, disk_space } = raw;
  const disk = diskPrice(raw, allocatedGb);
  if (id === null || machine_id === null || gpu_name === null || num_gpus === null || gpu_ram === null || disk_space === null || disk === null) return null;
  if (dph_total === null || dph_total > highestPricePerGpu * num_gpus) return null;
  return {
    id, machine_id, host_id: raw.host_id, gpu_name, num_gpus, gpu_ram,
    gpu_total_ram: raw.gpu_total_ram ?? gpu_ram * num_gpus, gpu_mem_bw: raw.gpu_mem_bw, gpu_arch: raw.gpu_arch, compute_cap: raw.compute_cap,
    cuda_max_good: raw.cuda_max_good, driver_version: raw.driver_version, cpu_name: raw.cpu_name, cpu_cores_effective: raw.cpu_cores_effective, cpu_ram: raw.cpu_ram,
    disk_space, disk_bw: raw.disk_bw, disk_name: raw.disk_name,
    inet_up: raw.inet_up, inet_down: raw.inet_down, inet_up_cost: raw.inet_up_cost, inet_down_cost: raw.inet_down_cost,
    pcie_bw: raw.pcie_bw, direct_port_count: raw.direct_port_count, geolocation: raw.geolocation, country_code: countryCode(raw.geolocation),
    datacenter: raw.hosting_type === 1, static_ip: raw.static_ip ?? false,
    verified: raw.verification === null ? raw.vericode === 1 : raw.verification === 'verified',
    reliability: raw.reliability ?? raw.reliability2, dlperf: raw.dlperf, dlperf_per_dphtotal: raw.dlperf_per_dphtotal, total_flops: raw.total_flops, score: raw.score,
    dph_base: raw.dph_base ?? Math.max(0, dph_total - disk.perHour), dph_total, min_bid: raw.min_bid, is_bid: raw.is_bid ?? false,
    storage_cost: disk.perMonth, storage_total_cost: disk.perHour, duration: raw.duration,
  };
};
