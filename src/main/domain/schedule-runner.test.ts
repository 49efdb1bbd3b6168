// Schedules over a real store, on a virtual clock: sleep, restarts, a clock that is set, a network that is away, and never one time twice.
import { beforeEach, describe, expect, test } from 'vitest';
import { hour, ScheduleRig } from '../../../test/fakes/schedule-rig';
import { settle } from '../../../test/fakes/virtual-clock';
import { anOperation } from '../../../test/suites/support/store-rows';
import { AppError } from './app-error';
import type { ScheduleRow } from './schedule-rows';
import type { OperationRow } from './store-port';

let rig: ScheduleRig;

beforeEach(() => {
  rig = new ScheduleRig();
});

test('each time is run once, at its time', async () => {
  rig.schedule();
  rig.start();
  await rig.clock.pass(3 * hour);
  expect(rig.slots).toEqual(['2026-11-25T13:00:00.000Z', '2026-11-25T14:00:00.000Z', '2026-11-25T15:00:00.000Z']);
  expect(rig.history().every(({ covers, late }) => covers === 1 && !late)).toBe(true);
});

describe('three times slept over', () => {
  const sleepOver = async (catchUp: ScheduleRow['catchUp']): Promise<ScheduleRow> => {
    const row = rig.schedule({ catchUp });
    rig.start();
    await rig.clock.pass(60_000);
    rig.clock.set(3 * hour + 20 * 60_000);
    await rig.clock.pass(60_000);
    return row;
  };

  test('are one run, which moves no later time', async () => {
    await sleepOver('once');
    expect(rig.history()).toEqual([{ slot: '2026-11-25T15:00:00.000Z', state: 'succeeded', reason: null, covers: 3, late: true }]);
    await rig.clock.pass(40 * 60_000);
    expect(rig.slots).toEqual(['2026-11-25T15:00:00.000Z', '2026-11-25T16:00:00.000Z']);
  });

  test('are skipped where the rule says so', async () => {
    await sleepOver('skip');
    expect(rig.runs).toEqual([]);
    expect(rig.history()).toEqual([{ slot: '2026-11-25T15:00:00.000Z', state: 'skipped', reason: 'missed', covers: 3, late: true }]);
    await rig.clock.pass(hour);
    expect(rig.runs).toHaveLength(1);
  });

  test.each([['run', 1, 'succeeded'], ['skip', 0, 'skipped']] as const)('are asked about; answered %s', async (answer, count, state) => {
    const row = await sleepOver('ask');
    expect(rig.history()).toMatchObject([{ state: 'asking', covers: 3 }]);
    rig.runner.answer(row, answer);
    await settle();
    expect(rig.runs).toHaveLength(count);
    expect(rig.history()).toMatchObject([{ state, covers: 3 }]);
    expect(() => rig.runner.answer(row, answer)).toThrow(AppError);
  });

  test('the question is void once the next time has come', async () => {
    await sleepOver('ask');
    await rig.clock.pass(40 * 60_000);
    expect(rig.history()).toMatchObject([{ state: 'skipped', reason: 'superseded' }, { state: 'succeeded', late: false }]);
  });
});

describe('the network', () => {
  test('is waited for, and then it is one run', async () => {
    rig.schedule();
    rig.online = false;
    rig.start();
    await rig.clock.pass(2 * hour);
    expect(rig.runs).toEqual([]);
    expect(rig.runner.waitsFor('one')).toBe('network');
    rig.online = true;
    await rig.clock.pass(30_000);
    expect(rig.history()).toMatchObject([{ slot: '2026-11-25T14:00:00.000Z', covers: 2, state: 'succeeded' }]);
    expect(rig.runner.waitsFor('one')).toBeNull();
  });
});

describe('a clock that is set', () => {
  test('back two hours: nothing is run again', async () => {
    rig.schedule();
    rig.start();
    await rig.clock.pass(2 * hour);
    expect(rig.runs).toHaveLength(2);
    rig.clock.set(-2 * hour);
    await rig.clock.pass(2 * hour - 60_000);
    expect(rig.runs).toHaveLength(2);
    await rig.clock.pass(hour);
    expect(rig.slots).toEqual(['2026-11-25T13:00:00.000Z', '2026-11-25T14:00:00.000Z', '2026-11-25T15:00:00.000Z']);
  });

  test('forward three days: one run; and back again: later times come as before', async () => {
    rig.schedule();
    rig.start();
    await rig.clock.pass(hour);
    rig.clock.set(72 * hour);
    await rig.clock.pass(30_000);
    expect(rig.runs).toHaveLength(2);
    rig.clock.set(-72 * hour);
    await rig.clock.pass(2 * hour);
    expect(rig.slots).toEqual(['2026-11-25T13:00:00.000Z', '2026-11-28T13:00:00.000Z', '2026-11-25T14:00:00.000Z', '2026-11-25T15:00:00.000Z']);
    expect(new Set(rig.slots).size).toBe(rig.runs.length);
  });
});

describe('a day on which the clock changes', () => {
  test.each([
    ['Europe/Berlin', '30 2 * * *', '2026-03-29T00:00:00Z', ['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z']],
    ['Europe/Berlin', '30 2 * * *', '2026-10-24T23:30:00Z', ['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']],
    ['America/Sao_Paulo', '0 0 * * *', '2018-11-04T02:00:00Z', ['2018-11-04T03:00:00.000Z', '2018-11-05T02:00:00.000Z']],
    ['America/Sao_Paulo', '30 23 * * *', '2018-02-17T00:30:00Z', ['2018-02-17T01:30:00.000Z', '2018-02-18T01:30:00.000Z']],
  ])('%s %s from %s', async (timeZone, pattern, from, expected) => {
    rig = new ScheduleRig(from);
    rig.schedule({ timeZone, timing: { type: 'cron', pattern } });
    rig.start();
    await rig.clock.pass(2 * hour);
    rig.clock.set(21 * hour);
    await rig.clock.pass(4 * hour);
    expect(rig.slots).toEqual(expected);
  });
});

describe('a restart in the middle', () => {
  const cut = async (catchUp: ScheduleRow['catchUp'] = 'once'): Promise<void> => {
    rig.schedule({ catchUp });
    rig.holding = true;
    rig.start();
    await rig.clock.pass(hour);
    expect(rig.runs).toHaveLength(1);
    rig.runner.stop();
    rig.holding = false;
  };
  const operation = (change: Partial<OperationRow>): void => rig.store.operations.insert({ ...anOperation('ana', 1), ...change });

  test('what was not made is run again, as the same time', async () => {
    await cut();
    rig.start();
    await rig.clock.pass(30_000);
    expect(rig.runs).toEqual([{ slot: '2026-11-25T13:00:00.000Z', attempts: 1 }, { slot: '2026-11-25T13:00:00.000Z', attempts: 2 }]);
    expect(rig.history()).toMatchObject([{ state: 'succeeded', slot: '2026-11-25T13:00:00.000Z' }]);
  });

  test('what exists is not', async () => {
    await cut();
    rig.made = true;
    rig.start();
    await rig.clock.pass(30_000);
    expect(rig.runs).toHaveLength(1);
    expect(rig.history()).toMatchObject([{ state: 'succeeded' }]);
  });

  test.each([['warnings', null, 'warnings', null], ['failed', 'disk_full', 'failed', 'disk_full']] as const)('an operation that ended in %s says so', async (state, code, shown, reason) => {
    await cut();
    operation({ state, error: code === null ? null : { code, message: '', data: {} }, ended_at: '2026-11-25T13:10:00.000Z' });
    rig.start();
    await rig.clock.pass(30_000);
    expect(rig.runs).toHaveLength(1);
    expect(rig.history()).toMatchObject([{ state: shown, reason }]);
  });

  test('times that passed meanwhile make one run with it', async () => {
    await cut();
    rig.clock.set(2 * hour + 10 * 60_000);
    rig.start();
    await rig.clock.pass(30_000);
    expect(rig.slots).toEqual(['2026-11-25T13:00:00.000Z', '2026-11-25T15:00:00.000Z']);
    expect(rig.history()).toMatchObject([{ state: 'skipped', reason: 'superseded' }, { state: 'succeeded', covers: 2 }]);
  });

  test('three times cut is failed, and goes on with the next time', async () => {
    await cut();
    for (let again = 0; again < 3; again += 1) {
      rig.holding = true;
      rig.start();
      await rig.clock.pass(30_000);
      rig.runner.stop();
    }
    rig.holding = false;
    rig.start();
    await rig.clock.pass(30_000);
    expect(rig.runs).toHaveLength(3);
    expect(rig.history()).toMatchObject([{ state: 'failed', reason: 'interrupted' }]);
  });

  test('where the rule skips, it is not run again', async () => {
    await cut('skip');
    rig.start();
    await rig.clock.pass(30_000);
    expect(rig.runs).toHaveLength(1);
    expect(rig.history()).toMatchObject([{ state: 'failed', reason: 'interrupted' }]);
  });
});

describe('a run that goes on', () => {
  test('is not begun twice: the times meanwhile are one run afterwards', async () => {
    const row = rig.schedule();
    rig.holding = true;
    rig.start();
    await rig.clock.pass(3 * hour);
    expect(rig.runs).toHaveLength(1);
    expect(rig.runner.waitsFor('one')).toBe('running');
    await expect(rig.runner.byHand(row)).rejects.toMatchObject({ code: 'schedule_running' });
    rig.end({ state: 'warnings', reason: null });
    await rig.clock.pass(30_000);
    expect(rig.history()).toMatchObject([{ state: 'warnings' }, { slot: '2026-11-25T15:00:00.000Z', covers: 2, state: 'succeeded' }]);
  });

  test('and fails is failed with its code, and the next time comes', async () => {
    rig.schedule();
    rig.holding = true;
    rig.start();
    await rig.clock.pass(hour);
    rig.end(new AppError('ssh_unreachable', '', { host: 'h', port: 1, detail: '' }));
    await rig.clock.pass(hour);
    expect(rig.history()).toMatchObject([{ state: 'failed', reason: 'ssh_unreachable' }, { state: 'succeeded' }]);
  });
});

test('a run by hand leaves the times as they are', async () => {
  const row = rig.schedule();
  rig.start();
  await rig.clock.pass(10 * 60_000);
  await rig.runner.byHand(row);
  await rig.clock.pass(hour);
  expect(rig.slots).toEqual(['2026-11-25T12:11:00.000Z', '2026-11-25T13:00:00.000Z']);
});

test('a locked user’s schedules wait, and are one run afterwards', async () => {
  rig.schedule();
  rig.start();
  rig.runner.lock('ana');
  await rig.clock.pass(2 * hour);
  expect(rig.runs).toEqual([]);
  rig.runner.unlock('ana');
  await rig.clock.pass(15_000);
  expect(rig.history()).toMatchObject([{ covers: 2, state: 'succeeded' }]);
});

test('a disabled one never runs', async () => {
  rig.schedule({ enabled: false });
  rig.start();
  await rig.clock.pass(5 * hour);
  expect(rig.runs).toEqual([]);
});
