// Counts the turns that others in the thread get while something long runs.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { vi } from 'vitest';

/** How often others had their turn while this ran, and the longest they waited, ms. */
export const turnsDuring = async (work: () => Promise<unknown>): Promise<{ readonly turns: number; readonly longest: number }> => {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  let turns = 0;
  let next: NodeJS.Immediate;
  const tick = (): void => {
    turns += 1;
    next = setImmediate(tick);
  };
  next = setImmediate(tick);
  delays.enable();
  try {
    await work();
  } finally {
    clearImmediate(next);
    delays.disable();
  }
  return { turns, longest: delays.max / 1e6 };
};

/** The same count by a clock that goes on by so many ms with each look at it, and else stands still: the same on any machine. By default each look finds that a turn has lasted long enough. */
export const turnsWhenDue = async (work: () => Promise<unknown>, step = 1000): Promise<number> => {
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += step));
  try {
    return (await turnsDuring(work)).turns;
  } finally {
    clock.mockRestore();
  }
};
