import { expect, test } from 'vitest';
import { countOffers, relaxations } from './filter-offers';
import type { OfferCriteria } from './offer-criteria';
import { packOffers } from './pack-offers';
import { manyOffers, offerWith } from './sample-offers.test-data';
import { sortOffers, viewOffers } from './sort-offers';

const everything = { unverified: true };

test('sorting by a number equals a plain stable sort of the offers', () => {
  const offers = manyOffers(5000);
  const packed = packOffers(offers);
  const byPrice = offers.map((offer, index) => [offer.dph_total, index] as const);
  expect([...sortOffers(packed, { column: 'price', descending: false })]).toEqual(byPrice.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, index]) => index));
  expect([...sortOffers(packed, { column: 'price', descending: true })]).toEqual(byPrice.toSorted((a, b) => b[0] - a[0] || a[1] - b[1]).map(([, index]) => index));
});

test('rows without a value come last in both directions', () => {
  const packed = packOffers([offerWith({ id: 1, dlperf: null }), offerWith({ id: 2, dlperf: 9 }), offerWith({ id: 3, dlperf: 40 })]);
  expect([...sortOffers(packed, { column: 'dlperf', descending: false })]).toEqual([1, 2, 0]);
  expect([...sortOffers(packed, { column: 'dlperf', descending: true })]).toEqual([2, 1, 0]);
});

test('values that differ only beyond a float32 are still told apart', () => {
  const packed = packOffers([offerWith({ dph_total: 0.3400000002 }), offerWith({ dph_total: 0.3400000001 }), offerWith({ dph_total: 0.34 })]);
  expect([...sortOffers(packed, { column: 'price', descending: false })]).toEqual([2, 1, 0]);
  expect([...sortOffers(packed, { column: 'price', descending: true })]).toEqual([0, 1, 2]);
});

test('names sort as a person would: numbers by their size', () => {
  const packed = packOffers(['RTX 4090', 'A10', 'A100', 'A40'].map((gpu_name) => offerWith({ gpu_name })));
  const order = sortOffers(packed, { column: 'gpu_name', descending: false });
  expect([...order].map((index) => packed.offers[index]!.gpu_name)).toEqual(['A10', 'A40', 'A100', 'RTX 4090']);
});

test('each filter keeps the rows a plain loop keeps', () => {
  const offers = manyOffers(3000);
  const packed = packOffers(offers);
  const kept = (criteria: OfferCriteria): number[] => [...viewOffers(packed, criteria, { column: 'price', descending: false })].map((index) => packed.offers[index]!.id).sort((a, b) => a - b);
  const plain = (holds: (offer: (typeof offers)[number]) => boolean): number[] => offers.filter(holds).map((offer) => offer.id);
  expect(kept({})).toEqual(plain((offer) => offer.verified));
  expect(kept({ ...everything, max_price: 1 })).toEqual(plain((offer) => offer.dph_total <= 1));
  expect(kept({ ...everything, num_gpus: 4 })).toEqual(plain((offer) => offer.num_gpus === 4));
  expect(kept({ ...everything, min_reliability: 0.9 })).toEqual(plain((offer) => offer.reliability !== null && offer.reliability >= 0.9));
  expect(kept({ ...everything, min_disk: 1000, min_inet_down: 500 })).toEqual(plain((offer) => offer.disk_space >= 1000 && offer.inet_down! >= 500));
  expect(kept({ ...everything, region: 'EU' })).toEqual(plain((offer) => offer.country_code === 'DE' || offer.country_code === 'NO'));
  expect(kept({ ...everything, region: 'br' })).toEqual(plain((offer) => offer.country_code === 'BR'));
  expect(kept({ ...everything, search: 'rtx 30' })).toEqual(plain((offer) => offer.gpu_name.startsWith('RTX 30')));
  expect(kept({ ...everything, search: 'RTX4090' })).toEqual(plain((offer) => offer.gpu_name === 'RTX 4090'));
  expect(kept({ ...everything, gpu_names: ['L40S', 'H100 SXM'] })).toEqual(plain((offer) => ['L40S', 'H100 SXM'].includes(offer.gpu_name)));
});

test('a card of 24564 MB is a card of 24 GB', () => {
  const packed = packOffers([offerWith({ gpu_ram: 24_564 })]);
  expect(countOffers(packed, { min_gpu_ram: 24 })).toBe(1);
  expect(countOffers(packed, { min_gpu_ram: 25 })).toBe(0);
});

test('with nothing left, the filter that hides most is named first', () => {
  const packed = packOffers([offerWith({ dph_total: 2 }), offerWith({ dph_total: 3, num_gpus: 2 }), offerWith({ dph_total: 0.1, num_gpus: 8 })]);
  expect(relaxations(packed, { max_price: 2.5, num_gpus: 4, min_gpu_ram: 24 })).toEqual([{ name: 'num_gpus', count: 2 }]);
  expect(relaxations(packed, { max_price: 0.01, num_gpus: 1 })).toEqual([{ name: 'max_price', count: 1 }]);
});
