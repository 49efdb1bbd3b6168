// When it makes sense to ask the network anything: not while the computer sleeps or has no network; afterwards exactly one refresh. No Electron.
import type { Clock } from '../domain/ports';

export type Absence = 'asleep' | 'offline';

export interface WakefulnessOptions {
  readonly clock: Clock;
  /** Called once when the first reason comes. */
  readonly pause: (why: Absence) => void;
  /** Called once after the last reason has gone and things have come to rest. */
  readonly refresh: () => void;
}

/** Milliseconds in which wake, unlock and network come one after the other; together they lead to one refresh. */
export const restAfter = 1_500;

export class Wakefulness {
  readonly #options: WakefulnessOptions;
  readonly #absences = new Set<Absence>();
  #returning: AbortController | null = null;

  constructor(options: WakefulnessOptions) {
    this.#options = options;
  }

  /** The same reason twice is one: systems repeat themselves. */
  absent(why: Absence): void {
    const wasThere = this.#absences.size === 0;
    if (this.#absences.has(why)) return;
    this.#absences.add(why);
    const back = this.#returning;
    this.#returning = null;
    back?.abort();
    // While the return was still waiting nothing had been taken up again.
    if (wasThere && back === null) this.#options.pause(why);
  }

  present(why: Absence): void {
    if (!this.#absences.delete(why) || this.#absences.size > 0) return;
    const returning = new AbortController();
    this.#returning = returning;
    this.#options.clock.sleep(restAfter, returning.signal).then(
      () => {
        this.#returning = null;
        this.#options.refresh();
      },
      () => undefined,
    );
  }
}
