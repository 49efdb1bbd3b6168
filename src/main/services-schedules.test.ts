// What works by the clock, as it is constructed: an instance that is started for its snapshot, snapshots before a contract or the credit ends, and the scheduled rehearsal.
import { beforeEach, describe, expect, test } from 'vitest';
import { ClockworkRig } from '../../test/fakes/clockwork-rig';

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

  test('one that failed is taken again at the later moment, and is no open run', async () => {
    rig.failures = ['guard_failed'];
    await untilTheEnd();
    expect(rig.asked).toHaveLength(2);
    expect(rig.runs('contract_end:source of ana').map((run) => run.split(' ')[1])).toEqual(['failed', 'succeeded']);
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
