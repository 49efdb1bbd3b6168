// The contract's filters as Vast's query, and the same filters applied again to what Vast answered: a server may ignore them.
import type { Offer, OfferFilters } from '../../contract';
import type { OfferQuery } from './ports';
import { countriesOf } from './regions';

/** Vast's own client counts a GB of memory as 1000 of the MB in its rows. */
const mbPerGb = 1000;
/** Sums of floats: a price of 0.30000000000000004 is still at most 0.3. */
const tolerance = 1e-9;

type Operators = Readonly<Record<string, unknown>>;

/** Names people copy from other tools have underscores; on the wire they find nothing. */
const gpuName = (name: string): string => name.replaceAll('_', ' ').trim();

const atLeast = (value: number | undefined, factor = 1): Operators | undefined => (value === undefined || value === 0 ? undefined : { gte: value * factor });

/** Vast's filter document. `allocatedStorage` is in GB. */
export const vastFilters = (filters: OfferFilters, allocatedStorage: number): OfferQuery['filters'] => {
  const wanted: Readonly<Record<string, Operators | undefined>> = {
    verified: { eq: filters.verified_only === false ? 'any' : true },
    external: { eq: false },
    rentable: { eq: true },
    gpu_name: filters.gpu_name === undefined ? undefined : { eq: gpuName(filters.gpu_name) },
    num_gpus: filters.num_gpus === undefined ? undefined : { eq: filters.num_gpus },
    gpu_ram: atLeast(filters.min_gpu_ram, mbPerGb),
    cpu_cores_effective: atLeast(filters.min_cpu_cores),
    cpu_ram: atLeast(filters.min_cpu_ram, mbPerGb),
    disk_space: { gte: Math.max(allocatedStorage, filters.min_disk ?? 0) },
    inet_down: atLeast(filters.min_inet_down),
    dph_total: filters.max_price === undefined ? undefined : { lte: filters.max_price },
    cuda_max_good: atLeast(filters.min_cuda),
    reliability: atLeast(filters.min_reliability),
    geolocation: filters.region === undefined ? undefined : { in: countriesOf(filters.region) },
    static_ip: filters.static_ip === true ? { eq: true } : undefined,
  };
  return Object.fromEntries(Object.entries(wanted).filter((entry): entry is [string, Operators] => entry[1] !== undefined));
};

const reaches = (have: number | null, want: number | undefined): boolean => want === undefined || want === 0 || (have !== null && have >= want - tolerance);

/** Whether an offer is one that was asked for. What an offer does not say does not pass. */
export const matches = (offer: Offer, filters: OfferFilters, allocatedStorage: number): boolean =>
  (filters.verified_only === false || offer.verified) &&
  (filters.gpu_name === undefined || offer.gpu_name === gpuName(filters.gpu_name)) &&
  (filters.num_gpus === undefined || offer.num_gpus === filters.num_gpus) &&
  (filters.static_ip !== true || offer.static_ip) &&
  (filters.max_price === undefined || offer.dph_total <= filters.max_price + tolerance) &&
  (filters.region === undefined || (offer.country_code !== null && countriesOf(filters.region).includes(offer.country_code))) &&
  reaches(offer.gpu_ram, (filters.min_gpu_ram ?? 0) * mbPerGb) &&
  reaches(offer.cpu_cores_effective, filters.min_cpu_cores) &&
  reaches(offer.cpu_ram, (filters.min_cpu_ram ?? 0) * mbPerGb) &&
  reaches(offer.disk_space, Math.max(allocatedStorage, filters.min_disk ?? 0)) &&
  reaches(offer.inet_down, filters.min_inet_down) &&
  reaches(offer.cuda_max_good, filters.min_cuda) &&
  reaches(offer.reliability, filters.min_reliability);

/** Vast's word for the type of an offer. */
export const vastType = (filters: OfferFilters): OfferQuery['type'] => (filters.type === 'interruptible' ? 'bid' : 'on-demand');
