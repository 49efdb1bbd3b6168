// What the app shows beside its window: the tray and the notifications of the signed-in user, both from the same facts.
import type { Account } from '../../contract';
import { needsOf } from '../domain/needs';
import type { Caller, Clock, Log } from '../domain/ports';
import type { Services } from '../domain/services';
import { FactsFeed, type Known } from '../domain/facts-feed';
import type { NotificationSettings } from '../domain/notification-rules';
import { Notifier, type NotifierOptions } from './notifier';
import type { Preferences } from './preferences';
import { TrayActions } from './tray-actions';
import { trayModel, type TrayModel } from './tray-model';
import type { TrayAction } from './tray-menu';
import type { Language } from './words';

export interface BesideWindowOptions {
  readonly services: Pick<Services, 'instances' | 'operations' | 'schedules' | 'sources' | 'snapshots' | 'events'>;
  readonly draw: (model: TrayModel) => void;
  readonly notify: NotifierOptions['show'];
  readonly preferences: Preferences;
  readonly settings: (userId: string) => NotificationSettings;
  /** Null: nobody is signed in. */
  readonly language: (userId: string | null) => Language;
  readonly open: (route: string) => void;
  readonly toggle: () => void;
  readonly quit: () => void;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** A spend that did not change is written again after this, ms. */
const spendKept = 600_000;

export class BesideWindow {
  readonly #options: BesideWindowOptions;
  readonly #feed: FactsFeed;
  readonly #actions: TrayActions;
  readonly #notifier: Notifier;

  constructor(options: BesideWindowOptions) {
    this.#options = options;
    const { services, preferences, settings, language, notify, clock, log } = options;
    this.#feed = new FactsFeed({ services, clock, log, changed: (caller, known) => this.#changed(caller, known) });
    this.#actions = new TrayActions({
      services, feed: this.#feed, clock, log,
      changed: () => this.#draw(),
      refused: (userId, refusal) => this.#notifier.refused(userId, refusal),
      seen: { load: () => preferences.get('seen'), save: (seen) => preferences.set('seen', seen) },
    });
    this.#notifier = new Notifier({ show: notify, settings, language, now: () => clock.now(), wasSeen: (occurrence) => this.#actions.wasSeen(occurrence) });
    this.#draw();
  }

  signedIn(caller: Caller): void {
    this.#actions.forget();
    this.#notifier.forget();
    this.#feed.signedIn(caller);
  }

  signedOut(userId: string): void {
    this.#feed.signedOut(userId);
  }

  /** Asks again, such as after time has passed. */
  refresh(): Promise<void> {
    return this.#feed.refresh();
  }

  /** The window shows this place now: failures that it lists have been seen. */
  pageOpened(route: string): void {
    if (route.startsWith('#/operations')) this.#actions.seeOperations();
  }

  /** A click in the tray. */
  act(action: TrayAction): void {
    if (action.type === 'quit') return this.#options.quit();
    if (action.type === 'toggle') return this.#options.toggle();
    if (action.type === 'seen_all') return this.#actions.seeAll();
    if (action.type === 'open') {
      if (action.seen !== undefined) this.#actions.see(action.seen);
      return this.#options.open(action.route);
    }
    const done = action.type === 'pause_all' ? this.#actions.pauseAll() : this.#actions.do(action);
    done.catch((error: unknown) => this.#options.log.error('tray.action_failed', { action: action.type, error }));
  }

  close(): void {
    this.#feed.close();
  }

  #changed(caller: Caller | null, known: Known): void {
    if (caller === null) {
      this.#actions.forget();
      this.#notifier.forget();
    } else {
      this.#rememberSpend(known.account);
      this.#notifier.looked(caller.userId, known, known.heard);
    }
    this.#draw();
  }

  #rememberSpend(account: Account | null): void {
    if (account === null || account.stale) return;
    const { preferences, clock } = this.#options;
    const last = preferences.get('lastSpend');
    const now = clock.now();
    if (last !== null && last.perHour === account.burn_per_hour && now - last.at < spendKept) return;
    preferences.set('lastSpend', { perHour: account.burn_per_hour, at: now });
  }

  #draw(): void {
    const { draw, preferences, settings, language, clock } = this.#options;
    const { caller, known } = this.#feed;
    const now = clock.now();
    const needs = caller === null ? [] : needsOf(known, settings(caller.userId).credit_warning_hours, now);
    draw(trayModel({ ...known, language: language(caller?.userId ?? null), now, signedIn: caller !== null, needs, doings: this.#actions.doings, lastSpend: preferences.get('lastSpend') }));
  }
}
