// What the database keeps of schedules: the schedules, the times that were claimed, what is kept of sources, and care of repositories.
import type { CatchUp, RetentionPolicy, Schedule, ScheduleKind, ScheduleOptions, SlotState, Timing, UpkeepRun } from '../../contract';

export interface ScheduleRow {
  readonly id: string;
  readonly userId: string;
  readonly kind: ScheduleKind;
  readonly sourceId: string | null;
  readonly repositoryId: string;
  readonly timing: Timing;
  /** IANA. */
  readonly timeZone: string;
  readonly enabled: boolean;
  readonly catchUp: CatchUp;
  readonly power: Schedule['power'];
  readonly options: ScheduleOptions;
  /** Where the grid of "every N minutes" begins, ms. */
  readonly anchor: number;
  /** Every scheduled time up to here has been decided, ms. */
  readonly consideredUntil: number;
  readonly createdAt: number;
}

/** One scheduled time that was claimed. See [Note: One run per slot]. */
export interface SlotRow {
  readonly scheduleId: string;
  /** ms. */
  readonly slot: number;
  readonly state: SlotState;
  readonly reason: string | null;
  /** Scheduled times it stands for, itself included. */
  readonly covers: number;
  readonly late: boolean;
  readonly byHand: boolean;
  readonly attempts: number;
  readonly operationId: string | null;
  /** The operation that started a paused instance for it, or a mark of where that is found; the instance is paused again afterwards, and then this is null. See [Note: Paused again]. */
  readonly resumedBy: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

export interface RetentionRow {
  readonly sourceId: string;
  readonly userId: string;
  readonly policy: RetentionPolicy;
  /** What it removes was seen once. */
  readonly confirmed: boolean;
  readonly lastRunAt: number | null;
}

/** What was done for a repository, newest of each. */
export interface UpkeepFacts {
  readonly prune: UpkeepRun | null;
  readonly check: UpkeepRun | null;
  readonly rolling_check: UpkeepRun | null;
  /** Read next, from 1. */
  readonly part: number;
  readonly parts: number;
  readonly removed_since_prune: number;
  /** When a check found damage; null once a repair or a check of all data has found it whole. Until then nothing in it counts as proven. */
  readonly damaged_at: string | null;
}

/** The tables of this subject. */
export interface ScheduleTables {
  readonly schedules: {
    insert(row: ScheduleRow): void;
    update(id: string, change: Partial<Omit<ScheduleRow, 'id' | 'userId' | 'createdAt'>>): void;
    get(id: string): ScheduleRow | null;
    list(userId: string): readonly ScheduleRow[];
    /** With its slots. While a run of it goes on, or an instance that it started is not paused again, it stays in `removed`, disabled; called again, it goes once nothing of that is left. */
    remove(id: string): void;
    /** Those that are removed but for that; no longer in `get` and `list`. */
    removed(userId: string): readonly ScheduleRow[];
  };
  readonly slots: {
    /** Inserts the row and moves the schedule's `consideredUntil` up to it, as one change. False when this slot was claimed before; then nothing but `consideredUntil` changes. */
    claim(row: SlotRow): boolean;
    update(scheduleId: string, slot: number, change: Partial<Omit<SlotRow, 'scheduleId' | 'slot'>>): void;
    get(scheduleId: string, slot: number): SlotRow | null;
    /** Newest first. */
    list(scheduleId: string, limit: number): readonly SlotRow[];
    inState(scheduleId: string, state: SlotState): readonly SlotRow[];
    /** Those whose instance is not paused again yet, oldest first. */
    resumed(scheduleId: string): readonly SlotRow[];
    /** Removes all but the newest so many, and what is not paused again yet. */
    trim(scheduleId: string, keep: number): void;
  };
  readonly retention: {
    get(sourceId: string): RetentionRow | null;
    list(userId: string): readonly RetentionRow[];
    put(row: RetentionRow): void;
    remove(sourceId: string): void;
  };
  readonly upkeep: {
    get(userId: string, repositoryId: string): UpkeepFacts;
    list(userId: string): readonly { readonly repositoryId: string; readonly facts: UpkeepFacts }[];
    put(userId: string, repositoryId: string, facts: UpkeepFacts): void;
  };
}
