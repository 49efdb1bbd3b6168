// Filters packed offers: one pass over columns of numbers per active filter.
import { activeCriteria, without, type CriterionName, type OfferCriteria } from './offer-criteria';
import { datacenterMark, staticIpMark, verifiedMark, type OfferColumn, type PackedOffers } from './pack-offers';
import { inRegion } from './regions';

/** MB of a GB as Vast.ai counts memory: its own command line multiplies by 1000, and cards of "24 GB" report 24564 MB. */
const mbPerGb = 1000;

/** Sums of floats: a price of 0.30000000000000004 is still at most 0.3. */
const tolerance = 1e-9;

const keepAtLeast = (kept: Uint8Array, column: Float64Array, least: number): void => {
  // NaN fails the comparison: a row that does not say how much it has is not a row that has enough.
  for (let index = 0; index < kept.length; index += 1) if (!(column[index]! >= least)) kept[index] = 0;
};

const keepAtMost = (kept: Uint8Array, column: Float64Array, most: number): void => {
  for (let index = 0; index < kept.length; index += 1) if (!(column[index]! <= most)) kept[index] = 0;
};

const keepCodes = (kept: Uint8Array, codes: Uint16Array, wanted: Uint8Array): void => {
  for (let index = 0; index < kept.length; index += 1) if (wanted[codes[index]!] === 0) kept[index] = 0;
};

const keepMarks = (kept: Uint8Array, marks: Uint8Array, wanted: number): void => {
  for (let index = 0; index < kept.length; index += 1) if ((marks[index]! & wanted) !== wanted) kept[index] = 0;
};

const matchNames = (names: readonly string[], search: string): Uint8Array => {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '');
  return Uint8Array.from(names, (name) => {
    const text = name.toLowerCase();
    const joined = text.replaceAll(' ', '');
    return words.every((word) => text.includes(word) || joined.includes(word)) ? 1 : 0;
  });
};

const leastOf = (criteria: OfferCriteria): readonly (readonly [OfferColumn, number | undefined])[] => [
  ['gpu_ram', criteria.min_gpu_ram === undefined ? undefined : criteria.min_gpu_ram * mbPerGb],
  ['cpu_cores_effective', criteria.min_cpu_cores],
  ['cpu_ram', criteria.min_cpu_ram === undefined ? undefined : criteria.min_cpu_ram * mbPerGb],
  ['disk_space', criteria.min_disk],
  ['inet_down', criteria.min_inet_down],
  ['cuda_max_good', criteria.min_cuda],
  ['reliability', criteria.min_reliability],
];

/** One byte per offer: 1 where every filter holds. */
export const filterOffers = (packed: PackedOffers, criteria: OfferCriteria): Uint8Array => {
  const kept = new Uint8Array(packed.offers.length).fill(1);
  for (const [column, least] of leastOf(criteria)) if (least !== undefined && least > 0) keepAtLeast(kept, packed.columns[column], least);
  if (criteria.max_price !== undefined) keepAtMost(kept, packed.columns.price, criteria.max_price + tolerance);
  if (criteria.num_gpus !== undefined) {
    keepAtLeast(kept, packed.columns.num_gpus, criteria.num_gpus);
    keepAtMost(kept, packed.columns.num_gpus, criteria.num_gpus);
  }
  if (criteria.search?.trim()) keepCodes(kept, packed.gpuCodes, matchNames(packed.gpuNames, criteria.search));
  if (criteria.gpu_names?.length) {
    const wanted = new Set(criteria.gpu_names);
    keepCodes(kept, packed.gpuCodes, Uint8Array.from(packed.gpuNames, (name) => (wanted.has(name) ? 1 : 0)));
  }
  const region = criteria.region;
  if (region) keepCodes(kept, packed.countryCodes, Uint8Array.from(packed.countries, (country) => (inRegion(country, region) ? 1 : 0)));
  const marks = (criteria.datacenter ? datacenterMark : 0) | (criteria.static_ip ? staticIpMark : 0) | (criteria.unverified ? 0 : verifiedMark);
  if (marks !== 0) keepMarks(kept, packed.marks, marks);
  return kept;
};

const countKept = (kept: Uint8Array): number => {
  let count = 0;
  for (let index = 0; index < kept.length; index += 1) count += kept[index]!;
  return count;
};

/** How many offers pass. */
export const countOffers = (packed: PackedOffers, criteria: OfferCriteria): number => countKept(filterOffers(packed, criteria));

/** Which single filter to drop when nothing is left, and how many offers that would give; best first. Filters that need a new search are not counted. */
export const relaxations = (packed: PackedOffers, criteria: OfferCriteria): readonly { readonly name: CriterionName; readonly count: number }[] =>
  activeCriteria(criteria)
    .filter((name) => name !== 'unverified' && name !== 'interruptible')
    .map((name) => ({ name, count: countOffers(packed, without(criteria, name)) }))
    .filter(({ count }) => count > 0)
    .sort((left, right) => right.count - left.count);
