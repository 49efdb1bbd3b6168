// Operations: how they end, cancelling, and what a restart makes of them.
import { beforeEach, describe, expect, test } from 'vitest';
import { ana, ben, OperationsRig, spec } from '../../../test/fakes/operations-rig';
import { settle } from '../../../test/fakes/virtual-clock';
import { AppError } from './app-error';

let rig: OperationsRig;

beforeEach(() => {
  rig = new OperationsRig();
});

describe('how an operation ends', () => {
  test('well', async () => {
    const { operation, done } = rig.operations.start(spec, () => Promise.resolve(42));
    expect(operation).toMatchObject({ kind: 'snapshot', state: 'running', instance_id: 7, ended_at: null });
    expect(await done).toBe(42);
    expect(rig.operations.get(ana, operation.id)).toMatchObject({ state: 'succeeded', error: null, cancellable: false, ended_at: new Date(rig.clock.now()).toISOString() });
    expect(rig.hints).toEqual([`ana operations ${operation.id}`, `ana operations ${operation.id}`]);
    expect(rig.operations.active('ana')).toEqual([]);
  });

  test('with warnings, each named', async () => {
    const work = rig.hold();
    (await work.run()).warn('could not read a.txt');
    await work.end();
    expect(rig.operations.get(ana, work.id)).toMatchObject({ state: 'warnings', warnings: ['could not read a.txt'] });
    expect(rig.texts(work.id)).toEqual(['could not read a.txt']);
  });

  test('with an expected failure: code, sentence and data are kept', async () => {
    const work = rig.hold();
    await work.run();
    await work.fail(new AppError('disk_full', 'The disk is full.', { path: '/data' }));
    expect(rig.operations.get(ana, work.id)).toMatchObject({ state: 'failed', error: { code: 'disk_full', message: 'The disk is full.', data: { path: '/data' } } });
    expect(rig.log.lines).toEqual([]);
  });

  test('with a disk that was full wherever: said as such, with the place', async () => {
    const work = rig.hold();
    await work.run();
    const failure = await work.fail(Object.assign(new Error("ENOSPC: no space left on device, mkdir '/data/x'"), { code: 'ENOSPC', path: '/data/x' }));
    expect(failure).toMatchObject({ code: 'disk_full' });
    expect(rig.operations.get(ana, work.id)).toMatchObject({ state: 'failed', error: { code: 'disk_full', data: { path: '/data/x' } } });
    expect(rig.log.lines).toEqual([]);
  });

  test('with a bug: internal, and the log of the app has the error', async () => {
    const work = rig.hold();
    await work.run();
    const bug = new TypeError('undefined is not s3cret');
    await work.fail(bug);
    expect(rig.operations.get(ana, work.id)).toMatchObject({ state: 'failed', error: { code: 'internal', data: {} } });
    expect(rig.texts(work.id).join()).not.toContain('undefined');
    expect(rig.log.lines).toMatchObject([{ level: 'error', event: 'operation.failed', facts: { operation: work.id, error: bug } }]);
  });

  test('with work that throws at once', async () => {
    const { operation, done } = rig.operations.start(spec, () => {
      throw new AppError('ssh_missing', 'No ssh.', { hint: '' });
    });
    await expect(done).rejects.toMatchObject({ code: 'ssh_missing' });
    expect(rig.stateOf(operation.id)).toBe('failed');
  });

  test('with a rental that nobody confirmed: unknown, and not ended', async () => {
    const work = rig.hold({ kind: 'create' });
    await work.run();
    await work.fail(new AppError('rent_unconfirmed', 'Not confirmed.', { intent_id: 'k', operation_id: work.id }));
    expect(rig.operations.get(ana, work.id)).toMatchObject({ state: 'unknown', ended_at: null });
    expect(rig.store.operations.unfinished().map((row) => row.id)).toEqual([work.id]);
  });

  test('badly: its log says what is kept', async () => {
    const [failed, left] = [rig.hold(), rig.hold()];
    await failed.fail(new AppError('connection_cut', 'Cut.', { phase: 'fetch' }));
    expect(rig.texts(failed.id)).toEqual([expect.stringMatching(/^Every earlier snapshot is kept, and so is each file that was fetched whole/), 'Cut.']);
    rig.restart().reconcile();
    expect(rig.texts(left.id)).toEqual([expect.stringMatching(/^Every earlier snapshot is kept/)]);
  });

  test('while the disk is full: the end is seen at once, and written as soon as there is room', async () => {
    const work = rig.hold();
    const run = await work.run();
    const rows = rig.store.operations;
    const [update, appendLog] = [rows.update.bind(rows), rows.appendLog.bind(rows)];
    const full = (): never => {
      throw new Error('database or disk is full');
    };
    Object.assign(rows, { update: full, appendLog: full });
    for (let line = 0; line < 500; line += 1) run.log('info', `line ${line}`);
    await rig.clock.pass(5_000);
    await work.fail(new AppError('disk_full', 'The disk is full.', { path: '/data' }));
    expect(rig.operations.get(ana, work.id)).toMatchObject({ state: 'failed', error: { code: 'disk_full' } });
    expect(rig.operations.list(ana, { limit: 10 }).operations).toMatchObject([{ state: 'failed' }]);
    expect(rig.operations.active('ana')).toEqual([]);
    expect([rig.operations.known(work.id)?.state, rig.store.operations.get(work.id)?.state]).toEqual(['failed', 'running']);
    Object.assign(rows, { update, appendLog });
    await rig.clock.pass(1_000);
    expect(rig.store.operations.get(work.id)).toMatchObject({ state: 'failed', error: { code: 'disk_full' } });
    expect(rig.store.operations.log(work.id, 1_000)).toHaveLength(502);
  });

  test('ignored: a rejected `done` that nobody awaits harms nobody', async () => {
    const rejections: unknown[] = [];
    const remember = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', remember);
    rig.operations.start(spec, () => Promise.reject(new Error('nobody looks')));
    await settle();
    process.off('unhandledRejection', remember);
    expect(rejections).toEqual([]);
  });
});

describe('cancelling', () => {
  test('aborts the work, and the state says so at each step', async () => {
    const work = rig.hold();
    await work.run();
    expect(rig.operations.cancel(ana, work.id)).toMatchObject({ state: 'cancelling' });
    await work.done;
    expect(rig.operations.get(ana, work.id)).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } });
  });

  test('keeps an error of its own that came with it', async () => {
    const { operation, done } = rig.operations.start(spec, async (run) => {
      await new Promise((resolve) => run.signal.addEventListener('abort', resolve));
      throw new AppError('repository_damaged', 'Damaged.', { output: 'pack' });
    });
    await settle();
    rig.operations.cancel(ana, operation.id);
    await done.catch(() => undefined);
    expect(rig.operations.get(ana, operation.id)).toMatchObject({ state: 'cancelled', error: { code: 'repository_damaged' } });
  });

  test('comes too late: work that succeeds has succeeded', async () => {
    let finish: () => void = () => undefined;
    const { operation, done } = rig.operations.start(spec, () => new Promise<void>((resolve) => { finish = resolve; }));
    await settle();
    rig.operations.cancel(ana, operation.id);
    finish();
    await done;
    expect(rig.stateOf(operation.id)).toBe('succeeded');
    expect(() => rig.operations.cancel(ana, operation.id)).toThrow(expect.objectContaining({ code: 'operation_ended', data: { state: 'succeeded' } }));
  });

  test('is refused once the work says that it can no longer stop', async () => {
    const work = rig.hold();
    (await work.run()).setCancellable(false);
    expect(() => rig.operations.cancel(ana, work.id)).toThrow(expect.objectContaining({ code: 'operation_ended' }));
    await work.end();
  });
});

test("another user's operation does not exist", async () => {
  const work = rig.hold();
  const missing = expect.objectContaining({ code: 'not_found' });
  expect(() => rig.operations.get(ben, work.id)).toThrow(missing);
  expect(() => rig.operations.cancel(ben, work.id)).toThrow(missing);
  expect(() => rig.operations.answer(ben, work.id, 'wait')).toThrow(missing);
  expect(() => rig.operations.follow(ben, work.id)).toThrow(missing);
  expect(rig.operations.list(ben, { limit: 10 })).toEqual({ operations: [], count: 0 });
  expect(rig.operations.active('ben')).toEqual([]);
  await work.end();
});

describe('quitting and starting again', () => {
  test('what can go on later keeps its state; the rest is cancelled; all of it settles', async () => {
    rig.operations.onTakeUp('destroy', 'unlocked', () => undefined);
    rig.operations.onTakeUp('snapshot', 'start', () => undefined);
    const [destroy, snapshot, restore] = [rig.hold({ kind: 'destroy' }), rig.hold(), rig.hold({ kind: 'restore' })];
    (await destroy.run()).log('info', 'asked');
    rig.operations.cancelAll('The app ends.');
    expect(await rig.operations.settled(1_000)).toBe(true);
    expect(rig.store.operations.unfinished().map((row) => [row.id, row.state])).toEqual([[destroy.id, 'running']]);
    expect(rig.store.operations.log(destroy.id, 10).map((line) => line.text)).toContain('asked');
    expect([rig.stateOf(snapshot.id), rig.stateOf(restore.id)]).toEqual(['cancelled', 'cancelled']);
  });

  test('work that does not stop is not waited for', async () => {
    rig.operations.start(spec, () => new Promise(() => undefined));
    await settle();
    rig.operations.cancelAll('The app ends.');
    const settled = rig.operations.settled(1_000);
    await rig.clock.pass(1_000);
    expect(await settled).toBe(false);
  });

  test('after a crash nothing is left running: taken up, handed over, or failed', async () => {
    const [destroy, snapshot, restore] = [rig.hold({ kind: 'destroy' }), rig.hold(), rig.hold({ kind: 'restore' })];
    await settle();
    rig.restart();
    const atStart: string[] = [];
    const atUnlock: string[] = [];
    rig.operations.onTakeUp('snapshot', 'start', (row) => {
      atStart.push(row.id);
      rig.operations.end(row.id, 'succeeded', null);
    });
    rig.operations.onTakeUp('destroy', 'unlocked', (row) => {
      atUnlock.push(row.id);
      rig.operations.takeUp(row, () => Promise.resolve());
    });
    rig.operations.reconcile();
    expect(atStart).toEqual([snapshot.id]);
    expect([rig.stateOf(destroy.id), rig.stateOf(snapshot.id), rig.stateOf(restore.id)]).toEqual(['unknown', 'succeeded', 'failed']);
    expect(rig.operations.get(ana, restore.id).error).toMatchObject({ code: 'cancelled' });
    rig.operations.unlocked('ben');
    expect(atUnlock).toEqual([]);
    rig.operations.unlocked('ana');
    rig.operations.unlocked('ana');
    await settle();
    expect(atUnlock).toEqual([destroy.id]);
    expect(rig.stateOf(destroy.id)).toBe('succeeded');
    expect(rig.store.operations.unfinished()).toEqual([]);
  });
});
