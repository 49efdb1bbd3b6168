// Constructs what works by the clock: schedules with their jobs, care of repositories, and snapshots before an instance ends.
import type { Instances } from './domain/instances';
import { defaultParts, defaultRepackGb, Maintenance } from './domain/maintenance';
import type { OperationsLog } from './domain/operations';
import type { OwedCommands } from './domain/owed-commands';
import type { Clock, Hints, Log } from './domain/ports';
import type { Proofs } from './domain/proofs';
import type { RepositoryCare } from './domain/repository-care';
import { ScheduleDeadlines } from './domain/schedule-deadlines';
import { operationJob, type ScheduleJobs } from './domain/schedule-jobs';
import type { ScheduleRow } from './domain/schedule-rows';
import { ScheduleRunner } from './domain/schedule-runner';
import { SnapshotJob } from './domain/schedule-snapshot';
import { Schedules } from './domain/schedules';
import type { SettingsService } from './domain/services';
import type { RepositoryShelves } from './domain/repository-contents';
import type { ResticRepository } from './domain/snapshot-ports';
import type { SnapshotQueues } from './domain/snapshot-queue';
import type { SnapshotRepositories } from './domain/snapshot-repository';
import type { Snapshots } from './domain/snapshots';
import type { Store } from './domain/store-port';

export interface ClockworkParts {
  readonly store: Store;
  readonly instances: Instances;
  readonly snapshots: Snapshots;
  readonly operations: OperationsLog;
  readonly owed: Pick<OwedCommands, 'look'>;
  readonly proofs: Pick<Proofs, 'rehearseNewest'>;
  readonly restic: Pick<ResticRepository, 'snapshotIds'>;
  readonly repositories: SnapshotRepositories;
  readonly shelves: Pick<RepositoryShelves, 'changed'>;
  readonly queues: SnapshotQueues;
  readonly settings: Pick<SettingsService, 'values'>;
  readonly care: RepositoryCare;
  readonly hints: Hints;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Clockwork {
  readonly runner: ScheduleRunner;
  readonly schedules: Schedules;
  readonly maintenance: Maintenance;
  /** Whoever has a job of another kind adds it here. */
  readonly jobs: ScheduleJobs;
}

/** Whether Vast.ai has answered lately, from what the poller knows. */
const online = (instances: Instances, userId: string): boolean => !instances.poller.snapshot(userId).stale;

export const makeClockwork = (parts: ClockworkParts): Clockwork => {
  const { store, instances, snapshots, operations, owed, proofs, restic, repositories, shelves, queues, settings, care, hints, clock, log } = parts;
  const maintenance = new Maintenance({
    store, operations, restic, repositories, queues, care, hints, clock, log, changed: (location) => shelves.changed(location), removed: (userId, id) => snapshots.tellRemoved(userId, id), startedAt: clock.now(),
  });
  snapshots.onTaken.push((row) => maintenance.afterSnapshot(row.userId, row.sourceId));
  const repository = (schedule: ScheduleRow): string => schedule.repositoryId;
  // A repository in a folder of this computer is cared for without a network.
  const isRemote = (schedule: ScheduleRow): boolean => !repositories.placeOf(repositories.row(schedule.userId, schedule.repositoryId)).local;
  const jobs: ScheduleJobs = new Map();
  jobs.set('snapshot', new SnapshotJob({ store, snapshots, instances, operations, rows: (userId) => instances.poller.snapshot(userId).rows, clock, log }));
  jobs.set('prune', operationJob(operations, (schedule, caller) => maintenance.prune(caller, { repository_id: repository(schedule), max_repack_gb: schedule.options.max_repack_gb ?? defaultRepackGb }), isRemote));
  jobs.set('check', operationJob(operations, (schedule, caller) => maintenance.check(caller, { repository_id: repository(schedule), read: 'none', parts: defaultParts }), isRemote));
  jobs.set('rolling_check', operationJob(operations, (schedule, caller) => maintenance.check(caller, { repository_id: repository(schedule), read: 'part', parts: schedule.options.parts ?? defaultParts }), isRemote));
  jobs.set('rehearse', operationJob(operations, (schedule, caller) => proofs.rehearseNewest(caller, schedule.sourceId ?? ''), isRemote));
  const deadlines = new ScheduleDeadlines({ store, snapshots, operations, settings, known: (userId) => instances.poller.snapshot(userId), clock, log });
  const runner = new ScheduleRunner({ store, jobs, online: (userId) => online(instances, userId), hints, clock, log, alsoLook: [(...look) => owed.look(...look), (...look) => deadlines.look(...look)] });
  return { runner, jobs, maintenance, schedules: new Schedules({ store, runner, jobs, instances, repositories, hints, clock }) };
};
