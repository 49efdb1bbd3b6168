// Operations: how they end, what is kept, following, cancelling, asking, and what a restart makes of them.
import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryLog } from '../../../test/fakes/log';
import { settle, VirtualClock } from '../../../test/fakes/virtual-clock';
import type { Operation, OperationEvent, OperationState } from '../../contract';
import { openStore } from '../providers/store/open-store';
import { AppError } from './app-error';
import { OperationsLog } from './operations';
import type { OperationRun, OperationSpec } from './ports';
import type { Store } from './store-port';

const ana = { userId: 'ana' };
const ben = { userId: 'ben' };
const spec: OperationSpec = { caller: ana, kind: 'snapshot', instanceId: 7, title: '/workspace', cancellable: true };

let clock: VirtualClock;
let log: MemoryLog;
let store: Store;
let operations: OperationsLog;
let shown: Operation[];
let hints: string[];

function makeOperations(): OperationsLog {
  const feed = {
    tell: (userId: string, topic: string, id?: string | number) => void hints.push(`${userId} ${topic} ${String(id)}`),
    operation: (_userId: string, operation: Operation) => void shown.push(operation),
  };
  return new OperationsLog({ store, clock, log, redact: (text) => text.replaceAll('s3cret', '[hidden]'), feed });
}

beforeEach(() => {
  clock = new VirtualClock();
  log = new MemoryLog();
  store = openStore(':memory:');
  for (const id of ['ana', 'ben']) store.users.insert({ id, email: `${id}@example.com`, passwordHash: 'x', createdAt: 0, failedAttempts: 0, blockedUntil: 0 });
  shown = [];
  hints = [];
  operations = makeOperations();
});

/** Work that goes on until the test ends it. */
function held(change: Partial<OperationSpec> = {}) {
  let run: OperationRun | undefined;
  let resolve: (value: string) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const started = operations.start({ ...spec, ...change }, (given) => {
    run = given;
    return new Promise<string>((yes, no) => {
      resolve = yes;
      reject = no;
      given.signal.addEventListener('abort', () => no(given.signal.reason));
    });
  });
  const done = started.done.catch((error: unknown) => error);
  return {
    id: started.operation.id,
    done,
    run: async (): Promise<OperationRun> => {
      await settle();
      return run as OperationRun;
    },
    end: async (value = 'done') => {
      await settle();
      resolve(value);
      return done;
    },
    fail: async (error: unknown) => {
      reject(error);
      return done;
    },
  };
}

const stateOf = (id: string): OperationState => operations.get(ana, id).state;
const texts = (id: string): string[] => operations.get(ana, id).log.map((line) => line.text);

describe('how an operation ends', () => {
  test('well', async () => {
    const { operation, done } = operations.start(spec, () => Promise.resolve(42));
    expect(operation).toMatchObject({ kind: 'snapshot', state: 'running', instance_id: 7, ended_at: null });
    expect(await done).toBe(42);
    expect(operations.get(ana, operation.id)).toMatchObject({ state: 'succeeded', error: null, cancellable: false, ended_at: new Date(clock.now()).toISOString() });
    expect(hints).toEqual([`ana operations ${operation.id}`, `ana operations ${operation.id}`]);
    expect(operations.active('ana')).toEqual([]);
  });

  test('with warnings, each named', async () => {
    const work = held();
    (await work.run()).warn('could not read a.txt');
    await work.end();
    expect(operations.get(ana, work.id)).toMatchObject({ state: 'warnings', warnings: ['could not read a.txt'] });
    expect(texts(work.id)).toEqual(['could not read a.txt']);
  });

  test('with an expected failure: code, sentence and data are kept', async () => {
    const work = held();
    await work.run();
    await work.fail(new AppError('disk_full', 'The disk is full.', { path: '/data' }));
    expect(operations.get(ana, work.id)).toMatchObject({ state: 'failed', error: { code: 'disk_full', message: 'The disk is full.', data: { path: '/data' } } });
    expect(log.lines).toEqual([]);
  });

  test('with a bug: internal, and the log of the app has the error', async () => {
    const work = held();
    await work.run();
    const bug = new TypeError('undefined is not s3cret');
    await work.fail(bug);
    expect(operations.get(ana, work.id)).toMatchObject({ state: 'failed', error: { code: 'internal', data: {} } });
    expect(texts(work.id).join()).not.toContain('undefined');
    expect(log.lines).toMatchObject([{ level: 'error', event: 'operation.failed', facts: { operation: work.id, error: bug } }]);
  });

  test('with work that throws at once', async () => {
    const { operation, done } = operations.start(spec, () => {
      throw new AppError('ssh_missing', 'No ssh.', { hint: '' });
    });
    await expect(done).rejects.toMatchObject({ code: 'ssh_missing' });
    expect(stateOf(operation.id)).toBe('failed');
  });

  test('with a rental that nobody confirmed: unknown, and not ended', async () => {
    const work = held({ kind: 'create' });
    await work.run();
    await work.fail(new AppError('rent_unconfirmed', 'Not confirmed.', { intent_id: 'k', operation_id: work.id }));
    expect(operations.get(ana, work.id)).toMatchObject({ state: 'unknown', ended_at: null });
    expect(store.operations.unfinished().map((row) => row.id)).toEqual([work.id]);
  });

  test('ignored: a rejected `done` that nobody awaits harms nobody', async () => {
    const rejections: unknown[] = [];
    const remember = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', remember);
    operations.start(spec, () => Promise.reject(new Error('nobody looks')));
    await settle();
    process.off('unhandledRejection', remember);
    expect(rejections).toEqual([]);
  });
});

describe('cancelling', () => {
  test('aborts the work, and the state says so at each step', async () => {
    const work = held();
    await work.run();
    expect(operations.cancel(ana, work.id)).toMatchObject({ state: 'cancelling' });
    await work.done;
    expect(operations.get(ana, work.id)).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } });
  });

  test('keeps an error of its own that came with it', async () => {
    const { operation, done } = operations.start(spec, async (run) => {
      await new Promise((resolve) => run.signal.addEventListener('abort', resolve));
      throw new AppError('repository_damaged', 'Damaged.', { output: 'pack' });
    });
    await settle();
    operations.cancel(ana, operation.id);
    await done.catch(() => undefined);
    expect(operations.get(ana, operation.id)).toMatchObject({ state: 'cancelled', error: { code: 'repository_damaged' } });
  });

  test('comes too late: work that succeeds has succeeded', async () => {
    let finish: () => void = () => undefined;
    const { operation, done } = operations.start(spec, () => new Promise<void>((resolve) => { finish = resolve; }));
    await settle();
    operations.cancel(ana, operation.id);
    finish();
    await done;
    expect(stateOf(operation.id)).toBe('succeeded');
    expect(() => operations.cancel(ana, operation.id)).toThrow(expect.objectContaining({ code: 'operation_ended', data: { state: 'succeeded' } }));
  });

  test('is refused once the work says that it can no longer stop', async () => {
    const work = held();
    (await work.run()).setCancellable(false);
    expect(() => operations.cancel(ana, work.id)).toThrow(expect.objectContaining({ code: 'operation_ended' }));
    await work.end();
  });
});

test("another user's operation does not exist", async () => {
  const work = held();
  const missing = expect.objectContaining({ code: 'not_found' });
  expect(() => operations.get(ben, work.id)).toThrow(missing);
  expect(() => operations.cancel(ben, work.id)).toThrow(missing);
  expect(() => operations.answer(ben, work.id, 'wait')).toThrow(missing);
  expect(() => operations.follow(ben, work.id)).toThrow(missing);
  expect(operations.list(ben, { limit: 10 })).toEqual({ operations: [], count: 0 });
  expect(operations.active('ben')).toEqual([]);
  await work.end();
});

describe('progress and log', () => {
  const progress = (bytes: number) => ({ phase: 'fetch', bytes_done: bytes, bytes_total: 1000, files_done: 0, files_total: null });

  test('is shown at most four times a second and written at most once; the last is never lost', async () => {
    const work = held();
    const run = await work.run();
    shown.length = 0;
    let writes = 0;
    const { update } = store.operations;
    store.operations.update = (id, change) => {
      writes += 1;
      update(id, change);
    };
    for (let step = 1; step <= 400; step += 1) {
      run.progress(progress(step));
      await clock.pass(10);
    }
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.length).toBeLessThanOrEqual(17);
    expect(writes).toBeLessThanOrEqual(5);
    run.progress(progress(999));
    await work.end();
    expect(store.operations.get(work.id)?.progress).toEqual(progress(999));
    expect(shown.at(-1)).toMatchObject({ state: 'succeeded', progress: progress(999) });
  });

  test('one step of progress and then silence is shown', async () => {
    const work = held();
    const run = await work.run();
    run.progress(progress(1));
    run.progress(progress(2));
    await clock.pass(300);
    expect(shown.at(-1)?.progress).toEqual(progress(2));
    await work.end();
  });

  test('lines are in the answer at once, in the database soon, without secrets and control characters, and bounded', async () => {
    const work = held();
    const run = await work.run();
    run.log('info', 'password s3cret \u001b[31mred\u001b[0m \u202eabc\ndef', 'remote');
    expect(texts(work.id)).toEqual(['password [hidden]  red   abc def']);
    expect(store.operations.log(work.id, 10)).toEqual([]);
    await clock.pass(1_300);
    expect(store.operations.log(work.id, 10)).toMatchObject([{ level: 'info', src: 'remote' }]);
    for (let line = 0; line < 10_500; line += 1) run.log('info', 'x'.repeat(line === 0 ? 9_000 : 1));
    await work.end();
    const kept = store.operations.log(work.id, 20_000);
    expect(kept.length).toBeLessThanOrEqual(10_001);
    expect(Math.max(...kept.map((line) => line.text.length))).toBeLessThanOrEqual(4_000);
    expect(kept.at(-1)?.text).toContain('The log is full');
  });

  test('facts that a restart needs are durable at once', async () => {
    const work = held();
    const run = await work.run();
    run.remember({ intent: 'k3x' });
    run.link({ instanceId: 9, snapshotId: 'ab' });
    expect(store.operations.get(work.id)).toMatchObject({ context: { intent: 'k3x' }, instance_id: 9, snapshot_id: 'ab' });
    expect(operations.get(ana, work.id)).not.toHaveProperty('context');
    await work.end();
  });
});

describe('following', () => {
  async function collect(id: string, signal?: AbortSignal): Promise<OperationEvent[]> {
    const events: OperationEvent[] = [];
    for await (const event of operations.follow(ana, id, signal)) events.push(event);
    return events;
  }

  test('begins with what was, goes on with what happens, and ends with the operation; several at once', async () => {
    const work = held();
    const run = await work.run();
    run.log('info', 'before');
    const followers = [collect(work.id), collect(work.id)];
    await settle();
    run.log('info', 'while');
    run.link({ snapshotId: 'ab' });
    await work.end();
    for (const events of await Promise.all(followers)) {
      expect(events[0]).toMatchObject({ type: 'operation', operation: { state: 'running' } });
      expect(events.flatMap((event) => (event.type === 'log' ? [event.line.text] : []))).toEqual(['before', 'while']);
      expect(events.at(-1)).toMatchObject({ type: 'operation', operation: { state: 'succeeded', snapshot_id: 'ab' } });
    }
  });

  test('an ended operation gives its state and log, and ends', async () => {
    const work = held();
    (await work.run()).log('warn', 'careful');
    await work.end();
    expect(await collect(work.id)).toMatchObject([{ type: 'operation', operation: { state: 'succeeded' } }, { type: 'log', line: { text: 'careful' } }]);
  });

  test('stops when its signal does, and when its reader breaks off', async () => {
    const work = held();
    await work.run();
    const abort = new AbortController();
    const aborted = collect(work.id, abort.signal);
    await settle();
    abort.abort();
    expect(await aborted).toHaveLength(1);
    const stream = operations.follow(ana, work.id);
    await stream.next();
    await stream.return(undefined);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await work.end();
  });

  test('an unknown operation is refused before a stream begins', () => {
    expect(() => operations.follow(ana, '00000000-0000-4000-8000-000000000000')).toThrow(expect.objectContaining({ code: 'not_found' }));
  });
});

describe('asking', () => {
  test('shows the question, takes one answer, and the question goes', async () => {
    const work = held();
    const run = await work.run();
    const answer = run.ask('still_loading', new AbortController().signal);
    expect(operations.get(ana, work.id).asks).toBe('still_loading');
    expect(operations.answer(ana, work.id, 'wait')).toMatchObject({ id: work.id });
    expect(await answer).toBe('wait');
    expect(operations.get(ana, work.id).asks).toBeNull();
    expect(() => operations.answer(ana, work.id, 'wait')).toThrow(expect.objectContaining({ code: 'operation_ended' }));
    await work.end();
  });

  test('is null when the question is withdrawn or the operation stopped', async () => {
    const work = held();
    const run = await work.run();
    const question = new AbortController();
    const withdrawn = run.ask('still_loading', question.signal);
    question.abort();
    expect(await withdrawn).toBeNull();
    const stopped = run.ask('still_loading', new AbortController().signal);
    operations.cancel(ana, work.id);
    expect(await stopped).toBeNull();
    await work.done;
    expect(operations.get(ana, work.id)).toMatchObject({ asks: null, state: 'cancelled' });
  });
});

describe('quitting and starting again', () => {
  test('what can go on later keeps its state; the rest is cancelled; all of it settles', async () => {
    operations.onTakeUp('destroy', 'unlocked', () => undefined);
    operations.onTakeUp('snapshot', 'start', () => undefined);
    const [destroy, snapshot, restore] = [held({ kind: 'destroy' }), held(), held({ kind: 'restore' })];
    (await destroy.run()).log('info', 'asked');
    operations.cancelAll('The app ends.');
    expect(await operations.settled(1_000)).toBe(true);
    expect(store.operations.unfinished().map((row) => [row.id, row.state])).toEqual([[destroy.id, 'running']]);
    expect(store.operations.log(destroy.id, 10).map((line) => line.text)).toContain('asked');
    expect([stateOf(snapshot.id), stateOf(restore.id)]).toEqual(['cancelled', 'cancelled']);
  });

  test('work that does not stop is not waited for', async () => {
    operations.start(spec, () => new Promise(() => undefined));
    await settle();
    operations.cancelAll('The app ends.');
    const settled = operations.settled(1_000);
    await clock.pass(1_000);
    expect(await settled).toBe(false);
  });

  test('after a crash nothing is left running: taken up, handed over, or failed', async () => {
    const [destroy, snapshot, restore] = [held({ kind: 'destroy' }), held(), held({ kind: 'restore' })];
    await settle();
    operations = makeOperations();
    const atStart: string[] = [];
    const atUnlock: string[] = [];
    operations.onTakeUp('snapshot', 'start', (row) => {
      atStart.push(row.id);
      operations.end(row.id, 'succeeded', null);
    });
    operations.onTakeUp('destroy', 'unlocked', (row) => {
      atUnlock.push(row.id);
      operations.takeUp(row, () => Promise.resolve());
    });
    operations.reconcile();
    expect(atStart).toEqual([snapshot.id]);
    expect([stateOf(destroy.id), stateOf(snapshot.id), stateOf(restore.id)]).toEqual(['unknown', 'succeeded', 'failed']);
    expect(operations.get(ana, restore.id).error).toMatchObject({ code: 'cancelled' });
    operations.unlocked('ben');
    expect(atUnlock).toEqual([]);
    operations.unlocked('ana');
    operations.unlocked('ana');
    await settle();
    expect(atUnlock).toEqual([destroy.id]);
    expect(stateOf(destroy.id)).toBe('succeeded');
    expect(store.operations.unfinished()).toEqual([]);
  });
});
