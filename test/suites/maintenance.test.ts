// Retention, prune and check against every restic: what a plan names is what goes, pinned ones stay, damage is found, a cancelled check leaves no lock.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RetentionPolicy } from '../../src/contract';
import { ended } from '../../src/main/domain/schedule-jobs';
import { resticEnds } from '../support/restics';
import { caller, errorOf, random, realClock, startRig, type Rig } from './snapshots-rig';

const policy = (change: Partial<RetentionPolicy>): RetentionPolicy => ({ last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, within_days: 0, ...change });

describe.each(resticEnds())('restic $version', ({ file }) => {
  let rig: Rig;
  let maintenance: Rig['maintenance'];
  let sourceId: string;
  let clock = realClock;

  const result = async (answer: { readonly operation_id: string }) => ended(rig.operations, caller, answer.operation_id);
  const inRepository = (): string[] => (JSON.parse(rig.byHand(['snapshots', '--json']).split('\n').find((line) => line.startsWith('[')) ?? '[]') as { id: string }[]).map(({ id }) => id).sort();
  const inDatabase = (): string[] => rig.store.snapshots.list(caller.userId).map(({ id }) => id).sort();

  /** Makes what a capture leaves that was cut on its way, as the newest; gives its id. */
  const interrupted = (): string[] => {
    const before = new Set(inRepository());
    const time = new Date((rig.store.snapshots.list(caller.userId)[0]?.time ?? 0) + 1000).toISOString().replace('T', ' ').slice(0, 19);
    rig.byHand(['backup', '--force', `--tag=op:interrupted,src:${sourceId},partial`, `--time=${time}`, rig.workspace]);
    return inRepository().filter((id) => !before.has(id));
  };

  beforeAll(async () => {
    rig = await startRig(file, { careClock: { now: () => clock.now(), sleep: (ms, signal) => realClock.sleep(ms, signal) } });
    maintenance = rig.maintenance;
    writeFileSync(path.join(rig.workspace, 'file'), random(3000));
    const first = await rig.take();
    const source = rig.store.sources.list(caller.userId)[0];
    const row = rig.store.snapshots.get(caller.userId, first.snapshot_id);
    if (source === undefined || row === null) throw new Error('The first snapshot is not known');
    // Five more of the same, by hand: what is removed is a matter of their ids and times.
    for (let number = 1; number < 6; number += 1) {
      rig.byHand(['backup', '--force', `--host=${first.hostname}`, `--tag=op:${number},src:${source.id}`, `--time=${new Date(row.time + number * 1000).toISOString().replace('T', ' ').slice(0, 19)}`, rig.workspace]);
      const [id = ''] = inRepository().filter((one) => rig.store.snapshots.get(caller.userId, one) === null);
      rig.store.snapshots.insert({ ...row, id, time: row.time + number * 1000, operationId: `op${number}` });
    }
    sourceId = source.id;
  });

  afterAll(async () => {
    await rig.stop();
  });

  test('a plan removes nothing, names the newest three to stay, and an empty policy has none', async () => {
    const plan = await maintenance.planRetention(caller, sourceId, policy({ last: 1 }));
    expect(plan.keep).toHaveLength(3);
    expect(plan.remove).toHaveLength(3);
    expect(plan.keep.every(({ reasons }) => reasons.includes('last'))).toBe(true);
    expect(inRepository()).toHaveLength(6);
    expect(await errorOf(maintenance.planRetention(caller, sourceId, policy({})))).toMatchObject({ code: 'retention_empty' });
    expect(await errorOf(maintenance.planRetention(caller, sourceId))).toMatchObject({ code: 'retention_empty' });
  });

  test('what an interrupted snapshot left takes no place of a real one in a plan', async () => {
    const left = interrupted();
    const plan = await maintenance.planRetention(caller, sourceId, policy({ last: 3 }));
    expect(plan.keep.map(({ id }) => id)).toEqual(rig.store.snapshots.list(caller.userId).slice(0, 3).map(({ id }) => id));
    expect(plan.remove).toHaveLength(3);
    rig.byHand(['forget', ...left]);
  });

  test('a policy that was never confirmed does nothing by itself', async () => {
    maintenance.setRetention(caller, sourceId, policy({ last: 4 }));
    await maintenance.afterSnapshot(caller.userId, sourceId);
    expect(inRepository()).toHaveLength(6);
    expect(maintenance.retention(caller).retention).toMatchObject([{ source_id: sourceId, confirmed: false }]);
  });

  test('a plan that is old is refused', async () => {
    const plan = await maintenance.planRetention(caller, sourceId);
    maintenance.setRetention(caller, sourceId, policy({ last: 5 }));
    expect(await errorOf(maintenance.applyRetention(caller, sourceId, plan.token))).toMatchObject({ code: 'retention_changed' });
    expect(inRepository()).toHaveLength(6);
  });

  test('a clock that looks wrong removes nothing', async () => {
    for (const days of [-1, 30]) {
      clock = { ...realClock, now: () => Date.now() + days * 24 * 3_600_000 };
      expect(await errorOf(maintenance.planRetention(caller, sourceId))).toMatchObject({ code: 'clock_suspect' });
    }
    clock = realClock;
  });

  test('what the plan named is what goes; a pinned one stays, rows follow, and from then on it works by itself', async () => {
    maintenance.setRetention(caller, sourceId, policy({ last: 3 }));
    const [oldest] = rig.store.snapshots.list(caller.userId).slice(-1);
    maintenance.pin(caller, oldest?.id ?? '', true);
    const plan = await maintenance.planRetention(caller, sourceId);
    expect(plan.remove).toHaveLength(2);
    expect(plan.keep.find(({ id }) => id === oldest?.id)?.reasons).toEqual(['pinned']);
    rig.store.sources.update(sourceId, { parentId: plan.remove[0]?.id ?? null });
    expect(await result(await maintenance.applyRetention(caller, sourceId, plan.token))).toMatchObject({ state: 'succeeded', kind: 'retention' });
    expect(inRepository()).toEqual(plan.keep.map(({ id }) => id).sort());
    expect(inDatabase()).toEqual(inRepository());
    // The source built on one of them: it knows, and the next snapshot is a whole one.
    expect(rig.store.sources.get(sourceId)?.parentId).toBeNull();
    expect([...rig.removed].sort()).toEqual(plan.remove.map(({ id }) => id).sort());
    writeFileSync(path.join(rig.workspace, 'one-more'), random(5000));
    await rig.take();
    await maintenance.afterSnapshot(caller.userId, sourceId);
    expect(inRepository()).toHaveLength(4);
    expect(inDatabase()).toEqual(inRepository());
    expect(maintenance.get(caller).repositories).toMatchObject([{ removed_since_prune: 3 }]);
    rig.check();
  });

  test('nor in a removal, which leaves it to the next capture', async () => {
    const left = interrupted();
    writeFileSync(path.join(rig.workspace, 'another'), random(4000));
    await rig.take();
    const kept = rig.store.snapshots.list(caller.userId).filter((row, at) => at < 3 || row.pinned === true).map(({ id }) => id);
    await maintenance.afterSnapshot(caller.userId, sourceId);
    expect(inDatabase()).toEqual(kept.sort());
    expect(inRepository()).toEqual([...kept, ...left].sort());
    rig.byHand(['forget', ...left]);
  });

  test('prune frees what nothing needs, check finds nothing, and the parts go round', async () => {
    expect(await result(await maintenance.prune(caller, { repository_id: 'default', max_repack_gb: 1 }))).toMatchObject({ state: 'succeeded', kind: 'prune' });
    expect(maintenance.get(caller).repositories).toMatchObject([{ removed_since_prune: 0, prune: { state: 'succeeded' } }]);
    expect(await result(await maintenance.check(caller, { repository_id: 'default', read: 'none', parts: 30 }))).toMatchObject({ state: 'succeeded', kind: 'check' });
    for (const next of [2, 1]) {
      expect(await result(await maintenance.check(caller, { repository_id: 'default', read: 'part', parts: 2 }))).toMatchObject({ state: 'succeeded' });
      expect(maintenance.get(caller).repositories).toMatchObject([{ part: next, parts: 2, rolling_check: { state: 'succeeded' } }]);
    }
    rig.check();
  });

  test('one that is cancelled says so, and leaves no lock', async () => {
    const { operation_id: id } = await maintenance.check(caller, { repository_id: 'default', read: 'all', parts: 2 });
    rig.operations.cancel(caller, id);
    expect(await result({ operation_id: id })).toMatchObject({ state: 'cancelled' });
    expect(readdirSync(path.join(rig.repository, 'locks'))).toEqual([]);
  });

  test('a flipped byte is found by reading all, and said to be damage', async () => {
    const packs = readdirSync(path.join(rig.repository, 'data'), { recursive: true, encoding: 'utf8' }).map((name) => path.join(rig.repository, 'data', name)).filter((name) => statSync(name).isFile());
    const largest = packs.toSorted((a, b) => statSync(b).size - statSync(a).size)[0] ?? '';
    const bytes = readFileSync(largest);
    bytes[Math.floor(bytes.length / 4)] = (bytes[Math.floor(bytes.length / 4)] ?? 0) ^ 0xff;
    writeFileSync(largest, bytes, { mode: 0o600 });
    const end = await result(await maintenance.check(caller, { repository_id: 'default', read: 'all', parts: 2 }));
    expect(end).toMatchObject({ state: 'failed', error: { code: 'repository_damaged' } });
    expect(maintenance.get(caller).repositories).toMatchObject([{ check: { state: 'failed', code: 'repository_damaged' }, damaged_at: expect.any(String) as string }]);
  });
});
