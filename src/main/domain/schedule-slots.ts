// The arithmetic of scheduled times: which instants a timing names, in its time zone. Pure; nothing here waits.
import { Cron } from 'croner';
import type { Timing } from '../../contract';
import { AppError } from './app-error';

/** What times follow from. */
export interface SlotRule {
  readonly timing: Timing;
  /** IANA. */
  readonly timeZone: string;
  /** Where the grid of "every N minutes" begins, ms. */
  readonly anchor: number;
}

const minute = 60_000;

/** Scheduled times that have passed are counted up to here: each costs a look-up in the pattern. */
export const mostCounted = 100;

/** Both directions of a rule: the first slot after an instant, and the last one at or before it (ms); null when there is none. */
interface Search {
  readonly next: (after: number) => number | null;
  readonly last: (until: number) => number | null;
}

const never: Search = { next: () => null, last: () => null };

const cronOf = (pattern: string, timeZone: string): Cron => new Cron(pattern, { timezone: timeZone, mode: '5-part', paused: true });

/** A rule that cannot be read has no slots. */
const searchOf = (rule: SlotRule): Search => {
  if (rule.timing.type === 'every') {
    const step = rule.timing.minutes * minute;
    const last = (until: number): number => rule.anchor + Math.floor((until - rule.anchor) / step) * step;
    return { last, next: (after) => last(after) + step };
  }
  try {
    const cron = cronOf(rule.timing.pattern, rule.timeZone);
    return {
      next: (after) => cron.nextRun(new Date(after))?.getTime() ?? null,
      // Patterns know whole seconds, and the instant itself is not a "previous" one.
      last: (until) => cron.previousRuns(1, new Date(Math.floor(until / 1000) * 1000 + 1000))[0]?.getTime() ?? null,
    };
  } catch {
    return never;
  }
};

/** The next `count` slots after an instant. */
export const nextSlots = (rule: SlotRule, after: number, count: number): number[] => {
  const { next } = searchOf(rule);
  const found: number[] = [];
  for (let at = next(after); at !== null && found.length < count; at = next(at)) found.push(at);
  return found;
};

/** Slots that have come: the first and the last of them, and how many (at most `mostCounted`). */
export interface DueSlots {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** What lies in (after, until], or null. */
export const dueSlots = (rule: SlotRule, after: number, until: number): DueSlots | null => {
  const { next, last } = searchOf(rule);
  const first = next(after);
  if (first === null || first > until) return null;
  let count = 1;
  for (let at = next(first); at !== null && at <= until && count < mostCounted; at = next(at)) count += 1;
  return { first, last: last(until) ?? first, count };
};

/** Throws `schedule_impossible` for a rule that cannot be read or never comes. */
export const refuseImpossible = (rule: SlotRule, now: number): void => {
  refuseTimeZone(rule.timeZone);
  if (rule.timing.type === 'every') return;
  let next: Date | null;
  try {
    next = cronOf(rule.timing.pattern, rule.timeZone).nextRun(new Date(now));
  } catch (error) {
    const detail = error instanceof Error ? error.message.replace(/^Cron\w+: /, '') : '';
    throw new AppError('schedule_impossible', `This is not a pattern of five fields: ${detail}`, { reason: 'pattern', detail });
  }
  if (next === null) throw new AppError('schedule_impossible', 'This pattern never comes.', { reason: 'never', detail: rule.timing.pattern });
};

const refuseTimeZone = (timeZone: string): void => {
  try {
    Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw new AppError('schedule_impossible', `There is no time zone ${timeZone}.`, { reason: 'time_zone', detail: timeZone });
  }
};
