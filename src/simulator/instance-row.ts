// One instance as the API shows it: machine and price fields of its offer, its state, its address and what its GPUs do.
import { diskHourPrice, gpuHourPrice, hourRate } from './billing';
import { hasSsh, offerNumber, type InstanceRecord } from './instance-record';
import { isUp } from './lifecycle';
import type { Row } from './offer-row';

const copied = [
  'machine_id', 'host_id', 'bundle_id', 'hosting_type', 'hostname', 'geolocation', 'geolocode', 'gpu_name', 'gpu_arch', 'num_gpus', 'gpu_frac', 'gpu_lanes',
  'gpu_mem_bw', 'bw_nvlink', 'compute_cap', 'cuda_max_good', 'driver_version', 'cpu_name', 'cpu_arch', 'cpu_cores', 'cpu_cores_effective', 'cpu_ghz', 'cpu_ram',
  'has_avx', 'mobo_name', 'os_version', 'pci_gen', 'pcie_bw', 'disk_name', 'disk_bw', 'inet_up', 'inet_down', 'inet_up_cost', 'inet_down_cost',
  'internet_up_cost_per_tb', 'internet_down_cost_per_tb', 'static_ip', 'direct_port_count', 'min_bid', 'storage_cost', 'dlperf', 'total_flops', 'score',
  'reliability2', 'verification', 'rentable', 'external', 'logo', 'webpage', 'gpu_ram', 'credit_discount_max', 'end_date', 'time_remaining_isbid',
] as const;

/** Columns that the list's `select_filters` may name: stored ones, not computed ones. */
export const storedColumns: ReadonlySet<string> = new Set([
  'id', 'machine_id', 'host_id', 'bundle_id', 'hosting_type', 'geolocation', 'gpu_name', 'gpu_arch', 'gpu_ram', 'verification', 'static_ip', 'actual_status',
  'cur_state', 'next_state', 'intended_status', 'status_msg', 'label', 'template_id', 'template_hash_id', 'image_uuid', 'image_runtype', 'start_date', 'end_date',
  'is_bid', 'public_ipaddr', 'ssh_host', 'ssh_port', 'disk_space',
]);

const hash = (value: number): number => {
  const mixed = Math.imul(value ^ 0x9e3779b9, 0x85ebca6b);
  return ((mixed ^ (mixed >>> 13)) >>> 0) / 4_294_967_296;
};

/** What running GPUs report: a busy training loop that breathes, pauses to save and warms up in its first minutes. */
const telemetry = (record: InstanceRecord, nowS: number) => {
  const phase = hash(record.id) * 6.28;
  const saving = (nowS + phase * 10) % 60 < 4;
  const util = saving ? 7 + 4 * Math.sin(nowS) : 91 + 5 * Math.sin(nowS / 11 + phase) + 2.5 * Math.sin(nowS / 3.1);
  const warm = 1 - Math.exp(-record.runSeconds / 240);
  const room = Math.max(1, offerNumber(record, 'cpu_ram') / 1000);
  return {
    gpu_util: Math.round(Math.max(0, Math.min(100, util)) * 10) / 10,
    gpu_temp: Math.round(36 + warm * (26 + 9 * hash(record.id + 1)) + 2 * Math.sin(nowS / 17 + phase)),
    cpu_util: Math.round((0.12 + 0.08 * Math.sin(nowS / 7 + phase) ** 2) * 100_000) / 100_000,
    mem_limit: Math.round(room * 10) / 10,
    mem_usage: Math.round(room * (0.18 + 0.12 * warm + 0.02 * Math.sin(nowS / 23)) * 1000) / 1000,
    vmem_usage: Math.round(room * 0.03 * 1000) / 1000,
    disk_usage: Math.round((6.2 + record.runSeconds / 36_000) * 100) / 100,
    disk_util: Math.round(((6.2 + record.runSeconds / 36_000) / record.diskGb) * 1000) / 1000,
  };
};

const idle = { gpu_util: null, gpu_temp: null, cpu_util: 0, mem_limit: null, mem_usage: null, vmem_usage: null, disk_usage: -1, disk_util: -1 };

const binding = (port: number) => [{ HostIp: '0.0.0.0', HostPort: String(port) }, { HostIp: '::', HostPort: String(port) }];

const addressFields = (record: InstanceRecord, host: string) => {
  const reported = record.sshPort > 0;
  const up = isUp(record) && reported;
  const others = record.extraEnv.flatMap(([name], index) => {
    const match = /^-p (?:\d+:)?(\d+)(\/udp)?$/.exec(name);
    return match ? [[`${match[1]}${match[2] ?? '/tcp'}`, binding(41_001 + index)] as const] : [];
  });
  const ports = { ...(hasSsh(record) ? { '22/tcp': binding(record.sshPort) } : {}), ...Object.fromEntries(others) };
  // The client adds one to the proxy port of jupyter run types.
  const proxyPort = record.runtype.includes('jupyter') ? record.sshPort - 1 : record.sshPort;
  return {
    ssh_host: reported ? host : null, ssh_idx: reported ? '1' : null, ssh_port: reported ? proxyPort : null, machine_dir_ssh_port: 41_003,
    public_ipaddr: reported ? host : null, local_ipaddrs: '172.17.0.2 \n',
    direct_port_start: up ? record.sshPort : -1, direct_port_end: up ? record.sshPort : -1,
    ...(up ? { ports } : {}),
  };
};

const remaining = (seconds: number): string => {
  const days = Math.max(0, Math.floor(seconds / 86_400));
  return `${Math.floor(days / 30)} Mon ${days % 30} D ${Math.floor((Math.max(0, seconds) % 86_400) / 3600)} Hr`;
};

const priceBlock = (record: InstanceRecord) => {
  const [gpu, disk, now] = [gpuHourPrice(record), diskHourPrice(record), hourRate(record)];
  const total = gpu + disk;
  const gpuNow = Math.max(0, now - disk);
  const block = (gpuPart: number, all: number) => ({ gpuCostPerHour: gpuPart, diskHour: disk, totalHour: all, discountTotalHour: 0, discountedTotalPerHour: all });
  const gpuRam = offerNumber(record, 'gpu_total_ram');
  return {
    is_bid: record.bidPrice !== null, dph_base: gpu, dph_total: total, storage_total_cost: disk,
    dlperf_per_dphtotal: offerNumber(record, 'dlperf') / total, flops_per_dphtotal: offerNumber(record, 'total_flops') / total,
    vram_costperhour: gpuRam > 0 ? total / gpuRam : 0, gpu_totalram: gpuRam,
    search: block(gpu, total),
    instance: gpuNow > 1e-9 ? block(gpuNow, now) : block(0, disk),
  };
};

/** The row of an instance at `nowS`. `host` is the address at which its SSH server answers. */
export const instanceRow = (record: InstanceRecord, nowS: number, host: string): Row => {
  const endsIn = offerNumber(record, 'end_date') - nowS;
  return {
    ...Object.fromEntries(copied.map((field) => [field, record.offer[field] ?? null])),
    id: record.id,
    actual_status: record.offline ? 'offline' : record.actual,
    cur_state: record.cur, next_state: record.intended, intended_status: record.intended, status_msg: record.message,
    label: record.label, template_id: null, template_hash_id: null, template_name: null,
    image_uuid: record.image, image_args: record.imageArgs, image_runtype: record.runtype, extra_env: record.extraEnv, onstart: record.onstart,
    jupyter_token: record.jupyterToken,
    ...addressFields(record, host),
    start_date: record.createdAt, duration: endsIn, uptime_mins: null, time_remaining: remaining(endsIn),
    ...(isUp(record) ? telemetry(record, nowS) : idle),
    disk_space: record.diskGb,
    ...priceBlock(record),
    inet_up_billed: record.upGbBilled, inet_down_billed: record.downGbBilled,
    credit_balance: null, credit_discount: null, client_run_time: record.runSeconds / 3600, host_run_time: 2_592_000, country_code: null,
  };
};
