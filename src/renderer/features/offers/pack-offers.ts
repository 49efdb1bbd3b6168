// Turns a list of offers into columns of numbers, so that 20,000 of them filter and sort within a frame.
import type { Offer } from '../../../contract';

/** What a column can be sorted by. Text columns are ranked once, when they are packed. */
export type OfferColumn =
  | 'gpu_name' | 'num_gpus' | 'gpu_ram' | 'price' | 'dlperf' | 'dlperf_per_dphtotal' | 'reliability' | 'cpu_cores_effective' | 'cpu_ram' | 'disk_space'
  | 'inet_down' | 'inet_up' | 'inet_down_cost' | 'inet_up_cost' | 'geolocation' | 'cuda_max_good' | 'duration' | 'storage_cost' | 'total_flops' | 'score' | 'marks';

/** Bits of `marks`. */
export const verifiedMark = 1;
export const staticIpMark = 2;
export const datacenterMark = 4;

/** Offers and their columns; NaN stands for "the market did not say". */
export interface PackedOffers {
  readonly offers: readonly Offer[];
  readonly columns: Readonly<Record<OfferColumn, Float64Array>>;
  readonly marks: Uint8Array;
  /** Each distinct GPU name and, per offer, which one it is. */
  readonly gpuNames: readonly string[];
  readonly gpuCodes: Uint16Array;
  /** Each distinct country code in upper case ('' when unknown) and, per offer, which one it is. */
  readonly countries: readonly string[];
  readonly countryCodes: Uint16Array;
  /** Orders already worked out, by column and direction. Filled by `sortOffers`. */
  readonly orders: Map<string, Uint32Array>;
}

const numeric: readonly (readonly [OfferColumn, (offer: Offer) => number | null])[] = [
  ['num_gpus', (offer) => offer.num_gpus],
  ['gpu_ram', (offer) => offer.gpu_ram],
  ['price', (offer) => offer.dph_total],
  ['dlperf', (offer) => offer.dlperf],
  ['dlperf_per_dphtotal', (offer) => offer.dlperf_per_dphtotal],
  ['reliability', (offer) => offer.reliability],
  ['cpu_cores_effective', (offer) => offer.cpu_cores_effective],
  ['cpu_ram', (offer) => offer.cpu_ram],
  ['disk_space', (offer) => offer.disk_space],
  ['inet_down', (offer) => offer.inet_down],
  ['inet_up', (offer) => offer.inet_up],
  ['inet_down_cost', (offer) => offer.inet_down_cost],
  ['inet_up_cost', (offer) => offer.inet_up_cost],
  ['cuda_max_good', (offer) => offer.cuda_max_good],
  ['duration', (offer) => offer.duration],
  ['storage_cost', (offer) => offer.storage_cost],
  ['total_flops', (offer) => offer.total_flops],
  ['score', (offer) => offer.score],
];

interface Dictionary {
  readonly values: readonly string[];
  readonly codes: Uint16Array;
  /** The rank of each offer's text in the alphabet; NaN for empty text. */
  readonly ranks: Float64Array;
}

const codeTexts = (texts: readonly string[]): Dictionary => {
  const seen = new Map<string, number>();
  const codes = new Uint16Array(texts.length);
  texts.forEach((text, index) => {
    const code = seen.get(text) ?? seen.size;
    if (code === seen.size) seen.set(text, code);
    codes[index] = code;
  });
  const values = [...seen.keys()];
  const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const rankOf = new Float64Array(values.length);
  values
    .map((_, code) => code)
    .sort((left, right) => collator.compare(values[left] ?? '', values[right] ?? ''))
    .forEach((code, rank) => {
      rankOf[code] = values[code] === '' ? Number.NaN : rank;
    });
  return { values, codes, ranks: Float64Array.from(codes, (code) => rankOf[code] ?? Number.NaN) };
};

const marksOf = (offer: Offer): number =>
  (offer.verified ? verifiedMark : 0) | (offer.static_ip ? staticIpMark : 0) | (offer.datacenter ? datacenterMark : 0);

/** Packs offers once per answer of the market; everything after it works on numbers. */
export const packOffers = (offers: readonly Offer[]): PackedOffers => {
  const gpus = codeTexts(offers.map((offer) => offer.gpu_name));
  const places = codeTexts(offers.map((offer) => offer.geolocation ?? ''));
  const countries = codeTexts(offers.map((offer) => (offer.country_code ?? '').toUpperCase()));
  const marks = Uint8Array.from(offers, marksOf);
  const columns = Object.fromEntries(
    numeric.map(([column, read]) => [column, Float64Array.from(offers, (offer) => read(offer) ?? Number.NaN)]),
  ) as Record<OfferColumn, Float64Array>;
  return {
    offers,
    columns: { ...columns, gpu_name: gpus.ranks, geolocation: places.ranks, marks: Float64Array.from(marks) },
    marks,
    gpuNames: gpus.values,
    gpuCodes: gpus.codes,
    countries: countries.values,
    countryCodes: countries.codes,
    orders: new Map(),
  };
};
