// Stopping what a schedule started: when it is still the schedule's to stop, when others need the instance, and whether it worked.
import type { InstanceState, OperationKind, OperationState } from '../../contract';
import { AppError, isAppError } from './app-error';
import type { Caller, Clock } from './ports';
import { ended, type JobRun } from './schedule-jobs';
import type { InstancesService, OperationsService } from './services';
import type { OperationRow, Store } from './store-port';

/*
 * [Note: Paused again] A GPU that runs for nobody costs money, so a start is marked in its slot before it is asked for: "after" the newest operation that the
 * instance had. The first start after that one is the schedule's, also when the app ended in between or the answer was lost. From then on the mark stays
 * until the instance is seen paused, is gone, or somebody else has started or paused it: then it is in their hands. A pause that did not work is none.
 * Runs that share one start leave the pause to the last of them, and nothing is paused while another snapshot, restore or preview goes on there.
 */

/** A start whose answer was lost shows within so long, ms. */
const startShowsWithin = 2 * 60_000;
/** Operations of one instance that are looked through. */
const lookedThrough = 200;
const after = 'after ';

const inUse: ReadonlySet<OperationKind> = new Set(['snapshot', 'restore', 'preview', 'command_after']);
/** States of an operation that goes on. */
export const goesOn: ReadonlySet<OperationState> = new Set(['queued', 'running', 'cancelling']);
const worked = (state: OperationState): boolean => state === 'succeeded' || state === 'warnings';

/** Of these, newest first, the ones after that of this id. */
const newerThan = (rows: readonly OperationRow[], id: string): readonly OperationRow[] => {
  const at = rows.findIndex((row) => row.id === id);
  return at === -1 ? rows : rows.slice(0, at);
};

export interface PauseParts {
  readonly store: Pick<Store, 'sources' | 'operations' | 'schedules' | 'slots'>;
  readonly instances: Pick<InstancesService, 'get' | 'pause'>;
  readonly operations: Pick<OperationsService, 'follow' | 'get'>;
  readonly clock: Clock;
}

export class PauseAgain {
  constructor(private readonly parts: PauseParts) {}

  /** What is kept in the slot before the start is asked for. */
  mark(userId: string, instanceId: number): string {
    return `${after}${this.newest(userId, instanceId, 1)[0]?.id ?? ''}`;
  }

  /**
   * Pauses what `resumedBy` stands for, and takes it out of the slot once nothing of it is left to pause. False when it must be looked at again: others are
   * at work there, or the start may still show. Throws what went wrong.
   */
  async pause(instanceId: number, run: JobRun, resumedBy: string): Promise<boolean> {
    const { caller } = run;
    const start = this.startOf(caller.userId, instanceId, resumedBy);
    const isLeft = start === null ? 'done' : this.isLeft(start, instanceId, run);
    if (isLeft === 'later') return false;
    if (isLeft === 'yes' && start !== null && !(await this.stop(caller, instanceId, start))) return false;
    run.resumed(null);
    return true;
  }

  private newest(userId: string, instanceId: number, limit: number): readonly OperationRow[] {
    return this.parts.store.operations.list(userId, { instanceId, limit });
  }

  /** The start that a slot speaks of; null when there was none. */
  startOf(userId: string, instanceId: number, resumedBy: string): OperationRow | null {
    if (!resumedBy.startsWith(after)) return this.parts.store.operations.get(resumedBy);
    const rows = this.newest(userId, instanceId, lookedThrough);
    return newerThan(rows, resumedBy.slice(after.length)).findLast(({ kind }) => kind === 'resume') ?? null;
  }

  /** Whether it is this run that has to pause, now or later. */
  private isLeft(start: OperationRow, instanceId: number, run: JobRun): 'yes' | 'later' | 'done' {
    const rows = this.newest(run.caller.userId, instanceId, lookedThrough);
    const since = newerThan(rows, start.id);
    if (since.some(({ kind }) => kind === 'resume')) return 'done';
    const ends = since.filter(({ kind }) => kind === 'pause' || kind === 'destroy');
    if (ends.some(({ state }) => worked(state))) return 'done';
    const others = this.otherRuns(instanceId, run);
    if (others.some(({ resumedBy }) => resumedBy !== null && this.startOf(run.caller.userId, instanceId, resumedBy)?.id === start.id)) return 'done';
    const isNeeded = rows.some(({ kind, state }) => inUse.has(kind) && goesOn.has(state)) || others.some(({ state }) => state === 'started');
    return isNeeded || ends.some(({ state }) => goesOn.has(state)) ? 'later' : 'yes';
  }

  /** Runs of all schedules of this instance that go on or have something to pause. */
  private otherRuns(instanceId: number, { caller, slot }: JobRun) {
    const { store } = this.parts;
    const schedules = [...store.schedules.list(caller.userId), ...store.schedules.removed(caller.userId)].filter(({ kind, sourceId }) => kind === 'snapshot' && sourceId !== null && store.sources.get(sourceId)?.instanceId === instanceId);
    return schedules
      .flatMap(({ id }) => [...store.slots.inState(id, 'started'), ...store.slots.resumed(id)])
      .filter((other) => other.scheduleId !== slot.scheduleId || other.slot !== slot.slot);
  }

  /** True once it is paused or gone. */
  private async stop(caller: Caller, instanceId: number, start: OperationRow): Promise<boolean> {
    const { instances, operations, store, clock } = this.parts;
    try {
      const { ended_at: startEnded, state: startState } = store.operations.get(start.id) ?? start;
      if (startEnded !== null && (await this.state(caller, instanceId)) === 'stopped') {
        const since = clock.now() - Date.parse(startEnded);
        return worked(startState) || since < 0 || since > startShowsWithin;
      }
      const { operation_id: id } = await instances.pause(caller, instanceId, { snapshot_first: false });
      const end = await ended(operations, caller, id);
      if (worked(end.state)) return true;
      // Somebody else acted in the middle of it: the next look tells who.
      if (end.state === 'cancelled') return false;
      throw new AppError('instance_state', 'The instance was not paused.', { state: await this.state(caller, instanceId) });
    } catch (error) {
      if (isAppError(error, 'not_found')) return true;
      throw error;
    }
  }

  private async state(caller: Caller, instanceId: number): Promise<InstanceState> {
    return (await this.parts.instances.get(caller, instanceId)).state;
  }
}
