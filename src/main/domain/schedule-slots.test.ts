// Scheduled times: what croner gives for our rules, days on which the clock changes, and properties of the arithmetic against a slow oracle.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAppError } from './app-error';
import { dueSlots, mostCounted, nextSlots, refuseImpossible, type SlotRule } from './schedule-slots';

const at = (text: string): number => Date.parse(text);
const cron = (pattern: string, timeZone = 'UTC'): SlotRule => ({ timing: { type: 'cron', pattern }, timeZone, anchor: 0 });
const every = (minutes: number, anchor = at('2026-11-25T10:00:00Z')): SlotRule => ({ timing: { type: 'every', minutes }, timeZone: 'UTC', anchor });
const texts = (slots: readonly number[]): string[] => slots.map((slot) => new Date(slot).toISOString().replace(':00.000Z', 'Z'));

describe('days on which the clock changes', () => {
  test('an hour that does not exist is run once, right after', () => {
    expect(texts(nextSlots(cron('30 2 * * *', 'Europe/Berlin'), at('2026-03-28T12:00:00Z'), 2))).toEqual(['2026-03-29T01:00Z', '2026-03-30T00:30Z']);
  });

  test('an hour that comes twice is run once, at its first coming', () => {
    expect(texts(nextSlots(cron('30 2 * * *', 'Europe/Berlin'), at('2026-10-24T12:00:00Z'), 2))).toEqual(['2026-10-25T00:30Z', '2026-10-26T01:30Z']);
  });

  test('every hour is run in both of the two equal hours', () => {
    expect(texts(nextSlots(cron('0 * * * *', 'Europe/Berlin'), at('2026-10-24T23:30:00Z'), 3))).toEqual(['2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z']);
  });

  test('a midnight that does not exist (São Paulo, 2018) is one o’clock, and the day after is midnight again', () => {
    expect(texts(nextSlots(cron('0 0 * * *', 'America/Sao_Paulo'), at('2018-11-03T12:00:00Z'), 2))).toEqual(['2018-11-04T03:00Z', '2018-11-05T02:00Z']);
  });

  test('a midnight that comes after the clock was set back (São Paulo, 2019) is there once', () => {
    expect(texts(nextSlots(cron('30 23 * * *', 'America/Sao_Paulo'), at('2019-02-15T12:00:00Z'), 3))).toEqual(['2019-02-16T01:30Z', '2019-02-17T01:30Z', '2019-02-18T02:30Z']);
  });

  test('"every 12 hours" keeps its distance over them', () => {
    expect(texts(nextSlots(every(720, at('2026-03-28T12:00:00Z')), at('2026-03-28T12:00:00Z'), 3))).toEqual(['2026-03-29T00:00Z', '2026-03-29T12:00Z', '2026-03-30T00:00Z']);
  });
});

describe('what has come', () => {
  test('is nothing before the first one, and includes one that is exactly now', () => {
    expect(dueSlots(cron('0 12 * * *'), at('2026-11-25T00:00:00Z'), at('2026-11-25T11:59:59.999Z'))).toBeNull();
    expect(dueSlots(cron('0 12 * * *'), at('2026-11-25T00:00:00Z'), at('2026-11-25T12:00:00Z'))).toEqual({ first: at('2026-11-25T12:00:00Z'), last: at('2026-11-25T12:00:00Z'), count: 1 });
    expect(dueSlots(cron('0 12 * * *'), at('2026-11-25T12:00:00Z'), at('2026-11-26T11:00:00Z'))).toBeNull();
  });

  test('counts up to a limit and still finds the last one', () => {
    const due = dueSlots(cron('* * * * *'), at('2026-11-01T00:00:00Z'), at('2026-11-25T12:30:20Z'));
    expect(due).toEqual({ first: at('2026-11-01T00:01:00Z'), last: at('2026-11-25T12:30:00Z'), count: mostCounted });
  });
});

describe('refused when saved', () => {
  test.each([
    ['0 0 30 2 *', 'UTC', 'never'], ['0 0 31 4,6 *', 'UTC', 'never'], ['61 * * * *', 'UTC', 'pattern'], ['* * * *', 'UTC', 'pattern'], ['* * * * * *', 'UTC', 'pattern'], ['often', 'UTC', 'pattern'],
    ['0 0 * * *', 'Mars/Olympus', 'time_zone'],
  ])('%s in %s: %s', (pattern, timeZone, reason) => {
    const refused = ((): unknown => {
      try {
        refuseImpossible(cron(pattern, timeZone), at('2026-11-25T12:00:00Z'));
        return null;
      } catch (error) {
        return isAppError(error, 'schedule_impossible') ? error.data.reason : error;
      }
    })();
    expect(refused).toBe(reason);
  });

  test.each(['0 0 29 2 *', '@daily', '0 3 * * 1-5', '0 0 L * *'])('%s is not', (pattern) => {
    expect(() => refuseImpossible(cron(pattern), at('2026-11-25T12:00:00Z'))).not.toThrow();
  });
});

// ---------------------------------------------------------------- properties

const zones = ['UTC', 'America/Sao_Paulo', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Casablanca', 'America/St_Johns', 'Pacific/Apia', 'Asia/Tehran'];
const field = (from: number, to: number): fc.Arbitrary<string> =>
  fc.oneof(fc.constant('*'), fc.integer({ min: from, max: to }).map(String), fc.constantFrom(2, 5, 15).map((step) => `*/${step}`), fc.uniqueArray(fc.integer({ min: from, max: to }), { minLength: 2, maxLength: 3 }).map((list) => list.join(',')));
const patterns = fc.tuple(field(0, 59), field(0, 23), fc.constantFrom('*', '1', '15', '28'), fc.constantFrom('*', '2', '10,11'), fc.constantFrom('*', '0', '1-5')).map((parts) => parts.join(' '));
const rules = fc.oneof(
  fc.record({ pattern: patterns, timeZone: fc.constantFrom(...zones) }).map(({ pattern, timeZone }) => cron(pattern, timeZone)),
  fc.record({ minutes: fc.integer({ min: 5, max: 20_000 }), anchor: fc.integer({ min: at('2016-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') }) }).map(({ minutes, anchor }) => every(minutes, anchor)),
);
// Around changes of the clock as often as anywhere else.
const changes = ['2018-02-18T02:00:00Z', '2018-11-04T03:00:00Z', '2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z', '2026-11-01T06:00:00Z', '2011-12-30T10:00:00Z'].map(at);
const instants = fc.oneof(
  fc.integer({ min: at('2016-01-01T00:00:00Z'), max: at('2036-01-01T00:00:00Z') }),
  fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -90_000_000, max: 90_000_000 })).map(([change, by]) => change + by),
);

test('slots only ever grow, and each is after the instant asked about', () => {
  fc.assert(fc.property(rules, instants, (rule, after) => {
    const slots = nextSlots(rule, after, 12);
    expect(slots.every((slot, index) => slot > (index === 0 ? after : (slots[index - 1] ?? 0)))).toBe(true);
  }), { numRuns: 120 });
});

test('whoever looks late finds the slots that whoever looks often has found, none twice', () => {
  fc.assert(fc.property(rules, instants, fc.array(fc.integer({ min: 1, max: 12 * 3_600_000 }), { minLength: 1, maxLength: 8 }), (rule, start, steps) => {
    const often = new Set<number>();
    let considered = start;
    let now = start;
    let counted = 0;
    for (const step of steps) {
      now += step;
      const due = dueSlots(rule, considered, now);
      if (due === null) continue;
      expect(often.has(due.last)).toBe(false);
      often.add(due.last);
      counted += due.count;
      considered = due.last;
    }
    const once = dueSlots(rule, start, now);
    expect(once?.last ?? null).toBe(often.size === 0 ? null : Math.max(...often));
    expect(counted >= mostCounted || (once?.count ?? 0) === counted).toBe(true);
  }), { numRuns: 120 });
});

test('the last slot is the one that a walk from the first finds', () => {
  fc.assert(fc.property(rules, instants, fc.integer({ min: 0, max: 3 * 24 * 3_600_000 }), (rule, after, length) => {
    const due = dueSlots(rule, after, after + length);
    const walked = nextSlots(rule, after, mostCounted - 1).filter((slot) => slot <= after + length);
    expect(due?.count === mostCounted ? null : (due?.last ?? null)).toBe(due?.count === mostCounted ? null : (walked.at(-1) ?? null));
  }), { numRuns: 120 });
});
