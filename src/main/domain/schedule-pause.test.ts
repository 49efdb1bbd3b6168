// What a schedule started is stopped again: after failures, after a restart, and not while others need it.
import { beforeEach, describe, expect, test } from 'vitest';
import { caller, ClockworkRig } from '../../../test/fakes/clockwork-rig';
import { stateOf } from './instance-state';
import { runOf } from './schedule-view';

const minute = 60_000;
let rig: ClockworkRig;

const seen = (of = 'one'): string[] => rig.store.slots.list(of, 50).map((slot) => runOf(slot)).map(({ state, reason }) => `${state} ${reason ?? ''}`.trim());
const left = (of = 'one'): number => rig.store.slots.resumed(of).length;
const asked = (what: string): string[] => rig.asked.filter((line) => line.includes(what));
/** Something of this instance that goes on until the test ends it. */
const work = (kind: 'snapshot' | 'restore' | 'preview' | 'pause'): (() => void) => {
  let end = (): void => undefined;
  rig.operations.start({ caller, kind, instanceId: 7, title: 'by hand', cancellable: true }, () => new Promise<void>((resolve) => {
    end = resolve;
  }));
  return () => end();
};

beforeEach(() => {
  rig = new ClockworkRig();
  rig.pause();
  rig.schedule({ power: 'start_and_stop' });
});

describe('a pause that fails', () => {
  test('is tried again, less and less often, and the run says so until it worked', async () => {
    rig.pauseFailures = Array.from({ length: 6 }, () => 'vast_unreachable' as const);
    rig.start();
    await rig.clock.pass(5 * minute);
    expect(stateOf(rig.row)).toBe('running');
    expect(seen()).toEqual(['warnings not_paused_again']);
    expect(rig.clockwork.schedules.list(caller).schedules[0]?.last_run).toMatchObject({ state: 'warnings', reason: 'not_paused_again' });
    await rig.clock.pass(20 * minute);
    expect(stateOf(rig.row)).toBe('stopped');
    expect(asked('pause')).toHaveLength(7);
    expect(seen()).toEqual(['succeeded']);
    expect(left()).toBe(0);
  });

  test('keeps how the run went, and says what is billed first', async () => {
    rig.failures = ['guard_failed'];
    rig.pauseFailures = ['vast_unreachable', 'vast_unreachable'];
    rig.start();
    await rig.clock.pass(3 * minute + 35_000);
    expect(seen()).toEqual(['failed not_paused_again']);
    await rig.clock.pass(5 * minute);
    expect(seen()).toEqual(['failed guard_failed']);
  });

  test('waits for Vast.ai, goes on after a restart, and for a schedule that was switched off', async () => {
    rig.pauseFailures = ['vast_unreachable'];
    rig.start();
    await rig.clock.pass(3 * minute + 31_000);
    rig.stale = true;
    rig.store.schedules.update('one', { enabled: false });
    rig.restart();
    await rig.clock.pass(10 * minute);
    expect(asked('pause')).toHaveLength(1);
    rig.stale = false;
    await rig.clock.pass(minute);
    expect(stateOf(rig.row)).toBe('stopped');
    expect(left()).toBe(0);
  });

  test('goes on when its schedule is removed', async () => {
    rig.pauseFailures = ['vast_unreachable', 'vast_unreachable'];
    rig.start();
    await rig.clock.pass(3 * minute + 31_000);
    rig.clockwork.schedules.remove(caller, 'one');
    await rig.clock.pass(5 * minute);
    expect(stateOf(rig.row)).toBe('stopped');
  });

  test('goes on after a restart though its schedule was removed, which nobody sees any more', async () => {
    rig.pauseFailures = ['vast_unreachable', 'vast_unreachable'];
    rig.start();
    await rig.clock.pass(3 * minute + 31_000);
    rig.clockwork.schedules.remove(caller, 'one');
    expect(rig.clockwork.schedules.list(caller).count).toBe(0);
    rig.restart();
    await rig.clock.pass(5 * minute);
    expect(stateOf(rig.row)).toBe('stopped');
    expect([rig.store.schedules.removed('ana'), seen()]).toEqual([[], []]);
  });

  test('of somebody else does not count as one', async () => {
    rig.takes['/workspace'] = 3 * minute;
    rig.start();
    await rig.clock.pass(4 * minute);
    rig.operations.start({ caller, kind: 'pause', instanceId: 7, title: 'by hand', cancellable: false }, () => Promise.reject(new Error('no'))).done.catch(() => undefined);
    await rig.clock.pass(5 * minute);
    expect(stateOf(rig.row)).toBe('stopped');
  });

  test('is not tried on an instance that is gone', async () => {
    rig.pauseFailures = ['not_found'];
    rig.start();
    await rig.clock.pass(10 * minute);
    expect(asked('pause')).toHaveLength(1);
    expect(left()).toBe(0);
  });

  test('is left to somebody who started or paused it since', async () => {
    rig.pauseFailures = ['vast_unreachable'];
    rig.start();
    await rig.clock.pass(3 * minute + 31_000);
    rig.operations.start({ caller, kind: 'resume', instanceId: 7, title: 'by hand', cancellable: false }, () => Promise.resolve());
    await rig.clock.pass(10 * minute);
    expect(asked('pause')).toHaveLength(1);
    expect(left()).toBe(0);
  });
});

describe('a start that the app did not hear of', () => {
  test('because its answer was lost is stopped again', async () => {
    rig.startAnswers = ['lost'];
    rig.start();
    await rig.clock.pass(2 * minute + 30_000);
    expect(seen()).toEqual(['failed not_paused_again']);
    await rig.clock.pass(5 * minute);
    expect(asked('pause')).toHaveLength(1);
    expect(stateOf(rig.row)).toBe('stopped');
    expect(seen()).toEqual(['failed vast_unreachable']);
  });

  test('and that never shows is let go', async () => {
    rig.startAnswers = ['lost'];
    rig.startTakes = null;
    rig.start();
    await rig.clock.pass(10 * minute);
    expect(asked('pause')).toEqual([]);
    expect(left()).toBe(0);
  });

  test.each(['once', 'skip'] as const)('because it was killed then is stopped again, where missed times mean %s', async (catchUp) => {
    rig.store.schedules.update('one', { catchUp });
    rig.startAnswers = ['never'];
    rig.start();
    await rig.clock.pass(2 * minute + 10_000);
    rig.restart();
    await rig.clock.pass(10 * minute);
    expect(asked('resume')).toHaveLength(1);
    expect(asked('pause')).toHaveLength(1);
    expect(stateOf(rig.row)).toBe('stopped');
    expect(left()).toBe(0);
  });

  test('because it was killed then, and whose schedule was removed, is stopped again', async () => {
    rig.startAnswers = ['never'];
    rig.start();
    await rig.clock.pass(2 * minute + 10_000);
    rig.clockwork.schedules.remove(caller, 'one');
    rig.restart();
    await rig.clock.pass(10 * minute);
    expect([asked('resume'), asked('pause')].map((all) => all.length)).toEqual([1, 1]);
    expect(stateOf(rig.row)).toBe('stopped');
    expect([rig.store.schedules.removed('ana'), seen()]).toEqual([[], []]);
  });

  test('and that was never begun leaves nothing to stop', async () => {
    rig.start();
    const slot = rig.clock.now();
    rig.store.slots.claim({ scheduleId: 'one', slot, state: 'failed', reason: 'interrupted', covers: 1, late: false, byHand: true, attempts: 1, operationId: null, resumedBy: 'after ', startedAt: slot, endedAt: slot });
    await rig.clock.pass(minute);
    expect(rig.asked).toEqual([]);
    expect(left()).toBe(0);
  });
});

describe('others at work on the instance', () => {
  test.each(['snapshot', 'restore', 'preview'] as const)('a %s is not cut: the pause comes after it', async (kind) => {
    rig.start();
    await rig.clock.pass(3 * minute + 5000);
    const end = work(kind);
    await rig.clock.pass(30 * minute);
    expect(asked('pause')).toEqual([]);
    expect(seen()).toEqual(['warnings not_paused_again']);
    end();
    await rig.clock.pass(minute);
    expect(stateOf(rig.row)).toBe('stopped');
    expect(seen()).toEqual(['succeeded']);
  });

  test('a pause that goes on is waited for', async () => {
    rig.start();
    await rig.clock.pass(3 * minute + 5000);
    const end = work('pause');
    await rig.clock.pass(5 * minute);
    expect(asked('pause')).toEqual([]);
    end();
    await rig.clock.pass(minute);
    expect([asked('pause'), left()]).toEqual([[], 0]);
  });

  test('the last of two runs of one start pauses', async () => {
    rig.schedule({ id: 'two', power: 'start_and_stop', sourceId: rig.addSource('/data') });
    rig.takes['/data'] = 20 * minute;
    rig.start();
    await rig.clock.pass(15 * minute);
    expect(asked('resume')).toHaveLength(2);
    expect(seen()).toEqual(['succeeded']);
    expect(asked('pause')).toEqual([]);
    await rig.clock.pass(15 * minute);
    expect(asked('pause')).toHaveLength(1);
    expect(stateOf(rig.row)).toBe('stopped');
    expect([left(), left('two')]).toEqual([0, 0]);
  });

  test('a run that has no operation yet is waited for', async () => {
    rig.schedule({ id: 'two', sourceId: rig.addSource('/data'), timing: { type: 'cron', pattern: '50 * * * *' } });
    rig.start();
    await rig.clock.pass(3 * minute + 10_000);
    const slot = rig.clock.now();
    rig.store.slots.claim({ scheduleId: 'two', slot, state: 'started', reason: null, covers: 1, late: false, byHand: true, attempts: 1, operationId: null, resumedBy: null, startedAt: slot, endedAt: null });
    await rig.clock.pass(5 * minute);
    expect(asked('pause')).toEqual([]);
    rig.store.slots.update('two', slot, { state: 'succeeded' });
    await rig.clock.pass(minute);
    expect(asked('pause')).toHaveLength(1);
  });
});
