// Sleep and network: one pause however many reasons, one refresh however many events, none while a reason is left.
import { beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../../test/fakes/virtual-clock';
import { restAfter, Wakefulness } from './wakefulness';

let clock: VirtualClock;
let done: string[];
let wakefulness: Wakefulness;
beforeEach(() => {
  clock = new VirtualClock();
  done = [];
  wakefulness = new Wakefulness({ clock, pause: (why) => void done.push(`pause ${why}`), refresh: () => void done.push('refresh') });
});

test('sleep, wake and the network coming back lead to one pause and one refresh', async () => {
  wakefulness.absent('asleep');
  wakefulness.absent('asleep');
  wakefulness.absent('offline');
  wakefulness.present('asleep');
  await clock.pass(10_000);
  expect(done).toEqual(['pause asleep']);
  wakefulness.present('offline');
  wakefulness.present('offline');
  wakefulness.present('asleep');
  expect(done).toEqual(['pause asleep']);
  await clock.pass(restAfter);
  await clock.pass(60_000);
  expect(done).toEqual(['pause asleep', 'refresh']);
});

test('a network that flaps refreshes once, when it has come to rest', async () => {
  wakefulness.absent('offline');
  for (let at = 0; at < 5; at += 1) {
    wakefulness.present('offline');
    await clock.pass(restAfter / 2);
    wakefulness.absent('offline');
  }
  expect(done).toEqual(['pause offline']);
  wakefulness.present('offline');
  await clock.pass(restAfter);
  expect(done).toEqual(['pause offline', 'refresh']);
});

test('what never was away needs no refresh', async () => {
  wakefulness.present('offline');
  wakefulness.present('asleep');
  await clock.pass(60_000);
  expect(done).toEqual([]);
});
