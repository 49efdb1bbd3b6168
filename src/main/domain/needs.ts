// What needs the user now: decided once, for the tray's marks and icon and for notifications. Pure.
//
// [Note: Needs] A need holds as long as its cause does and has a key that stays the same meanwhile, so that whoever tells the user can tell
// once. `occurrence` differs each time the same thing happens again, so that what was looked at or told does not hide what happened since;
// where nothing can happen again while it holds, it is the key.
import type { Account, ErrorCode, Instance, NoticeRule, Operation, OperationKind, Schedule, ScheduleKind } from '../../contract';
import { snapshotFirstPhase } from './instance-view';
import type { Sightings } from './sightings';
import { asksOfWarnings } from './snapshot-first';

export type NeedRule = Exclude<NoticeRule, 'finished'>;

export interface Need {
  readonly rule: NeedRule;
  readonly key: string;
  readonly occurrence: string;
  /** Money or data is lost within the hour: told in quiet hours too. */
  readonly urgent: boolean;
  /** It is over once it was looked at; the others are over only when their cause is. */
  readonly dismissible: boolean;
  /** Label of an instance, or what the operation is about: not cleaned. Empty where the rule is about the account, or about a schedule of no folder. */
  readonly label: string;
  readonly route: string;
  /** Id of the operation that failed, runs on or asks. */
  readonly operation: string | null;
  /** What a schedule does that is of no folder, and so has no label; null for all else. */
  readonly schedule: ScheduleKind | null;
  /** Of the operation that failed or asks. */
  readonly kind: OperationKind | null;
  /** Code of its error, or of what keeps the account out of reach. */
  readonly problem: string | null;
  /** When it began or will happen, ms; null when that says nothing. */
  readonly at: number | null;
}

/** What is known of a user's account. */
export interface Facts {
  readonly instances: readonly Instance[];
  readonly account: Account | null;
  /** Why nothing is known, or what went wrong at Vast.ai last. */
  readonly problem: ErrorCode | null;
  /** The newest ones and all that run. */
  readonly operations: readonly Operation[];
  readonly schedules: readonly Schedule[];
  readonly sightings: Sightings;
  /** Since when the app has been awake and looking, ms: what came due before gets its time to be caught up. */
  readonly watchedSince: number;
}

/** What is done to an instance; it does not matter any more once the instance is gone. */
const actions: ReadonlySet<OperationKind> = new Set(['pause', 'resume', 'destroy']);
const minute = 60_000;
const hour = 60 * minute;

/** How long each thing may take before it is worth a word, ms. */
export const patience = {
  /** Vast.ai destroys within seconds as a rule. */
  destroy: 2 * minute,
  /** A queued start: its GPU is rented to somebody else. */
  scheduling: 10 * minute,
  /** A schedule that waits for the network or the run before. */
  overdue: 10 * minute,
  /** The last hour, in which a user can still do something. */
  urgent: hour,
  contract: 24 * hour,
  /** The credit is asked for once a minute: one this old was asked for in vain. */
  credit: 5 * minute,
  /** Failures of yesterday are history. */
  failed: 24 * hour,
} as const;

const need = (rule: NeedRule, key: string, rest: Partial<Need> & Pick<Need, 'label' | 'route'>): Need => ({
  rule, key: `${rule}:${key}`, occurrence: `${rule}:${key}`, urgent: false, dismissible: false, operation: null, schedule: null, kind: null, problem: null, at: null, ...rest,
});

/** How old the credit is, ms, where that is worth a word: it is older than the other figures, or all are old. Null when it is of now or not known. */
export function creditAge({ credit_as_of: said, as_of: asOf, stale }: Pick<Account, 'credit_as_of' | 'as_of' | 'stale'>, now: number): number | null {
  if (said === null) return null;
  const saidAt = Date.parse(said);
  const until = stale || asOf === null ? now : Date.parse(asOf);
  return until - saidAt < patience.credit ? null : now - saidAt;
}

/** Its label, else its GPUs: not cleaned. */
export const instanceName = (instance: Instance): string => instance.label ?? `${String(instance.num_gpus)}x ${instance.gpu_name}`;

function ofInstance(instance: Instance, { sightings }: Facts, now: number): readonly Need[] {
  const about = { label: instanceName(instance), route: `#/instances/${String(instance.id)}` };
  const key = String(instance.id);
  const seen = sightings.get(instance.id);
  const found: Need[] = [];
  if (instance.state === 'offline') found.push(need('host_offline', key, { ...about, at: seen?.since ?? now }));
  if (seen?.outbid === true) found.push(need('outbid', key, { ...about, at: seen.since }));
  else if (instance.state === 'scheduling' && seen !== undefined && now - seen.since >= patience.scheduling) found.push(need('stuck_scheduling', key, { ...about, at: seen.since }));
  const end = instance.end_date === null ? null : Date.parse(instance.end_date);
  if (end !== null && end > now && end - now < patience.contract) {
    // The last hour is told again, and through quiet hours: the host deletes the disk.
    const urgent = end - now < patience.urgent;
    found.push(need('contract_ending', urgent ? `${key}:last-hour` : key, { ...about, at: end, urgent }));
  }
  return found;
}

/** What waiting does not help: until the user does something, nothing can be seen or paused. A key that was never set is no news. */
const closed: ReadonlySet<ErrorCode> = new Set(['vast_key_rejected', 'vast_permission', 'secret_store_unavailable', 'vault_locked']);

const ofAccess = ({ problem }: Facts): readonly Need[] =>
  problem !== null && closed.has(problem) ? [need('account_problem', problem, { label: '', route: '#/settings', problem })] : [];

function ofCredit({ account }: Facts, creditHours: number): readonly Need[] {
  const runway = account?.runway_hours ?? null;
  if (runway === null) return [];
  const about = { label: '', route: '#/instances' };
  if (runway * hour < patience.urgent) return [need('credit_ending', 'account', { ...about, urgent: true })];
  return runway < creditHours ? [need('credit_low', 'account', about)] : [];
}

/** Operations about the same thing: the newest one that ended says how it stands. */
const subject = ({ kind, instance_id: id, title }: Operation): string => (kind === 'snapshot' ? `${kind}:${String(id)}:${title}` : `${kind}:${String(id ?? title)}`);

/** When a destroy was asked of Vast, ms: when its instance was first seen being destroyed, if that was later; null while its snapshot comes first. */
function askedAt({ progress, instance_id: id, created_at: createdAt }: Operation, sightings: Sightings): number | null {
  if (progress?.phase === snapshotFirstPhase) return null;
  const seen = id === null ? undefined : sightings.get(id);
  return seen?.state === 'destroying' ? Math.max(seen.since, Date.parse(createdAt)) : Date.parse(createdAt);
}

function ofRunning(operation: Operation, sightings: Sightings, now: number): readonly Need[] {
  const about = { label: operation.title, route: `#/operations/${operation.id}`, operation: operation.id, kind: operation.kind, at: Date.parse(operation.created_at) };
  if (operation.asks === 'still_loading') return [need('still_loading', operation.id, about)];
  // Whoever paused believes that nothing is billed any more.
  if (operation.asks === 'snapshot_first_failed') return [need(asksOfWarnings(operation) ? 'snapshot_first_warned' : 'snapshot_first_failed', operation.id, { ...about, urgent: true })];
  const asked = operation.kind === 'destroy' ? askedAt(operation, sightings) : null;
  if (asked !== null && now - asked >= patience.destroy) return [need('destroy_pending', operation.id, { ...about, urgent: true })];
  return [];
}

/** Of no news beside the window: a preview says how it went where it was asked for; an index is made again by itself. */
export const isBackground = ({ kind }: Operation): boolean => kind === 'preview' || kind === 'index';

/** Why an operation failed. A snapshot that was taken with warnings is no failed one. */
function reasonOf({ error }: Operation): string | null {
  const isWarned = error?.code === 'snapshot_first_failed' && (error.data as { readonly code?: unknown }).code === 'warnings';
  return isWarned ? 'snapshot_first_warned' : (error?.code ?? null);
}

/** What failed and was not done again since. */
function ofEnded({ operations, instances, problem }: Facts, now: number): readonly Need[] {
  // A list that the key of the instance's account was not let see, or that is another account's, does not say that it is gone: see [Note: Own account].
  const isUnseen = ({ error }: Operation): boolean => [problem, error?.code].some((code) => closed.has(code as ErrorCode));
  const isGone = (operation: Operation): boolean => actions.has(operation.kind) && !isUnseen(operation) && !instances.some(({ id }) => id === operation.instance_id);
  const newest = new Map<string, Operation>();
  for (const operation of operations) {
    if (operation.ended_at === null || operation.state === 'cancelled' || isBackground(operation)) continue;
    const last = newest.get(subject(operation));
    if (last?.ended_at === undefined || last.ended_at === null || Date.parse(operation.ended_at) > Date.parse(last.ended_at)) newest.set(subject(operation), operation);
  }
  return [...newest].flatMap(([key, operation]): Need[] => {
    const endedAt = Date.parse(operation.ended_at ?? '');
    if (operation.state !== 'failed' || isGone(operation) || now - endedAt >= patience.failed) return [];
    const about = { label: operation.title, route: `#/operations/${operation.id}`, operation: operation.id, kind: operation.kind, problem: reasonOf(operation), at: endedAt, occurrence: operation.id, dismissible: true };
    if (operation.kind === 'snapshot') return [need('snapshot_failed', key, about)];
    // What was to stop costing money goes on costing it.
    return [need('action_failed', key, { ...about, urgent: operation.kind === 'pause' || operation.kind === 'destroy' })];
  });
}

function ofSchedule(schedule: Schedule, { operations, watchedSince }: Facts, now: number): readonly Need[] {
  const { source } = schedule;
  const named = source === null ? { label: '', schedule: schedule.kind } : { label: `${source.label ?? String(source.instance_id)}: ${source.path}` };
  const about = { ...named, route: `#/schedules/${schedule.id}` };
  if (schedule.asking !== null) return [need('schedule_asks', schedule.id, { ...about, at: Date.parse(schedule.asking.slot) })];
  if (schedule.kind !== 'snapshot' || !schedule.enabled) return [];
  const found: Need[] = [];
  const overdue = schedule.overdue_since === null ? null : Date.parse(schedule.overdue_since);
  if (overdue !== null && !schedule.running && now - Math.max(overdue, watchedSince) >= patience.overdue) found.push(need('snapshot_overdue', schedule.id, { ...about, at: overdue }));
  const last = schedule.last_run;
  // A run that came as far as an operation is told by that.
  const isNews = last !== null && (last.state === 'failed' || last.state === 'interrupted') && !operations.some(({ id }) => id === last.operation_id);
  const at = last?.ended_at ?? last?.slot;
  if (isNews && at !== undefined && now - Date.parse(at) < patience.failed) {
    found.push(need('snapshot_failed', schedule.id, { ...about, kind: 'snapshot', problem: last.reason ?? (last.state === 'interrupted' ? 'interrupted' : null), at: Date.parse(at), occurrence: `${schedule.id}:${last.slot}`, dismissible: true }));
  }
  return found;
}

/** Everything that needs the user, the urgent first. `creditHours` is how long the credit must last at least. */
export function needsOf(facts: Facts, creditHours: number, now: number): readonly Need[] {
  const running = facts.operations.filter(({ ended_at: endedAt }) => endedAt === null);
  const all = [
    ...ofAccess(facts),
    ...ofCredit(facts, creditHours),
    ...running.flatMap((operation) => ofRunning(operation, facts.sightings, now)),
    ...facts.instances.flatMap((instance) => ofInstance(instance, facts, now)),
    ...facts.schedules.flatMap((schedule) => ofSchedule(schedule, facts, now)),
    ...ofEnded(facts, now),
  ];
  return [...all.filter(({ urgent }) => urgent), ...all.filter(({ urgent }) => !urgent)];
}
