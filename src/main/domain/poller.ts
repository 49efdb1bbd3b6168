// Asks Vast for the instances and the credit of each unlocked user, once for everybody: window, tray and API read what is kept here.
import type { ErrorCode } from '../../contract';
import { isAppError } from './app-error';
import { keyMark } from './own-account';
import type { Clock, Hints, Log, RentedInstance, Vast } from './ports';
import type { SecretsService } from './services';
import { lookedAgain, type UptimeLook } from './uptime';

/** What is known of a user's account. Times in milliseconds since the epoch. */
export interface Snapshot {
  readonly rows: readonly RentedInstance[];
  /** When Vast last listed them; null before the first answer. */
  readonly asOf: number | null;
  readonly credit: number | null;
  readonly creditAsOf: number | null;
  /** Code of the error of the last poll. */
  readonly problem: ErrorCode | null;
  /** The last poll failed, or there has been none for a while. */
  readonly stale: boolean;
  /** Null when it is not known. */
  readonly ageMs: number | null;
  /** Mark of the key that the rows were listed with; null before the first answer. */
  readonly account: string | null;
  /** By the instance's id: since when it is up, of those whose start was seen. */
  readonly upSince: ReadonlyMap<number, number>;
}

interface Watched {
  rows: readonly RentedInstance[];
  asOf: number | null;
  credit: number | null;
  creditAsOf: number | null;
  problem: ErrorCode | null;
  failures: number;
  lastTryAt: number | null;
  /** Mark of the key these rows belong to. */
  account: string | null;
  uptimes: UptimeLook | null;
  /** Ids the provider said are gone; a list begun before that may still name them. */
  readonly gone: Set<number>;
  inFlight: Promise<void> | null;
  queued: Promise<void> | null;
  loop: AbortController | null;
  wake: AbortController;
  /** Aborted by the next list that is begun, once it is there. */
  news: AbortController;
}

export interface PollerOptions {
  readonly vast: Pick<Vast, 'list' | 'credit'>;
  readonly secrets: Pick<SecretsService, 'vastKey'>;
  readonly hints: Hints;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: () => number;
  /** Whether something of this user's is changing now. */
  readonly busy: (userId: string, rows: readonly RentedInstance[]) => boolean;
  /** Called with every list the provider gave, and the mark of the key it was given to. */
  readonly listed?: (userId: string, rows: readonly RentedInstance[], account: string) => void;
}

/** Design 13: list every 20 s, 10 s while something changes, credit every 60 s. */
const restMs = 20_000;
const busyMs = 10_000;
const creditMs = 60_000;
const staleMs = 65_000;
const firstBackOffMs = 10_000;
const longestBackOffMs = 120_000;

const fresh = (): Watched => ({
  rows: [], asOf: null, credit: null, creditAsOf: null, problem: null, failures: 0, lastTryAt: null, account: null, uptimes: null, gone: new Set(), inFlight: null, queued: null,
  loop: null, wake: new AbortController(), news: new AbortController(),
});

export class Poller {
  private readonly users = new Map<string, Watched>();
  private awake: Promise<void> = Promise.resolve();
  private rouse: (() => void) | null = null;

  constructor(private readonly options: PollerOptions) {}

  /** Begins to poll for a user; nothing happens when it already does. */
  start(userId: string): void {
    const user = this.user(userId);
    if (user.loop !== null) return;
    const loop = new AbortController();
    user.loop = loop;
    void this.run(userId, user, loop.signal);
  }

  /** Stops, and forgets what is known of this user. */
  stop(userId: string): void {
    const user = this.users.get(userId);
    this.users.delete(userId);
    user?.loop?.abort();
    user?.wake.abort();
  }

  /** No more polls until `resume`: the computer sleeps or has no network. */
  suspend(): void {
    if (this.rouse !== null) return;
    this.awake = new Promise((resolve) => {
      this.rouse = resolve;
    });
  }

  /** The system says that there is no network: what is known is old from now on, until a poll succeeds. */
  unreachable(): void {
    for (const [userId, user] of this.users) {
      const before = this.fingerprint(user);
      user.problem = 'vast_unreachable';
      this.tellChanges(userId, before, this.fingerprint(user));
    }
  }

  /** Polls again, at once. */
  resume(): void {
    this.rouse?.();
    this.rouse = null;
    for (const user of this.users.values()) {
      user.lastTryAt = null;
      this.wakeUp(user);
    }
  }

  /** Something was done: asks again soon. */
  nudge(userId: string): void {
    const user = this.users.get(userId);
    if (user) this.wakeUp(user);
  }

  /** The user's key was changed or removed: nothing that the former one showed is known any more, and it is asked again at once. */
  keyChanged(userId: string): void {
    const user = this.users.get(userId);
    if (user === undefined) return;
    const before = this.fingerprint(user);
    this.forgetOtherAccount(user, null);
    Object.assign(user, { problem: null, failures: 0, lastTryAt: null });
    this.tellChanges(userId, before, this.fingerprint(user));
    this.wakeUp(user);
  }

  /** What is known now; asks nobody. */
  snapshot(userId: string): Snapshot {
    const { rows, asOf, credit, creditAsOf, problem, account, uptimes } = this.users.get(userId) ?? fresh();
    const now = this.options.clock.now();
    // From the future: the clock was set back since, and how old it is cannot be told.
    const ageMs = asOf === null || asOf > now ? null : now - asOf;
    return { rows, asOf, credit, creditAsOf, problem, account, upSince: uptimes?.upSince ?? new Map(), ageMs, stale: problem !== null || ageMs === null || ageMs > staleMs };
  }

  /** Asks Vast with a list begun after this call. Throws what went wrong; the last data is kept. */
  async refresh(userId: string): Promise<Snapshot> {
    const user = this.user(userId);
    // One that waits for its turn begins after this call too, also in the moment when the one before it has just ended.
    if (user.queued === null) {
      if (user.inFlight === null) user.inFlight = this.poll(userId, user);
      else user.queued = this.pollAfter(userId, user, user.inFlight);
    }
    await (user.queued ?? user.inFlight);
    return this.snapshot(userId);
  }

  /** What is known once the poll that runs now has ended; asks nobody, never throws. */
  async settled(userId: string): Promise<Snapshot> {
    await this.users.get(userId)?.inFlight?.catch(() => undefined);
    return this.snapshot(userId);
  }

  /** Aborted when a list that was begun after this call is there, whoever asked for it; not by one that failed. */
  nextList(userId: string): AbortSignal {
    return this.user(userId).news.signal;
  }

  /** What is known, if it is no older than `maxAgeMs`, else a fresh answer. */
  async current(userId: string, maxAgeMs: number): Promise<Snapshot> {
    const known = this.snapshot(userId);
    return known.problem === null && known.ageMs !== null && known.ageMs <= maxAgeMs ? known : this.refresh(userId);
  }

  /** The provider said that this instance is gone. */
  markGone(userId: string, id: number): void {
    const user = this.user(userId);
    user.gone.add(id);
    if (!user.rows.some((row) => row.id === id)) return;
    user.rows = user.rows.filter((row) => row.id !== id);
    this.options.hints.tell(userId, 'instances', id);
    this.options.hints.tell(userId, 'account');
  }

  private user(userId: string): Watched {
    const known = this.users.get(userId) ?? fresh();
    this.users.set(userId, known);
    return known;
  }

  private wakeUp(user: Watched): void {
    user.wake.abort();
    user.wake = new AbortController();
  }

  private async run(userId: string, user: Watched, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.awake;
      const wait = this.dueAt(userId, user) - this.options.clock.now();
      // A nudge or the end (both abort `wake`) interrupts the sleep; then it is looked at anew.
      if (wait > 0) await this.options.clock.sleep(wait, user.wake.signal).catch(() => undefined);
      else if (!signal.aborted) await this.refresh(userId).catch(() => undefined);
    }
  }

  private dueAt(userId: string, user: Watched): number {
    // A try in the future: the clock was set back.
    if (user.lastTryAt === null || user.lastTryAt > this.options.clock.now()) return 0;
    if (user.failures > 0) {
      const most = Math.min(longestBackOffMs, firstBackOffMs * 2 ** (user.failures - 1));
      return user.lastTryAt + most * (0.5 + 0.5 * (this.options.random ?? Math.random)());
    }
    return user.lastTryAt + (this.options.busy(userId, user.rows) ? busyMs : restMs);
  }

  private async pollAfter(userId: string, user: Watched, before: Promise<void>): Promise<void> {
    await before.catch(() => undefined);
    user.queued = null;
    user.inFlight = this.poll(userId, user);
    await user.inFlight;
  }

  private async poll(userId: string, user: Watched): Promise<void> {
    const { clock, log } = this.options;
    user.lastTryAt = clock.now();
    const before = this.fingerprint(user);
    try {
      await this.ask(userId, user);
      user.problem = null;
      user.failures = 0;
    } catch (error) {
      user.problem = isAppError(error) ? error.code : 'internal';
      user.failures += 1;
      log.warn('poller.failed', { code: user.problem, failures: user.failures });
      throw error;
    } finally {
      user.inFlight = null;
      this.tellChanges(userId, before, this.fingerprint(user));
    }
  }

  private async ask(userId: string, user: Watched): Promise<void> {
    const { clock, vast, secrets } = this.options;
    const key = await secrets.vastKey(userId);
    const account = keyMark(key);
    this.forgetOtherAccount(user, account);
    const creditIsDue = user.creditAsOf === null || user.creditAsOf > clock.now() || clock.now() - user.creditAsOf >= creditMs - 1000;
    const credit = creditIsDue ? vast.credit(key).then((answer) => ({ answer }), () => null) : Promise.resolve(null);
    const { news } = user;
    user.news = new AbortController();
    const rows = await vast.list(key);
    // The key was changed meanwhile: this is what the former one shows.
    if (user.account !== account) return this.ask(userId, user);
    user.rows = rows.filter((row) => !user.gone.has(row.id));
    user.asOf = clock.now();
    user.uptimes = lookedAgain(user.uptimes, rows, user.asOf);
    this.options.listed?.(userId, user.rows, account);
    news.abort();
    const known = await credit;
    if (known !== null && user.account === account) {
      user.credit = known.answer.credit;
      user.creditAsOf = clock.now();
    }
  }

  /** Another key may be another account: what was known is then not this account's. */
  private forgetOtherAccount(user: Watched, account: string | null): void {
    if (user.account !== null && user.account !== account) {
      Object.assign(user, { rows: [], asOf: null, credit: null, creditAsOf: null, uptimes: null });
      user.gone.clear();
    }
    user.account = account;
  }

  private fingerprint(user: Watched): { readonly rows: string; readonly account: string } {
    // What is spent per hour follows from the states, so a changed state is news of the account too.
    const billed = user.rows.map((row) => [row.id, row.actual_status, row.cur_state, row.intended_status, row.dph_total, row.storage_total_cost]);
    return { rows: JSON.stringify([user.rows, user.problem !== null]), account: JSON.stringify([user.credit, user.problem, billed]) };
  }

  private tellChanges(userId: string, before: { readonly rows: string; readonly account: string }, after: { readonly rows: string; readonly account: string }): void {
    if (before.rows !== after.rows) this.options.hints.tell(userId, 'instances');
    if (before.account !== after.account) this.options.hints.tell(userId, 'account');
  }
}
