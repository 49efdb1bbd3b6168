// Snapshots of rented instances: taken, listed, restored and deleted, each as an operation of its user.
import path from 'node:path';
import type { CreatedSnapshot, CreateSnapshot, RestoreResult, RestoreSnapshot, Snapshot } from '../../contract';
import { isAppError } from './app-error';
import type { CaptureBudget, CaptureStages } from './capture-ports';
import { CaptureRun, type CaptureOutcome } from './capture-run';
import { localStages } from './capture-stages';
import type { IndexDraft } from './file-index-port';
import type { IndexKeeper } from './index-keeper';
import type { OwedCommands } from './owed-commands';
import type { Caller, Clock, Hints, Log, OperationRun, Operations } from './ports';
import type { RepositoryShelves } from './repository-contents';
import { reachable } from './host-target';
import { chosenPaths } from './restore-plan';
import { RestoreRun } from './restore-run';
import type { InstancesService, SettingsService, SnapshotsService } from './services';
import type { HostTarget, Mirrors, RemoteHosts, RepositoryAccess, ResticRepository } from './snapshot-ports';
import type { RestoreFolders } from './restore-ports';
import { SnapshotList } from './snapshot-list';
import type { SnapshotQueues } from './snapshot-queue';
import type { SnapshotRepositories } from './snapshot-repository';
import { createdSnapshot, hostLabel, snapshotTitle } from './snapshot-view';
import { withHooks } from './source-hooks';
import { metered } from './source-rate';
import { findOrMakeSource, keptIn, sourceDirectory, withHooksOfFlags } from './source-rows';
import type { OperationRow, SnapshotRow, SourceRow, Store } from './store-port';

export interface SnapshotsParts {
  readonly store: Store;
  readonly operations: Operations;
  readonly repositories: SnapshotRepositories;
  readonly shelves: RepositoryShelves;
  /** By source id, and by location of a repository. */
  readonly queues: SnapshotQueues;
  readonly instances: Pick<InstancesService, 'get' | 'list'>;
  readonly owed: Pick<OwedCommands, 'payFirst' | 'debt'>;
  readonly hosts: RemoteHosts;
  readonly restic: ResticRepository;
  readonly mirrors: Mirrors;
  /** Where captures work on listings and mirrors; in this thread when it is not said. */
  readonly stages?: CaptureStages;
  /** What is fetched and backed up at a time, where it is not the usual. */
  readonly budget?: CaptureBudget;
  readonly folders: RestoreFolders;
  readonly settings: Pick<SettingsService, 'values'>;
  readonly hints: Hints;
  readonly clock: Clock;
  readonly log: Log;
  /** Restores asked for over HTTP stay below it, unless the settings name another. */
  readonly exportFolder: string;
  /** Of flags, for sources without commands of their own. */
  readonly hooks?: { readonly before: string | null; readonly after: string | null };
}

/** For whoever looks why a snapshot that nobody asked for failed. */
const notNamed = 'Nobody has named a folder of this instance, so it was the one where it says its data are. If they are elsewhere, take a snapshot of that folder once: from then on it is that one that is taken before an end.';

/** The service behind the contract's `snapshots`. */
export class Snapshots implements SnapshotsService {
  private readonly snapshotList: SnapshotList;
  /** Told once a snapshot has passed its guard. Nobody waits for them: a failure is a line in the log. */
  readonly onTaken: ((row: SnapshotRow, draft: IndexDraft | null) => Promise<void> | void)[] = [];
  /** Reads what a snapshot will hold while it is being made; whoever has it wants to be told of `onTaken`, with what it gave. */
  drafts: Pick<IndexKeeper, 'draft'> | null = null;
  /** Told once a snapshot is gone from the repository. */
  readonly onRemoved: ((userId: string, snapshotId: string) => Promise<void> | void)[] = [];

  constructor(private readonly parts: SnapshotsParts) {
    this.snapshotList = new SnapshotList(parts);
  }

  // ---------------------------------------------------------------- listing

  async list(caller: Caller, input?: { readonly instance_id?: number; readonly tag?: string; readonly repository_id?: string }): Promise<{ readonly snapshots: Snapshot[]; readonly count: number }> {
    const snapshots = await this.snapshotList.all(caller.userId, input);
    return { snapshots, count: snapshots.length };
  }

  // ---------------------------------------------------------------- taking

  async create(caller: Caller, input: CreateSnapshot): Promise<CreatedSnapshot | { readonly operation_id: string }> {
    const instance = await this.parts.instances.get(caller, input.instance_id);
    const target = reachable(caller.userId, instance);
    const directory = sourceDirectory(instance, input.source_path);
    const { operation, done } = this.parts.operations.start(
      { caller, kind: 'snapshot', instanceId: instance.id, title: snapshotTitle(instance, directory), cancellable: true },
      async (run) => {
        const { repositories, store, clock } = this.parts;
        const wanted = input.repository_id === undefined ? undefined : repositories.row(caller.userId, input.repository_id).id;
        const source = keptIn(store, findOrMakeSource(store, clock, caller.userId, instance, directory), wanted);
        const access = await repositories.ensure(caller.userId, source.repositoryId);
        await this.snapshotList.follow(caller.userId, { operationId: run.id, repositoryId: source.repositoryId, signal: run.signal });
        run.signal.throwIfAborted();
        await this.snapshotList.sweep(caller.userId, access);
        const outcome = await this.parts.queues.of(source.id).run('exclusive', () => this.capture(source.id, target, access, input.tags, run), run.signal).catch((error: unknown) => {
          if (input.source_path === undefined && isAppError(error, 'source_missing')) run.log('info', notNamed);
          throw error;
        });
        this.parts.shelves.changed(access.location);
        this.parts.hints.tell(caller.userId, 'snapshots', outcome.row.id);
        if (outcome.unchanged) outcome.draft?.drop();
        else this.tell(this.onTaken.map((listener) => () => listener(outcome.row, outcome.draft)));
        run.link({ snapshotId: outcome.row.id });
        return createdSnapshot(outcome.row, outcome.summary, run.id);
      },
    );
    if (!input.wait) return { operation_id: operation.id };
    return await done;
  }

  private async capture(sourceId: string, target: HostTarget, access: RepositoryAccess, userTags: readonly string[], run: OperationRun): Promise<CaptureOutcome & { readonly draft: IndexDraft | null }> {
    const { store, restic, clock, log, hosts, mirrors } = this.parts;
    const row = store.sources.get(sourceId);
    if (row === null) throw new Error('The source is gone');
    const source = { ...row, options: withHooksOfFlags(row.options, this.parts.hooks) };
    const meter = metered(run, () => clock.now());
    const queue = this.parts.queues.of(access.location);
    const mirror = await mirrors.open(source.userId, source.id);
    const stage = await (this.parts.stages ?? localStages(hosts, mirrors)).open({ userId: source.userId, sourceId: source.id, target, options: source.options }, meter.run);
    const sealed = { draft: null as IndexDraft | null };
    try {
      const input = {
        source, stage, mirror, access, userTags, hostLabel: hostLabel(source.label, source.instanceId), budget: this.parts.budget,
        around: (work: () => Promise<CaptureOutcome>) => this.betweenCommands(source, target, run, work),
        // More than once where a capture begins again.
        onSealed: (takenAt: number) => {
          sealed.draft?.drop();
          sealed.draft = this.drafts?.draft(source, mirror.tree, takenAt) ?? null;
        },
      };
      const outcome = await new CaptureRun({ store, restic, queue, clock, log }, input, meter.run).perform();
      const fetchRate = meter.rate();
      if (fetchRate !== null) store.sources.update(source.id, { fetchRate });
      return { ...outcome, draft: sealed.draft };
    } catch (error) {
      sealed.draft?.drop();
      throw error;
    } finally {
      await stage.close();
    }
  }

  private async betweenCommands<Result>(source: SourceRow, target: HostTarget, run: OperationRun, work: () => Promise<Result>): Promise<Result> {
    const { hosts, owed } = this.parts;
    const host = hosts.host(target);
    await owed.payFirst(target, source.path, host, run);
    return await withHooks(host, source.path, source.options, run, owed.debt(target, source.path, run.id), work);
  }

  /** Whoever removes a snapshot says so here. */
  tellRemoved(userId: string, snapshotId: string): void {
    this.tell(this.onRemoved.map((listener) => () => listener(userId, snapshotId)));
  }

  private tell(listeners: readonly (() => Promise<void> | void)[]): void {
    for (const listener of listeners) {
      Promise.resolve().then(listener).catch((error: unknown) => this.parts.log.error('snapshot_listener_failed', { error }));
    }
  }

  // ---------------------------------------------------------------- restoring

  async restore(caller: Caller, input: RestoreSnapshot): Promise<RestoreResult | { readonly operation_id: string }> {
    const { snapshotId, row, access } = await this.snapshotList.find(caller.userId, input.snapshot_id);
    const instance = input.instance_id === undefined ? null : await this.parts.instances.get(caller, input.instance_id);
    const target = instance === null ? null : reachable(caller.userId, instance);
    const { operation, done } = this.parts.operations.start(
      { caller, kind: 'restore', instanceId: instance?.id ?? null, title: row === null ? snapshotId.slice(0, 8) : `${row.label ?? row.instanceId}: ${row.path}`, cancellable: true },
      async (run) => {
        run.link({ snapshotId });
        const work = new RestoreRun(this.parts, { access, snapshotId, paths: chosenPaths(input), verify: input.verify }, run);
        const result = await this.parts.queues.of(access.location).run('shared', () => (target === null ? this.toFolder(caller, work, input.folder ?? '') : work.toHost(this.parts.hosts.host(target), input.target_path)), run.signal);
        for (const error of result.errors) run.warn(error);
        return { ...result, operation_id: run.id };
      },
    );
    if (!input.wait) return { operation_id: operation.id };
    return await done;
  }

  private toFolder(caller: Caller, work: RestoreRun, folder: string): ReturnType<RestoreRun['toFolder']> {
    if (caller.transport === 'ipc') return work.toFolder(folder, null);
    const within = this.parts.settings.values(caller.userId).export_folder ?? this.parts.exportFolder;
    return work.toFolder(path.isAbsolute(folder) ? folder : path.join(within, folder), within);
  }

  // ---------------------------------------------------------------- deleting

  async remove(caller: Caller, id: string): Promise<{ readonly success: true; readonly snapshot_id: string }> {
    const { snapshotId, row, access } = await this.snapshotList.find(caller.userId, id);
    const title = row === null ? snapshotId.slice(0, 8) : `${row.label ?? row.instanceId}: ${row.path}`;
    const { done } = this.parts.operations.start({ caller, kind: 'delete_snapshot', instanceId: row?.instanceId ?? null, title, cancellable: false }, async (run) => {
      run.link({ snapshotId });
      run.progress({ phase: 'delete', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
      const source = row === null ? null : this.parts.store.sources.get(row.sourceId);
      // A capture that builds on this snapshot ends first.
      if (source !== null) await this.parts.queues.of(source.id).run('exclusive', () => this.forget(access, snapshotId, source.id, run));
      else await this.forget(access, snapshotId, null, run);
      this.parts.store.snapshots.remove(caller.userId, snapshotId);
      this.parts.hints.tell(caller.userId, 'snapshots', snapshotId);
      this.tellRemoved(caller.userId, snapshotId);
    });
    await done;
    return { success: true, snapshot_id: snapshotId };
  }

  private async forget(access: RepositoryAccess, snapshotId: string, sourceId: string | null, run: OperationRun): Promise<void> {
    const { queues, restic, shelves } = this.parts;
    try {
      await queues.of(access.location).run('exclusive', () => restic.forget(access, snapshotId));
    } catch (error) {
      // restic may have ended badly after its work was done: what lies in the repository counts.
      if ((await restic.snapshotIds(access))?.has(snapshotId) !== false) {
        run.log('info', 'The snapshot is still there, as it was.');
        throw error;
      }
      run.log('warn', `The snapshot is gone, but restic did not end well: ${isAppError(error) ? error.message : String(error)}`);
    }
    shelves.changed(access.location);
    this.unlink(snapshotId, sourceId);
  }

  /** The next capture of its source builds on no parent, or on another; what its listing shows is not fetched again for that. */
  private unlink(snapshotId: string, sourceId: string | null): void {
    const source = sourceId === null ? null : this.parts.store.sources.get(sourceId);
    if (source?.parentId !== snapshotId) return;
    this.parts.store.sources.update(source.id, { parentId: null });
  }

  // ---------------------------------------------------------------- after a restart

  /** Removes what a former run left in the user's local repositories: locks of the dead, and what captures made and never verified. Nobody waits for it. */
  async clearUp(userId: string): Promise<void> {
    for (const { id } of this.parts.repositories.rows(userId)) {
      const access = await this.parts.repositories.open(userId, id);
      if (access?.local !== true) continue;
      await this.parts.restic.clearLocks(access);
      await this.snapshotList.sweep(userId, access);
    }
  }

  /** Ends a deletion that a former run of the app left: what lies in the repository says how far it came. */
  async endLeftRemoval(row: OperationRow): Promise<void> {
    const { store, operations, restic, hints, repositories } = this.parts;
    const id = row.snapshot_id;
    const taken = id === null ? null : store.snapshots.get(row.userId, id);
    const place = taken === null ? null : repositories.placeOf(repositories.row(row.userId, taken.repositoryId));
    // A folder here is read without a password; what lies on a server is not known before its user signs in.
    const ids = taken === null || place?.local !== true ? null : await restic.snapshotIds({ id: taken.repositoryId, ...place, password: '', resticPath: null, env: {}, options: [] });
    if (id === null || taken === null || ids === null || ids.has(id)) {
      const message = `The app ended while this was running. ${ids === null ? 'Whether the snapshot is still there is not known.' : 'The snapshot is still there, as it was.'}`;
      return operations.end(row.id, 'failed', { code: 'cancelled', message, data: { operation_id: row.id } });
    }
    this.unlink(id, taken.sourceId);
    store.snapshots.remove(row.userId, id);
    operations.end(row.id, 'succeeded', null);
    hints.tell(row.userId, 'snapshots', id);
    this.tell(this.onRemoved.map((listener) => () => listener(row.userId, id)));
  }

  /** Ends a capture that a former run of the app left: its snapshot's row says that it was done; otherwise it has failed and may simply be started again. */
  takeUp(row: OperationRow): void {
    const { store, operations } = this.parts;
    const taken = store.snapshots.list(row.userId).find((one) => one.operationId === row.id);
    if (taken !== undefined) operations.end(row.id, taken.result === 'warnings' ? 'warnings' : 'succeeded', null);
    else operations.end(row.id, 'failed', { code: 'cancelled', message: 'The app ended while this was running. What was fetched is kept.', data: { operation_id: row.id } });
  }
}
