// Since when an instance runs. Vast.ai says only when it was rented, so it is known where the start was seen here. Pure.
import type { RentedInstance } from './ports';

/** What a list showed of the instances, and since when those that ran were up. */
export interface UptimeLook {
  /** Of the list, ms. */
  readonly at: number;
  readonly statuses: ReadonlyMap<number, string | null>;
  /** By the instance's id, ms; only of those whose start was seen. */
  readonly upSince: ReadonlyMap<number, number>;
}

/** Two lists further apart (ms) say nothing of what was between them: an instance may have been stopped and started again. */
export const unbrokenMs = 65_000;

/** Words of a container that does not run; null while it is being made. Others (offline, unknown) leave open whether it does. */
const isDown: ReadonlySet<string | null> = new Set([null, 'created', 'loading', 'exited', 'stopped', 'rebooting', 'recycling', 'restarting']);
/** A frozen container keeps its processes. */
const isUp: ReadonlySet<string | null> = new Set(['running', 'frozen']);

const since = (before: UptimeLook, { id, actual_status: status }: RentedInstance, at: number): number | null => {
  if (!isUp.has(status)) return null;
  const last = before.statuses.get(id);
  // What no list had before was rented since.
  if (last === undefined || isDown.has(last)) return at;
  return isUp.has(last) ? (before.upSince.get(id) ?? null) : null;
};

/** The look that follows on `before`, which is null at first. `at` in ms. */
export const lookedAgain = (before: UptimeLook | null, rows: readonly RentedInstance[], at: number): UptimeLook => {
  const follows = before !== null && at >= before.at && at - before.at <= unbrokenMs ? before : null;
  const starts = follows === null ? [] : rows.map((row) => [row.id, since(follows, row, at)] as const);
  return {
    at,
    statuses: new Map(rows.map((row) => [row.id, row.actual_status])),
    upSince: new Map(starts.filter((start): start is readonly [number, number] => start[1] !== null)),
  };
};
