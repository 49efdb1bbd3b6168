// Which notifications are due: a decision over two looks at what needs the user, the settings and the time. Pure.
//
// [Note: Told once] A need is told when it appears and not again while it holds. It may be told again only after it was over for a while, so that a host
// that comes and goes is one notification. What happens again is another occurrence of a need that holds already, and is told again: a schedule that
// fails every night says so every night. At the first look after a start that is all that still needs the user, told together.
// Off is off. In quiet hours everything waits for one summary, except what costs money or data within the hour: the credit ends, the contract ends,
// a destroy is still pending, a pause or destroy failed or waits for an answer.
import type { Operation, Settings } from '../../contract';
import { isBackground, needsOf, type Facts, type Need } from './needs';

export type NotificationSettings = Pick<Settings, 'notifications' | 'credit_warning_hours' | 'quiet_hours' | 'quiet_from' | 'quiet_to'>;

/** What was so at one moment. */
export interface Look {
  readonly needs: readonly Need[];
  readonly operations: readonly Operation[];
  /** When each occurrence of a need last held, ms; those that are over for long are left out. */
  readonly lately: ReadonlyMap<string, number>;
}

export type Notice = { readonly type: 'need'; readonly need: Need } | { readonly type: 'finished'; readonly operation: Operation };

/** A need that was over for less than this is the same one, ms. */
const overAfter = 5 * 60_000;

/** This moment, after the one before. */
export function lookAt(before: Look | null, facts: Facts, creditHours: number, now: number): Look {
  const needs = needsOf(facts, creditHours, now);
  const kept = [...(before?.lately ?? [])].filter(([, at]) => now - at < overAfter);
  return { needs, operations: facts.operations, lately: new Map([...kept, ...needs.map(({ occurrence }): [string, number] => [occurrence, now])]) };
}

/** A failure that came after another of the same thing is news; of what merely goes on there is none. */
const isNews = (before: Look, need: Need): boolean => !before.lately.has(need.occurrence) && !before.needs.some(({ occurrence }) => occurrence === need.occurrence);

function finished(before: Look, after: Look): readonly Notice[] {
  const ran = new Set(before.operations.filter(({ ended_at: at }) => at === null).map(({ id }) => id));
  return after.operations.filter((one) => ran.has(one.id) && !isBackground(one) && (one.state === 'succeeded' || one.state === 'warnings')).map((operation) => ({ type: 'finished', operation }));
}

/** What is to be told of the change between two looks; `before` is null at the first one. `after` comes from {@link lookAt} over `before`. */
export function notificationsOf(before: Look | null, after: Look, settings: NotificationSettings): readonly Notice[] {
  if (settings.notifications === 'off') return [];
  const news = after.needs.filter((need) => before === null || isNews(before, need)).map((need): Notice => ({ type: 'need', need }));
  return [...news, ...(settings.notifications === 'all' && before !== null ? finished(before, after) : [])];
}

const minutesOf = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
};

/** Whether this moment lies in the quiet hours, in this computer's time; from 22:00 to 07:00 goes across midnight. The same time twice is never. */
export function isQuiet(settings: NotificationSettings, now: number): boolean {
  if (!settings.quiet_hours) return false;
  const local = new Date(now);
  const at = local.getHours() * 60 + local.getMinutes();
  const [from, to] = [minutesOf(settings.quiet_from), minutesOf(settings.quiet_to)];
  return from <= to ? at >= from && at < to : at >= from || at < to;
}

/** What quiet hours do not hold back. */
export const isUrgent = (notice: Notice): boolean => notice.type === 'need' && notice.need.urgent;

/** Whether it is still so: not over, and not happened again since. An end stays one. */
export const stillHolds = (notice: Notice, { needs }: Look): boolean => notice.type === 'finished' || needs.some(({ occurrence }) => occurrence === notice.need.occurrence);

export interface Delivery {
  /** Shown now, each by itself. */
  readonly show: readonly Notice[];
  /** Shown now, as one. */
  readonly summary: readonly Notice[];
  readonly held: readonly Notice[];
}

/** What is shown of these notices and of those that were held. A held need that is over by then is not told any more, nor one that has happened again since. */
export function deliver(held: readonly Notice[], notices: readonly Notice[], after: Look, settings: NotificationSettings, now: number): Delivery {
  if (settings.notifications === 'off') return { show: [], summary: [], held: [] };
  if (isQuiet(settings, now)) return { show: notices.filter(isUrgent), summary: [], held: [...held, ...notices.filter((notice) => !isUrgent(notice))] };
  return { show: notices, summary: held.filter((notice) => stillHolds(notice, after)), held: [] };
}
