import { expect, test } from 'vitest';
import { activeCriteria, criteriaFrom, criteriaTo, searchOf, without, type OfferCriteria } from './offer-criteria';

const full: OfferCriteria = {
  search: 'rtx', gpu_names: ['RTX 4090', 'odd, name'], num_gpus: 2, min_gpu_ram: 24, min_cpu_cores: 8, min_cpu_ram: 32, min_disk: 100, min_inet_down: 500, max_price: 1.25,
  min_cuda: 12.4, min_reliability: 0.95, region: 'EU', datacenter: true, static_ip: true, unverified: true, interruptible: true,
};

test('filters survive the way through an address', () => {
  const address = new URLSearchParams(criteriaTo(full)).toString();
  expect(criteriaFrom(Object.fromEntries(new URLSearchParams(address)))).toEqual(full);
  expect(criteriaTo({})).toEqual({});
});

test('what an address should not hold is left out', () => {
  expect(criteriaFrom({ max_price: '-1', min_disk: 'much', region: 'MOON', num_gpus: '', unverified: 'yes', gpu: ',,' })).toEqual({});
});

test('only what the market must answer anew goes into the search', () => {
  expect(searchOf(full)).toEqual({ type: 'interruptible', verified_only: false, min_disk: 100 });
  expect(searchOf({ max_price: 1 })).toEqual({ type: 'on-demand', verified_only: true });
});

test('every set filter is named, and can be taken away', () => {
  expect(activeCriteria(full)).toHaveLength(Object.keys(full).length);
  expect(activeCriteria({ search: '  ' })).toEqual([]);
  expect(without({ max_price: 1, region: 'US' }, 'max_price')).toEqual({ region: 'US' });
});
