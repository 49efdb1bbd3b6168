// Every rule of notifications: told once, not again while it holds, again after it was over; levels and quiet hours.
import { describe, expect, it } from 'vitest';
import { aFailure, anAccount, anInstance, anOperation, aSchedule, at, noon, someFacts } from '../../../test/fakes/desk-samples';
import type { Facts, NeedRule } from './needs';
import { deliver, isQuiet, lookAt, notificationsOf, type Look, type Notice, type NotificationSettings } from './notification-rules';

const minute = 60_000;
const hour = 60 * minute;
const settings = (change: Partial<NotificationSettings> = {}): NotificationSettings => ({ notifications: 'warnings', credit_warning_hours: 12, quiet_hours: false, quiet_from: '22:00', quiet_to: '07:00', ...change });
const told = (notices: readonly Notice[]): string[] => notices.map((notice) => (notice.type === 'need' ? notice.need.rule : `finished ${notice.operation.kind}`));

/** What is told at each of several looks, a poll of 20 s apart unless a step says how much later. */
function walk(steps: readonly (Partial<Facts> & { readonly after?: number })[], change: Partial<NotificationSettings> = {}): string[][] {
  let last: Look | null = null;
  let now = noon;
  return steps.map(({ after = 20_000, ...facts }) => {
    now += last === null ? 0 : after;
    const look: Look = lookAt(last, someFacts(facts), 12, now);
    const notices = notificationsOf(last, look, settings(change));
    last = look;
    return told(notices);
  });
}

const causes: readonly (readonly [NeedRule, Partial<Facts>])[] = [
  ['snapshot_failed', { operations: [aFailure({ kind: 'snapshot', title: 'train: /workspace' })] }],
  ['snapshot_overdue', { schedules: [aSchedule({ overdue_since: at(noon - hour) })] }],
  ['host_offline', { instances: [anInstance({ state: 'offline' })] }],
  ['outbid', { instances: [anInstance({ state: 'stopped', is_bid: true })], sightings: new Map([[7, { state: 'stopped', since: noon, outbid: true }]]) }],
  ['stuck_scheduling', { instances: [anInstance({ state: 'scheduling' })], sightings: new Map([[7, { state: 'scheduling', since: noon - hour, outbid: false }]]) }],
  ['credit_low', { account: anAccount({ runway_hours: 5 }) }],
  ['credit_ending', { account: anAccount({ runway_hours: 0.5 }) }],
  ['contract_ending', { instances: [anInstance({ end_date: at(noon + 5 * hour) })] }],
  ['destroy_pending', { operations: [anOperation({ created_at: at(noon - hour) })] }],
  ['still_loading', { operations: [anOperation({ kind: 'create', asks: 'still_loading' })] }],
  ['snapshot_first_failed', { operations: [anOperation({ kind: 'pause', asks: 'snapshot_first_failed' })] }],
  ['schedule_asks', { schedules: [aSchedule({ asking: { slot: at(noon), state: 'asking', reason: 'missed', covers: 2, late: false, by_hand: false, operation_id: null, started_at: null, ended_at: null } })] }],
  ['action_failed', { operations: [aFailure()] }],
  ['account_problem', { problem: 'vast_key_rejected' }],
];

describe('every rule', () => {
  it.each(causes)('%s is told once, and again only after it was over for a while', (rule, cause) => {
    expect(walk([{}, cause, cause, cause, {}, cause, { after: 6 * minute }, cause])).toEqual([[], [rule], [], [], [], [], [], [rule]]);
  });
  it.each(causes)('%s is told at the first look after a start, if it still holds', (rule, cause) => {
    expect(walk([cause, cause])).toEqual([[rule], []]);
  });
  it.each(causes)('%s is not told where notifications are off', (_rule, cause) => {
    expect(walk([{}, cause], { notifications: 'off' })).toEqual([[], []]);
  });
  it('two instances are two notifications', () => {
    const both = { instances: [anInstance({ state: 'offline' }), anInstance({ id: 8, state: 'offline' })] };
    expect(walk([{}, { instances: [anInstance({ state: 'offline' })] }, both])).toEqual([[], ['host_offline'], ['host_offline']]);
  });
  it('the last hour of a contract or of the credit is told beside the earlier warning', () => {
    expect(walk([{}, { account: anAccount({ runway_hours: 5 }) }, { account: anAccount({ runway_hours: 0.9 }) }])).toEqual([[], ['credit_low'], ['credit_ending']]);
    const ending = { instances: [anInstance({ end_date: at(noon + 2 * hour) })] };
    expect(walk([{}, ending, { ...ending, after: 90 * minute }])).toEqual([[], ['contract_ending'], ['contract_ending']]);
  });
});

describe('the same failure again', () => {
  const run = (slot: number): Partial<Facts> => ({
    schedules: [aSchedule({ last_run: { slot: at(slot), state: 'failed', reason: 'ssh_unreachable', covers: 1, late: false, by_hand: false, operation_id: null, started_at: at(slot), ended_at: at(slot) } })],
  });
  const failures: readonly (readonly [string, NeedRule, Partial<Facts>, Partial<Facts>])[] = [
    ['a snapshot', 'snapshot_failed', { operations: [aFailure({ id: 'a', kind: 'snapshot' })] }, { operations: [aFailure({ id: 'b', kind: 'snapshot', ended_at: at(noon) }), aFailure({ id: 'a', kind: 'snapshot' })] }],
    ['a pause', 'action_failed', { operations: [aFailure({ id: 'a' })] }, { operations: [aFailure({ id: 'b', ended_at: at(noon) }), aFailure({ id: 'a' })] }],
    ['a run of a schedule', 'snapshot_failed', run(noon - hour), run(noon)],
  ];
  it.each(failures)('of %s is told again, once, though the first was not over', (_what, rule, first, again) => {
    expect(walk([{}, first, first, again, again])).toEqual([[], [rule], [], [rule], []]);
  });
  it.each(failures)('of %s is told after a start, when the first had been', (_what, rule, first, again) => {
    expect(walk([first, again])).toEqual([[rule], [rule]]);
  });
});

describe('ends of operations', () => {
  const running = { operations: [anOperation({ kind: 'snapshot' })] };
  const done = { operations: [anOperation({ kind: 'snapshot', state: 'succeeded', ended_at: at(noon) })] };
  it('are told at the level "all" only, once, and none of those before the start', () => {
    expect(walk([running, done, done], { notifications: 'all' })).toEqual([[], ['finished snapshot'], []]);
    expect(walk([running, done])).toEqual([[], []]);
    expect(walk([done, done], { notifications: 'all' })).toEqual([[], []]);
  });
  it('a failure is told as what it is, not as an end', () => {
    const failed = { operations: [anOperation({ kind: 'restore', state: 'failed', ended_at: at(noon) })] };
    expect(walk([{ operations: [anOperation({ kind: 'restore' })] }, failed], { notifications: 'all' })).toEqual([[], ['action_failed']]);
  });
});

describe('quiet hours', () => {
  const local = (hours: number, minutes = 0): number => new Date(2026, 10, 20, hours, minutes).getTime();
  const night = settings({ quiet_hours: true });
  it('go across midnight, begin with their first minute and end before their last', () => {
    expect([local(21, 59), local(22), local(23, 59), local(0), local(6, 59), local(7), local(12)].map((now) => isQuiet(night, now))).toEqual([false, true, true, true, true, false, false]);
  });
  it('lie within a day, or never', () => {
    const siesta = settings({ quiet_hours: true, quiet_from: '13:00', quiet_to: '14:30' });
    expect([local(12, 59), local(13), local(14, 29), local(14, 30)].map((now) => isQuiet(siesta, now))).toEqual([false, true, true, false]);
    expect(isQuiet(settings({ quiet_hours: true, quiet_from: '08:00', quiet_to: '08:00' }), local(8))).toBe(false);
    expect(isQuiet(settings(), local(23))).toBe(false);
  });

  const lookWith = (facts: Partial<Facts>): Look => lookAt(null, someFacts(facts), 12, noon);
  const noticesWith = (facts: Partial<Facts>): readonly Notice[] => notificationsOf(null, lookWith(facts), settings());
  const offline = { instances: [anInstance({ state: 'offline' })] };
  it('hold warnings and let through what costs money or data within the hour', () => {
    const both = { ...offline, account: anAccount({ runway_hours: 0.5 }) };
    const { show, summary, held } = deliver([], noticesWith(both), lookWith(both), night, local(23));
    expect([told(show), told(summary), told(held)]).toEqual([['credit_ending'], [], ['host_offline']]);
  });
  it('end with one summary of what still holds', () => {
    const held = [...noticesWith(offline), ...noticesWith({ account: anAccount({ runway_hours: 5 }) })];
    const still = deliver(held, [], lookWith(offline), night, local(6));
    expect([told(still.show), told(still.summary), told(still.held)]).toEqual([[], [], ['host_offline', 'credit_low']]);
    const ended = deliver(still.held, [], lookWith(offline), night, local(7));
    expect([told(ended.show), told(ended.summary), told(ended.held)]).toEqual([[], ['host_offline'], []]);
  });
  it('hold the newest of several failures of the same thing, and let those of a pause through', () => {
    const failed = (id: string, ms: number, kind: 'snapshot' | 'pause' = 'snapshot'): Partial<Facts> => ({ operations: [aFailure({ id, kind, ended_at: at(ms) })] });
    const [first, again] = [failed('a', noon - 2 * minute), failed('b', noon - minute)];
    const later = lookAt(lookWith(first), someFacts(again), 12, noon);
    const { held } = deliver(noticesWith(first), notificationsOf(lookWith(first), later, settings()), later, night, local(23));
    expect(told(held)).toEqual(['snapshot_failed', 'snapshot_failed']);
    const { summary } = deliver(held, [], later, night, local(7));
    expect(summary).toMatchObject([{ need: { occurrence: 'b' } }]);
    const paused = lookAt(lookWith(failed('c', noon - 2 * minute, 'pause')), someFacts(failed('d', noon - minute, 'pause')), 12, noon);
    expect(told(deliver([], notificationsOf(lookWith(failed('c', noon - 2 * minute, 'pause')), paused, settings()), paused, night, local(23)).show)).toEqual(['action_failed']);
  });
  it('hold nothing where notifications were switched off meanwhile', () => {
    expect(deliver(noticesWith(offline), [], lookWith(offline), settings({ notifications: 'off' }), local(12))).toEqual({ show: [], summary: [], held: [] });
  });
});
