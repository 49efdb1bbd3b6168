// Keeps what is known of a signed-in user true, for the tray and for what is told: asks the services again whenever they hint that something changed.
import type { Account, ErrorCode, Instance, Operation, Source } from '../../contract';
import { isAppError } from './app-error';
import type { Facts } from './needs';
import type { Caller, Clock, Log } from './ports';
import type { Services } from './services';
import { seenAgain } from './sightings';

export interface Known extends Facts {
  readonly sources: readonly Source[];
  /** Vast.ai has answered at least once. */
  readonly heard: boolean;
}

export const nothingKnown: Known = { instances: [], account: null, operations: [], schedules: [], sightings: new Map(), watchedSince: 0, sources: [], problem: null, heard: false };

export interface FactsFeedOptions {
  readonly services: Pick<Services, 'instances' | 'operations' | 'schedules' | 'sources' | 'events'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Something may have changed, or a minute has passed; null while nobody is signed in. */
  readonly changed: (caller: Caller | null, known: Known) => void;
}

/** Ages and deadlines change without anybody's word. */
const tickMs = 60_000;
/** Ticks that did not come: the computer slept. */
const sleptAfter = 3 * tickMs;
/** Progress is looked at this often, ms. */
const progressMs = 1_000;
/** Ended operations that are looked at, beside all that run. */
const history = 100;

/** What is known of one signed-in user at a time. */
export class FactsFeed {
  readonly #options: FactsFeedOptions;
  #caller: Caller | null = null;
  #watching: AbortController | null = null;
  #tick: NodeJS.Timeout | null = null;
  #progress: NodeJS.Timeout | null = null;
  #known = nothingKnown;
  #watchedSince = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #again = false;
  #asking: Promise<void> | null = null;

  constructor(options: FactsFeedOptions) {
    this.#options = options;
  }

  get caller(): Caller | null {
    return this.#caller;
  }

  get known(): Known {
    return this.#known;
  }

  signedIn(caller: Caller): void {
    this.#stop();
    const watching = new AbortController();
    this.#watching = watching;
    this.#caller = caller;
    this.#known = nothingKnown;
    this.#askedAt = Number.NEGATIVE_INFINITY;
    this.#tick = setInterval(() => void this.refresh(), tickMs).unref();
    void this.refresh();
    void this.#watch(caller, watching.signal);
  }

  signedOut(userId: string): void {
    if (this.#caller?.userId !== userId) return;
    this.#stop();
    this.#caller = null;
    this.#known = nothingKnown;
    this.#options.changed(null, this.#known);
  }

  /** Asks again; what is known afterwards is no older than this call. One question at a time: calls meanwhile lead to one more. */
  refresh(): Promise<void> {
    this.#again = true;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  close(): void {
    this.#stop();
  }

  #stop(): void {
    this.#watching?.abort();
    if (this.#tick !== null) clearInterval(this.#tick);
    if (this.#progress !== null) clearTimeout(this.#progress);
    this.#tick = null;
    this.#progress = null;
  }

  async #watch(caller: Caller, signal: AbortSignal): Promise<void> {
    try {
      for await (const event of this.#options.services.events.watch(caller, signal)) {
        // What is told is made of the facts, not one of them.
        if (event.type === 'hint' && event.topic !== 'notices') void this.refresh();
        else if (event.type === 'operation') this.#followProgress(caller);
      }
    } catch (error) {
      if (!signal.aborted) this.#options.log.warn('facts.feed_ended', { problem: String(error) });
    }
  }

  /** Progress comes four times a second per operation; once a second is enough for a menu. */
  #followProgress(caller: Caller): void {
    this.#progress ??= setTimeout(() => {
      this.#progress = null;
      // Operations without the rest, before the first answers, are no look at what is.
      if (this.#caller !== caller || this.#known === nothingKnown) return;
      this.#known = { ...this.#known, operations: this.#operations(caller) };
      this.#options.changed(caller, this.#known);
    }, progressMs).unref();
  }

  async #ask(): Promise<void> {
    while (this.#again && this.#caller !== null) {
      this.#again = false;
      const caller = this.#caller;
      const known = await this.#gather(caller);
      // Signed out, or another user, meanwhile.
      if (this.#caller !== caller) continue;
      this.#known = known;
      this.#options.changed(caller, known);
    }
  }

  async #gather(caller: Caller): Promise<Known> {
    const { services, clock } = this.#options;
    const before = this.#known;
    const now = clock.now();
    if (now - this.#askedAt > sleptAfter) this.#watchedSince = now;
    this.#askedAt = now;
    const [list, account] = await Promise.allSettled([services.instances.list(caller), services.instances.account(caller)]);
    const instances: readonly Instance[] = list.status === 'fulfilled' ? list.value.instances : before.instances;
    const figures: Account | null = account.status === 'fulfilled' ? account.value : before.account;
    const operations = this.#operations(caller);
    return {
      instances,
      account: figures,
      operations,
      schedules: services.schedules.list(caller).schedules,
      sources: services.sources.list(caller).sources,
      sightings: list.status === 'fulfilled' && !list.value.stale ? seenAgain(before.sightings, instances, operations, now) : before.sightings,
      watchedSince: this.#watchedSince,
      problem: account.status === 'rejected' ? (isAppError(account.reason) ? account.reason.code : 'internal') : codeOf(account.value.problem),
      heard: before.heard || account.status === 'fulfilled',
    };
  }

  /** The newest, and whatever runs, however long ago it began. */
  #operations(caller: Caller): readonly Operation[] {
    const { operations } = this.#options.services;
    const newest = operations.list(caller, { limit: history }).operations;
    const running = operations.list(caller, { active: true, limit: history }).operations;
    return [...running.filter((one) => !newest.some(({ id }) => id === one.id)), ...newest];
  }
}

const codeOf = (problem: string | null): ErrorCode | null => problem as ErrorCode | null;
