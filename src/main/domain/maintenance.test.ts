// Care of a repository, with a restic that tests let fail: what is kept of a check that found damage, and a retention that cannot even begin.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperationsRig, ana } from '../../../test/fakes/operations-rig';
import { settle } from '../../../test/fakes/virtual-clock';
import { aSnapshot, aSource } from '../../../test/suites/support/store-rows';
import { AppError } from './app-error';
import { Maintenance } from './maintenance';
import { needsOf } from './needs';
import type { RetentionParts } from './retention';
import type { DryRun } from './retention-plan';
import { SnapshotQueues } from './snapshot-queue';

const caller = { ...ana, email: 'ana@example.com', transport: 'ipc' } as const;
const policy = { last: 3, hourly: 0, daily: 0, weekly: 0, monthly: 0, within_days: 0 };
const id = (number: number): string => String(number).repeat(64);
const source = aSource(ana.userId);

let rig: OperationsRig;
let maintenance: Maintenance;
/** What the next command ends with; null: well. */
let failure: AppError | null;
let open: () => Promise<unknown>;
let dry: DryRun;
let forgotten: string[];
/** Topics that pages were told of. */
let told: string[];
/** What a removal ends with; null: well. */
let broken: AppError | null;

const answer = (): Promise<void> => (failure === null ? Promise.resolve() : Promise.reject(failure));
const operations = () => rig.operations.list(ana, { limit: 50 }).operations;

beforeEach(() => {
  rig = new OperationsRig();
  [failure, broken, forgotten, told, open] = [null, null, [], [], () => Promise.resolve({ location: '/repository' })];
  const { store, clock, log } = rig;
  store.sources.insert(source);
  for (let number = 1; number <= 5; number += 1) store.snapshots.insert({ ...aSnapshot(ana.userId, id(number)), time: clock.now() - number * 60_000 });
  const rows = [1, 2, 3, 4, 5].map((number) => ({ id: id(number), time: clock.now() - number * 60_000, tags: [], reasons: [] }));
  dry = { keep: rows.slice(0, 3), remove: rows.slice(3) };
  store.retention.put({ sourceId: source.id, userId: ana.userId, policy, confirmed: true, lastRunAt: null });
  const care = { check: answer, dryRun: () => answer().then(() => dry), forget: (_at: unknown, ids: readonly string[]) => (broken === null ? Promise.resolve(void forgotten.push(...ids)) : Promise.reject(broken)) };
  const repositories = { open: () => open(), row: () => ({ id: 'default', name: 'mine' }), rows: () => [{ id: 'default' }], placeOf: () => ({ location: '/repository', local: true }) };
  maintenance = new Maintenance({
    store, clock, log, care, repositories, operations: rig.operations, queues: new SnapshotQueues(), hints: { tell: (_user: string, topic: string) => void told.push(topic) }, changed: () => undefined, removed: () => undefined, startedAt: clock.now(),
  } as unknown as RetentionParts);
});
afterEach(() => rig.store.close());

describe('a check', () => {
  const check = async (read: 'none' | 'part' | 'all'): Promise<string | null | undefined> => {
    await maintenance.check(caller, { repository_id: 'default', read, parts: 30 });
    await settle();
    return maintenance.get(caller).repositories[0]?.damaged_at;
  };

  it('that finds damage marks the repository until all of its data was found whole', async () => {
    expect(await check('none')).toBeNull();
    expect(told).not.toContain('snapshots');
    failure = new AppError('repository_damaged', 'Damaged.', { output: '' });
    const at = new Date(rig.clock.now()).toISOString();
    for (const read of ['none', 'part', 'all'] as const) expect(await check(read)).toBe(at);
    // What the list says of its snapshots depends on it.
    expect(told.filter((topic) => topic === 'snapshots')).toHaveLength(3);
    failure = null;
    expect(await check('none')).toBe(at);
    expect(await check('part')).toBe(at);
    expect(await check('all')).toBeNull();
  });

  it('that fails otherwise says nothing about damage', async () => {
    failure = new AppError('repository_locked', 'Locked.', { holder: 'me' });
    expect(await check('all')).toBeNull();
  });
});

describe('a policy that works by itself', () => {
  it.each<readonly [string, () => void]>([
    ['repository_locked', () => (failure = new AppError('repository_locked', 'Locked.', { holder: 'me' }))],
    ['repository_unreachable', () => (open = () => Promise.reject(new AppError('repository_unreachable', 'No answer.', { reason: 'network', detail: '' })))],
    ['clock_suspect', () => (dry = { ...dry, keep: dry.keep.map((row) => ({ ...row, time: row.time + 3_600_000 })) })],
  ])('and cannot begin for %s ends as a failed operation that needs the user', async (code, cause) => {
    cause();
    await maintenance.afterSnapshot(ana.userId, source.id);
    expect(operations()).toMatchObject([{ kind: 'retention', state: 'failed', instance_id: 7, title: '7: /workspace', error: { code } }]);
    const facts = { instances: [], account: null, problem: null, operations: operations(), schedules: [], sightings: new Map(), watchedSince: 0 };
    expect(needsOf(facts, 0, rig.clock.now())).toMatchObject([{ rule: 'action_failed', kind: 'retention', problem: code }]);
    expect(forgotten).toEqual([]);
  });

  it('is one operation when it removes, and none when there is nothing to remove', async () => {
    await maintenance.afterSnapshot(ana.userId, source.id);
    expect(forgotten).toEqual([id(4), id(5)]);
    expect(operations()).toMatchObject([{ kind: 'retention', state: 'succeeded' }]);
    dry = { ...dry, remove: [] };
    rig.store.snapshots.insert({ ...aSnapshot(ana.userId, id(6)), time: rig.clock.now() });
    await maintenance.afterSnapshot(ana.userId, source.id);
    expect(operations()).toHaveLength(1);
  });

  it('fails once when the removal itself fails', async () => {
    broken = new AppError('disk_full', 'Full.', { path: '/repository' });
    await maintenance.afterSnapshot(ana.userId, source.id);
    expect(operations()).toMatchObject([{ kind: 'retention', state: 'failed', error: { code: 'disk_full' } }]);
  });
});
