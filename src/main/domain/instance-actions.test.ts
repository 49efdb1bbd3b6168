// A pause and a resume: what becomes of a stop or start that Vast took.
import { beforeEach, expect, test } from 'vitest';
import type { Operation } from '../../contract';
import { ana, RentRig, type FakeVast } from '../../../test/fakes/rent-rig';
import { settle, type VirtualClock } from '../../../test/fakes/virtual-clock';

const stopped = { actual_status: 'exited', cur_state: 'stopped', next_state: 'stopped', intended_status: 'stopped' };
const running = { actual_status: 'running', cur_state: 'running', next_state: 'running', intended_status: 'running', status_msg: null };

let rig: RentRig;
let clock: VirtualClock;
let vast: FakeVast;
let id: number;

beforeEach(async () => {
  rig = new RentRig();
  ({ clock, vast } = rig);
  const outcome = rig.create();
  await clock.pass(60_000);
  id = (await outcome).value?.id ?? 0;
  vast.change(id, stopped);
  await rig.instances.list(ana, { fresh: true });
});

const resumed = (): Operation | undefined => rig.operations.list(ana, { limit: 10 }).operations.find(({ kind }) => kind === 'resume');

/** Resumes; Vast takes it and says that it runs. */
const resume = async (): Promise<void> => {
  vast.onStart = () => {
    vast.change(id, { ...running, actual_status: 'exited' });
    return Promise.resolve('accepted');
  };
  void rig.instances.resume(ana, id);
  await clock.pass(10_000);
  expect(resumed()?.state).toBe('running');
};

test('a start that falls back to stopped is said to have stopped, with what Vast says of it', async () => {
  await resume();
  vast.change(id, { ...stopped, status_msg: 'Error response from daemon: no such device' });
  await clock.pass(90_000);
  expect(resumed()).toMatchObject({ state: 'failed', error: { code: 'instance_stopped', data: { detail: 'Error response from daemon: no such device' } } });
});

test('so is one whose container was being made when its contract stopped', async () => {
  await resume();
  vast.change(id, { ...stopped, actual_status: 'loading' });
  await clock.pass(90_000);
  expect(resumed()).toMatchObject({ state: 'failed', error: { code: 'instance_stopped', data: { detail: 'loading' } } });
  expect(vast.rows.map((row) => row.id)).toEqual([id]);
});

test('within its first minute, while it waits for a GPU, or as a bid, it is not', async () => {
  await resume();
  vast.change(id, stopped);
  await clock.pass(40_000);
  vast.change(id, { ...stopped, intended_status: 'running' });
  await clock.pass(120_000);
  vast.change(id, { ...stopped, is_bid: true });
  await clock.pass(120_000);
  expect(resumed()?.state).toBe('running');
  vast.change(id, running);
  await clock.pass(20_000);
  expect(resumed()?.state).toBe('succeeded');
});

test('up since the resume, not since the rental', async () => {
  vast.change(id, { start_date: new Date(clock.now()).toISOString() });
  await clock.pass(3_600_000);
  await rig.instances.list(ana, { fresh: true });
  await resume();
  vast.change(id, running);
  await clock.pass(10_000);
  expect(resumed()?.state).toBe('succeeded');
  const [instance] = (await rig.instances.list(ana)).instances;
  expect(instance?.state).toBe('running');
  expect(instance?.uptime_s).toBeLessThanOrEqual(20);
});

test('a queued start waits as long as it takes', async () => {
  vast.onStart = () => Promise.resolve('queued');
  void rig.instances.resume(ana, id);
  await clock.pass(3_600_000);
  expect(resumed()?.state).toBe('running');
});

test('what a list shows as stopped can be resumed at once: its pause has ended with that list', async () => {
  vast.change(id, running);
  await rig.instances.list(ana, { fresh: true });
  const paused = rig.instances.pause(ana, id);
  await clock.pass(0);
  const { operation_id: pause } = await paused;
  expect(rig.operations.get(ana, pause).state).toBe('running');
  vast.change(id, stopped);
  await rig.instances.list(ana, { fresh: true });
  await settle();
  expect(await rig.instances.get(ana, id)).toMatchObject({ state: 'stopped', operation_id: null });
  expect(rig.operations.get(ana, pause).state).toBe('succeeded');
  expect((await rig.instances.resume(ana, id)).operation_id).not.toBe(pause);
});

test('a list that was begun before the stop was taken says nothing of it', async () => {
  const queued = { ...stopped, intended_status: 'running' };
  vast.change(id, queued);
  await rig.instances.list(ana, { fresh: true });
  let answer = (): void => undefined;
  const held = new Promise<void>((resolve) => (answer = resolve));
  const before = vast.rows;
  vast.onList = () => held.then(() => before);
  const listed = rig.instances.list(ana, { fresh: true });
  await settle();
  vast.onList = () => new Promise(() => undefined);
  void rig.instances.pause(ana, id);
  await settle();
  answer();
  await listed;
  await settle();
  expect(rig.operations.active('ana')).toMatchObject([{ kind: 'pause', state: 'running' }]);
});

test('lists that others ask for do not put off a look', async () => {
  vast.change(id, running);
  await rig.instances.list(ana, { fresh: true });
  void rig.instances.pause(ana, id);
  await clock.pass(500);
  let lists = 0;
  vast.onList = () => {
    lists += 1;
    return Promise.resolve(vast.rows);
  };
  await rig.instances.list(ana, { fresh: true });
  expect(lists).toBe(1);
  await clock.pass(2000);
  expect(lists).toBe(2);
});
