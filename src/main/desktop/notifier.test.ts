// The notifier: the start and the end of quiet hours are one notification each, in the user's language, with hostile labels cleaned.
import { describe, expect, it } from 'vitest';
import { aFailure, anAccount, anInstance, aSchedule, someFacts } from '../../../test/fakes/desk-samples';
import type { NotificationSettings } from '../domain/notification-rules';
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
    notifier.looked('ana', someFacts({ instances: [offline(1), offline(2)] }), true);
    expect(shown).toEqual(['Needs you: 2 | Host offline: box 1\nHost offline: box 2 | #/instances/1']);
    notifier.looked('ana', someFacts({ instances: [offline(1), offline(2), offline(3)] }), true);
    expect(shown).toHaveLength(2);
    expect(shown[1]).toMatch(/^Host offline: box 3 \| Vast\.ai cannot reach the machine\..* \| #\/instances\/3$/);
  });
  it('tells what is known without Vast.ai at once, and with its first answer the rest as one', () => {
    const { notifier, shown } = setUp();
    const alone = { instances: [], account: null, schedules: [aSchedule({ overdue_since: new Date(at(11)).toISOString() })] };
    notifier.looked('ana', someFacts(alone), false);
    notifier.looked('ana', someFacts(alone), false);
    expect(shown).toEqual(['Snapshot overdue: train: /workspace | It was due 1 h ago and has not run. | #/schedules/22222222-2222-4222-8222-222222222222']);
    const whole = someFacts({ ...alone, instances: [offline(1), offline(2)] });
    notifier.looked('ana', whole, true);
    notifier.looked('ana', whole, true);
    expect(shown.slice(1)).toEqual(['Needs you: 2 | Host offline: box 1\nHost offline: box 2 | #/instances/1']);
  });
  it('says which key keeps the account out of reach', () => {
    const { notifier, shown } = setUp({}, 'pt-BR');
    notifier.looked('ana', someFacts({ instances: [], account: null, problem: 'vast_key_rejected' }), false);
    expect(shown).toEqual(['Sem acesso à conta da Vast.ai | A Vast.ai não aceita a chave. As instâncias continuam e são cobradas; daqui não dá para vê-las nem pausá-las. | #/settings']);
  });
  it('tells at the start nothing that was looked at in an earlier run', () => {
    const { notifier, shown, seen } = setUp();
    seen.add(aFailure().id);
    notifier.looked('ana', someFacts({ operations: [aFailure()] }), true);
    expect(shown).toEqual([]);
  });
  it('tells a failure that comes after one that was looked at', () => {
    const { notifier, shown, seen } = setUp();
    const failures = ['a', 'b', 'c'].map((id, index) => aFailure({ id, ended_at: new Date(at(11) + index * 60_000).toISOString() }));
    notifier.looked('ana', someFacts(), true);
    for (const count of [1, 2, 2, 3]) {
      notifier.looked('ana', someFacts({ operations: failures.slice(0, count) }), true);
      for (const { id } of failures.slice(0, count)) seen.add(id);
    }
    expect(shown.map((line) => line.split(' | ').at(-1))).toEqual(['#/operations/a', '#/operations/b', '#/operations/c']);
  });
  it('tells after quiet hours nothing that was looked at meanwhile', () => {
    const { notifier, shown, seen, time } = setUp();
    notifier.looked('ana', someFacts(), true);
    time.now = at(23);
    const failure = aFailure({ kind: 'restore', ended_at: new Date(at(23)).toISOString() });
    notifier.looked('ana', someFacts({ operations: [failure] }), true);
    seen.add(failure.id);
    time.now = at(31);
    notifier.looked('ana', someFacts({ operations: [failure] }), true);
    expect(shown).toEqual([]);
  });
  it('sums up after quiet hours, and lets the end of the credit through', () => {
    const { notifier, shown, time } = setUp();
    notifier.looked('ana', someFacts(), true);
    time.now = at(23);
    const night = someFacts({ instances: [offline(1), offline(2)], account: anAccount({ credit: 0.1, runway_hours: 0.5, burn_per_hour: 0.2 }) });
    notifier.looked('ana', night, true);
    notifier.looked('ana', night, true);
    expect(shown).toEqual(['! Credit ends within the hour | $0.10 left, enough for 30 min at $0.20 per hour. Then Vast.ai stops everything. | #/instances']);
    time.now = at(31);
    notifier.looked('ana', someFacts({ instances: [offline(1), offline(2)] }), true);
    expect(shown.slice(1)).toEqual(['While it was quiet: 2 | Host offline: box 1\nHost offline: box 2 | #/instances/1']);
  });
  it('says of a low credit how old its figure is', () => {
    const { notifier, shown, time } = setUp();
    notifier.looked('ana', someFacts({ account: anAccount({ credit: 1, runway_hours: 3, as_of: new Date(time.now).toISOString(), credit_as_of: new Date(time.now - 2 * 3_600_000).toISOString() }) }), true);
    expect(shown).toEqual(['Credit low: lasts 3 h | $1.00 left at $0.34 per hour. The credit is what Vast.ai said 2 h ago. | #/instances']);
  });
  it('tells a storm as one', () => {
    const { notifier, shown } = setUp();
    notifier.looked('ana', someFacts(), true);
    notifier.looked('ana', someFacts({ instances: [1, 2, 3, 4].map((id) => offline(id)) }), true);
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatch(/^Needs you: 4 \|/);
  });
  it('cuts a long summary', () => {
    const { notifier, shown } = setUp({}, 'pt-BR');
    notifier.looked('ana', someFacts({ instances: Array.from({ length: 7 }, (_, index) => offline(index)) }), true);
    expect(shown[0]).toMatch(/^Precisa de você: 7 \| (Host fora do ar: box \d\n){4}e mais 3 \|/);
  });
  it('cleans labels', () => {
    const { notifier, shown } = setUp();
    notifier.looked('ana', someFacts(), true);
    notifier.looked('ana', someFacts({ instances: [offline(1, `a\n\u202Eb ${'x'.repeat(400)}`)] }), true);
    expect(shown[0]).toMatch(/^Host offline: a \u{FFFD}b x{42}… \|/u);
  });
  it('tells one user nothing of another', () => {
    const { notifier, shown, time } = setUp();
    notifier.looked('ana', someFacts(), true);
    time.now = at(23);
    notifier.looked('ana', someFacts({ instances: [offline(1)] }), true);
    time.now = at(31);
    notifier.looked('bob', someFacts(), true);
    expect(shown).toEqual([]);
  });
  it('says at once, at any hour, that an action from the tray was refused', () => {
    const { notifier, shown, time } = setUp();
    time.now = at(23);
    notifier.refused('ana', { id: 'r', kind: 'resume', instanceId: 7, label: 'train', problem: 'insufficient_credit', at: time.now });
    expect(shown).toEqual(['Resume failed: train | The account lacks credit. | #/instances/7']);
  });
});
