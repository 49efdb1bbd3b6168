// A clock that runs faster than the real one, and only while this process does.
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../src/main/domain/ports';

/**
 * Milliseconds of real time that count at once. Where a busy computer held the process up for longer, the clock was held up too: at forty times the speed half a second would else be
 * more than any call waits for, though its answer is there and only has to be read.
 */
const mostAtOnce = 25;

/** Real time at the last look, and all that was held up until then, milliseconds. */
let looked = performance.now();
let heldUp = 0;

/** Milliseconds for which this process ran. */
const ran = (): number => {
  const now = performance.now();
  heldUp += Math.max(0, now - looked - mostAtOnce);
  looked = now;
  return now - heldUp;
};

// Looks often enough also where nobody asks for the time.
setInterval(ran, mostAtOnce / 3).unref();

/** A clock that runs `rate` times as fast as the real one. */
export const fastClock = (rate: number): Clock => {
  const [start, from] = [Date.now(), ran()];
  const now = (): number => Math.floor(start + (ran() - from) * rate);
  return {
    now,
    async sleep(ms, signal) {
      const due = now() + ms;
      let left = ms;
      do {
        await delay(Math.min(Math.max(0, left) / rate, mostAtOnce / 3), undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
          throw signal?.aborted === true ? signal.reason : error;
        });
        left = due - now();
      } while (left > 0);
    },
  };
};
