// One offer as the market answers it, with every field of the real one; prices are dollars per hour for the whole offer.
import type { Ask } from './market';
import type { Machine } from './machines';

/** Any JSON object of the API; rows are open, as the real ones are. */
export type Row = Record<string, unknown>;

/** How a search wants prices worked out. */
export interface Pricing {
  /** GB of disk the price includes. */
  readonly storageGb: number;
  /** Interruptible prices: the lowest bid in place of the on-demand price. */
  readonly bid: boolean;
}

/** The storage month of the price formula, in hours. */
export const hoursPerMonth = 720;
const driftStepS = 600;
const driftSize = 0.045;

/** $/h of one GPU of a machine at an instant: drifts a few percent over hours and holds still for ten minutes at a time. */
export const gpuPriceAt = (machine: Machine, nowS: number): number => {
  const hours = (Math.floor(nowS / driftStepS) * driftStepS) / 3600;
  const wave = Math.sin(2 * Math.PI * (hours / machine.driftHours + machine.driftPhase));
  return Math.max(0.01, Math.round(machine.gpuPrice * (1 + driftSize * wave) * 10_000) / 10_000);
};

/** The price block of an offer: one place for the arithmetic that all price fields obey. */
export const priceFields = (gpuHour: number, storageCost: number, storageGb: number) => {
  const diskHour = (storageCost * storageGb) / hoursPerMonth;
  const total = gpuHour + diskHour;
  return {
    dph_base: gpuHour,
    dph_total: total,
    storage_total_cost: diskHour,
    discounted_dph_total: total,
    search: { gpuCostPerHour: gpuHour, diskHour, totalHour: total, discountTotalHour: 0, discountedTotalPerHour: total },
    instance: { gpuCostPerHour: 0, diskHour, totalHour: diskHour, discountTotalHour: 0, discountedTotalPerHour: diskHour },
  };
};

const hardwareFields = (machine: Machine, slots: readonly number[]) => {
  const { model, cpu, disk, driver, pci } = machine;
  const frac = slots.length / machine.gpuCount;
  return {
    gpu_name: model.name, gpu_arch: model.arch, num_gpus: slots.length, gpu_frac: frac,
    gpu_ids: slots.map((slot) => machine.gpuIds[slot] ?? 0),
    gpu_ram: model.ramMb, gpu_total_ram: model.ramMb * slots.length, gpu_lanes: pci.lanes, gpu_mem_bw: model.memBandwidth,
    gpu_max_power: model.maxPower, gpu_max_temp: model.maxTemp, gpu_display_active: !model.server && machine.index % 9 === 0,
    bw_nvlink: model.nvlink, compute_cap: model.computeCap, cuda_max_good: driver.cuda,
    driver_version: driver.version, driver_vers: driver.number,
    cpu_name: cpu.name, cpu_arch: 'amd64', cpu_cores: cpu.cores, cpu_cores_effective: cpu.coresKnown * frac, cpu_ghz: cpu.ghz,
    cpu_ram: Math.round(cpu.ramMb * frac), has_avx: 1, mobo_name: machine.mobo, os_version: machine.osVersion,
    pci_gen: pci.gen, pcie_bw: pci.bandwidth,
    disk_name: disk.name, disk_space: Math.round(disk.freeGb * frac * 10) / 10, disk_bw: disk.bandwidth,
  };
};

const placeFields = (machine: Machine) => {
  const { host, net } = machine;
  return {
    machine_id: machine.id, host_id: host.id, hosting_type: host.datacenter ? 1 : machine.index % 5 === 0 ? null : 0, hostname: null,
    public_ipaddr: net.ip, static_ip: net.staticIp, geolocation: host.geolocation,
    geolocode: host.geolocation === null ? null : 400_000_000 + ((host.id * 7919) % 600_000_000),
    inet_up: net.up, inet_down: net.down, inet_up_cost: host.upCost, inet_down_cost: host.downCost,
    internet_up_cost_per_tb: host.upCost * 1024, internet_down_cost_per_tb: host.downCost * 1024, direct_port_count: net.ports,
    storage_cost: host.storageCost,
    reliability: machine.reliability, reliability2: machine.reliability,
    reliability_mult: machine.reliability ** 4, expected_reliability: Math.max(0, machine.reliability - 0.0023),
    verification: machine.verification, vericode: machine.verification === 'verified' ? 1 : 0,
    vms_enabled: machine.vms, is_vm_deverified: false, resource_type: 'gpu', external: null,
    start_date: machine.listedAt, end_date: machine.endsAt, time_remaining: '', time_remaining_isbid: '', cluster_id: null,
    nw_disk_min_bw: null, nw_disk_max_bw: null, nw_disk_avg_bw: null, platform_fee: machine.platformFee,
    logo: '/static/logos/vastai_small2.png', webpage: null, rn: 1,
  };
};

/** An offer in two parts: what never changes about it, and what the clock and the query decide. */
export interface OfferView {
  readonly fixed: Row;
  readonly moving: Row;
}

interface Fixed {
  readonly fields: Row;
  /** The fields as JSON without the outer braces: a search answers megabytes of them. */
  readonly json: string;
}

const fixedOf = new WeakMap<Ask, Fixed>();

const fixedParts = (ask: Ask): Fixed => {
  const known = fixedOf.get(ask);
  if (known) return known;
  const { machine } = ask;
  const count = ask.slots.length;
  const volume = machine.index % 4 === 0 ? null : ask.id + 1_000_000_000;
  const own = {
    id: ask.id, ask_contract_id: ask.id, bundle_id: 1_000_000_000 + ((machine.id * 104_729 + count * 15_485_863) % 999_999_937), bundled_results: null,
    discount_rate: null, discounted_hourly: 0, credit_discount_max: machine.host.datacenter ? 0.4 : 0, rentable: ask.rentable,
    avail_vol_ask_id: volume, avail_vol_dph: volume === null ? null : 0.000208333,
    avail_vol_size: volume === null ? null : Math.floor(machine.disk.freeGb * 0.9),
  };
  // Object.assign, as spreading several large literals into one is twenty times slower in V8.
  const fields: Row = Object.assign({}, own, hardwareFields(machine, ask.slots), placeFields(machine));
  // Pure ASCII, so that megabytes of it stay one byte per character in memory and go out without conversion.
  const ascii = JSON.stringify(fields).replaceAll(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const fresh = { fields, json: ascii.slice(1, -1) };
  fixedOf.set(ask, fresh);
  return fresh;
};

/** The fields of an ask that no clock or query changes; made once per ask. */
export const fixedFields = (ask: Ask): Row => fixedParts(ask).fields;

/** The fields of an ask that follow from the time, the price wanted and who asks. */
const movingFields = (ask: Ask, nowS: number, pricing: Pricing, rented: boolean): Row => {
  const { machine } = ask;
  const count = ask.slots.length;
  const onDemand = gpuPriceAt(machine, nowS) * count;
  const minBid = Math.max(0.001, Math.round(onDemand * machine.bidRatio * 10_000) / 10_000);
  const base = pricing.bid ? minBid : onDemand;
  const prices = priceFields(base, machine.host.storageCost, pricing.storageGb);
  const dlperf = machine.model.dlperf * count ** 0.92 * (0.9 + machine.cpu.ghz / 60);
  const flops = machine.model.tflops * count;
  return {
    ...prices,
    dph_total_adj: prices.dph_total + machine.host.upCost + machine.host.downCost,
    min_bid: minBid, is_bid: pricing.bid,
    vram_costperhour: base / ((machine.model.ramMb * count) / 1024),
    dlperf, dlperf_per_dphtotal: dlperf / prices.dph_total,
    total_flops: flops, flops_per_dphtotal: flops / prices.dph_total,
    score: (dlperf / prices.dph_total) * machine.reliability ** 2 * (machine.verification === 'verified' ? 1 : 0.6),
    rented, duration: machine.endsAt - nowS,
  };
};

/** An ask at `nowS` (epoch seconds), in parts. `rented` tells whether the caller rents on that machine. */
export const offerView = (ask: Ask, nowS: number, pricing: Pricing, rented = false): OfferView => ({
  fixed: fixedFields(ask), moving: movingFields(ask, nowS, pricing, rented),
});

/** A field of an offer, `undefined` when offers have no such field. */
export const viewField = (view: OfferView, field: string): unknown => (field in view.moving ? view.moving[field] : view.fixed[field]);

/** The whole row of an offer. */
export const viewRow = (view: OfferView): Row => Object.assign({}, view.fixed, view.moving);

/** The whole row of an ask at `nowS`. */
export const offerRow = (ask: Ask, nowS: number, pricing: Pricing, rented = false): Row => viewRow(offerView(ask, nowS, pricing, rented));

/** The row of an ask as JSON text, without making the row. */
export const offerJson = (ask: Ask, view: OfferView): string => `{${fixedParts(ask).json},${JSON.stringify(view.moving).slice(1)}`;
