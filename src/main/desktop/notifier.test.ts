// The notifier: the start and the end of quiet hours are one notification each, in the user's language, with hostile labels cleaned.
import { describe, expect, it } from 'vitest';
import { aFailure, anAccount, anInstance, someFacts } from '../../../test/fakes/desk-samples';
import type { NotificationSettings } from './notification-rules';
import { Notifier } from './notifier';
import type { Language } from './words';

const at = (hours: number): number => new Date(2026, 10, 20, hours).getTime();

function setUp(change: Partial<NotificationSettings> = {}, language: Language = 'en') {
  const shown: string[] = [];
  const time = { now: at(12) };
  const seen = new Set<string>();
  const notifier = new Notifier({
    show: ({ title, body }, route, urgent) => shown.push(`${urgent ? '! ' : ''}${title} | ${body} | ${route}`),
    settings: () => ({ notifications: 'warnings', credit_warning_hours: 12, quiet_hours: true, quiet_from: '22:00', quiet_to: '07:00', ...change }),
    language: () => language,
    now: () => time.now,
    wasSeen: (occurrence) => seen.has(occurrence),
  });
  return { notifier, shown, time, seen };
}

const offline = (id: number, label = `box ${String(id)}`): ReturnType<typeof anInstance> => anInstance({ id, label, state: 'offline' });

describe('notifier', () => {
  it('tells at the start everything that is open as one, and then each by itself', () => {
    const { notifier, shown } = setUp();
    notifier.looked('ana', someFacts({ instances: [offline(1), offline(2)] }));
    expect(shown).toEqual(['Needs you: 2 | Host offline: box 1\nHost offline: box 2 | #/instances/1']);
    notifier.looked('ana', someFacts({ instances: [offline(1), offline(2), offline(3)] }));
    expect(shown).toHaveLength(2);
    expect(shown[1]).toMatch(/^Host offline: box 3 \| Vast\.ai cannot reach the machine\..* \| #\/instances\/3$/);
  });
  it('tells at the start nothing that was looked at in an earlier run', () => {
    const { notifier, shown, seen } = setUp();
    seen.add(aFailure().id);
    notifier.looked('ana', someFacts({ operations: [aFailure()] }));
    expect(shown).toEqual([]);
  });
  it('tells a failure that comes after one that was looked at', () => {
    const { notifier, shown, seen } = setUp();
    const failures = ['a', 'b', 'c'].map((id, index) => aFailure({ id, ended_at: new Date(at(11) + index * 60_000).toISOString() }));
    notifier.looked('ana', someFacts());
    for (const count of [1, 2, 2, 3]) {
      notifier.looked('ana', someFacts({ operations: failures.slice(0, count) }));
      for (const { id } of failures.slice(0, count)) seen.add(id);
    }
    expect(shown.map((line) => line.split(' | ').at(-1))).toEqual(['#/operations/a', '#/operations/b', '#/operations/c']);
  });
  it('tells after quiet hours nothing that was looked at meanwhile', () => {
    const { notifier, shown, seen, time } = setUp();
    notifier.looked('ana', someFacts());
    time.now = at(23);
    const failure = aFailure({ kind: 'restore', ended_at: new Date(at(23)).toISOString() });
    notifier.looked('ana', someFacts({ operations: [failure] }));
    seen.add(failure.id);
    time.now = at(31);
    notifier.looked('ana', someFacts({ operations: [failure] }));
    expect(shown).toEqual([]);
  });
  it('sums up after quiet hours, and lets the end of the credit through', () => {
    const { notifier, shown, time } = setUp();
    notifier.looked('ana', someFacts());
    time.now = at(23);
    const night = someFacts({ instances: [offline(1), offline(2)], account: anAccount({ credit: 0.1, runway_hours: 0.5, burn_per_hour: 0.2 }) });
    notifier.looked('ana', night);
    notifier.looked('ana', night);
    expect(shown).toEqual(['! Credit ends within the hour | $0.10 left, enough for 30 min at $0.20 per hour. Then Vast.ai stops everything. | #/instances']);
    time.now = at(31);
    notifier.looked('ana', someFacts({ instances: [offline(1), offline(2)] }));
    expect(shown.slice(1)).toEqual(['While it was quiet: 2 | Host offline: box 1\nHost offline: box 2 | #/instances/1']);
  });
  it('tells a storm as one', () => {
    const { notifier, shown } = setUp();
    notifier.looked('ana', someFacts());
    notifier.looked('ana', someFacts({ instances: [1, 2, 3, 4].map((id) => offline(id)) }));
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatch(/^Needs you: 4 \|/);
  });
  it('cuts a long summary', () => {
    const { notifier, shown } = setUp({}, 'pt-BR');
    notifier.looked('ana', someFacts({ instances: Array.from({ length: 7 }, (_, index) => offline(index)) }));
    expect(shown[0]).toMatch(/^Precisa de você: 7 \| (Host fora do ar: box \d\n){4}e mais 3 \|/);
  });
  it('cleans labels', () => {
    const { notifier, shown } = setUp();
    notifier.looked('ana', someFacts());
    notifier.looked('ana', someFacts({ instances: [offline(1, `a\n\u202Eb ${'x'.repeat(400)}`)] }));
    expect(shown[0]).toMatch(/^Host offline: a \u{FFFD}b x{42}… \|/u);
  });
  it('tells one user nothing of another', () => {
    const { notifier, shown, time } = setUp();
    notifier.looked('ana', someFacts());
    time.now = at(23);
    notifier.looked('ana', someFacts({ instances: [offline(1)] }));
    time.now = at(31);
    notifier.looked('bob', someFacts());
    expect(shown).toEqual([]);
  });
  it('says at once, at any hour, that an action from the tray was refused', () => {
    const { notifier, shown, time } = setUp();
    time.now = at(23);
    notifier.refused('ana', { id: 'r', kind: 'resume', instanceId: 7, label: 'train', problem: 'insufficient_credit', at: time.now });
    expect(shown).toEqual(['Resume failed: train | The account lacks credit. | #/instances/7']);
  });
});
