import { expect, test } from 'vitest';
import { Pacing } from './pacing';
import type { Route } from './route';

let now = 100;
const route = (more: Partial<Route>): Route => ({ method: 'GET', path: '/x', handle: () => ({ json: {} }), ...more });
const passes = (pacing: Pacing, one: Route, fault: Parameters<Pacing['refuse']>[1] = true): boolean => pacing.refuse(one, fault) === null;

test('off means off', () => {
  const pacing = new Pacing(() => now);
  const one = route({ interval: 5 });
  expect([passes(pacing, one, null), passes(pacing, one, null)]).toEqual([true, true]);
});

test('a minimum interval per route, with no penalty for asking early', () => {
  const pacing = new Pacing(() => now);
  const [one, other] = [route({ interval: 2 }), route({ path: '/y', interval: 2 })];
  expect([passes(pacing, one), passes(pacing, one), passes(pacing, other)]).toEqual([true, false, true]);
  now += 2;
  expect(passes(pacing, one)).toBe(true);
});

test('a create that came early is blocked for its penalty, however often one asks meanwhile', () => {
  const pacing = new Pacing(() => now);
  const one = route({ interval: 4.5, penalty: 12 });
  expect([passes(pacing, one), passes(pacing, one)]).toEqual([true, false]);
  now += 11;
  expect(passes(pacing, one)).toBe(false);
  now += 1;
  expect(passes(pacing, one)).toBe(true);
});

test('ten searches in any minute', () => {
  const pacing = new Pacing(() => now);
  const one = route({ perMinute: 10 });
  expect(Array.from({ length: 11 }, () => passes(pacing, one))).toEqual([...Array.from({ length: 10 }, () => true), false]);
  now += 60;
  expect(passes(pacing, one)).toBe(true);
});
