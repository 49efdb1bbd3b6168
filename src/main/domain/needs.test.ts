// What needs the user: each rule holds exactly as long as its cause, and says whether it is urgent.
import { describe, expect, it } from 'vitest';
import { aFailure, anAccount, anInstance, anOperation, aSchedule, at, noon, someFacts } from '../../../test/fakes/desk-samples';
import { creditAge, needsOf, patience, type Facts, type Need } from './needs';
import { seenAgain, type Sightings } from './sightings';

const minute = 60_000;
const hour = 60 * minute;
const needs = (change: Partial<Facts>, now = noon): readonly Need[] => needsOf(someFacts(change), 12, now);
const rules = (change: Partial<Facts>, now = noon): string[] => needs(change, now).map(({ rule, urgent }) => `${rule}${urgent ? '!' : ''}`);
const sighted = (change: Partial<{ state: 'scheduling' | 'stopped' | 'running'; since: number; outbid: boolean }>): Sightings => new Map([[7, { state: 'scheduling', since: noon, outbid: false, ...change }]]);

describe('needs of instances', () => {
  it('a running one needs nothing', () => expect(rules({})).toEqual([]));
  it('an offline host', () => expect(rules({ instances: [anInstance({ state: 'offline' })] })).toEqual(['host_offline']));
  it('a lost bid', () => expect(rules({ instances: [anInstance({ state: 'stopped', is_bid: true })], sightings: sighted({ state: 'stopped', outbid: true }) })).toEqual(['outbid']));
  it('a start that is queued too long, once that is too long', () => {
    const facts = { instances: [anInstance({ state: 'scheduling' })], sightings: sighted({}) };
    expect(rules(facts, noon + patience.scheduling - 1)).toEqual([]);
    expect(rules(facts, noon + patience.scheduling)).toEqual(['stuck_scheduling']);
  });
  it('a contract that ends within the day, and again within the hour', () => {
    const ending = (ms: number): Partial<Facts> => ({ instances: [anInstance({ end_date: at(noon + ms) })] });
    expect(rules(ending(25 * hour))).toEqual([]);
    expect(rules(ending(23 * hour))).toEqual(['contract_ending']);
    expect(rules(ending(30 * minute))).toEqual(['contract_ending!']);
    expect(needs(ending(23 * hour))[0]?.key).not.toBe(needs(ending(30 * minute))[0]?.key);
    expect(rules(ending(-minute))).toEqual([]);
  });
});

describe('needs of the account', () => {
  const lasting = (hours: number | null): string[] => rules({ account: anAccount({ runway_hours: hours }) });
  it('follow the threshold', () => {
    expect(lasting(12)).toEqual([]);
    expect(lasting(11.9)).toEqual(['credit_low']);
    expect(lasting(0.9)).toEqual(['credit_ending!']);
    expect(lasting(null)).toEqual([]);
  });
});

describe('the age of the credit', () => {
  const age = (change: Partial<ReturnType<typeof anAccount>>, now = noon + hour): number | null => creditAge(anAccount({ as_of: at(noon + hour), ...change }), now);
  it('is worth a word where it is older than the rest, or all is old', () => {
    expect(age({ credit_as_of: at(noon) })).toBe(hour);
    expect(age({ credit_as_of: at(noon + hour - 2 * minute) })).toBeNull();
    expect(age({ as_of: at(noon), credit_as_of: at(noon), stale: true })).toBe(hour);
    expect(age({ as_of: at(noon), credit_as_of: at(noon), stale: true }, noon + minute)).toBeNull();
    expect(age({ credit_as_of: null })).toBeNull();
  });
});

describe('needs of access to the account', () => {
  it.each(['vast_key_rejected', 'vast_permission', 'secret_store_unavailable', 'vault_locked'] as const)('%s, until it is put right', (problem) => {
    expect(needs({ problem })).toMatchObject([{ rule: 'account_problem', problem, route: '#/settings', dismissible: false, urgent: false }]);
    expect(needs({ problem, account: null, instances: [] })).toHaveLength(1);
  });
  it.each(['vast_unreachable', 'vast_rate_limited', 'vast_error', 'vast_key_missing', null] as const)('not %s, which passes by itself or is how an account begins', (problem) => {
    expect(rules({ problem })).toEqual([]);
  });
});

describe('needs of operations', () => {
  it('a destroy that is pending for minutes', () => {
    expect(rules({ operations: [anOperation()] })).toEqual([]);
    expect(rules({ operations: [anOperation()] }, noon + patience.destroy)).toEqual(['destroy_pending!']);
  });
  it('a destroy is not pending while its snapshot comes first; its minutes count from when that has ended', () => {
    const progress = (phase: string) => ({ phase, bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
    expect(rules({ operations: [anOperation({ progress: progress('snapshot_first') })] }, noon + hour)).toEqual([]);
    const asked = { operations: [anOperation({ progress: progress('wait') })], instances: [anInstance({ state: 'destroying' })], sightings: seenAgain(sighted({ state: 'running' }), [anInstance({ state: 'destroying' })], [], noon + hour) };
    expect(rules(asked, noon + hour + patience.destroy - 1)).toEqual([]);
    expect(rules(asked, noon + hour + patience.destroy)).toEqual(['destroy_pending!']);
  });
  it('questions', () => {
    expect(rules({ operations: [anOperation({ kind: 'create', asks: 'still_loading' })] })).toEqual(['still_loading']);
    expect(rules({ operations: [anOperation({ kind: 'pause', asks: 'snapshot_first_failed' })] })).toEqual(['snapshot_first_failed!']);
  });
  it('a snapshot before a destroy that was taken with warnings did not fail', () => {
    const said = 'The snapshot of /workspace has warnings: left out: /workspace/x';
    const asking = (kind: 'pause' | 'destroy', warnings: string[]) => rules({ operations: [anOperation({ kind, asks: 'snapshot_first_failed', warnings })] });
    expect(asking('destroy', [said])).toEqual(['snapshot_first_warned!']);
    // The first folder was answered for, and the second one's failed.
    expect(asking('destroy', [said, 'With a snapshot that has warnings, as you said.'])).toEqual(['snapshot_first_failed!']);
    // A pause only warns, so what it asks about failed.
    expect(asking('pause', [said])).toEqual(['snapshot_first_failed!']);
    const kept = (code: string) => needs({ operations: [aFailure({ kind: 'destroy', error: { code: 'snapshot_first_failed', message: '', data: { code, detail: said } } })] });
    expect(kept('warnings')).toMatchObject([{ rule: 'action_failed', problem: 'snapshot_first_warned' }]);
    expect(kept('ssh_unreachable')).toMatchObject([{ rule: 'action_failed', problem: 'snapshot_first_failed' }]);
  });
  it.each(['vast_key_rejected', 'vast_permission'] as const)('a destroy that ended with %s stays, though no list shows its instance: the key may be another account’s', (code) => {
    const destroy = aFailure({ kind: 'destroy', error: { code, message: '', data: {} } });
    expect(rules({ operations: [destroy], instances: [] })).toEqual(['action_failed!']);
    expect(rules({ operations: [destroy], instances: [] }, noon + patience.failed)).toEqual([]);
  });
  it('while the key is refused no list says that an instance is gone', () => {
    expect(rules({ operations: [aFailure()], instances: [], problem: 'vast_key_rejected' })).toEqual(['action_failed!', 'account_problem']);
  });
  it('failures, until the same was done well, the instance is gone, or a day has passed', () => {
    expect(rules({ operations: [aFailure()] })).toEqual(['action_failed!']);
    expect(rules({ operations: [aFailure({ kind: 'restore' })] })).toEqual(['action_failed']);
    expect(rules({ operations: [anOperation({ id: 'later', kind: 'pause', state: 'succeeded', ended_at: at(noon) }), aFailure()] })).toEqual([]);
    expect(rules({ operations: [aFailure()], instances: [] })).toEqual([]);
    expect(rules({ operations: [aFailure()] }, noon + patience.failed)).toEqual([]);
    expect(rules({ operations: [aFailure({ kind: 'preview' })] })).toEqual([]);
  });
  it('snapshots of one folder are one need, with a new occurrence at each failure', () => {
    const first = aFailure({ id: 'a', kind: 'snapshot', title: 'train: /workspace', ended_at: at(noon - hour) });
    const second = aFailure({ id: 'b', kind: 'snapshot', title: 'train: /workspace' });
    const other = aFailure({ id: 'c', kind: 'snapshot', title: 'train: /other' });
    const [one] = needs({ operations: [first] });
    const [again, elsewhere] = needs({ operations: [other, second, first] }).toSorted((a, b) => a.occurrence.localeCompare(b.occurrence));
    expect(one).toMatchObject({ rule: 'snapshot_failed', occurrence: 'a' });
    expect(again).toMatchObject({ key: one?.key, occurrence: 'b' });
    expect(elsewhere?.key).not.toBe(one?.key);
  });
});

describe('needs of schedules', () => {
  it('an overdue snapshot, after some patience', () => {
    const overdue = { schedules: [aSchedule({ overdue_since: at(noon) })] };
    expect(rules(overdue, noon + patience.overdue - 1)).toEqual([]);
    expect(rules(overdue, noon + patience.overdue)).toEqual(['snapshot_overdue']);
    // The app has just started, or the computer has just woken: the runner catches up first.
    expect(rules({ ...overdue, watchedSince: noon + hour }, noon + hour + patience.overdue - 1)).toEqual([]);
    expect(rules({ schedules: [aSchedule({ overdue_since: at(noon), enabled: false })] }, noon + hour)).toEqual([]);
  });
  it('times that were slept over and wait for an answer', () => {
    const run = { slot: at(noon), state: 'asking' as const, reason: 'missed', covers: 2, late: false, by_hand: false, operation_id: null, started_at: null, ended_at: null };
    expect(rules({ schedules: [aSchedule({ asking: run })] })).toEqual(['schedule_asks']);
  });
  it('a run that failed before it was an operation, and not one that is told by its operation', () => {
    const run = { slot: at(noon - hour), state: 'failed' as const, reason: 'ssh_unreachable', covers: 1, late: false, by_hand: false, operation_id: 'o', started_at: at(noon - hour), ended_at: at(noon - hour) };
    expect(needs({ schedules: [aSchedule({ last_run: run })] })).toMatchObject([{ rule: 'snapshot_failed', problem: 'ssh_unreachable' }]);
    expect(needs({ schedules: [aSchedule({ last_run: { ...run, state: 'interrupted', reason: null } })] })).toMatchObject([{ rule: 'snapshot_failed', problem: 'interrupted' }]);
    const operation = aFailure({ id: 'o', kind: 'snapshot', title: 'train: /workspace' });
    expect(needs({ schedules: [aSchedule({ last_run: run })], operations: [operation] })).toHaveLength(1);
  });
});

describe('sightings', () => {
  const bid = (state: 'running' | 'stopping' | 'stopped' | 'scheduling'): ReturnType<typeof anInstance> => anInstance({ is_bid: true, state });
  const walk = (states: readonly Parameters<typeof bid>[0][], operations = [] as ReturnType<typeof anOperation>[]): Sightings =>
    states.reduce<Sightings>((before, state, index) => seenAgain(before, [bid(state)], operations, noon + index * minute), new Map());
  it('a bid that stops by itself was outbid until it runs again', () => {
    expect(walk(['running', 'stopping', 'stopped', 'stopped']).get(7)).toMatchObject({ outbid: true, since: noon + 2 * minute });
    expect(walk(['running', 'stopped', 'running']).get(7)?.outbid).toBe(false);
  });
  it('one that was paused here, or was found stopped, was not', () => {
    expect(walk(['running', 'stopping', 'stopped'], [anOperation({ kind: 'pause' })]).get(7)?.outbid).toBe(false);
    expect(walk(['running', 'stopped'], [anOperation({ kind: 'pause', state: 'succeeded', ended_at: at(noon) })]).get(7)?.outbid).toBe(false);
    expect(walk(['stopped', 'stopped']).get(7)?.outbid).toBe(false);
  });
  it('an instance on demand is never outbid', () => {
    const seen = seenAgain(seenAgain(new Map(), [anInstance()], [], noon), [anInstance({ state: 'stopped' })], [], noon);
    expect(seen.get(7)?.outbid).toBe(false);
  });
});
