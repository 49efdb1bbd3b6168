// The registry of what schedules do, by kind, and how the end of an operation becomes the end of a scheduled run.
import type { Operation, ScheduleKind, SlotState } from '../../contract';
import { AppError } from './app-error';
import type { Caller } from './ports';
import type { ScheduleRow, SlotRow } from './schedule-rows';
import type { OperationsService } from './services';
import type { Store } from './store-port';

/** What one run is given. */
export interface JobRun {
  readonly caller: Caller;
  readonly slot: SlotRow;
  /** The operation that does the work; kept before anything else happens, so that a restart finds it. */
  linked(operationId: string): void;
  /** What becomes the `resumedBy` of the slot; null once the instance is paused again. */
  resumed(by: string | null): void;
}

export interface JobEnd {
  readonly state: Extract<SlotState, 'succeeded' | 'warnings' | 'failed' | 'cancelled'>;
  /** Code of the error. */
  readonly reason: string | null;
}

/** One kind of scheduled work. */
export interface Job {
  /** It is not begun before Vast.ai answers. */
  needsNetwork(schedule: ScheduleRow): boolean;
  /** Why this time is skipped, such as `not_running`; null when it can begin. Asks nobody. */
  unable?(schedule: ScheduleRow): string | null;
  run(schedule: ScheduleRow, run: JobRun): Promise<JobEnd>;
  /** Whether what an interrupted run was to make exists after all. */
  made?(schedule: ScheduleRow, slot: SlotRow): boolean;
  /** Puts back what a run has changed and not put back itself. False while others need it as it is; throws what went wrong. Asked again until it says true. */
  putBack?(schedule: ScheduleRow, run: JobRun): Promise<boolean>;
}

/** Whoever has a job puts it here at start. */
export type ScheduleJobs = Map<ScheduleKind, Job>;

/** The operation once it has ended. */
export const ended = async (operations: Pick<OperationsService, 'follow' | 'get'>, caller: Caller, id: string): Promise<Operation> => {
  for await (const event of operations.follow(caller, id)) void event;
  return operations.get(caller, id);
};

/** What the end of an operation means for the run. */
export const endOf = (operation: Operation): JobEnd => {
  const reason = operation.error?.code ?? null;
  if (operation.state === 'succeeded' || operation.state === 'warnings') return { state: operation.state, reason };
  return { state: operation.state === 'cancelled' ? 'cancelled' : 'failed', reason };
};

/** What became of a run that the end of the app cut: `interrupted` when what it was to make does not exist. */
const endOfCut = (slot: SlotRow, operation: Operation | null, made: boolean): Pick<SlotRow, 'state' | 'reason'> => {
  if (operation?.state === 'succeeded' || operation?.state === 'warnings') return { state: operation.state, reason: null };
  if (made) return { state: 'succeeded', reason: null };
  // An operation that the end of the app stopped is `cancelled`, whatever its state is.
  if (operation?.state === 'failed' && operation.error?.code !== 'cancelled') return { state: 'failed', reason: operation.error?.code ?? null };
  return slot.byHand ? { state: 'failed', reason: 'interrupted' } : { state: 'interrupted', reason: null };
};

/** Ends a claim that nothing runs for any more, as its operation did, or as cut. `made`: what it was to make exists. `now` in ms. */
export const endCut = (store: Pick<Store, 'operations' | 'slots'>, slot: SlotRow, made: boolean, now: number): SlotRow => {
  const operation = slot.operationId === null ? null : store.operations.get(slot.operationId);
  const found = endOfCut(slot, operation, made);
  const endedAt = typeof operation?.ended_at === 'string' ? Date.parse(operation.ended_at) : now;
  const change = found.state === 'interrupted' ? found : { ...found, endedAt };
  store.slots.update(slot.scheduleId, slot.slot, change);
  return { ...slot, ...change };
};

/** A job that starts one operation and waits for its end. */
export const operationJob = (
  operations: Pick<OperationsService, 'follow' | 'get'>,
  begin: (schedule: ScheduleRow, caller: Caller) => Promise<{ readonly operation_id: string }>,
  needsNetwork: Job['needsNetwork'],
): Job => ({
  needsNetwork,
  run: async (schedule, run) => {
    const { operation_id: id } = await begin(schedule, run.caller);
    run.linked(id);
    return endOf(await ended(operations, run.caller, id));
  },
});

/** Throws for a schedule whose subject is gone. */
export const noSource = (): AppError => new AppError('not_found', 'The folder of this schedule is not known any more.', { kind: 'source', id: '' });
