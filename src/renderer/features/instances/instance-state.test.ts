import { expect, test } from 'vitest';
import type { Instance, InstanceState, Operation } from '../../../contract';
import { allowedFor, destroyFirst, inOrder, operationOf, totalsOf } from './instance-state';

const instance = (over: Partial<Instance>): Instance => ({
  id: 1, label: 'one', state: 'running', actual_status: 'running', intended_status: 'running', cur_state: 'running', status_msg: null, machine_id: 1, host_id: 1, gpu_name: 'RTX 4090', num_gpus: 1,
  gpu_ram: 24_564, gpu_util: 80, gpu_temp: 61, cpu_name: null, cpu_cores_effective: 8, cpu_ram: 32_000, disk_space: 50, disk_usage: 12, inet_up: null, inet_down: null, inet_up_cost: 0, inet_down_cost: 0, geolocation: 'Texas, US',
  image: 'pytorch', is_bid: false, dph_total: 0.4, storage_total_cost: 0.01, cost_per_hour: 0.4, start_date: '2026-11-20T10:00:00.000Z', end_date: null, uptime_s: 60, ssh: null, data_directory: '/workspace',
  operation_id: null, ...over,
});
const operation = (over: Partial<Operation>): Operation => ({
  id: 'a', kind: 'pause', state: 'running', instance_id: 1, snapshot_id: null, title: 'one', progress: null, cancellable: false, asks: null, error: null, warnings: [], created_at: '2026-11-20T10:00:00.000Z', ended_at: null, ...over,
});

test('what can be done follows the state', () => {
  const states: InstanceState[] = ['running', 'stopped', 'scheduling', 'loading', 'destroying', 'offline'];
  expect(states.map((state) => Object.entries(allowedFor({ state }, null, false)).filter(([, can]) => can).map(([name]) => name))).toEqual([
    ['pause', 'snapshot', 'destroy'], ['resume', 'destroy'], ['pause', 'destroy'], ['destroy'], [], ['destroy'],
  ]);
  expect(allowedFor({ state: 'running' }, null, true)).toEqual({ pause: false, resume: false, snapshot: false, destroy: true });
});

test('only what changes the instance holds a pause and a resume back', () => {
  const beside = (state: InstanceState, kind: Operation['kind']) => allowedFor({ state }, operation({ kind }), false);
  for (const kind of ['create', 'pause', 'resume', 'destroy'] as const) expect([beside('running', kind).pause, beside('stopped', kind).resume]).toEqual([false, false]);
  for (const kind of ['rehearse', 'retention', 'preview', 'snapshot', 'restore'] as const) expect([beside('running', kind).pause, beside('stopped', kind).resume, beside('running', kind).snapshot]).toEqual([true, true, false]);
  expect(beside('running', 'delete_snapshot').snapshot).toBe(true);
});

test('a destroy is asked for with what its dialog shows', () => {
  expect(destroyFirst({ destroy: 'taken' }, null)).toEqual({ snapshot_first: true });
  expect(destroyFirst({ destroy: 'taken' }, false)).toEqual({ snapshot_first: false });
  expect(destroyFirst({ destroy: 'nothing_known' }, null)).toEqual({ snapshot_first: false });
  expect(destroyFirst({ destroy: 'off' }, true)).toEqual({ snapshot_first: true });
  // It stopped after the snapshot was asked for: main refuses.
  expect(destroyFirst({ destroy: 'not_running' }, true)).toEqual({ snapshot_first: true });
  expect(destroyFirst(undefined, null)).toEqual({});
});

test('totals come from what each costs now, not from its full price', () => {
  const totals = totalsOf([instance({}), instance({ state: 'stopped', cost_per_hour: 0.01 }), instance({ state: 'offline', cost_per_hour: 0 })]);
  expect(totals.running).toBe(1);
  expect(totals.now).toBeCloseTo(0.41);
  expect(totals.pausedDay).toBeCloseTo(0.72);
});

test('the operation of an instance is the one it names, else one under way for it, never one that ended', () => {
  const named = operation({ id: 'named' });
  expect(operationOf({ id: 1, operation_id: 'named' }, [operation({ id: 'other' }), named])).toBe(named);
  expect(operationOf({ id: 1, operation_id: null }, [operation({ id: 'done', state: 'succeeded' }), operation({ id: 'snap', kind: 'snapshot' })])?.id).toBe('snap');
  expect(operationOf({ id: 2, operation_id: null }, [named])).toBeNull();
});

test('what needs attention stands first', () => {
  const order = inOrder([instance({ id: 1 }), instance({ id: 2, state: 'stopped' }), instance({ id: 3, state: 'failed' }), instance({ id: 4, state: 'loading' }), instance({ id: 5, start_date: '2026-11-21T10:00:00.000Z' })]);
  expect(order.map(({ id }) => id)).toEqual([3, 4, 5, 1, 2]);
});
