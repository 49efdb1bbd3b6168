// What the pages of a user are to tell, where no desktop tells it beside its window: by the same rules, each thing once, to the page that takes it first.
//
// [Note: Taken notices] A page is hinted that there is something and takes it; what was taken is given to nobody again, so that two pages, a page that is
// reloaded and a stream that was cut tell nothing twice. Until some page takes it, it waits, and is left out if it is over by then. A page tells by itself
// that an operation which it saw running has ended or asks, and takes that first, since another page may have been given the same. Nothing is kept over a
// restart: then, as on the desktop, what still needs the user is told again.
import type { Notice as PageNotice } from '../../contract';
import { patience, type Facts } from './needs';
import { isQuiet, isUrgent, lookAt, notificationsOf, stillHolds, type Look, type Notice, type NotificationSettings } from './notification-rules';
import type { Caller, Clock, Hints } from './ports';
import type { NoticesService } from './services';

export interface NoticesOptions {
  readonly settings: { readonly values: (userId: string) => NotificationSettings };
  readonly hints: Hints;
  readonly clock: Pick<Clock, 'now'>;
}

/** Of one user, also while they are signed out: the same news is not told again at the next sign-in. */
interface UserNews {
  readonly look: Look;
  readonly facts: Facts;
  /** By its id, the oldest first. */
  readonly waiting: Map<string, Notice>;
  /** Ids of ends and questions of operations, the oldest first. */
  readonly told: Set<string>;
}

/** So many wait for a page, and so many are remembered as told; older ones are dropped. */
const mostWaiting = 100;
const mostTold = 1_000;

const questionId = (operation: string, asks: string): string => `${operation}:${asks}`;

/** What the page itself calls the end or the question of an operation; another need by its occurrence. */
function idOf(notice: Notice): string {
  if (notice.type === 'finished') return notice.operation.id;
  const { rule, operation, occurrence } = notice.need;
  if (operation === null) return occurrence;
  if (rule === 'still_loading') return questionId(operation, rule);
  // Both ways to say what one question asks.
  if (rule === 'snapshot_first_failed' || rule === 'snapshot_first_warned') return questionId(operation, 'snapshot_first_failed');
  return rule === 'destroy_pending' ? occurrence : operation;
}

/** Whether a page may have seen it by itself. */
const isOfOperation = (notice: Notice): boolean => notice.type === 'finished' || (notice.need.operation !== null && notice.need.rule !== 'destroy_pending');

const dropOldest = (kept: Map<string, unknown> | Set<string>, most: number): void => {
  for (const id of kept.keys()) {
    if (kept.size <= most) return;
    kept.delete(id);
  }
};

function shown(id: string, notice: Notice, { look, facts }: UserNews): PageNotice {
  if (notice.type === 'finished') {
    const { operation } = notice;
    return { id, rule: 'finished', urgent: false, route: `#/operations/${operation.id}`, label: operation.title, schedule: null, problem: null, at: operation.ended_at, operation, account: null };
  }
  const { rule, urgent, route, label, schedule, problem, at, operation } = notice.need;
  return {
    id, rule, urgent, route, label, schedule, problem,
    at: at === null ? null : new Date(at).toISOString(),
    operation: look.operations.find((one) => one.id === operation) ?? null,
    account: rule === 'credit_low' || rule === 'credit_ending' ? facts.account : null,
  };
}

/** Told by the pages of every user that is looked at; of nobody else is anything known. */
export class Notices implements NoticesService {
  readonly #options: NoticesOptions;
  readonly #users = new Map<string, UserNews>();

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  /** Another look at a user's facts. Hints, at every look until a page has taken it, that there is something. */
  looked(userId: string, facts: Facts): void {
    const { settings, hints, clock } = this.#options;
    const wishes = settings.values(userId);
    const now = clock.now();
    const before = this.#users.get(userId);
    const look = lookAt(before?.look ?? null, facts, wishes.credit_warning_hours, now);
    const news: UserNews = { waiting: new Map(), told: new Set(), ...before, look, facts };
    this.#users.set(userId, news);
    for (const notice of notificationsOf(before?.look ?? null, look, wishes)) news.waiting.set(idOf(notice), notice);
    // One that is over for a moment only is not news when it is back, so it goes on waiting.
    const mayHold = (notice: Notice): boolean => (notice.type === 'need' ? look.lately.has(notice.need.occurrence) : now - Date.parse(notice.operation.ended_at ?? '') < patience.failed);
    for (const [id, notice] of news.waiting) if (wishes.notifications === 'off' || news.told.has(id) || !mayHold(notice)) news.waiting.delete(id);
    dropOldest(news.waiting, mostWaiting);
    // A question that was answered may be asked again.
    for (const { id, asks } of facts.operations) if (asks === null) for (const code of ['still_loading', 'snapshot_first_failed']) news.told.delete(questionId(id, code));
    if (this.#due(news, wishes).length > 0) hints.tell(userId, 'notices');
  }

  take({ userId }: Pick<Caller, 'userId'>, own: readonly string[]): { notices: PageNotice[]; own: string[] } {
    const news = this.#users.get(userId);
    // Nobody looks for this user: a page tells what it saw.
    if (news === undefined) return { notices: [], own: [...own] };
    const untold = [...new Set(own)].filter((id) => !news.told.has(id));
    for (const id of untold) news.told.add(id);
    const due = this.#due(news, this.#options.settings.values(userId));
    for (const [id, notice] of due) {
      news.waiting.delete(id);
      if (isOfOperation(notice)) news.told.add(id);
    }
    dropOldest(news.told, mostTold);
    return { notices: due.map(([id, notice]) => shown(id, notice, news)), own: untold };
  }

  #due({ waiting, told, look }: UserNews, wishes: NotificationSettings): readonly (readonly [string, Notice])[] {
    if (wishes.notifications === 'off') return [];
    const quiet = isQuiet(wishes, this.#options.clock.now());
    return [...waiting].filter(([id, notice]) => !told.has(id) && stillHolds(notice, look) && (!quiet || isUrgent(notice)));
  }
}
