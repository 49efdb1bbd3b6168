// A boot that does not end well: what is destroyed by itself, and what is asked about, on a virtual clock.
import { beforeEach, expect, test } from 'vitest';
import { ana, lost, RentRig, type FakeVast } from '../../../test/fakes/rent-rig';
import type { VirtualClock } from '../../../test/fakes/virtual-clock';
import type { RentedInstance } from './ports';

let rig: RentRig;
let clock: VirtualClock;
let vast: FakeVast;

beforeEach(() => {
  rig = new RentRig();
  ({ clock, vast } = rig);
});

const loading = { actual_status: 'loading', ssh: null } as const;
const broken = { actual_status: 'created', ssh: null, status_msg: 'OCI runtime create failed: no device' } as const;
const becomes = (change: Partial<RentedInstance>): void => {
  vast.rows = vast.rows.map((row) => ({ ...row, ...change }));
};
/** Rents one that loads, and lets so much time pass, ms. */
const rent = async (more: Partial<RentedInstance>, ms: number): Promise<string> => {
  vast.onRent = (request) => Promise.resolve({ instanceId: vast.add(request, more), accepted: true, detail: null });
  void rig.create();
  await clock.pass(ms);
  return rig.operation().id;
};

test('"destroy it", answered before it was seen running: destroyed, and at once', async () => {
  const id = await rent(loading, 21 * 60_000);
  expect(rig.operation().asks).toBe('still_loading');
  becomes({ actual_status: 'running', ssh: { host: 'h', port: 22, user: 'root', command: 'ssh -p 22 root@h' } });
  rig.operations.answer(ana, id, 'destroy');
  await clock.pass(0);
  expect(vast.destroys).toBe(1);
  await clock.pass(60_000);
  expect(rig.operation()).toMatchObject({ state: 'failed', error: { data: { slug: 'boot_failed' } } });
  expect(vast.rows).toEqual([]);
});

test('"destroy it", answered while Vast does not list it: destroyed', async () => {
  const id = await rent(loading, 21 * 60_000);
  vast.onList = () => Promise.reject(lost());
  rig.operations.answer(ana, id, 'destroy');
  await clock.pass(0);
  expect(vast.destroys).toBe(1);
});

test('never seen running, looked at all the time: destroyed without a question', async () => {
  await rent(loading, 5 * 60_000);
  becomes(broken);
  await clock.pass(60_000);
  expect(rig.operation()).toMatchObject({ state: 'failed', error: { data: { slug: 'boot_failed' } } });
  expect(vast.rows).toEqual([]);
});

test.each([['its container fails', broken], ['its contract stopped', { ...loading, cur_state: 'stopped' }]] as const)('taken up after a night in which it may have run, %s: asked', async (_what, change) => {
  const id = await rent(loading, 60_000);
  becomes(change);
  await rig.restart(8 * 3_600_000);
  await clock.pass(60_000);
  expect(rig.operation()).toMatchObject({ state: 'running', asks: 'still_loading' });
  await clock.pass(3_600_000);
  expect(vast.destroys).toBe(0);
  rig.operations.answer(ana, id, 'destroy');
  await clock.pass(60_000);
  expect(rig.operation()).toMatchObject({ state: 'failed', error: { data: { slug: 'boot_failed' } } });
  expect(vast.rows).toEqual([]);
});

test('not looked at for some minutes, as while the computer sleeps: asked', async () => {
  await rent(loading, 60_000);
  vast.onList = () => Promise.reject(lost());
  await clock.pass(3 * 60_000);
  vast.onList = () => Promise.resolve(vast.rows);
  becomes(broken);
  await clock.pass(60_000);
  expect(rig.operation()).toMatchObject({ state: 'running', asks: 'still_loading' });
  expect(vast.destroys).toBe(0);
});

test('seen running before it had an address: asked; told to wait, it is asked again after twenty minutes, and not once it runs', async () => {
  const id = await rent({ ssh: null }, 60_000);
  becomes(broken);
  await clock.pass(30_000);
  expect(rig.operation()).toMatchObject({ state: 'running', asks: 'still_loading' });
  rig.operations.answer(ana, id, 'wait');
  await clock.pass(19 * 60_000);
  expect(rig.operation().asks).toBeNull();
  await clock.pass(2 * 60_000);
  expect(rig.operation().asks).toBe('still_loading');
  becomes({ actual_status: 'running', ssh: { host: 'h', port: 22, user: 'root', command: 'ssh -p 22 root@h' } });
  await clock.pass(30_000);
  expect(rig.operation()).toMatchObject({ state: 'succeeded', asks: null });
  expect(vast.destroys).toBe(0);
});
