// The state word, its cost and its changes: one table for what Vast may say.
import { describe, expect, test } from 'vitest';
import { costPerHour, runwayHours } from './burn';
import { isChanging, stateOf, type Asked } from './instance-state';

const gpu = 1;
const disk = 0.1;

type Line = readonly [actual: string | null, cur: string | null, intended: string | null, asked: Asked, state: string, cost: number, more?: { readonly msg?: string; readonly bid?: boolean; readonly next?: string }];

/** actual, cur, intended, what we asked: state, $/h. Facts: vast-api.md 12, gpu-renting.md 3.7 and 4.4. */
const table: readonly Line[] = [
  [null, 'running', 'running', null, 'creating', disk],
  ['created', 'running', 'running', null, 'creating', disk],
  ['loading', 'running', 'running', null, 'loading', disk],
  ['running', 'running', 'running', null, 'running', gpu],
  ['running', 'running', 'stopped', null, 'stopping', gpu],
  ['running', 'running', 'running', 'stop', 'running', gpu],
  ['exited', 'stopped', 'stopped', null, 'stopped', disk],
  ['stopped', 'stopped', 'stopped', null, 'stopped', disk],
  ['exited', 'unloaded', 'stopped', null, 'stopped', disk],
  // Outbid: stopped by the market, its disk billed.
  ['exited', 'stopped', 'stopped', null, 'stopped', disk, { bid: true }],
  // A start that waits for its GPU; Vast may or may not say that it intends to run.
  ['exited', 'stopped', 'running', null, 'scheduling', disk],
  ['exited', 'stopped', 'stopped', null, 'scheduling', disk, { next: 'running' }],
  ['exited', 'stopped', 'stopped', 'start', 'scheduling', disk],
  // A start that was taken: the container is exited for a while yet.
  ['exited', 'running', 'running', 'start', 'loading', disk],
  // Its main process ended by itself: the contract runs and is assumed to be billed.
  ['exited', 'running', 'running', null, 'exited', gpu],
  ['exited', 'running', 'stopped', null, 'stopping', gpu],
  ['exited', null, null, null, 'stopped', disk],
  // Boots that failed: stopped before they ever ran, or an error no waiting cures.
  ['created', 'stopped', 'stopped', null, 'failed', disk],
  ['loading', 'stopped', 'stopped', null, 'failed', disk],
  [null, 'stopped', 'stopped', null, 'failed', disk],
  ['created', 'running', 'running', null, 'failed', disk, { msg: 'Error: OCI runtime create failed: runc create failed' }],
  ['loading', 'running', 'running', null, 'failed', disk, { msg: 'Error response from daemon: manifest for x not found' }],
  ['loading', 'running', 'running', null, 'loading', disk, { msg: 'Error response from daemon: Get "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout' }],
  ['loading', 'running', 'running', null, 'loading', disk, { msg: '4f4fb700ef54: Pull complete' }],
  // A bid that has not won yet.
  ['created', 'stopped', 'stopped', null, 'stopped', disk, { bid: true }],
  ['loading', 'running', 'stopped', null, 'stopping', disk],
  ['frozen', 'running', 'running', null, 'frozen', gpu],
  ['rebooting', 'running', 'running', null, 'rebooting', gpu],
  ['recycling', 'running', 'running', null, 'rebooting', gpu],
  ['offline', 'running', 'running', null, 'offline', 0],
  ['offline', 'stopped', 'stopped', null, 'offline', 0],
  ['unknown', 'running', 'running', null, 'unknown', gpu],
  ['unknown', 'stopped', 'stopped', null, 'unknown', disk],
  ['a new word', 'running', 'running', null, 'unknown', gpu],
  // Until the provider says it is gone it costs what its contract says.
  ['running', 'running', 'running', 'destroy', 'destroying', gpu],
  ['exited', 'stopped', 'stopped', 'destroy', 'destroying', disk],
  ['loading', 'running', 'running', 'destroy', 'destroying', disk],
  ['offline', 'running', 'running', 'destroy', 'destroying', 0],
];

describe('state and cost', () => {
  const cases = table.map(([actual, cur, intended, asked, state, cost, more = {}]) => ({ actual, cur, intended, asked, state, cost, more }));

  test.each(cases)('actual $actual, contract $cur, intended $intended, asked $asked, $more: $state at $cost $/h', ({ actual, cur, intended, asked, state, cost, more }) => {
    const fields = { actual_status: actual, cur_state: cur, next_state: more.next ?? cur, intended_status: intended, status_msg: more.msg ?? null, is_bid: more.bid ?? false };
    const word = stateOf(fields, asked);
    expect(word).toBe(state);
    expect(costPerHour({ ...fields, state: word, dph_total: gpu, storage_total_cost: disk })).toBe(cost);
  });

  test('only what moves by itself is asked for more often', () => {
    expect(['creating', 'loading', 'stopping', 'rebooting', 'destroying'].every((state) => isChanging(state as 'creating'))).toBe(true);
    expect(['running', 'stopped', 'scheduling', 'frozen', 'exited', 'offline', 'failed', 'unknown'].some((state) => isChanging(state as 'running'))).toBe(false);
  });
});

describe('runway', () => {
  test.each([
    [10, 2, 5],
    [0, 2, 0],
    [-3, 2, 0],
    [10, 0, null],
    [null, 2, null],
  ])('credit %s at %s $/h lasts %s h', (credit, burn, hours) => {
    expect(runwayHours(credit, burn)).toBe(hours);
  });
});
