// Sorts packed offers by any column, and gives the rows to show: filtered, in order, as indexes into what is held.
import { filterOffers } from './filter-offers';
import type { OfferCriteria } from './offer-criteria';
import type { OfferColumn, PackedOffers } from './pack-offers';

export interface OfferSort {
  readonly column: OfferColumn;
  readonly descending: boolean;
}

/** 20 bits of a key hold the position of a row, the 32 above them its value: 52 bits, exact in a double. */
const positions = 2 ** 20;

/** Maps each value to an unsigned number of 32 bits in the same order (the float32 next to it). */
const orderedBits = (values: Float64Array, sign: number): Uint32Array => {
  const floats = new Float32Array(values.length);
  // Adding zero turns -0 into 0: the two are equal, but their bits are not.
  for (let index = 0; index < values.length; index += 1) floats[index] = sign * values[index]! + 0;
  const bits = new Uint32Array(floats.buffer);
  for (let index = 0; index < bits.length; index += 1) {
    const raw = bits[index]!;
    bits[index] = raw >>> 31 === 1 ? ~raw >>> 0 : (raw | 0x80000000) >>> 0;
  }
  return bits;
};

/** Puts right the runs that a float32 could not tell apart; equal values stay in the order they came in. */
const settleTies = (order: Uint32Array, count: number, bits: Uint32Array, values: Float64Array, sign: number): void => {
  let start = 0;
  while (start < count) {
    let end = start + 1;
    const first = values[order[start]!]!;
    let differs = false;
    while (end < count && bits[order[end]!] === bits[order[start]!]) {
      differs ||= values[order[end]!] !== first;
      end += 1;
    }
    if (differs) {
      const run = [...order.subarray(start, end)].sort((left, right) => sign * (values[left]! - values[right]!) || left - right);
      order.set(run, start);
    }
    start = end;
  }
};

const workOut = (values: Float64Array, descending: boolean): Uint32Array => {
  if (values.length > positions) throw new RangeError(`at most ${positions} offers can be sorted`);
  const sign = descending ? -1 : 1;
  const bits = orderedBits(values, sign);
  const keys = new Float64Array(values.length);
  const order = new Uint32Array(values.length);
  let present = 0;
  let absent = values.length;
  for (let index = values.length - 1; index >= 0; index -= 1) {
    if (Number.isNaN(values[index]!)) order[(absent -= 1)] = index;
    else keys[present++] = bits[index]! * positions + index;
  }
  const sorted = keys.subarray(0, present).sort();
  for (let index = 0; index < present; index += 1) order[index] = sorted[index]! % positions;
  settleTies(order, present, bits, values, sign);
  return order;
};

/** The order of all offers by one column; rows without a value come last in both directions. Worked out once per column and direction. */
export const sortOffers = (packed: PackedOffers, sort: OfferSort): Uint32Array => {
  const key = `${sort.column}:${sort.descending ? 'down' : 'up'}`;
  const known = packed.orders.get(key);
  if (known) return known;
  const order = workOut(packed.columns[sort.column], sort.descending);
  packed.orders.set(key, order);
  return order;
};

/** The rows to show, as indexes into `packed.offers`. Meant to stay under 16 ms (p95) for 20,000 offers. */
export const viewOffers = (packed: PackedOffers, criteria: OfferCriteria, sort: OfferSort): Uint32Array => {
  const kept = filterOffers(packed, criteria);
  const order = sortOffers(packed, sort);
  const view = new Uint32Array(order.length);
  let count = 0;
  for (let index = 0; index < order.length; index += 1) {
    const row = order[index]!;
    if (kept[row] === 1) view[count++] = row;
  }
  return view.subarray(0, count);
};
