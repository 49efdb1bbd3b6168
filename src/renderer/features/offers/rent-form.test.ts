import { expect, test } from 'vitest';
import { agreedPrice, creditLasts, rentCosts } from './rent-costs';
import { hasPriceOf, problemsOf, requestOf, type RentForm } from './rent-form';
import { offerWith } from './sample-offers.test-data';
import { nextBest } from './similar-offers';

const form: RentForm = { disk: 100, label: ' train ', image: 'pytorch/pytorch:2.9', ports: '8080\n22/tcp, 53:53/udp', env: 'A=1\nB=x=y', onstart: '', bid: '' };

test('the price with a disk is GPUs plus storage over 720 hours, as in the example of the provider', () => {
  // The provider's own example: 1 $/h and 0.149333 $/GB/month for 10 GB give 1.00207407 $/h.
  expect(rentCosts(offerWith({ dph_base: 1, storage_cost: 0.149333 }), 10).running).toBeCloseTo(1.002_074_07, 6);
  const costs = rentCosts(offerWith({ dph_base: 0.3, storage_cost: 0.15 }), 100, 0.2);
  expect(costs).toMatchObject({ gpus: 0.2, diskMonth: 15, pausedDay: 0.5 });
});

test('what is agreed to is above what is shown, by at most 0.02 cents', () => {
  expect(agreedPrice(0.340_06)).toBe(0.3402);
  expect(agreedPrice(0.34)).toBe(0.3401);
});

test('a credit lasts as long as everything that is spent lets it', () => {
  expect(creditLasts(10, 0.5, 0.5)).toBe(10);
  expect(creditLasts(-1, 0, 1)).toBe(0);
  expect(creditLasts(null, 0, 1)).toBeNull();
});

test('a filled form becomes a request with the price that was agreed to', () => {
  const offer = offerWith({ id: 77, dph_base: 0.33, storage_cost: 0.144 });
  expect(problemsOf(form, offer)).toEqual({});
  expect(requestOf(form, offer)).toEqual({
    offer_id: 77, disk_size: 100, label: 'train', image: 'pytorch/pytorch:2.9', ports: ['8080', '22/tcp', '53:53/udp'], env: { A: '1', B: 'x=y' }, max_dph: 0.3501,
  });
});

test('a price is of one disk and one bid', () => {
  const [offer, bids] = [offerWith({}), offerWith({ is_bid: true, min_bid: 0.1 })];
  const asked = requestOf(form, offer);
  expect(hasPriceOf(asked, { ...form, label: 'other', image: 'ubuntu' }, offer)).toBe(true);
  expect(hasPriceOf(asked, { ...form, disk: 101 }, offer)).toBe(false);
  const bid = requestOf({ ...form, bid: 0.2 }, bids);
  expect(hasPriceOf(bid, { ...form, bid: '0.20' }, bids)).toBe(true);
  expect(hasPriceOf(bid, { ...form, bid: 0.21 }, bids)).toBe(false);
  expect(hasPriceOf(undefined, form, offer)).toBe(false);
});

test('each wrong field is named', () => {
  const offer = offerWith({ is_bid: true, min_bid: 0.1, disk_space: 50 });
  const wrong: RentForm = { disk: 100, label: 'x'.repeat(201), image: '$(id)', ports: '99999', env: 'no value', onstart: 'x'.repeat(4001), bid: 0.05 };
  expect(problemsOf(wrong, offer)).toEqual({ disk: 'disk_large', label: 'label_long', image: 'image', ports: 'ports', env: 'env', onstart: 'onstart', bid: 'bid_low' });
  expect(problemsOf({ ...wrong, disk: '', bid: '' }, offer)).toMatchObject({ disk: 'disk_small', bid: 'bid' });
});

test('the next best offer has the same GPUs, is cheapest, and was not refused already', () => {
  const gone = offerWith({ id: 1 });
  const offers = [gone, offerWith({ id: 2, dph_total: 0.5 }), offerWith({ id: 3, dph_total: 0.4 }), offerWith({ id: 4, gpu_name: 'H100 SXM', dph_total: 0.1 }), offerWith({ id: 5, dph_total: 0.2, verified: false })];
  expect(nextBest(offers, gone, new Set([1]), 100)?.id).toBe(3);
  expect(nextBest(offers, gone, new Set([1, 3]), 100)?.id).toBe(2);
  expect(nextBest(offers, gone, new Set([1, 2, 3]), 100)).toBeNull();
});
