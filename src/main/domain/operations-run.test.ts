// A running operation: its progress and log, who follows it, and what it asks.
import { beforeEach, describe, expect, test } from 'vitest';
import { ana, OperationsRig } from '../../../test/fakes/operations-rig';
import { settle } from '../../../test/fakes/virtual-clock';
import type { OperationEvent } from '../../contract';

let rig: OperationsRig;

beforeEach(() => {
  rig = new OperationsRig();
});

describe('progress and log', () => {
  const progress = (bytes: number) => ({ phase: 'fetch', bytes_done: bytes, bytes_total: 1000, files_done: 0, files_total: null });

  test('is shown at most four times a second and written at most once; the last is never lost', async () => {
    const work = rig.hold();
    const run = await work.run();
    rig.shown.length = 0;
    let writes = 0;
    const update = rig.store.operations.update.bind(rig.store.operations);
    rig.store.operations.update = (id, change) => {
      writes += 1;
      update(id, change);
    };
    for (let step = 1; step <= 400; step += 1) {
      run.progress(progress(step));
      await rig.clock.pass(10);
    }
    expect(rig.shown.length).toBeGreaterThan(10);
    expect(rig.shown.length).toBeLessThanOrEqual(17);
    expect(writes).toBeLessThanOrEqual(5);
    run.progress(progress(999));
    await work.end();
    expect(rig.store.operations.get(work.id)?.progress).toEqual(progress(999));
    expect(rig.shown.at(-1)).toMatchObject({ state: 'succeeded', progress: progress(999) });
  });

  test('one step of progress and then silence is shown', async () => {
    const work = rig.hold();
    const run = await work.run();
    run.progress(progress(1));
    run.progress(progress(2));
    await rig.clock.pass(300);
    expect(rig.shown.at(-1)?.progress).toEqual(progress(2));
    await work.end();
  });

  test('lines are in the answer at once, in the database soon, without secrets and control characters, and bounded', async () => {
    const work = rig.hold();
    const run = await work.run();
    run.log('info', 'password s3cret \u001b[31mred\u001b[0m \u202eabc\ndef', 'remote');
    expect(rig.texts(work.id)).toEqual(['password [hidden]  red   abc def']);
    expect(rig.store.operations.log(work.id, 10)).toEqual([]);
    await rig.clock.pass(1_300);
    expect(rig.store.operations.log(work.id, 10)).toMatchObject([{ level: 'info', src: 'remote' }]);
    for (let line = 0; line < 10_500; line += 1) run.log('info', 'x'.repeat(line === 0 ? 9_000 : 1));
    await work.end();
    const kept = rig.store.operations.log(work.id, 20_000);
    expect(kept.length).toBeLessThanOrEqual(10_001);
    expect(Math.max(...kept.map((line) => line.text.length))).toBeLessThanOrEqual(4_000);
    expect(kept.at(-1)?.text).toContain('The log is full');
  });

  test('facts that a restart needs are durable at once', async () => {
    const work = rig.hold();
    const run = await work.run();
    run.remember({ intent: 'k3x' });
    run.link({ instanceId: 9, snapshotId: 'ab' });
    expect(rig.store.operations.get(work.id)).toMatchObject({ context: { intent: 'k3x' }, instance_id: 9, snapshot_id: 'ab' });
    expect(rig.operations.get(ana, work.id)).not.toHaveProperty('context');
    await work.end();
  });
});

describe('following', () => {
  async function collect(id: string, signal?: AbortSignal): Promise<OperationEvent[]> {
    const events: OperationEvent[] = [];
    for await (const event of rig.operations.follow(ana, id, signal)) events.push(event);
    return events;
  }

  test('begins with what was, goes on with what happens, and ends with the operation; several at once', async () => {
    const work = rig.hold();
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
    const work = rig.hold();
    (await work.run()).log('warn', 'careful');
    await work.end();
    expect(await collect(work.id)).toMatchObject([{ type: 'operation', operation: { state: 'succeeded' } }, { type: 'log', line: { text: 'careful' } }]);
  });

  test('stops when its signal does, and when its reader breaks off', async () => {
    const work = rig.hold();
    await work.run();
    const abort = new AbortController();
    const aborted = collect(work.id, abort.signal);
    await settle();
    abort.abort();
    expect(await aborted).toHaveLength(1);
    const stream = rig.operations.follow(ana, work.id);
    await stream.next();
    await stream.return(undefined);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await work.end();
  });

  test('an unknown operation is refused before a stream begins', () => {
    expect(() => rig.operations.follow(ana, '00000000-0000-4000-8000-000000000000')).toThrow(expect.objectContaining({ code: 'not_found' }));
  });
});

describe('asking', () => {
  test('shows the question, takes one answer, and the question goes', async () => {
    const work = rig.hold();
    const run = await work.run();
    const answer = run.ask('still_loading', new AbortController().signal);
    expect(rig.operations.get(ana, work.id).asks).toBe('still_loading');
    expect(rig.operations.answer(ana, work.id, 'wait')).toMatchObject({ id: work.id });
    expect(await answer).toBe('wait');
    expect(rig.operations.get(ana, work.id).asks).toBeNull();
    expect(() => rig.operations.answer(ana, work.id, 'wait')).toThrow(expect.objectContaining({ code: 'operation_ended' }));
    await work.end();
  });

  test('is null when the question is withdrawn or the operation stopped', async () => {
    const work = rig.hold();
    const run = await work.run();
    const question = new AbortController();
    const withdrawn = run.ask('still_loading', question.signal);
    question.abort();
    expect(await withdrawn).toBeNull();
    const stopped = run.ask('still_loading', new AbortController().signal);
    rig.operations.cancel(ana, work.id);
    expect(await stopped).toBeNull();
    await work.done;
    expect(rig.operations.get(ana, work.id)).toMatchObject({ asks: null, state: 'cancelled' });
  });
});
