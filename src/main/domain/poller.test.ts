// How often Vast is asked, what is kept when it fails, and when pages are told.
import { beforeEach, describe, expect, test } from 'vitest';
import { hour, SettableClock } from '../../../test/fakes/schedule-rig';
import { settle } from '../../../test/fakes/virtual-clock';
import { AppError } from './app-error';
import { Poller } from './poller';
import type { RentedInstance } from './ports';
import { justRented } from './rent-plan';

const row = (id: number): RentedInstance => justRented(id, { offerId: 1, image: 'x', disk: 10, label: 'a', env: {}, onstart: null, bid: null });

let clock: SettableClock;
let rows: RentedInstance[];
let lists: number[];
let credits: number[];
let hints: string[];
let busy: boolean;
let key: string;
let fail: AppError | null;
let hold: Promise<void> | null;
let poller: Poller;
let zero: number;

beforeEach(() => {
  clock = new SettableClock(Date.parse('2026-11-23T12:00:00Z'));
  zero = clock.now();
  [rows, lists, credits, hints, busy, key, fail, hold] = [[row(1)], [], [], [], false, 'k', null, null];
  const note = (): void => undefined;
  poller = new Poller({
    vast: {
      list: async () => {
        lists.push(clock.now() - zero);
        const answer = rows;
        await hold;
        if (fail) throw fail;
        return answer;
      },
      credit: () => {
        credits.push(clock.now() - zero);
        return Promise.resolve({ credit: 5, email: null });
      },
    },
    secrets: { vastKey: () => Promise.resolve(key) },
    hints: { tell: (_user, topic) => void hints.push(topic) },
    clock,
    log: { info: note, warn: note, error: note, hide: note },
    random: () => 1,
    busy: () => busy,
  });
});

const down = (): AppError => new AppError('vast_unreachable', 'down', { attempts: 6 });

describe('the rhythm', () => {
  test('a list every 20 s and the credit every 60 s: four requests a minute', async () => {
    poller.start('ana');
    poller.start('ana');
    await clock.pass(61_000);
    expect(lists).toEqual([0, 20_000, 40_000, 60_000]);
    expect(credits).toEqual([0, 60_000]);
    poller.stop('ana');
    await clock.pass(60_000);
    expect(lists).toHaveLength(4);
    expect(clock.waiting).toBe(0);
  });

  test('every 10 s while something changes, at once after a nudge', async () => {
    busy = true;
    poller.start('ana');
    await clock.pass(21_000);
    expect(lists).toEqual([0, 10_000, 20_000]);
    busy = false;
    poller.nudge('ana');
    await clock.pass(18_000);
    expect(lists).toHaveLength(3);
    await clock.pass(2000);
    expect(lists.at(-1)).toBe(40_000);
    poller.stop('ana');
  });

  test('asleep nobody is asked; awake at once', async () => {
    poller.start('ana');
    await settle();
    poller.suspend();
    await clock.pass(3_600_000);
    expect(lists).toEqual([0]);
    expect(poller.snapshot('ana')).toMatchObject({ stale: true, ageMs: 3_600_000 });
    poller.resume();
    await settle();
    expect(lists).toHaveLength(2);
    expect(poller.snapshot('ana').stale).toBe(false);
    poller.stop('ana');
  });
});

describe('failures', () => {
  test('the last data stays, is said to be stale with its age and the reason, and asking gets rarer', async () => {
    poller.start('ana');
    await settle();
    fail = down();
    await clock.pass(90_000);
    expect(lists).toEqual([0, 20_000, 30_000, 50_000, 90_000]);
    expect(poller.snapshot('ana')).toMatchObject({ rows: [{ id: 1 }], credit: 5, problem: 'vast_unreachable', stale: true, ageMs: 90_000 });
    fail = null;
    await clock.pass(80_000);
    expect(poller.snapshot('ana')).toMatchObject({ problem: null, stale: false });
    poller.stop('ana');
  });

  test('a refresh throws what went wrong', async () => {
    fail = down();
    await expect(poller.refresh('ana')).rejects.toBe(fail);
    await expect(poller.current('ana', 60_000)).rejects.toBe(fail);
  });
});

describe('what is known', () => {
  test('pages are told only when something changed', async () => {
    poller.start('ana');
    await settle();
    expect(hints).toEqual(['instances', 'account']);
    hints.length = 0;
    await clock.pass(60_000);
    expect(hints).toEqual([]);
    rows = [row(1), row(2)];
    await clock.pass(20_000);
    // One more is billed, so what is spent per hour is news too; a warmer GPU is not.
    expect(hints).toEqual(['instances', 'account']);
    hints.length = 0;
    rows = [row(1), { ...row(2), gpu_temp: 71 }];
    await clock.pass(20_000);
    expect(hints).toEqual(['instances']);
    poller.stop('ana');
  });

  test('a refresh gives a list that was begun after it, and those who ask meanwhile share one', async () => {
    let go = (): void => undefined;
    hold = new Promise((resolve) => {
      go = resolve;
    });
    const first = poller.refresh('ana');
    await settle();
    rows = [row(2)];
    const [second, third] = [poller.refresh('ana'), poller.refresh('ana')];
    hold = null;
    go();
    expect((await first).rows.map((one) => one.id)).toEqual([1]);
    expect((await second).rows.map((one) => one.id)).toEqual([2]);
    expect((await third).rows.map((one) => one.id)).toEqual([2]);
    expect(lists).toHaveLength(2);
  });

  test('who asks again as soon as the answer is there shares the list that was waiting for its turn', async () => {
    let go = (): void => undefined;
    hold = new Promise((resolve) => (go = resolve));
    const again = poller.refresh('ana').then(() => poller.refresh('ana'));
    await settle();
    const second = poller.refresh('ana');
    hold = null;
    go();
    await Promise.all([again, second]);
    expect(lists).toHaveLength(2);
  });

  test('a list tells who waits for one, if it was begun after they did and came', async () => {
    let go = (): void => undefined;
    hold = new Promise((resolve) => (go = resolve));
    const early = poller.nextList('ana');
    const first = poller.refresh('ana');
    await settle();
    const late = poller.nextList('ana');
    hold = null;
    go();
    await first;
    expect([early.aborted, late.aborted]).toEqual([true, false]);
    fail = down();
    await poller.refresh('ana').catch(() => undefined);
    expect(late.aborted).toBe(false);
    fail = null;
    const last = poller.nextList('ana');
    await poller.refresh('ana');
    expect(last.aborted).toBe(true);
  });

  test('what is gone stays gone, even in a list that was begun before', async () => {
    rows = [row(1), row(2)];
    await poller.refresh('ana');
    poller.markGone('ana', 1);
    expect(poller.snapshot('ana').rows.map((one) => one.id)).toEqual([2]);
    expect((await poller.refresh('ana')).rows.map((one) => one.id)).toEqual([2]);
  });

  test('another key is another account: nothing of the former is shown', async () => {
    await poller.refresh('ana');
    key = 'other';
    fail = down();
    await expect(poller.refresh('ana')).rejects.toBe(fail);
    expect(poller.snapshot('ana')).toMatchObject({ rows: [], credit: null, asOf: null });
  });

  test('a key that was changed or removed: nothing of the former is known from then on, and it is asked at once', async () => {
    poller.start('ana');
    await settle();
    hints.length = 0;
    poller.keyChanged('ana');
    expect(poller.snapshot('ana')).toMatchObject({ rows: [], credit: null, asOf: null, account: null });
    expect(hints).toEqual(['instances', 'account']);
    rows = [row(2)];
    await settle();
    expect(lists).toEqual([0, 0]);
    expect(poller.snapshot('ana').rows.map(({ id }) => id)).toEqual([2]);
    fail = new AppError('vast_key_missing', 'No key.', {});
    poller.keyChanged('ana');
    await settle();
    expect(poller.snapshot('ana')).toMatchObject({ rows: [], asOf: null, problem: 'vast_key_missing' });
    poller.stop('ana');
  });

  test('what was asked with the former key is not shown: it is asked again with the one that is set', async () => {
    let answer = (): void => undefined;
    hold = new Promise((resolve) => (answer = resolve));
    const asked = poller.refresh('ana');
    await settle();
    key = 'other';
    poller.keyChanged('ana');
    rows = [row(2)];
    answer();
    expect((await asked).rows.map(({ id }) => id)).toEqual([2]);
    expect(lists).toHaveLength(2);
  });

  test('what was gone of another account says nothing of this one', async () => {
    rows = [row(1), row(2)];
    await poller.refresh('ana');
    poller.markGone('ana', 1);
    key = 'other';
    expect((await poller.refresh('ana')).rows.map((one) => one.id)).toEqual([1, 2]);
  });

  test('from the future, because the clock was set back, is old, and is asked for again with the credit', async () => {
    await poller.refresh('ana');
    clock.set(-hour);
    expect(poller.snapshot('ana')).toMatchObject({ stale: true, ageMs: null });
    await poller.current('ana', 60_000);
    expect([lists.length, credits.length]).toEqual([2, 2]);
    expect(poller.snapshot('ana')).toMatchObject({ stale: false, ageMs: 0 });
  });

  test('users do not see one another', async () => {
    await poller.refresh('ana');
    expect(poller.snapshot('bob')).toMatchObject({ rows: [], asOf: null, stale: true, ageMs: null });
  });
});
