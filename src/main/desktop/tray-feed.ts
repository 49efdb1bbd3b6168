// Keeps the tray true: asks the services again whenever they hint that something changed, and carries out what is clicked.
import type { Account, Instance, Operation } from '../../contract';
import type { Caller, Clock, Log } from '../domain/ports';
import type { Services } from '../domain/services';
import type { Preferences } from './preferences';
import type { DrawnTray } from './tray';
import { trayModel, type TrayAction, type TrayState } from './tray-model';
import type { Language } from './words';

interface Known {
  readonly instances: readonly Instance[];
  readonly account: Account | null;
  readonly operations: readonly Operation[];
}

const nothing: Known = { instances: [], account: null, operations: [] };

export interface TrayFeedOptions {
  readonly services: Pick<Services, 'instances' | 'operations' | 'events'>;
  readonly tray: DrawnTray;
  readonly preferences: Preferences;
  readonly language: (caller: Caller | null) => Language;
  readonly clock: Clock;
  readonly log: Log;
}

/** The tray of one signed-in user at a time. */
export class TrayFeed {
  readonly #options: TrayFeedOptions;
  #caller: Caller | null = null;
  #watching: AbortController | null = null;
  #known: Known = nothing;
  #again = false;
  #asking = false;

  constructor(options: TrayFeedOptions) {
    this.#options = options;
    this.#draw();
  }

  /** Shows this user's instances from now on. */
  signedIn(caller: Caller): void {
    this.#watching?.abort();
    this.#watching = new AbortController();
    this.#caller = caller;
    this.#known = nothing;
    void this.#watch(caller, this.#watching.signal);
  }

  /** Back to the last known spend, without actions. */
  signedOut(userId: string): void {
    if (this.#caller?.userId !== userId) return;
    this.#watching?.abort();
    this.#caller = null;
    this.#known = nothing;
    this.#draw();
  }

  /** Pauses or resumes. A refusal is logged and leaves a mark: failed operations stay in the menu for an hour. */
  async act(action: Extract<TrayAction, { type: 'pause' | 'resume' }>): Promise<void> {
    const caller = this.#caller;
    if (caller === null) return;
    try {
      await this.#options.services.instances[action.type](caller, action.instanceId);
    } catch (error) {
      this.#options.log.warn('tray.refused', { action: action.type, instance_id: action.instanceId, problem: error instanceof Error ? error.message : String(error) });
      throw error;
    } finally {
      void this.#ask(caller);
    }
  }

  close(): void {
    this.#watching?.abort();
  }

  async #watch(caller: Caller, signal: AbortSignal): Promise<void> {
    void this.#ask(caller);
    try {
      for await (const event of this.#options.services.events.watch(caller, signal)) {
        if (signal.aborted) return;
        if (event.type !== 'operation') void this.#ask(caller);
      }
    } catch (error) {
      if (!signal.aborted) this.#options.log.warn('tray.feed_ended', { problem: String(error) });
    }
  }

  /** One question at a time; hints that come meanwhile lead to one more. */
  async #ask(caller: Caller): Promise<void> {
    this.#again = true;
    if (this.#asking) return;
    this.#asking = true;
    try {
      while (this.#again && this.#caller === caller) {
        this.#again = false;
        const known = await this.#gather(caller);
        if (this.#caller !== caller) break;
        this.#known = known;
        this.#rememberSpend(known.account);
        this.#draw();
      }
    } finally {
      this.#asking = false;
    }
  }

  async #gather(caller: Caller): Promise<Known> {
    const { instances, operations } = this.#options.services;
    const [list, account] = await Promise.allSettled([instances.list(caller), instances.account(caller)]);
    return {
      instances: list.status === 'fulfilled' ? list.value.instances : this.#known.instances,
      account: account.status === 'fulfilled' ? account.value : this.#known.account,
      operations: operations.list(caller, { limit: 50 }).operations,
    };
  }

  #rememberSpend(account: Account | null): void {
    if (account === null || account.stale) return;
    const last = this.#options.preferences.get('lastSpend');
    const now = this.#options.clock.now();
    if (last !== null && last.perHour === account.burn_per_hour && now - last.at < 600_000) return;
    this.#options.preferences.set('lastSpend', { perHour: account.burn_per_hour, at: now });
  }

  #draw(): void {
    const { tray, preferences, language, clock } = this.#options;
    const state: TrayState = { language: language(this.#caller), now: clock.now(), signedIn: this.#caller !== null, ...this.#known, lastSpend: preferences.get('lastSpend') };
    tray.draw(trayModel(state));
  }
}
