// What a retention policy means: the arguments for restic, what its dry run says, and the guards that stand before anything is removed. Pure.
import { createHash } from 'node:crypto';
import type { RetentionPlan, RetentionPolicy } from '../../contract';
import { AppError } from './app-error';
import type { SnapshotRow } from './store-port';

const day = 24 * 3600 * 1000;
/** A gap longer than this since the newest snapshot and since the app started makes the clock suspect, ms: a date far ahead would make every snapshot too old to keep. */
const longestGap = 7 * day;
/** Clocks of the moment a snapshot was taken and of now may differ by so much, ms. */
const tolerance = 5 * 60_000;
/** Always kept of each source. */
export const leastKept = 3;

/** One snapshot in a dry run of restic, with why it is kept. */
export interface DryRunRow {
  readonly id: string;
  /** ms */
  readonly time: number;
  readonly tags: readonly string[];
  /** As restic says them, such as `daily snapshot`. */
  readonly reasons: readonly string[];
}

export interface DryRun {
  readonly keep: readonly DryRunRow[];
  readonly remove: readonly DryRunRow[];
}

/** Whether a policy names no snapshot at all. */
export const keepsNothing = (policy: RetentionPolicy): boolean => Object.values(policy).every((count) => count <= 0);

/** restic's arguments. Throws `retention_empty`. */
export const keepArguments = (policy: RetentionPolicy): string[] => {
  if (keepsNothing(policy)) throw new AppError('retention_empty', 'A policy that keeps nothing is refused.', {});
  const counts = { hourly: policy.hourly, daily: policy.daily, weekly: policy.weekly, monthly: policy.monthly };
  return [
    `--keep-last=${Math.max(leastKept, policy.last)}`,
    ...Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [`--keep-${name}=${count}`] : [])),
    ...(policy.within_days > 0 ? [`--keep-within=${policy.within_days}d`] : []),
    '--keep-tag=keep',
  ];
};

/** `daily snapshot` to `daily`; `oldest ...` is the same rule with fewer periods than it may fill. */
const shortReason = (text: string): string => /last|hourly|daily|weekly|monthly|within/.exec(text)?.[0] ?? (text.includes('tag') ? 'pinned' : text.slice(0, 40));

/** restic's dry run, less what we keep on top: pinned snapshots, and those whose row is not ours to remove. */
export const planOf = (sourceId: string, policy: RetentionPolicy, dry: DryRun, rows: readonly SnapshotRow[]): RetentionPlan => {
  const known = new Map(rows.map((row) => [row.id, row]));
  const held = (row: DryRunRow): string | null => {
    const own = known.get(row.id);
    if (own === undefined || own.sourceId !== sourceId) return 'foreign';
    return own.pinned === true ? 'pinned' : null;
  };
  const instant = (row: DryRunRow, reasons: readonly string[]): RetentionPlan['keep'][number] => ({ id: row.id, time: new Date(row.time).toISOString(), reasons: [...reasons] });
  const kept = dry.keep.map((row) => instant(row, [...new Set([...row.reasons.map(shortReason), ...(held(row) === 'pinned' ? ['pinned'] : [])])]));
  const spared = dry.remove.flatMap((row) => (held(row) === null ? [] : [instant(row, [held(row) ?? ''])]));
  const keep = [...kept, ...spared].sort((a, b) => b.time.localeCompare(a.time));
  const remove = dry.remove.filter((row) => held(row) === null).map((row) => instant(row, [])).sort((a, b) => b.time.localeCompare(a.time));
  const token = createHash('sha256').update(JSON.stringify([sourceId, policy, remove.map((row) => row.id)])).digest('hex').slice(0, 32);
  return { source_id: sourceId, policy, keep, remove, token };
};

/** Throws `retention_changed` when a plan would leave fewer than three: a dry run that says so is not believed. */
export const refuseTooMuch = (plan: RetentionPlan): void => {
  if (plan.remove.length > 0 && plan.keep.length < leastKept) throw new AppError('retention_changed', `Only ${plan.keep.length} snapshots would be left. Nothing was removed.`, {});
};

/** Throws `clock_suspect` when the clock is before the newest snapshot, or far after both it and the start of the app. */
export const refuseSuspectClock = (now: number, newest: number, startedAt: number): void => {
  const isBefore = now < newest - tolerance;
  const isFarAfter = now - newest > longestGap && now - startedAt > longestGap;
  if (isBefore || isFarAfter) {
    throw new AppError('clock_suspect', "The computer's clock looks wrong. Nothing was removed.", { now: new Date(now).toISOString(), newest: new Date(newest).toISOString() });
  }
};
