// A policy that is changed while a removal by it waits for its turn: nothing goes, and the new one stays as it was set; and a removal that a full disk cut.
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Operation, RetentionPolicy } from '../../contract';
import { MemoryLog } from '../../../test/fakes/log';
import { settle, VirtualClock } from '../../../test/fakes/virtual-clock';
import { aSnapshot, aSource, aUser } from '../../../test/suites/support/store-rows';
import { openStore } from '../providers/store/open-store';
import { AppError } from './app-error';
import { OperationsLog } from './operations';
import type { Caller } from './ports';
import { Retention, type RetentionParts } from './retention';
import { SnapshotQueues } from './snapshot-queue';

const caller: Caller = { userId: 'ana', email: 'ana@example.com', transport: 'ipc' };
const source = aSource(caller.userId);
const policy = (last: number): RetentionPolicy => ({ last, hourly: 0, daily: 0, weekly: 0, monthly: 0, within_days: 0 });
const ids = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(64));

const makeRig = () => {
  const [store, clock, log, queues] = [openStore(':memory:'), new VirtualClock(), new MemoryLog(), new SnapshotQueues()];
  const feed = { tell: () => undefined, operation: () => undefined };
  const operations = new OperationsLog({ store, clock, log, redact: (text) => text, feed });
  const forgotten: string[] = [];
  /** What lies in the repository, once a removal is to fail. */
  let present: ReadonlySet<string> | null = null;
  const during: { dryRun: () => void } = { dryRun: () => undefined };
  store.users.insert(aUser(caller.userId));
  store.sources.insert(source);
  ids.forEach((id, index) => store.snapshots.insert({ ...aSnapshot(caller.userId, id), time: clock.now() - 5000 + index }));
  const place = { location: '/repository', local: true };
  // The oldest two go, whatever the policy.
  const rows = ids.map((id, index) => ({ id, time: clock.now() - 5000 + index, reasons: [] }));
  const parts = {
    store, operations, queues, clock, log, hints: feed, startedAt: clock.now(), changed: () => undefined, removed: () => undefined,
    restic: { snapshotIds: () => Promise.resolve(present) },
    repositories: { open: () => Promise.resolve(place), row: () => ({ id: 'default' }), placeOf: () => place },
    care: {
      dryRun: () => Promise.resolve({ keep: rows.slice(2), remove: rows.slice(0, 2) }).finally(() => during.dryRun()),
      forget: (_access: unknown, gone: readonly string[]) =>
        present === null ? Promise.resolve(void forgotten.push(...gone)) : Promise.reject(new AppError('disk_full', 'The disk is full. What was complete is kept.', { path: place.location })),
    },
  };
  const retention = new Retention(parts as unknown as RetentionParts);
  store.retention.put({ sourceId: source.id, userId: caller.userId, policy: policy(3), confirmed: true, lastRunAt: null });
  const row = () => store.retention.get(source.id);
  const done = (): readonly Operation[] => operations.list(caller, { limit: 10 }).operations;
  /** Somebody else's turn, until the function that comes back is called. */
  const hold = (): Promise<() => void> => queues.of(place.location).enter('exclusive');
  const fails = (left: ReadonlySet<string>): void => void (present = left);
  return { fails, store, clock, retention, forgotten, during, row, done, hold };
};

let rig: ReturnType<typeof makeRig>;

beforeEach(() => {
  rig = makeRig();
});

test('after a snapshot, what a confirmed policy names goes', async () => {
  await rig.retention.afterSnapshot(caller.userId, source.id);
  expect([...rig.forgotten].sort()).toEqual(ids.slice(0, 2));
  expect(rig.row()).toMatchObject({ policy: policy(3), confirmed: true, lastRunAt: rig.clock.now() });
});

describe('changed while its turn is waited for', () => {
  test.each([['another', policy(9)], ['none', null]] as const)('%s: nothing is removed, and it stays as it was set', async (_which, next) => {
    const release = await rig.hold();
    const running = rig.retention.afterSnapshot(caller.userId, source.id);
    await settle();
    rig.retention.set(caller, source.id, next);
    release();
    await running;
    expect(rig.forgotten).toEqual([]);
    expect(rig.done()).toEqual([]);
    expect([rig.row()?.policy ?? null, rig.row()?.confirmed ?? false]).toEqual([next, false]);
  });

  test('there and back is not confirmed: nothing is removed', async () => {
    const release = await rig.hold();
    const running = rig.retention.afterSnapshot(caller.userId, source.id);
    await settle();
    rig.retention.set(caller, source.id, policy(9));
    rig.retention.set(caller, source.id, policy(3));
    release();
    await running;
    expect(rig.forgotten).toEqual([]);
    expect(rig.row()).toMatchObject({ policy: policy(3), confirmed: false });
  });

  test('by its operation, which then ends without a removal', async () => {
    // The first dry run is the one before the operation; the change comes right after it.
    let release = (): void => undefined;
    rig.during.dryRun = () => {
      rig.during.dryRun = () => undefined;
      void rig.hold().then((leave) => (release = leave));
    };
    const running = rig.retention.afterSnapshot(caller.userId, source.id);
    await settle();
    rig.retention.set(caller, source.id, policy(9));
    release();
    await running;
    expect(rig.forgotten).toEqual([]);
    expect(rig.done()).toMatchObject([{ kind: 'retention', state: 'succeeded' }]);
    expect(rig.row()).toMatchObject({ policy: policy(9), confirmed: false });
  });

  test('in the middle of the dry run before the removal', async () => {
    // That of the operation: the one before it names what would go.
    let runs = 0;
    rig.during.dryRun = () => void ((runs += 1) === 2 && rig.retention.set(caller, source.id, policy(9)));
    await rig.retention.afterSnapshot(caller.userId, source.id);
    expect(rig.forgotten).toEqual([]);
    expect(rig.row()).toMatchObject({ policy: policy(9), confirmed: false });
  });

  test('after a plan was confirmed: the removal is refused, and says so', async () => {
    const { token } = await rig.retention.plan(caller, source.id);
    const release = await rig.hold();
    const applied = rig.retention.apply(caller, source.id, token);
    await settle();
    let releaseSecond = (): void => undefined;
    rig.during.dryRun = () => {
      rig.during.dryRun = () => undefined;
      void rig.hold().then((leave) => (releaseSecond = leave));
    };
    release();
    await applied;
    await settle();
    rig.retention.set(caller, source.id, policy(9));
    releaseSecond();
    await settle();
    expect(rig.forgotten).toEqual([]);
    expect(rig.done()).toMatchObject([{ state: 'failed', error: { code: 'retention_changed' } }]);
    expect(rig.row()).toMatchObject({ policy: policy(9), confirmed: false });
  });
});

test('rows that a full disk kept when their snapshots went are gone with the next look', async () => {
  const [gone, cut] = ids;
  rig.fails(new Set(ids.filter((id) => id !== gone)));
  const remove = vi.spyOn(rig.store.snapshots, 'remove').mockImplementation(() => {
    throw new AppError('disk_full', 'The disk is full. What was complete is kept.', { path: '/data' });
  });
  await rig.retention.afterSnapshot(caller.userId, source.id);
  expect(rig.done()).toMatchObject([{ state: 'failed', error: { code: 'disk_full' } }]);
  remove.mockRestore();
  expect(rig.store.snapshots.list(caller.userId)).toHaveLength(5);
  await rig.retention.plan(caller, source.id);
  const left = rig.store.snapshots.list(caller.userId).map(({ id }) => id);
  expect(left).not.toContain(gone);
  expect(left).toContain(cut);
  expect(left).toHaveLength(4);
});
