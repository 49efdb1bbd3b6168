// Time as this computer has it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../domain/ports';

/** The real clock. A sleep does not keep the process from ending. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    try {
      await sleep(ms, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) });
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    }
  },
};
