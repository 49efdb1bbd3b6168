// Back-off after wrong passwords: kept with the account, and in memory for emails that have none, so that both look alike.
import { AppError } from './app-error';
import type { Clock } from './ports';
import type { Store } from './store-port';

/** So many wrong ones are free. */
const freeAttempts = 5;
/** After those: 1, 2, 4 ... seconds, never more than this. */
const longestBlockMs = 60_000;
/** Emails without an account (and the set-up code) that are remembered; the oldest go first. */
const rememberedStrangers = 1000;

interface Attempts {
  readonly failedAttempts: number;
  readonly blockedUntil: number;
}

const afterFailure = (before: Attempts, now: number): Attempts => {
  const failedAttempts = before.failedAttempts + 1;
  const over = failedAttempts - freeAttempts;
  return { failedAttempts, blockedUntil: over < 0 ? 0 : now + Math.min(longestBlockMs, 1000 * 2 ** Math.min(over, 10)) };
};

export class LoginAttempts {
  readonly #users: Store['users'];
  readonly #clock: Clock;
  readonly #strangers = new Map<string, Attempts>();

  constructor(users: Store['users'], clock: Clock) {
    this.#users = users;
    this.#clock = clock;
  }

  /** Throws `too_many_attempts` while this email is blocked. */
  check(email: string): void {
    const left = this.#of(email).blockedUntil - this.#clock.now();
    // A block in the far future is a clock that was set back since.
    if (left <= 0 || left > longestBlockMs) return;
    const seconds = Math.ceil(left / 1000);
    throw new AppError('too_many_attempts', `Too many wrong passwords. Wait ${seconds} s.`, { retry_after_s: seconds });
  }

  failed(email: string): void {
    const next = afterFailure(this.#of(email), this.#clock.now());
    const user = this.#users.byEmail(email);
    if (user !== null) {
      this.#users.update(user.id, next);
      return;
    }
    this.#strangers.delete(email);
    this.#strangers.set(email, next);
    const oldest = this.#strangers.keys().next();
    if (this.#strangers.size > rememberedStrangers && oldest.done !== true) this.#strangers.delete(oldest.value);
  }

  succeeded(email: string): void {
    this.#strangers.delete(email);
    const user = this.#users.byEmail(email);
    if (user !== null && (user.failedAttempts !== 0 || user.blockedUntil !== 0)) this.#users.update(user.id, { failedAttempts: 0, blockedUntil: 0 });
  }

  #of(email: string): Attempts {
    return this.#users.byEmail(email) ?? this.#strangers.get(email) ?? { failedAttempts: 0, blockedUntil: 0 };
  }
}
