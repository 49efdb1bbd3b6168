// Falls of the credit: each limit counts once per fall.
import { expect, test } from 'vitest';
import { fallsNow, readFalls } from './credit-falls';

const minute = 60_000;
const limits = [120 * minute, 20 * minute];
test('a limit keeps when it was reached, and forgets it only well above', () => {
  const first = fallsNow([], limits, 119 * minute, 1000);
  expect(first).toEqual([1000, null]);
  expect(fallsNow(first, limits, 124 * minute, 2000)).toEqual([1000, null]);
  expect(fallsNow(first, limits, 126 * minute, 2000)).toEqual([null, null]);
  expect(fallsNow(first, limits, 20 * minute, 2000)).toEqual([1000, 2000]);
  expect(fallsNow([1000, 2000], limits, 60 * minute, 3000)).toEqual([1000, null]);
});

test('one that lasts very long, or began in the future, begins anew', () => {
  expect(fallsNow([1000, null], limits, 60 * minute, 1000 + 360 * minute)).toEqual([1000 + 360 * minute, null]);
  expect(fallsNow([5000, null], limits, 60 * minute, 4000)).toEqual([4000, null]);
});

test('what was kept is read, and what cannot be read is none', () => {
  expect([readFalls('[1,null]'), readFalls(null), readFalls('{'), readFalls('{"a":1}')]).toEqual([[1, null], [], [], []]);
});
