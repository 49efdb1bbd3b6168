// What pages take: each thing once, to whoever is first, by the level and the quiet hours of the user.
import { describe, expect, it } from 'vitest';
import { aFailure, anAccount, anInstance, anOperation, aSchedule, at, someFacts } from '../../../test/fakes/desk-samples';
import type { Facts } from './needs';
import type { NotificationSettings } from './notification-rules';
import { Notices } from './notices';

const minute = 60_000;
const clockAt = (hours: number): number => new Date(2026, 10, 20, hours).getTime();
const ana = { userId: 'ana' };

function setUp(change: Partial<NotificationSettings> = {}) {
  const time = { now: clockAt(12) };
  const wishes: { current: NotificationSettings } = { current: { notifications: 'warnings', credit_warning_hours: 12, quiet_hours: false, quiet_from: '22:00', quiet_to: '07:00', ...change } };
  const hints: string[] = [];
  const notices = new Notices({ settings: { values: () => wishes.current }, hints: { tell: (userId, topic) => hints.push(`${userId} ${topic}`) }, clock: { now: () => time.now } });
  const look = (facts: Partial<Facts> = {}, userId = 'ana'): void => notices.looked(userId, someFacts(facts));
  const take = (own: readonly string[] = [], caller = ana): string[] => notices.take(caller, own).notices.map(({ rule, id }) => `${rule} ${id}`);
  return { notices, time, wishes, hints, look, take };
}

const offline = (id: number): ReturnType<typeof anInstance> => anInstance({ id, label: `box ${String(id)}`, state: 'offline' });
const failed = (id: string, ms: number): ReturnType<typeof aFailure> => aFailure({ id, kind: 'snapshot', title: 'train: /workspace', ended_at: at(ms) });

describe('notices', () => {
  it('are hinted at and given to the page that takes them first', () => {
    const { look, take, hints } = setUp();
    look();
    expect(hints).toEqual([]);
    look({ instances: [offline(1)] });
    expect(hints).toEqual(['ana notices']);
    expect(take()).toEqual(['host_offline host_offline:1']);
    expect(take()).toEqual([]);
    look({ instances: [offline(1)] });
    expect([hints.length, take()]).toEqual([1, []]);
  });
  it('wait for a page, and are hinted at until one takes them', () => {
    const { look, take, hints } = setUp();
    look({ instances: [offline(1)] });
    look({ instances: [offline(1), offline(2)] });
    expect(hints).toHaveLength(2);
    expect(take()).toEqual(['host_offline host_offline:1', 'host_offline host_offline:2']);
  });
  it('are left out when they are over before a page takes them', () => {
    const { look, take, time } = setUp();
    look({ instances: [offline(1)] });
    look({ instances: [anInstance({ id: 1 })] });
    expect(take()).toEqual([]);
    // Back within a moment it is the same news, which nobody was told yet.
    look({ instances: [offline(1)] });
    expect(take()).toEqual(['host_offline host_offline:1']);
    look({ instances: [anInstance({ id: 1 })] });
    time.now += 6 * minute;
    look({ instances: [anInstance({ id: 1 })] });
    look({ instances: [offline(1)] });
    expect(take()).toEqual(['host_offline host_offline:1']);
  });
  it('say what they are about', () => {
    const { look, notices } = setUp();
    const failure = failed('a', clockAt(11));
    look({ operations: [failure], account: anAccount({ runway_hours: 3 }), schedules: [aSchedule({ kind: 'rehearse', source: null, asking: { slot: at(clockAt(10)), state: 'asking', reason: null, covers: 1, late: false, by_hand: false, operation_id: null, started_at: null, ended_at: null } })] });
    expect(notices.take(ana, []).notices).toMatchObject([
      { rule: 'credit_low', id: 'credit_low:account', route: '#/instances', account: { credit: 17, runway_hours: 3 }, operation: null },
      { rule: 'schedule_asks', label: '', schedule: 'rehearse', at: at(clockAt(10)), account: null },
      { rule: 'snapshot_failed', id: 'a', label: 'train: /workspace', problem: 'vast_unreachable', route: '#/operations/a', operation: failure },
    ]);
  });
  it('are told again when the same happens again', () => {
    const { look, take } = setUp();
    look();
    look({ operations: [failed('a', clockAt(11))] });
    expect(take()).toEqual(['snapshot_failed a']);
    look({ operations: [failed('b', clockAt(11) + minute), failed('a', clockAt(11))] });
    expect(take()).toEqual(['snapshot_failed b']);
  });
  it('are not given where a page told the end of the operation by itself, before or after', () => {
    const { look, take, notices } = setUp();
    look();
    expect(notices.take(ana, ['a', 'a'])).toEqual({ notices: [], own: ['a'] });
    look({ operations: [failed('a', clockAt(11))] });
    expect(take()).toEqual([]);
    look({ operations: [failed('b', clockAt(11) + minute), failed('a', clockAt(11))] });
    expect(take()).toEqual(['snapshot_failed b']);
    expect(notices.take(ana, ['a', 'b', 'c'])).toEqual({ notices: [], own: ['c'] });
  });
  it('tell a question once each time that it is asked', () => {
    const { look, take, notices } = setUp();
    const asking = (code: string | null) => ({ operations: [anOperation({ id: 'o', kind: 'create', asks: code })] });
    look(asking(null));
    look(asking('still_loading'));
    expect(take()).toEqual(['still_loading o:still_loading']);
    expect(notices.take(ana, ['o:still_loading']).own).toEqual([]);
    look(asking(null));
    expect(notices.take(ana, ['o:still_loading']).own).toEqual(['o:still_loading']);
  });
  it('say both forms of the question before a pause or destroy under one id', () => {
    const { look, take } = setUp();
    look({ operations: [anOperation({ id: 'o', asks: 'snapshot_first_failed', warnings: ['a file'] })] });
    expect(take(['o:snapshot_first_failed'])).toEqual([]);
  });
  it('say of a pending destroy also who saw its operation', () => {
    const { look, take, time } = setUp();
    look({ operations: [anOperation({ id: 'o', created_at: at(time.now - 3 * minute) })] });
    expect(take(['o'])).toEqual(['destroy_pending destroy_pending:o']);
  });
  it('tell a good end at the level "all" only', () => {
    const running = anOperation({ id: 'o', kind: 'restore' });
    const ended = { ...running, state: 'succeeded' as const, ended_at: at(clockAt(12)) };
    for (const [level, expected] of [['warnings', []], ['all', ['finished o']]] as const) {
      const { look, take } = setUp({ notifications: level });
      look({ operations: [running] });
      look({ operations: [ended] });
      expect(take()).toEqual(expected);
    }
  });
  it('are none where they are switched off, also what waited', () => {
    const { look, take, wishes, hints, notices } = setUp();
    look({ instances: [offline(1)] });
    wishes.current = { ...wishes.current, notifications: 'off' };
    expect(take()).toEqual([]);
    look({ instances: [offline(1), offline(2)] });
    expect([take(), hints.length]).toEqual([[], 1]);
    expect(notices.take(ana, ['a']).own).toEqual(['a']);
    wishes.current = { ...wishes.current, notifications: 'warnings' };
    look({ instances: [offline(1), offline(2)] });
    expect(take()).toEqual([]);
  });
  it('wait for the end of quiet hours, except what is urgent', () => {
    const { look, take, time, hints } = setUp({ quiet_hours: true });
    time.now = clockAt(23);
    const night = { instances: [offline(1)], account: anAccount({ credit: 0.1, runway_hours: 0.5 }) };
    look({ instances: [offline(1)] });
    expect([take(), hints]).toEqual([[], []]);
    look(night);
    expect(take()).toEqual(['credit_ending credit_ending:account']);
    time.now = clockAt(31);
    look(night);
    expect(hints).toEqual(['ana notices', 'ana notices']);
    expect(take()).toEqual(['host_offline host_offline:1']);
  });
  it('are each user\'s own', () => {
    const { look, take, notices } = setUp();
    look({ instances: [offline(1)] });
    look({ instances: [offline(1)] }, 'bob');
    expect(take([], { userId: 'bob' })).toHaveLength(1);
    expect(take()).toHaveLength(1);
    expect(notices.take({ userId: 'eve' }, ['a'])).toEqual({ notices: [], own: ['a'] });
  });
  it('are kept a hundred at most, the newest', () => {
    const { look, take } = setUp();
    look({ instances: Array.from({ length: 120 }, (_, index) => offline(index)) });
    const taken = take();
    expect([taken.length, taken[0], taken.at(-1)]).toEqual([100, 'host_offline host_offline:20', 'host_offline host_offline:119']);
  });
});
