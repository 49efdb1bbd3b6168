// Since when an instance is up: from what the lists show one after the other.
import { expect, test } from 'vitest';
import { justRented } from './rent-plan';
import { lookedAgain, unbrokenMs, type UptimeLook } from './uptime';

const step = 20_000;
const start = Date.parse('2026-11-23T12:00:00Z');
const request = { offerId: 1, image: 'x', disk: 10, label: 'a', env: {}, onstart: null, bid: null };

/** Statuses as the lists show them, each 20 s after the one before; `absent` is not listed. Gives the number of the list since which it is up, or null. */
const upSince = (statuses: readonly (string | null)[]): number | null => {
  const last = statuses.reduce<UptimeLook | null>((before, status, index) => lookedAgain(before, status === 'absent' ? [] : [{ ...justRented(7, request), actual_status: status }], start + index * step), null);
  const since = last?.upSince.get(7);
  return since === undefined ? null : (since - start) / step;
};

test.each<readonly [readonly (string | null)[], number | null]>([
  [['exited', 'running'], 1],
  [['exited', 'running', 'running', 'running'], 1],
  [['running', 'running'], null],
  [['running', 'exited', 'exited', 'loading', 'running', 'running'], 4],
  [['absent', null, 'created', 'loading', 'running'], 4],
  [['absent', 'running'], 1],
  [['running', 'rebooting', 'running'], 2],
  [['exited', 'running', 'frozen', 'running'], 1],
  // Whether it ran on is not known.
  [['exited', 'running', 'offline', 'running'], null],
  [['exited', 'running', 'unknown'], null],
  [['exited', 'running', 'exited'], null],
])('%j: up since list %j', (statuses, since) => {
  expect(upSince(statuses)).toBe(since);
});

test('what was not looked at for more than a minute is not known', () => {
  const row = { ...justRented(7, request), actual_status: 'running' };
  const stopped = lookedAgain(null, [{ ...row, actual_status: 'exited' }], start);
  expect(lookedAgain(stopped, [row], start + unbrokenMs).upSince.get(7)).toBe(start + unbrokenMs);
  expect(lookedAgain(stopped, [row], start + unbrokenMs + 1).upSince.size).toBe(0);
  const up = lookedAgain(stopped, [row], start + step);
  expect(lookedAgain(up, [row], start + step + unbrokenMs + 1).upSince.size).toBe(0);
  // The clock was set back.
  expect(lookedAgain(up, [row], start).upSince.size).toBe(0);
});
