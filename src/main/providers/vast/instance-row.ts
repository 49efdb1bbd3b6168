// Vast's row of an instance, and its translation to what the domain knows of it. Only the id is needed: a billed machine is never dropped for an odd field.
import { object, unknown, type output } from 'zod';
import type { RentedInstance } from '../../domain/ports';
import { sshAddress } from './ssh-address';
import { epochSeconds, flag, integer, number, text } from './wire-fields';

const hoursPerMonth = 720;
const highestPrice = 100_000;
const price = () => number(0, highestPrice);
/** Kept as it came, to be read with care. */
const raw = () => unknown().optional();

const row = object({
  id: integer(1), machine_id: integer(), host_id: integer(), label: text(512), actual_status: text(40), intended_status: text(40), cur_state: text(40), next_state: text(40),
  status_msg: text(), gpu_name: text(100), num_gpus: integer(0, 1024), gpu_ram: number(0, 1e8), gpu_util: number(0, 100), gpu_temp: number(-100, 1000),
  cpu_name: text(), cpu_cores_effective: number(0, 1e6), cpu_ram: number(0, 1e11), disk_space: number(0, 1e9), disk_usage: number(0, 1e9),
  inet_up: number(0, 1e7), inet_down: number(0, 1e7), inet_up_cost: number(0, 1e4), inet_down_cost: number(0, 1e4), geolocation: text(200), image_uuid: text(1024), image_runtype: text(200), is_bid: flag(),
  dph_base: price(), dph_total: price(), storage_cost: number(0, 1e4), storage_total_cost: price(), start_date: epochSeconds(), end_date: epochSeconds(),
  public_ipaddr: raw(), ports: raw(), ssh_host: raw(), ssh_port: raw(), extra_env: raw(),
});

type Row = output<typeof row>;

const pairs = (value: unknown): readonly (readonly [unknown, unknown])[] => {
  if (Array.isArray(value)) return value.filter((item): item is unknown[] => Array.isArray(item)).map((item) => [item[0], item[1]] as const);
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
};

const environment = (value: unknown): Readonly<Record<string, string>> => {
  const entries = pairs(value).slice(0, 1000);
  return Object.fromEntries(entries.filter((pair): pair is readonly [string, string] => typeof pair[0] === 'string' && typeof pair[1] === 'string' && pair[0].length <= 512 && pair[1].length <= 4096));
};

const diskPrice = (raw: Row): number => raw.storage_total_cost ?? ((raw.storage_cost ?? 0) * (raw.disk_space ?? 0)) / hoursPerMonth;

const translate = (raw: Row, id: number): RentedInstance => {
  const disk = diskPrice(raw);
  const addresses = { publicIp: raw.public_ipaddr, ports: raw.ports, sshHost: raw.ssh_host, sshPort: raw.ssh_port, runtype: raw.image_runtype };
  return {
    id, machine_id: raw.machine_id, host_id: raw.host_id, full_label: raw.label,
    actual_status: raw.actual_status, intended_status: raw.intended_status, cur_state: raw.cur_state, next_state: raw.next_state, status_msg: raw.status_msg,
    gpu_name: raw.gpu_name ?? '', num_gpus: raw.num_gpus ?? 0, gpu_ram: raw.gpu_ram, gpu_util: raw.gpu_util, gpu_temp: raw.gpu_temp,
    cpu_name: raw.cpu_name, cpu_cores_effective: raw.cpu_cores_effective, cpu_ram: raw.cpu_ram, disk_space: raw.disk_space, disk_usage: raw.disk_usage,
    inet_up: raw.inet_up, inet_down: raw.inet_down, inet_up_cost: raw.inet_up_cost, inet_down_cost: raw.inet_down_cost, geolocation: raw.geolocation, image: raw.image_uuid, is_bid: raw.is_bid ?? false,
    dph_total: raw.dph_total ?? (raw.dph_base ?? 0) + disk, storage_total_cost: disk, start_date: raw.start_date, end_date: raw.end_date,
    ssh: sshAddress(addresses), extra_env: environment(raw.extra_env),
  };
};

/** The instance of a row; null only when the row has no id. */
export const readInstance = (value: unknown): RentedInstance | null => {
  const parsed = row.safeParse(value);
  return parsed.success && parsed.data.id !== null ? translate(parsed.data, parsed.data.id) : null;
};
