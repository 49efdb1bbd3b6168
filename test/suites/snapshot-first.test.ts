// The snapshot before a pause and a destroy, through the real instances service on a simulated market; only the snapshot itself is held by the test.
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Operation, Settings } from '../../src/contract';
import { AppError } from '../../src/main/domain/app-error';
import type { SnapshotRow } from '../../src/main/domain/store-port';
import { SnapshotFirst } from '../../src/main/domain/snapshot-first';
import type { Simulator } from '../../src/simulator/start';
import { caller, makeApp, startWorld, type App } from '../fakes/vast-world';
import { aSnapshot, aSource } from './support/store-rows';

let simulator: Simulator;
let app: App;
let make: (store?: App['store']) => App;
let settings: Partial<Settings>;
let first: SnapshotFirst;
/** Ends the snapshot that is held; none is held before it began. */
let end: ((error: Error | null) => void) | null;
/** What the snapshot warns of before it ends. */
let warnings: string[];
let taken: string[];
let id: number;

/** A snapshot as an operation of its own, that ends when the test says so. */
const create = (of: () => App) => (_caller: unknown, input: { readonly instance_id: number; readonly source_path?: string; readonly tags: readonly string[] }): Promise<{ operation_id: string }> => {
  taken.push(`${input.source_path} ${input.tags.join()}`);
  const { operation, done } = of().operations.start({ caller, kind: 'snapshot', instanceId: input.instance_id, title: 'x', cancellable: true }, (run) => {
    run.progress({ phase: 'fetch', bytes_done: 5, bytes_total: 10, files_done: 0, files_total: null });
    return new Promise<void>((resolve, reject) => {
      end = (error) => {
        for (const warning of warnings) run.warn(warning);
        if (error === null) resolve();
        else reject(error);
      };
      run.signal.addEventListener('abort', () => reject(run.signal.reason as Error));
    });
  });
  done.catch(() => undefined);
  return Promise.resolve({ operation_id: operation.id });
};

const until = async (what: () => boolean): Promise<void> => {
  for (let tries = 0; !what(); tries += 1) {
    if (tries > 1000) throw new Error('It did not come to that');
    await delay(10);
  }
};

const began = async (): Promise<(error: Error | null) => void> => {
  await until(() => end !== null);
  const ends = end;
  end = null;
  return ends ?? (() => undefined);
};

const operation = (operationId: string): Operation => app.operations.get(caller, operationId);
const exists = (): boolean => simulator.control.world.instances.some((one) => one.id === id && one.goneAt === null);

beforeEach(async () => {
  const world = await startWorld(40);
  simulator = world.simulator;
  settings = { snapshot_before_pause: true, snapshot_before_destroy: true, pause_if_snapshot_fails: false };
  taken = [];
  warnings = [];
  end = null;
  make = (store) => {
    const made: App = makeApp({
      clock: world.clock, baseUrl: simulator.url, apiKey: simulator.apiKey, store,
      snapshotFirst: ({ operations, store: kept }) => (first = new SnapshotFirst({ store: kept, operations, settings: { values: () => settings as Settings }, snapshots: () => ({ create: create(() => made) }) })),
    });
    return made;
  };
  app = make();
  const { offers } = await app.offers.search(caller, { limit: 1, offset: 0, num_gpus: 1 });
  const rented = await app.instances.create(caller, { offer_id: offers[0]?.id ?? 0, disk_size: 20 });
  id = rented.id;
  await app.ended(rented.operation_id);
  const source = { ...aSource(caller.userId), instanceId: id };
  app.store.sources.insert(source);
  app.store.snapshots.insert({ ...aSnapshot(caller.userId, 'ab'.repeat(32)), sourceId: source.id, instanceId: id } satisfies SnapshotRow);
});

afterEach(async () => {
  await app.quit();
  await simulator.close();
});

const failed = new AppError('ssh_unreachable', 'No answer.', { host: 'h', port: 1, detail: 'timed out' });

describe('before a destroy', () => {
  test('it answers at once, waits for the snapshot and says so, and only then destroys', async () => {
    const { operation_id: destroy } = await app.instances.destroy(caller, id);
    const finish = await began();
    await until(() => operation(destroy).progress?.bytes_done === 5);
    expect(operation(destroy)).toMatchObject({ kind: 'destroy', state: 'running', progress: { phase: 'snapshot_first', bytes_total: 10 }, cancellable: true });
    expect((await app.instances.get(caller, id)).state).toBe('running');
    expect(exists()).toBe(true);
    finish(null);
    expect(await app.ended(destroy)).toMatchObject({ state: 'succeeded' });
    expect(exists()).toBe(false);
    expect(taken).toEqual(['/workspace before-destroy']);
  });

  test.each([
    ['keep', 'failed', { code: 'snapshot_first_failed', data: { code: 'ssh_unreachable', detail: 'No answer.' } }, true], ['proceed', 'warnings', null, false],
  ] as const)('a snapshot that fails asks; answered %s', async (answer, state, error, there) => {
    const { operation_id: destroy } = await app.instances.destroy(caller, id);
    (await began())(failed);
    await until(() => operation(destroy).asks === 'snapshot_first_failed');
    expect(exists()).toBe(true);
    app.operations.answer(caller, destroy, answer);
    const ending = await app.ended(destroy);
    expect(ending).toMatchObject({ state, error });
    expect(exists()).toBe(there);
  });

  test.each([['keep', 'failed', true], ['proceed', 'warnings', false]] as const)('a snapshot that names files it does not hold asks too; answered %s', async (answer, state, there) => {
    warnings = ['a.bin: changed while it was read', 'b.bin: may not be read', 'c.bin: gone', 'd.bin: gone'];
    const { operation_id: destroy } = await app.instances.destroy(caller, id);
    (await began())(null);
    await until(() => operation(destroy).asks === 'snapshot_first_failed' || operation(destroy).ended_at !== null);
    const said = 'The snapshot of /workspace has warnings: a.bin: changed while it was read; b.bin: may not be read; c.bin: gone; and 1 more';
    expect(operation(destroy)).toMatchObject({ asks: 'snapshot_first_failed', warnings: [said] });
    expect(exists()).toBe(true);
    app.operations.answer(caller, destroy, answer);
    expect(await app.ended(destroy)).toMatchObject({ state, error: there ? { code: 'snapshot_first_failed', data: { code: 'warnings', detail: said } } : null });
    expect(exists()).toBe(there);
  });

  test('cancelled, it cancels the snapshot and keeps the instance', async () => {
    const { operation_id: destroy } = await app.instances.destroy(caller, id);
    await began();
    app.operations.cancel(caller, destroy);
    expect(await app.ended(destroy)).toMatchObject({ state: 'cancelled' });
    await until(() => app.operations.active(caller.userId).length === 0);
    expect(app.operations.list(caller, { limit: 9 }).operations.find(({ kind }) => kind === 'snapshot')?.state).toBe('cancelled');
    expect(exists()).toBe(true);
    expect((await app.instances.get(caller, id)).state).toBe('running');
  });

  test('the end of the app in the middle: the next start takes the snapshot again before it destroys', async () => {
    const { operation_id: destroy } = await app.instances.destroy(caller, id);
    await began();
    const { store } = app;
    await app.quit();
    app = make(store);
    app.operations.reconcile();
    app.operations.unlocked(caller.userId);
    const finish = await began();
    expect(exists()).toBe(true);
    finish(null);
    expect(await app.ended(destroy)).toMatchObject({ state: 'succeeded' });
    expect(exists()).toBe(false);
    expect(taken).toHaveLength(2);
  });

  test.each([['the setting is off', { snapshot_before_destroy: false }, undefined], ['the call says no', {}, false]] as const)('none when %s', async (_why, change, override) => {
    Object.assign(settings, change);
    const { operation_id: destroy } = await app.instances.destroy(caller, id, { snapshot_first: override });
    expect(await app.ended(destroy)).toMatchObject({ state: 'succeeded' });
    expect(taken).toEqual([]);
  });

  test('the data directory of one that nobody ever snapshotted, where the call asks for it', async () => {
    app.store.snapshots.remove(caller.userId, 'ab'.repeat(32));
    expect(first.coming(caller.userId, await app.instances.get(caller, id))).toMatchObject({ paths: ['/workspace'], pause: 'nothing_known', destroy: 'nothing_known' });
    const { operation_id: destroy } = await app.instances.destroy(caller, id, { snapshot_first: true });
    (await began())(null);
    expect(await app.ended(destroy)).toMatchObject({ state: 'succeeded' });
    expect(taken).toEqual(['undefined before-destroy']);
  });

  test('none of one that is paused: that is said before and after, and one that is asked for keeps the instance', async () => {
    const { operation_id: pause } = await app.instances.pause(caller, id, { snapshot_first: false });
    await app.ended(pause);
    expect(first.coming(caller.userId, await app.instances.get(caller, id))).toEqual({ paths: ['/workspace'], pause: 'not_running', destroy: 'not_running' });
    await expect(app.instances.destroy(caller, id, { snapshot_first: true })).rejects.toMatchObject({ code: 'snapshot_first_failed', data: { code: 'instance_state' } });
    expect(exists()).toBe(true);
    const { operation_id: destroy } = await app.instances.destroy(caller, id);
    expect(await app.ended(destroy)).toMatchObject({ state: 'succeeded' });
    expect(app.operations.get(caller, destroy).log.map((line) => `${line.level} ${line.text}`)).toContain('warn No snapshot comes first: the instance is stopped, and only one that runs can be read.');
    expect(taken).toEqual([]);
  });

  test('what comes is said as the settings have it', async () => {
    settings.snapshot_before_pause = false;
    expect(first.coming(caller.userId, await app.instances.get(caller, id))).toEqual({ paths: ['/workspace'], pause: 'off', destroy: 'taken' });
  });

  test('none of an instance that nobody ever snapshotted', async () => {
    app.store.snapshots.remove(caller.userId, 'ab'.repeat(32));
    const { operation_id: destroy } = await app.instances.destroy(caller, id);
    expect(await app.ended(destroy)).toMatchObject({ state: 'succeeded' });
    expect(taken).toEqual([]);
  });
});

describe('before a pause', () => {
  test('the snapshot comes first', async () => {
    const { operation_id: pause } = await app.instances.pause(caller, id);
    const finish = await began();
    expect(simulator.control.world.instances.find((one) => one.id === id)?.intended).not.toBe('stopped');
    finish(null);
    expect(await app.ended(pause)).toMatchObject({ state: 'succeeded' });
    expect((await app.instances.get(caller, id)).state).toBe('stopped');
    expect(taken).toEqual(['/workspace before-pause']);
  });

  test('one with warnings does not ask: the disk stays, and the operation says it', async () => {
    warnings = ['a.bin: gone'];
    const { operation_id: pause } = await app.instances.pause(caller, id);
    (await began())(null);
    expect(await app.ended(pause)).toMatchObject({ state: 'warnings', warnings: ['The snapshot of /workspace has warnings: a.bin: gone'] });
    expect((await app.instances.get(caller, id)).state).toBe('stopped');
  });

  test('one that fails asks, and where the settings say so it goes on with a warning', async () => {
    const first = await app.instances.pause(caller, id);
    (await began())(failed);
    await until(() => operation(first.operation_id).asks === 'snapshot_first_failed');
    app.operations.answer(caller, first.operation_id, 'keep');
    expect(await app.ended(first.operation_id)).toMatchObject({ state: 'failed', error: { code: 'snapshot_first_failed' } });
    settings.pause_if_snapshot_fails = true;
    const second = await app.instances.pause(caller, id);
    (await began())(failed);
    expect(await app.ended(second.operation_id)).toMatchObject({ state: 'warnings', warnings: [expect.stringContaining('ssh_unreachable')] });
    expect((await app.instances.get(caller, id)).state).toBe('stopped');
  });

  test('a destroy takes its place', async () => {
    const pause = await app.instances.pause(caller, id);
    await began();
    const destroy = await app.instances.destroy(caller, id);
    const finish = await began();
    expect(await app.ended(pause.operation_id)).toMatchObject({ state: 'cancelled' });
    finish(null);
    expect(await app.ended(destroy.operation_id)).toMatchObject({ state: 'succeeded' });
    expect(exists()).toBe(false);
  });
});
