// Clocks for tests: the real one, and one that stands still until it is told.
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../../src/main/domain/ports';

export const realClock: Clock = { now: () => Date.now(), sleep: (ms, signal) => delay(ms, undefined, { signal }) };

/** The real clock, with the length (ms) of every sleep that came to its end: time limits that ran out, however long all else took. */
export const countedClock = (): Clock & { readonly ranOut: number[] } => {
  const ranOut: number[] = [];
  const sleep: Clock['sleep'] = async (ms, signal) => {
    await realClock.sleep(ms, signal);
    ranOut.push(ms);
  };
  return { now: () => realClock.now(), sleep, ranOut };
};

/** A clock that is moved by hand; sleepers wake when it passes their time. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  set(now: number): void;
}

interface Sleeper {
  readonly until: number;
  wake(): void;
}

export const manualClock = (start = Date.UTC(2026, 0, 1)): ManualClock => {
  let now = start;
  let sleepers: readonly Sleeper[] = [];
  const moveTo = (to: number): void => {
    now = to;
    const due = sleepers.filter((one) => one.until <= now);
    sleepers = sleepers.filter((one) => one.until > now);
    for (const one of due) one.wake();
  };
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { until: now + ms, wake: resolve };
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((one) => one !== sleeper);
          reject(signal.reason as Error);
        }, { once: true });
        sleepers = [...sleepers, sleeper];
      }),
    advance: (ms) => moveTo(now + ms),
    set: moveTo,
  };
};
