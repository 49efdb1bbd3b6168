// Schedules as the contract shows them. Pure.
import type { RetentionPolicy, Schedule, ScheduledRun } from '../../contract';
import type { ScheduleRow, SlotRow } from './schedule-rows';
import { dueSlots, nextSlots } from './schedule-slots';
import type { SourceRow } from './store-port';

const shownNext = 5;
/** What has just come is not overdue, ms. */
const overdueAfter = 60_000;

const instant = (ms: number): string => new Date(ms).toISOString();

/** Its instance was started for it and is billed until it is paused: worth more than how the run itself went. */
const isLeftRunning = ({ state, resumedBy }: SlotRow): boolean => resumedBy !== null && state !== 'started' && state !== 'asking';

/** `isLeft`: an earlier run's instance is not paused again yet. */
export const runOf = (slot: SlotRow, isLeft = isLeftRunning(slot)): ScheduledRun => ({
  slot: instant(slot.slot), state: isLeft && slot.state === 'succeeded' ? 'warnings' : slot.state, reason: isLeft ? 'not_paused_again' : slot.reason, covers: slot.covers, late: slot.late, by_hand: slot.byHand, operation_id: slot.operationId,
  started_at: slot.startedAt === null ? null : instant(slot.startedAt), ended_at: slot.endedAt === null ? null : instant(slot.endedAt),
});

/** What is known beside the row. */
export interface ScheduleFacts {
  readonly source: SourceRow | null;
  readonly retention: RetentionPolicy | null;
  readonly last: SlotRow | null;
  /** A run whose instance is not paused again yet. */
  readonly left: boolean;
  readonly asking: SlotRow | null;
  readonly running: boolean;
  readonly waitsFor: Schedule['waits_for'];
  /** ms */
  readonly now: number;
}

export const scheduleOf = (row: ScheduleRow, facts: ScheduleFacts): Schedule => {
  const { source, now } = facts;
  const due = row.enabled ? dueSlots(row, row.consideredUntil, now - overdueAfter) : null;
  return {
    id: row.id, kind: row.kind,
    source: source === null ? null : { id: source.id, instance_id: source.instanceId, path: source.path, label: source.label },
    repository_id: row.repositoryId, timing: row.timing, time_zone: row.timeZone, enabled: row.enabled, catch_up: row.catchUp, power: row.power, options: row.options,
    retention: facts.retention,
    next_runs: row.enabled ? nextSlots(row, now, shownNext).map(instant) : [],
    overdue_since: due === null ? null : instant(due.first),
    waits_for: facts.waitsFor, running: facts.running,
    last_run: facts.last === null ? null : runOf(facts.last, facts.left && facts.last.state !== 'started'),
    asking: facts.asking === null ? null : runOf(facts.asking),
    created_at: instant(row.createdAt),
  };
};
