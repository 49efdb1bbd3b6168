// The scheduled snapshot: of a running instance, or of a paused one that is started for it and paused again.
import type { InstanceState, Operation } from '../../contract';
import { AppError, isAppError } from './app-error';
import { stateOf } from './instance-state';
import type { Caller, Clock, Log, RentedInstance } from './ports';
import { ended, endOf, noSource, type Job, type JobEnd, type JobRun } from './schedule-jobs';
import { goesOn, PauseAgain } from './schedule-pause';
import type { ScheduleRow, SlotRow } from './schedule-rows';
import type { InstancesService, OperationsService, SnapshotsService } from './services';
import type { SourceRow, Store } from './store-port';

/** A start that has not happened after so long is taken back, ms: its GPU is rented to somebody else. */
const startWithin = 20 * 60_000;
/** An instance that has just started needs a moment until its SSH server answers: waits between tries, ms. */
const sshWaits = [10_000, 20_000, 40_000];

export interface SnapshotJobParts {
  readonly store: Pick<Store, 'sources' | 'snapshots' | 'operations' | 'schedules' | 'slots'>;
  readonly snapshots: Pick<SnapshotsService, 'create'>;
  readonly instances: Pick<InstancesService, 'get' | 'resume' | 'pause'>;
  readonly operations: Pick<OperationsService, 'follow' | 'get'>;
  /** What Vast.ai listed last. */
  readonly rows: (userId: string) => readonly RentedInstance[];
  readonly clock: Clock;
  readonly log: Log;
}

export class SnapshotJob implements Job {
  private readonly pausing: PauseAgain;

  constructor(private readonly parts: SnapshotJobParts) {
    this.pausing = new PauseAgain(parts);
  }

  needsNetwork(): boolean {
    return true;
  }

  unable(schedule: ScheduleRow): string | null {
    const source = schedule.sourceId === null ? null : this.parts.store.sources.get(schedule.sourceId);
    const row = this.parts.rows(schedule.userId).find((one) => one.id === source?.instanceId);
    if (row === undefined) return 'instance_gone';
    const state = stateOf(row);
    return state === 'running' || (state === 'stopped' && schedule.power === 'start_and_stop') ? null : 'not_running';
  }

  made(schedule: ScheduleRow, slot: SlotRow): boolean {
    const since = slot.startedAt ?? slot.slot;
    return this.parts.store.snapshots.list(schedule.userId).some((row) => row.sourceId === schedule.sourceId && (row.operationId === slot.operationId || row.time >= since));
  }

  async run(schedule: ScheduleRow, run: JobRun): Promise<JobEnd> {
    const source = this.source(schedule);
    let { resumedBy } = run.slot;
    const remember = (by: string | null): void => {
      resumedBy = by;
      run.resumed(by);
    };
    try {
      // A start that a run before this one began, and that outlived it.
      const begun = resumedBy === null ? null : this.pausing.startOf(run.caller.userId, source.instanceId, resumedBy);
      if (begun !== null && goesOn.has(begun.state)) {
        remember(begun.id);
        await this.started(run.caller, source, begun.id);
      } else if (schedule.power === 'start_and_stop' && (await this.state(run.caller, source)) === 'stopped') {
        remember(this.pausing.mark(run.caller.userId, source.instanceId));
        const start = await this.parts.instances.resume(run.caller, source.instanceId).catch((error: unknown) => {
          // Refused before anything was asked of Vast.ai: it is changing in somebody else's hands.
          if (isAppError(error, 'instance_state')) remember(null);
          throw error;
        });
        remember(start.operation_id);
        await this.started(run.caller, source, start.operation_id);
      }
      return await this.take(source, run, resumedBy === null ? [] : sshWaits);
    } finally {
      if (resumedBy !== null) await this.pauseAgain(source, run, resumedBy);
    }
  }

  async putBack(schedule: ScheduleRow, run: JobRun): Promise<boolean> {
    const { resumedBy } = run.slot;
    if (resumedBy === null) return true;
    const { sources, operations } = this.parts.store;
    const source = schedule.sourceId === null ? null : sources.get(schedule.sourceId);
    const instanceId = source?.instanceId ?? operations.get(resumedBy)?.instance_id ?? null;
    if (instanceId !== null) return await this.pausing.pause(instanceId, run, resumedBy);
    run.resumed(null);
    return true;
  }

  private source(schedule: ScheduleRow): SourceRow {
    const source = schedule.sourceId === null ? null : this.parts.store.sources.get(schedule.sourceId);
    if (source === null) throw noSource();
    return source;
  }

  private async state(caller: Caller, source: SourceRow): Promise<InstanceState> {
    return (await this.parts.instances.get(caller, source.instanceId)).state;
  }

  private async started(caller: Caller, source: SourceRow, operationId: string): Promise<void> {
    const { operations, clock } = this.parts;
    const timer = new AbortController();
    const late = clock.sleep(startWithin, timer.signal).then(() => null, () => null);
    const end: Operation | null = await Promise.race([ended(operations, caller, operationId), late]);
    timer.abort();
    if (end?.state === 'succeeded' || end?.state === 'warnings') return;
    throw new AppError('instance_state', 'The instance did not start: its GPU may be rented to somebody else.', { state: await this.state(caller, source) });
  }

  private async take(source: SourceRow, run: JobRun, waits: readonly number[]): Promise<JobEnd> {
    const { snapshots, operations, clock } = this.parts;
    for (let attempt = 0; ; attempt += 1) {
      const begun = await snapshots.create(run.caller, { instance_id: source.instanceId, source_path: source.path, tags: ['scheduled'], wait: false });
      run.linked(begun.operation_id);
      const end = endOf(await ended(operations, run.caller, begun.operation_id));
      const wait = waits[attempt];
      if (wait === undefined || (end.reason !== 'ssh_unreachable' && end.reason !== 'ssh_refused')) return end;
      await clock.sleep(wait);
    }
  }

  /** Once; what is left is gone on with by whoever runs the schedules. */
  private async pauseAgain(source: SourceRow, run: JobRun, resumedBy: string): Promise<void> {
    try {
      await this.pausing.pause(source.instanceId, run, resumedBy);
    } catch (error) {
      this.parts.log.warn('schedule.not_paused_again', { instance_id: source.instanceId, code: isAppError(error) ? error.code : 'internal' });
    }
  }
}
