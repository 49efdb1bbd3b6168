// Tells the user what needs them, once: keeps what was seen last and what waits for the end of quiet hours, and puts notices into words.
import type { Account } from '../../contract';
import type { Facts } from '../domain/needs';
import { deliver, lookAt, notificationsOf, type Look, type Notice, type NotificationSettings } from '../domain/notification-rules';
import { finishedWords, needWords, summaryWords, type NativeText } from './need-words';
import type { Refusal } from './tray-state';
import type { Language } from './words';

export interface NotifierOptions {
  /** Shows it; a click opens the route. */
  readonly show: (text: NativeText, route: string, urgent: boolean) => void;
  readonly settings: (userId: string) => NotificationSettings;
  readonly language: (userId: string) => Language;
  readonly now: () => number;
  /** Whether the user has looked at this occurrence, in an earlier run of the app too. */
  readonly wasSeen: (occurrence: string) => boolean;
}

/** So many at once are shown each by itself. */
const eachUpTo = 3;

/** Of one signed-in user at a time. */
export class Notifier {
  readonly #options: NotifierOptions;
  #userId: string | null = null;
  #last: Look | null = null;
  #isHeard = false;
  #held: readonly Notice[] = [];

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Nobody is signed in: what was held is this user's and told to nobody else. */
  forget(): void {
    this.#userId = null;
    this.#last = null;
    this.#isHeard = false;
    this.#held = [];
  }

  /**
   * Another look. `isHeard`: Vast.ai has answered at least once; until then the facts are those of this computer alone, which are told all the same:
   * a snapshot fails or is overdue offline too. What the first answer adds is told as one, and of the rest nothing again.
   */
  looked(userId: string, facts: Facts, isHeard: boolean): void {
    if (this.#userId !== userId) this.forget();
    this.#userId = userId;
    const { settings, now, wasSeen } = this.#options;
    const wishes = settings(userId);
    const before = this.#last;
    const after = lookAt(before, facts, wishes.credit_warning_hours, now());
    this.#last = after;
    const isStart = before === null || (isHeard && !this.#isHeard);
    this.#isHeard = isHeard;
    const isUnseen = (notice: Notice): boolean => notice.type === 'finished' || !wasSeen(notice.need.occurrence);
    const notices = notificationsOf(before, after, wishes).filter(isUnseen);
    const { show, summary, held } = deliver(this.#held.filter(isUnseen), notices, after, wishes, now());
    this.#held = held;
    // At the start all that is open is told as one; so is a storm, such as a provider's outage.
    if (isStart || show.length > eachUpTo) this.#together(show, false, facts.account);
    else for (const notice of show) this.#one(notice, facts.account);
    this.#together(summary, true, facts.account);
  }

  /** An action from the tray was refused: whoever clicked is there, so quiet hours do not matter. */
  refused(userId: string, refusal: Refusal): void {
    const { settings, language, show, now } = this.#options;
    if (settings(userId).notifications === 'off') return;
    const { label, kind, problem, at, instanceId } = refusal;
    show(needWords({ rule: 'action_failed', label, kind, problem, at }, null, language(userId), now()), `#/instances/${String(instanceId)}`, false);
  }

  #one(notice: Notice, account: Account | null): void {
    this.#options.show(this.#words(notice, account), routeOf(notice), notice.type === 'need' && notice.need.urgent);
  }

  #together(notices: readonly Notice[], isQuiet: boolean, account: Account | null): void {
    const [first] = notices;
    if (first === undefined) return;
    if (notices.length === 1) return this.#one(first, account);
    const text = summaryWords(notices.map((notice) => this.#words(notice, account).title), isQuiet, this.#language());
    this.#options.show(text, routeOf(first), notices.some((notice) => notice.type === 'need' && notice.need.urgent));
  }

  #language(): Language {
    return this.#options.language(this.#userId ?? '');
  }

  #words(notice: Notice, account: Account | null): NativeText {
    if (notice.type === 'need') return needWords(notice.need, account, this.#language(), this.#options.now());
    const { kind, title, state, created_at: begun, ended_at: ended } = notice.operation;
    return finishedWords(kind, title, Date.parse(ended ?? begun) - Date.parse(begun), state === 'warnings', this.#language());
  }
}

const routeOf = (notice: Notice): string => (notice.type === 'need' ? notice.need.route : `#/operations/${notice.operation.id}`);
