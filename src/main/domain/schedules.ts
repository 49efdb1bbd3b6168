// The service behind the contract's `schedules`: kept, refused when impossible, shown with what comes and what was.
import { randomUUID } from 'node:crypto';
import type { ChangeSchedule, CreateSchedule, RetentionPolicy, Schedule, ScheduledRun, Timing } from '../../contract';
import { AppError } from './app-error';
import type { Caller, Clock, Hints } from './ports';
import { keepsNothing } from './retention-plan';
import type { ScheduleJobs } from './schedule-jobs';
import type { ScheduleRow } from './schedule-rows';
import type { ScheduleRunner } from './schedule-runner';
import { nextSlots, refuseImpossible } from './schedule-slots';
import { runOf, scheduleOf } from './schedule-view';
import type { InstancesService, SchedulesService } from './services';
import { findOrMakeSource, keptIn, sourceDirectory } from './source-rows';
import type { SnapshotRepositories } from './snapshot-repository';
import type { Store } from './store-port';

/** Runs that the history shows. */
const shownRuns = 100;
const minute = 60_000;

export interface SchedulesParts {
  readonly store: Store;
  readonly runner: ScheduleRunner;
  readonly jobs: ScheduleJobs;
  readonly instances: Pick<InstancesService, 'get'>;
  readonly repositories: Pick<SnapshotRepositories, 'row'>;
  readonly hints: Hints;
  readonly clock: Clock;
}

export class Schedules implements SchedulesService {
  constructor(private readonly parts: SchedulesParts) {}

  list(caller: Caller, input?: { readonly instance_id?: number }): { readonly schedules: Schedule[]; readonly count: number } {
    const schedules = this.parts.store.schedules
      .list(caller.userId)
      .map((row) => this.view(row))
      .filter((one) => input?.instance_id === undefined || one.source?.instance_id === input.instance_id);
    return { schedules, count: schedules.length };
  }

  get(caller: Caller, id: string): Schedule & { readonly runs: ScheduledRun[] } {
    const row = this.row(caller, id);
    return { ...this.view(row), runs: this.parts.store.slots.list(id, shownRuns).map((slot) => runOf(slot)) };
  }

  async create(caller: Caller, input: CreateSchedule): Promise<Schedule> {
    const { store, clock, jobs, instances, repositories } = this.parts;
    const now = clock.now();
    const anchor = Math.floor(now / minute) * minute;
    refuseImpossible({ timing: input.timing, timeZone: input.time_zone, anchor }, now);
    if (!jobs.has(input.kind)) throw wrongInput('kind', 'nothing does this');
    refuseEmpty(input.retention);
    const needsSource = input.kind === 'snapshot' || input.kind === 'rehearse';
    if (needsSource && input.instance_id === undefined) throw wrongInput('instance_id', 'whose snapshots');
    if (input.repository_id !== undefined || !needsSource) repositories.row(caller.userId, input.repository_id ?? 'default');
    const instance = needsSource && input.instance_id !== undefined ? await instances.get(caller, input.instance_id) : null;
    const source = instance === null ? null : findOrMakeSource(store, clock, caller.userId, instance, sourceDirectory(instance, input.source_path));
    const sourceId = source?.id ?? null;
    if (source !== null && input.kind === 'snapshot') keptIn(store, source, input.repository_id);
    const row: ScheduleRow = {
      id: randomUUID(), userId: caller.userId, kind: input.kind, sourceId, repositoryId: input.repository_id ?? 'default', timing: input.timing, timeZone: input.time_zone, enabled: input.enabled,
      catchUp: input.catch_up, power: input.power, options: input.options, anchor, consideredUntil: now, createdAt: now,
    };
    store.schedules.insert(row);
    this.keepPolicy(row, input.retention);
    this.tell(row);
    return this.view(row);
  }

  update(caller: Caller, input: ChangeSchedule): Schedule {
    const { store, clock } = this.parts;
    const before = this.row(caller, input.id);
    const now = clock.now();
    const changed: ScheduleRow = {
      ...before, timing: input.timing ?? before.timing, timeZone: input.time_zone ?? before.timeZone, enabled: input.enabled ?? before.enabled, catchUp: input.catch_up ?? before.catchUp,
      power: input.power ?? before.power, options: input.options ?? before.options,
    };
    refuseEmpty(input.retention);
    const hasOtherTimes = JSON.stringify([before.timing, before.timeZone]) !== JSON.stringify([changed.timing, changed.timeZone]);
    // Other times, or times that begin to count again, are none that were missed.
    const since = hasOtherTimes || (changed.enabled && !before.enabled) ? { anchor: Math.floor(now / minute) * minute, consideredUntil: now } : {};
    const row: ScheduleRow = { ...changed, ...since };
    refuseImpossible(row, now);
    const { id: _id, userId: _userId, createdAt: _createdAt, ...change } = row;
    store.schedules.update(row.id, change);
    this.keepPolicy(row, input.retention);
    this.tell(row);
    return this.view(row);
  }

  remove(caller: Caller, id: string): { readonly success: true; readonly id: string } {
    const row = this.row(caller, id);
    this.parts.store.schedules.remove(row.id);
    this.tell(row);
    return { success: true, id };
  }

  async runNow(caller: Caller, id: string): Promise<Schedule> {
    const row = this.row(caller, id);
    await this.parts.runner.byHand(row);
    return this.view(row);
  }

  answer(caller: Caller, id: string, answer: 'run' | 'skip'): Schedule {
    const row = this.row(caller, id);
    this.parts.runner.answer(row, answer);
    return this.view(this.row(caller, id));
  }

  preview(input: { readonly timing: Timing; readonly time_zone: string; readonly count: number }): { readonly next_runs: string[] } {
    const now = this.parts.clock.now();
    const rule = { timing: input.timing, timeZone: input.time_zone, anchor: Math.floor(now / minute) * minute };
    refuseImpossible(rule, now);
    return { next_runs: nextSlots(rule, now, input.count).map((at) => new Date(at).toISOString()) };
  }

  private view(row: ScheduleRow): Schedule {
    const { store, runner, clock } = this.parts;
    const source = row.sourceId === null ? null : store.sources.get(row.sourceId);
    return scheduleOf(row, {
      source,
      retention: row.sourceId === null ? null : (store.retention.get(row.sourceId)?.policy ?? null),
      last: store.slots.list(row.id, 1)[0] ?? null,
      left: store.slots.resumed(row.id).some((slot) => slot.state !== 'started'),
      asking: store.slots.inState(row.id, 'asking').at(-1) ?? null,
      running: runner.isRunning(row.id),
      waitsFor: runner.waitsFor(row.id),
      now: clock.now(),
    });
  }

  private keepPolicy(row: ScheduleRow, policy: RetentionPolicy | null | undefined): void {
    if (row.sourceId === null || policy === undefined) return;
    const { retention } = this.parts.store;
    const known = retention.get(row.sourceId);
    if (policy === null) retention.remove(row.sourceId);
    else if (JSON.stringify(known?.policy) !== JSON.stringify(policy)) retention.put({ sourceId: row.sourceId, userId: row.userId, policy, confirmed: false, lastRunAt: known?.lastRunAt ?? null });
  }

  private row(caller: Caller, id: string): ScheduleRow {
    const row = this.parts.store.schedules.get(id);
    if (row === null || row.userId !== caller.userId) throw new AppError('not_found', 'There is no such schedule.', { kind: 'schedule', id });
    return row;
  }

  private tell(row: ScheduleRow): void {
    this.parts.hints.tell(row.userId, 'schedules', row.id);
    this.parts.runner.wake();
  }
}

const wrongInput = (path: string, message: string): AppError => new AppError('invalid_input', `The request is not valid: ${path}: ${message}.`, { issues: [{ path, message }] });

const refuseEmpty = (policy: RetentionPolicy | null | undefined): void => {
  if (policy !== null && policy !== undefined && keepsNothing(policy)) throw new AppError('retention_empty', 'A policy that keeps nothing is refused.', {});
};
