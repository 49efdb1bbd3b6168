// What works by the clock, as it is constructed: an instance that is started for its snapshot, snapshots before a contract or the credit ends, and the scheduled rehearsal.
import { beforeEach, describe, expect, test } from 'vitest';
import { caller, ClockworkRig } from '../../test/fakes/clockwork-rig';
import { aSnapshot } from '../../test/suites/support/store-rows';
import { nothingKnown } from './domain/facts-feed';
import { needsOf } from './domain/needs';

const minute = 60_000;
const hour = 60 * minute;
let rig: ClockworkRig;

beforeEach(() => {
  rig = new ClockworkRig();
});

describe('a paused instance that its schedule starts', () => {
  beforeEach(() => {
    rig.pause();
    rig.schedule({ power: 'start_and_stop' });
  });

  test('is started, snapshotted while it runs, and paused again without another snapshot', async () => {
    rig.start();
    await rig.clock.pass(8 * minute);
    expect(rig.asked).toEqual(['13:00 resume', '13:01 snapshot /workspace scheduled while running', '13:01 pause at once']);
    expect(rig.runs()).toEqual(['13:00 succeeded']);
  });

  test('is tried again while its SSH server does not answer yet', async () => {
    rig.failures = ['ssh_unreachable', 'ssh_unreachable'];
    rig.start();
    await rig.clock.pass(10 * minute);
    expect(rig.asked.filter((line) => line.includes('snapshot '))).toHaveLength(3);
    expect(rig.asked.at(-1)).toMatch(/pause at once$/);
    expect(rig.runs()).toEqual(['13:00 succeeded']);
  });

  test('is paused again when the snapshot fails', async () => {
    rig.failures = ['guard_failed'];
    rig.start();
    await rig.clock.pass(8 * minute);
    expect(rig.asked.map((line) => line.split(' ')[1])).toEqual(['resume', 'snapshot', 'pause']);
    expect(rig.runs()).toEqual(['13:00 failed guard_failed']);
  });

  test('is taken back when its GPU is rented to somebody else', async () => {
    rig.startTakes = null;
    rig.start();
    await rig.clock.pass(25 * minute);
    expect(rig.asked).toEqual(['13:00 resume', '13:20 pause at once']);
    expect(rig.runs()).toEqual(['13:00 failed instance_state']);
  });

  test('is left running when somebody started it meanwhile', async () => {
    rig.start();
    await rig.clock.pass(3 * minute + 1000);
    rig.operations.start({ caller: { userId: 'ana' }, kind: 'resume', instanceId: 7, title: 'by hand', cancellable: false }, () => Promise.resolve());
    await rig.clock.pass(5 * minute);
    expect(rig.asked.map((line) => line.split(' ')[1])).toEqual(['resume', 'snapshot']);
    expect(rig.runs()).toEqual(['13:00 succeeded']);
  });
});

test('one that is paused is skipped where the schedule does not start it', async () => {
  rig.pause();
  rig.schedule({});
  rig.start();
  await rig.clock.pass(4 * minute);
  expect(rig.asked).toEqual([]);
  expect(rig.runs()).toEqual(['13:00 skipped not_running']);
});

test('commands that are owed are looked for as long as the user is unlocked', async () => {
  await rig.clock.pass(minute);
  expect([...rig.looked]).toEqual([]);
  rig.start();
  await rig.clock.pass(minute);
  expect([...rig.looked]).toEqual(['ana']);
});

describe('before the contract ends', () => {
  /** Both moments and the end itself come by, with sleep in between. */
  const untilTheEnd = async (): Promise<void> => {
    await rig.clock.pass(4 * minute);
    rig.clock.set(96 * minute);
    await rig.clock.pass(4 * minute);
    rig.clock.set(18 * minute);
    await rig.clock.pass(4 * minute);
  };

  beforeEach(() => {
    rig.row = { ...rig.row, end_date: '2026-11-23T15:00:00Z' };
    rig.start();
  });

  test('a snapshot two hours before, and one twenty minutes before', async () => {
    await untilTheEnd();
    expect(rig.asked).toEqual(['13:00 snapshot /workspace before-contract-end while running', '14:40 snapshot /workspace before-contract-end while running']);
  });

  test('none of what is paused', async () => {
    rig.pause();
    await untilTheEnd();
    expect(rig.asked).toEqual([]);
  });

  test('none where it is switched off', async () => {
    rig.settings.snapshot_before_contract_end = false;
    await untilTheEnd();
    expect(rig.asked).toEqual([]);
  });

  /** States of the moments, oldest first. */
  const moments = (): string[] => rig.runs('contract_end:source of ana').map((run) => run.split(' ')[1] ?? '');
  /** When snapshots were asked for. */
  const times = (): string[] => rig.asked.map((line) => line.slice(0, 5));

  test('one that failed is tried again, less and less often, and the later moment comes as ever', async () => {
    rig.failures = ['guard_failed', 'guard_failed', 'guard_failed'];
    await rig.clock.pass(60 * minute);
    expect(times()).toEqual(['13:00', '13:05', '13:21', '13:51']);
    expect(moments()).toEqual(['succeeded']);
    await rig.clock.pass(50 * minute);
    expect(times().slice(4)).toEqual(['14:40']);
    expect(moments()).toEqual(['succeeded', 'succeeded']);
  });

  test('what failed is shown until one succeeds', async () => {
    const told = (): unknown[] =>
      needsOf({ ...nothingKnown, operations: rig.operations.list(caller, { limit: 50 }).operations }, 0, rig.clock.now()).map(({ rule, problem }) => [rule, problem]);
    rig.refusals = 1;
    rig.failures = ['guard_failed'];
    await rig.clock.pass(3 * minute);
    expect(told()).toEqual([['snapshot_failed', 'instance_state']]);
    await rig.clock.pass(10 * minute);
    expect(told()).toEqual([['snapshot_failed', 'guard_failed']]);
    await rig.clock.pass(10 * minute);
    expect([times(), told()]).toEqual([['13:00', '13:05', '13:20'], []]);
  });

  test('nearer to the end it is tried more often, and no more after it', async () => {
    rig.failures = Array.from({ length: 20 }, () => 'guard_failed' as const);
    rig.clock.set(102 * minute);
    await rig.clock.pass(60 * minute);
    expect(times()).toEqual(['14:40', '14:45', '14:53', '14:57', '14:58']);
  });

  test('one that was cancelled is not', async () => {
    await rig.clock.pass(2 * minute + 10_000);
    for (const { id } of rig.operations.active('ana')) rig.operations.cancel(caller, id);
    await rig.clock.pass(60 * minute);
    expect(times()).toEqual(['13:00']);
  });

  test('one that the end of the app cut is begun again at the next start; one that was made is not', async () => {
    rig.takes['/workspace'] = 10 * minute;
    await rig.clock.pass(5 * minute);
    const [cut] = rig.operations.active('ana');
    rig.store.operations.update(cut?.id ?? '', { state: 'failed', error: { code: 'cancelled', message: '', data: {} }, ended_at: '2026-11-23T13:03:00.000Z' });
    rig.restart();
    await rig.clock.pass(minute);
    expect(times()).toEqual(['13:00', '13:03']);
    rig.store.snapshots.insert({ ...aSnapshot('ana', 'cd'.repeat(32)), operationId: rig.operations.active('ana').find(({ id }) => id !== cut?.id)?.id ?? '' });
    rig.restart();
    await rig.clock.pass(minute);
    expect([times().length, moments()]).toEqual([2, ['succeeded']]);
  });

  test('two of one folder never go on at once', async () => {
    rig.takes['/workspace'] = 105 * minute;
    rig.credit = 2;
    await rig.clock.pass(108 * minute);
    expect(rig.asked.map((line) => line.replace(/ while.*/, ''))).toEqual(['12:58 snapshot /workspace before-credit-end', '14:43 snapshot /workspace before-contract-end']);
  });

  test('of an instance whose folders nobody has named, the one where it says its data are', async () => {
    rig.store.snapshots.remove('ana', 'ab'.repeat(32));
    rig.row = { ...rig.row, extra_env: { DATA_DIRECTORY: '/data' } };
    rig.failures = ['guard_failed'];
    await rig.clock.pass(10 * minute);
    expect(rig.asked).toEqual(['13:00 snapshot undefined before-contract-end while running', '13:05 snapshot undefined before-contract-end while running']);
    expect(rig.runs(`contract_end:${rig.store.sources.find('ana', 7, '/data')?.id ?? ''}`).map((run) => run.split(' ')[1])).toEqual(['succeeded']);
  });

  test('of what is being paused or destroyed none: its own comes first', async () => {
    rig.operations.start({ caller, kind: 'destroy', instanceId: 7, title: 'box', cancellable: false }, () => new Promise(() => undefined));
    await untilTheEnd();
    expect(rig.asked).toEqual([]);
  });
});

describe('before the credit runs out', () => {
  const passing = async (credits: readonly number[]): Promise<void> => {
    for (const credit of credits) {
      rig.credit = credit;
      await rig.clock.pass(minute);
    }
  };

  test('a snapshot when it lasts two hours more, and one when it lasts twenty minutes', async () => {
    rig.start();
    // One dollar an hour.
    await passing([5, 2.01, 2, 1.9, 1, 0.34, 0.33, 0.3, 0.1]);
    expect(rig.asked).toEqual(['13:00 snapshot /workspace before-credit-end while running', '13:04 snapshot /workspace before-credit-end while running']);
  });

  test('again when it was topped up and runs low once more, on the same day', async () => {
    rig.start();
    await passing([1.9, 4, 3, 1.8, 1.7, 0.3, 1, 0.2]);
    expect(rig.asked.map((line) => line.slice(0, 5))).toEqual(['12:58', '13:01', '13:03', '13:05']);
  });

  test('again when a dearer instance shortens it once more', async () => {
    rig.start();
    await passing([1.9, 4, 4]);
    rig.row = { ...rig.row, dph_total: 3 };
    await passing([4, 4]);
    expect(rig.asked.map((line) => line.slice(0, 5))).toEqual(['12:58', '13:01']);
  });

  test('once for one fall, also over a restart and a little more of it', async () => {
    rig.start();
    await passing([1.9]);
    rig.restart();
    await passing([1.8, 2.05, 1.9]);
    expect(rig.asked.map((line) => line.slice(0, 5))).toEqual(['12:58']);
  });

  test('one that failed is tried again', async () => {
    rig.failures = ['guard_failed'];
    rig.credit = 1.9;
    rig.start();
    await rig.clock.pass(10 * minute);
    expect(rig.asked.map((line) => line.slice(0, 5))).toEqual(['12:58', '13:03']);
  });

  test('none while what is known is old, none where it is switched off', async () => {
    rig.stale = true;
    rig.start();
    await passing([0.3]);
    rig.stale = false;
    rig.settings.snapshot_before_credit_end = false;
    await passing([0.3]);
    expect(rig.asked).toEqual([]);
  });
});

describe('the scheduled rehearsal', () => {
  test('restores the newest snapshot of the folder, also while its instance is paused and Vast.ai is away', async () => {
    rig.pause();
    rig.stale = true;
    rig.schedule({ kind: 'rehearse' });
    rig.start();
    await rig.clock.pass(4 * minute);
    rig.clock.set(hour - 4 * minute);
    await rig.clock.pass(4 * minute);
    expect(rig.asked).toEqual(['13:00 rehearse source of ana', '14:00 rehearse source of ana']);
    expect(rig.runs()).toEqual(['13:00 succeeded', '14:00 succeeded']);
    const [slot] = rig.store.slots.list('one', 1);
    expect(rig.store.operations.get(slot?.operationId ?? '')).toMatchObject({ kind: 'rehearse', state: 'succeeded' });
  });

  test('one that finds something wrong is a failed run with its reason', async () => {
    rig.failures = ['guard_failed'];
    rig.schedule({ kind: 'rehearse' });
    rig.start();
    await rig.clock.pass(4 * minute);
    expect(rig.runs()).toEqual(['13:00 failed proof_failed']);
  });

  test('without any snapshot it fails and says so', async () => {
    rig.store.snapshots.remove('ana', 'ab'.repeat(32));
    rig.schedule({ kind: 'rehearse' });
    rig.start();
    await rig.clock.pass(4 * minute);
    expect(rig.runs()).toEqual(['13:00 failed not_found']);
  });
});
