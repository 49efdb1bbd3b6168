// The seeded hosts and machines of the simulated market, before any of their GPUs is offered.
import { gpuModels, type GpuModel } from './gpu-models';
import { seeded, type Random } from './random';

/** Who owns machines, and where. */
interface Host {
  readonly id: number;
  readonly geolocation: string | null;
  readonly datacenter: boolean;
  /** Quoted prices of this owner relative to the market's. */
  readonly priceFactor: number;
  readonly upCost: number;
  readonly downCost: number;
  readonly storageCost: number;
  readonly subnet: string;
}

/** One physical machine; memory in MB, disk in GB, network in Mbit/s, prices in dollars. */
export interface Machine {
  readonly index: number;
  readonly id: number;
  readonly host: Host;
  readonly model: GpuModel;
  readonly gpuCount: number;
  readonly gpuIds: readonly number[];
  /** Slots other customers hold for good. */
  readonly taken: readonly number[];
  /** $/h of one GPU before drift. */
  readonly gpuPrice: number;
  readonly bidRatio: number;
  readonly driftPhase: number;
  readonly driftHours: number;
  readonly cpu: { readonly name: string | null; readonly cores: number | null; readonly coresKnown: number; readonly ghz: number; readonly ramMb: number };
  readonly disk: { readonly name: string; readonly freeGb: number; readonly bandwidth: number };
  readonly net: { readonly up: number; readonly down: number; readonly ports: number; readonly ip: string; readonly staticIp: boolean };
  readonly driver: { readonly version: string; readonly number: number; readonly cuda: number };
  readonly pci: { readonly gen: number; readonly bandwidth: number; readonly lanes: number };
  readonly reliability: number;
  readonly verification: 'verified' | 'unverified' | 'deverified';
  readonly listedAt: number | null;
  readonly endsAt: number;
  readonly osVersion: string;
  readonly mobo: string | null;
  readonly vms: boolean;
  readonly platformFee: number | null;
}

const places: readonly (readonly [string, number])[] = [
  ['Texas, US', 9], ['California, US', 8], ['Virginia, US', 5], ['Washington, US', 4], ['Oregon, US', 3], ['New York, US', 4], ['Utah, US', 2], [', US', 3],
  ['Ontario, CA', 4], ['Quebec, CA', 4], [', CA', 1], ['Norway, NO', 4], ['Sweden, SE', 4], ['Finland, FI', 2], ['Germany, DE', 5], ['France, FR', 4],
  ['Netherlands, NL', 3], ['Poland, PL', 3], ['Czechia, CZ', 3], ['Spain, ES', 3], ['Italy, IT', 2], ['Bulgaria, BG', 3], ['Romania, RO', 2], ['Estonia, EE', 1],
  ['United Kingdom, GB', 4], ['Iceland, IS', 1], ['Japan, JP', 3], ['South Korea, KR', 4], ['Taiwan, TW', 3], ['Singapore, SG', 2], ['India, IN', 3],
  ['Vietnam, VN', 3], ['Thailand, TH', 2], ['Hong Kong, HK', 2], ['China, CN', 3], ['Sao Paulo, BR', 4], ['Parana, BR', 2], ['Argentina, AR', 1],
  ['Australia, AU', 2], ['South Africa, ZA', 1], ['United Arab Emirates, AE', 1], ['Ukraine, UA', 1],
];
const drivers: readonly (readonly [string, number])[] = [
  ['525.147.05', 12.0], ['535.86.05', 12.2], ['535.183.01', 12.2], ['550.54.15', 12.4], ['550.127.05', 12.4], ['560.35.03', 12.6], ['565.57.01', 12.7],
  ['570.124.04', 12.8], ['570.169', 12.8], ['575.57.08', 12.9], ['580.65.06', 13.0], ['580.95.05', 13.0], ['590.44.01', 13.1],
];
const desktopCpus: readonly (readonly [string, number, number])[] = [
  ['AMD Ryzen 9 5950X 16-Core Processor', 32, 3.4], ['AMD Ryzen 9 7950X 16-Core Processor', 32, 4.5], ['Intel\u00ae Core\u2122 i9-14900K', 32, 5.6],
  ['AMD Ryzen Threadripper 3970X 32-Core Processor', 64, 3.7], ['AMD Ryzen Threadripper PRO 7975WX 32-Cores', 64, 4.0], ['Xeon\u00ae E5-2698 v4', 40, 2.2],
];
const serverCpus: readonly (readonly [string, number, number])[] = [
  ['AMD EPYC 7642 48-Core Processor', 96, 2.3], ['AMD EPYC 7763 64-Core Processor', 128, 2.45], ['AMD EPYC 9654 96-Core Processor', 192, 2.4],
  ['Xeon\u00ae Platinum 8480+', 224, 3.8], ['Xeon\u00ae Platinum 8358', 128, 3.4], ['AMD EPYC 9554 64-Core Processor', 256, 3.1],
];
const disks: readonly (readonly [string, number])[] = [
  ['INTEL SSDPE2KX080T8', 2545.3], ['SAMSUNG MZQL27T6HBLA-00A07', 6012], ['nvme', 912], ['WD_BLACK SN850X 4000GB', 4820.4], ['KINGSTON SNV2S2000G', 1804.6], ['CT4000P3PSSD8', 2210.9],
];

/** `535.86.05` as the market's integer `535086005`. */
export const driverNumber = (version: string): number => {
  const [major = '0', minor = '0', patch = '0'] = version.split('.');
  return Number(major) * 1_000_000 + Number(minor) * 1000 + Number(patch);
};

const weighted = <T>(random: Random, list: readonly T[], weight: (item: T) => number): T => {
  let left = random.next() * list.reduce((sum, item) => sum + weight(item), 0);
  for (const item of list) {
    left -= weight(item);
    if (left < 0) return item;
  }
  return random.pick(list);
};

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

const makeHost = (random: Random, index: number): Host => {
  const datacenter = random.chance(0.3);
  const free = datacenter && random.chance(0.5);
  const [geolocation] = weighted(random, places, (place) => place[1]);
  return {
    id: 1200 + index * 613 + random.int(0, 600),
    geolocation: random.chance(0.01) ? null : geolocation,
    datacenter,
    priceFactor: random.between(0.92, 1.1),
    upCost: free ? 0 : rounded(random.between(0.001, 0.022), 4),
    downCost: free ? 0 : rounded(random.between(0.0005, 0.012), 4),
    storageCost: rounded(datacenter ? random.between(0.1, 0.22) : random.between(0.08, 0.4), 3),
    subnet: random.pick(['203.0.113', '198.51.100', '192.0.2']),
  };
};

const gpuCountOf = (random: Random, model: GpuModel): number =>
  model.name === 'GH200 SXM' || model.name.endsWith('laptop')
    ? 1
    : model.server
      ? weighted(random, [1, 2, 4, 8], (count) => ({ 1: 3, 2: 3, 4: 4, 8: 7 })[count] ?? 0)
      : weighted(random, [1, 2, 3, 4, 5, 6, 8, 10, 12], (count) => ({ 1: 9, 2: 6, 3: 1, 4: 7, 5: 0.6, 6: 1.5, 8: 5, 10: 0.4, 12: 0.3 })[count] ?? 0);

const cpuOf = (random: Random, server: boolean, gpuCount: number): Machine['cpu'] => {
  const [name, cores, ghz] = random.pick(server || gpuCount > 4 ? serverCpus : desktopCpus);
  const known = !random.chance(0.02);
  const ramGb = Math.max(16, gpuCount * random.pick(server ? [64, 96, 128, 192, 256] : [16, 32, 48, 64]));
  return { name: known ? name : null, cores: known ? cores : null, coresKnown: cores, ghz, ramMb: Math.round(ramGb * 1024 * random.between(0.965, 0.995)) };
};

const netOf = (random: Random, host: Host): Machine['net'] => {
  const down = host.datacenter ? random.between(700, 9400) : random.between(40, 1800);
  const ports = random.chance(0.06) ? 0 : random.pick([5, 16, 49, 100, 249, 250, 500, 1000]);
  return {
    up: rounded(down * random.between(0.3, 1.02), 1),
    down: rounded(down, 1),
    ports,
    ip: `${host.subnet}.${random.int(1, 254)}${random.chance(0.1) ? '\n' : ''}`,
    staticIp: host.datacenter ? random.chance(0.85) : random.chance(0.25),
  };
};

const makeMachine = (random: Random, index: number, host: Host, epoch: number): Machine => {
  const model = weighted(random, gpuModels, (item) => item.weight * (item.server === host.datacenter ? 1.5 : 0.5));
  const gpuCount = gpuCountOf(random, model);
  const [version, cuda] = random.pick(drivers.filter((driver) => driver[1] >= model.minCuda));
  const [diskName, diskBandwidth] = random.pick(disks);
  const gen = model.computeCap >= 900 && model.server ? 5 : random.pick([3, 4, 4]);
  const lanes = model.server ? 16 : random.pick([4, 8, 16, 16]);
  const firstGpu = 20_000 + index * 13;
  const busy = random.chance(0.3) ? random.int(1, gpuCount) : 0;
  const verification = random.chance(0.78) ? 'verified' : random.chance(0.94) ? 'unverified' : 'deverified';
  const reliability = rounded(verification === 'verified' ? random.between(0.962, 0.9999) : random.between(0.81, 0.997), 7);
  const discount = verification === 'verified' ? 1 : 0.88;
  const [low, high] = model.price;
  return {
    index, id: 3000 + index * 37 + random.int(0, 36), host, model, gpuCount,
    gpuIds: Array.from({ length: gpuCount }, (_, slot) => firstGpu + slot),
    taken: Array.from({ length: busy }, (_, slot) => gpuCount - 1 - slot),
    gpuPrice: (low + (high - low) * random.next() ** 1.6) * host.priceFactor * discount,
    bidRatio: random.between(0.45, 0.85), driftPhase: random.next(), driftHours: random.between(7, 60),
    cpu: cpuOf(random, model.server, gpuCount),
    disk: { name: diskName, freeGb: rounded(random.between(90, model.server ? 12_000 : 3200), 1), bandwidth: rounded(diskBandwidth * random.between(0.9, 1.05), 1) },
    net: netOf(random, host),
    driver: { version, number: driverNumber(version), cuda },
    pci: { gen, lanes, bandwidth: rounded(gen * lanes * random.between(0.31, 0.39) * (gen === 5 ? 1.7 : 1), 1) },
    reliability, verification,
    listedAt: random.chance(0.05) ? null : rounded(epoch - random.between(86_400, 300 * 86_400), 2),
    endsAt: Math.round((epoch + random.between(10 * 86_400, 420 * 86_400)) / 86_400) * 86_400,
    osVersion: random.pick(['20.04', '22.04', '22.04', '22.04', '24.04']),
    mobo: random.chance(0.05) ? null : random.pick(['H12SSL', '0K14PN', 'ROME2D32GM', 'X570 AORUS', 'WRX80E-SAGE', 'G293-S43', 'MZ73-LM0']),
    vms: random.chance(0.2), platformFee: random.chance(0.3) ? 0.25 : null,
  };
};

/** The machines of a seed. `epoch` (s) anchors listing dates, so the same seed and epoch give the same market. */
export const makeMachines = (seed: string, count: number, epoch: number): readonly Machine[] => {
  const random = seeded(`market:${seed}`);
  const hosts = Array.from({ length: Math.ceil(count / 4) }, (_, index) => makeHost(random, index));
  return Array.from({ length: count }, (_, index) => makeMachine(random, index, random.pick(hosts), epoch));
};
