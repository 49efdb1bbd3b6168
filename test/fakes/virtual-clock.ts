// A clock that stands still until a test moves it; sleeps end in the order in which they are due.
import type { Clock } from '../../src/main/domain/ports';

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** Lets everything run that waits for no time: promises, and the callbacks of the event loop's turn. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

export class VirtualClock implements Clock {
  private time: number;
  private sleepers: Sleeper[] = [];
  /** Every sleep that was asked for, ms. */
  readonly asked: number[] = [];

  constructor(start = Date.parse('2026-11-23T12:00:00Z')) {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.asked.push(ms);
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const leave = (): void => {
        this.sleepers = this.sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason as Error);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const sleeper: Sleeper = { due: this.time + Math.max(0, ms), wake };
      this.sleepers.push(sleeper);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** Sleeps that wait now. */
  get waiting(): number {
    return this.sleepers.length;
  }

  /** Moves on by so many milliseconds, waking each sleeper at its own instant. */
  async pass(ms: number): Promise<void> {
    const until = this.time + ms;
    await settle();
    for (;;) {
      const next = this.sleepers.toSorted((left, right) => left.due - right.due)[0];
      if (next === undefined || next.due > until) break;
      this.time = Math.max(this.time, next.due);
      this.sleepers = this.sleepers.filter((other) => other !== next);
      next.wake();
      await settle();
    }
    this.time = until;
    await settle();
  }
}
