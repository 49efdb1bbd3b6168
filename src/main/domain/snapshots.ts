// Snapshots of rented instances: taken, listed, restored and deleted, each as an operation of its user.
import path from 'node:path';
import type { CreatedSnapshot, CreateSnapshot, Instance, RepositoryView, RestoreResult, RestoreSnapshot, Snapshot } from '../../contract';
import { AppError, isAppError } from './app-error';
import { CaptureRun } from './capture-run';
import type { Caller, Clock, Hints, Log, OperationRun, Operations } from './ports';
import { RestoreRun } from './restore-run';
import type { InstancesService, SecretsService, SettingsService, SnapshotsService } from './services';
import type { HostTarget, Mirrors, RemoteHosts, RepositoryAccess, RepositorySnapshot, ResticRepository, RestoreFolders } from './snapshot-ports';
import { SnapshotQueues } from './snapshot-queue';
import { SnapshotRepositories } from './snapshot-repository';
import { createdSnapshot, foreignSnapshot, hostLabel, snapshotOf } from './snapshot-view';
import { findOrMakeSource, mannerOf, sourceDirectory } from './source-rows';
import type { OperationRow, SnapshotRow, Store } from './store-port';

/** How long the view of a repository waits for restic, milliseconds. */
const viewPatience = 4000;

export interface SnapshotsParts {
  readonly store: Store;
  readonly operations: Operations;
  readonly secrets: Pick<SecretsService, 'get' | 'set'>;
  readonly instances: Pick<InstancesService, 'get' | 'list'>;
  readonly hosts: RemoteHosts;
  readonly restic: ResticRepository;
  readonly mirrors: Mirrors;
  readonly folders: RestoreFolders;
  readonly settings: Pick<SettingsService, 'values'>;
  readonly hints: Hints;
  readonly clock: Clock;
  readonly log: Log;
  /** Absolute. */
  readonly dataFolder: string;
  /** Restores asked for over HTTP stay below it, unless the settings name another. */
  readonly exportFolder: string;
}

/** The service behind the contract's `snapshots`. */
export class Snapshots implements SnapshotsService {
  private readonly repositories: SnapshotRepositories;
  private readonly queues = new SnapshotQueues();
  /** Told once a snapshot has passed its guard. Nobody waits for them: a failure is a line in the log. */
  readonly onTaken: ((row: SnapshotRow) => Promise<void> | void)[] = [];
  /** Told once a snapshot is gone from the repository. */
  readonly onRemoved: ((userId: string, snapshotId: string) => Promise<void> | void)[] = [];

  constructor(private readonly parts: SnapshotsParts) {
    this.repositories = new SnapshotRepositories({ ...parts, resticPath: (userId) => parts.settings.values(userId).restic_path });
  }

  // ---------------------------------------------------------------- listing

  async list(caller: Caller, input?: { readonly instance_id?: number; readonly tag?: string }): Promise<{ readonly snapshots: Snapshot[]; readonly count: number }> {
    const rows = this.parts.store.snapshots.list(caller.userId);
    const ids = await this.parts.restic.snapshotIds(this.repositories.pathOf(caller.userId));
    const known = new Set(rows.map((row) => row.id));
    const shown = rows.map((row) => snapshotOf(row, ids === null || ids.has(row.id)));
    const strangers = ids !== null && [...ids].some((id) => !known.has(id)) ? await this.strangers(caller.userId, known) : [];
    const snapshots = [...shown, ...strangers.map(foreignSnapshot)]
      .filter((one) => (input?.instance_id === undefined || one.instance_id === input.instance_id) && (input?.tag === undefined || one.tags.includes(input.tag)))
      .sort((a, b) => b.time.localeCompare(a.time));
    return { snapshots, count: snapshots.length };
  }

  /** Snapshots in the repository that no row knows; none when restic does not answer. */
  private async strangers(userId: string, known: ReadonlySet<string>): Promise<readonly RepositorySnapshot[]> {
    try {
      const access = await this.repositories.open(userId);
      const running = this.running(userId);
      const found = access === null ? [] : await this.parts.restic.snapshots(access, AbortSignal.timeout(viewPatience));
      return found.filter((one) => !known.has(one.id) && !one.tags.some((tag) => running.has(tag)));
    } catch (error) {
      this.parts.log.warn('snapshots_list_incomplete', { code: isAppError(error) ? error.code : 'internal' });
      return [];
    }
  }

  /** Tags of operations that run now: their snapshots are not verified yet. */
  private running(userId: string): ReadonlySet<string> {
    return new Set(this.parts.operations.active(userId).map((operation) => `op:${operation.id}`));
  }

  // ---------------------------------------------------------------- taking

  async create(caller: Caller, input: CreateSnapshot): Promise<CreatedSnapshot | { readonly operation_id: string }> {
    const instance = await this.parts.instances.get(caller, input.instance_id);
    const target = reachable(caller.userId, instance);
    const directory = sourceDirectory(instance, input.source_path);
    const { operation, done } = this.parts.operations.start(
      { caller, kind: 'snapshot', instanceId: instance.id, title: `${instance.label ?? instance.id}: ${directory}`, cancellable: true },
      async (run) => {
        const access = await this.repositories.ensure(caller.userId);
        await this.sweep(caller.userId, access);
        const source = findOrMakeSource(this.parts.store, this.parts.clock, caller.userId, instance, directory);
        const outcome = await this.queues.of(source.id).run('exclusive', () => this.capture(source.id, target, access, input.tags, run), run.signal);
        this.parts.hints.tell(caller.userId, 'snapshots', outcome.row.id);
        if (!outcome.unchanged) this.tell(this.onTaken.map((listener) => () => listener(outcome.row)));
        run.link({ snapshotId: outcome.row.id });
        return createdSnapshot(outcome.row, outcome.summary, run.id);
      },
    );
    if (!input.wait) return { operation_id: operation.id };
    return await done;
  }

  private async capture(sourceId: string, target: HostTarget, access: RepositoryAccess, userTags: readonly string[], run: OperationRun): ReturnType<CaptureRun['perform']> {
    const { store, restic, clock, log, hosts, mirrors } = this.parts;
    const source = store.sources.get(sourceId);
    if (source === null) throw new Error('The source is gone');
    const queue = this.queues.of(access.path);
    const mirror = await mirrors.open(source.userId, source.id);
    const input = { source, host: hosts.host(target, mannerOf(source.options)), mirror, access, userTags, hostLabel: hostLabel(source.label, source.instanceId) };
    return await new CaptureRun({ store, restic, queue, clock, log }, input, run).perform();
  }

  private tell(listeners: readonly (() => Promise<void> | void)[]): void {
    for (const listener of listeners) {
      Promise.resolve().then(listener).catch((error: unknown) => this.parts.log.error('snapshot_listener_failed', { error }));
    }
  }

  /** Forgets snapshots that a run of ours made and never verified, because the app ended in between. Others are left alone. */
  private async sweep(userId: string, access: RepositoryAccess): Promise<void> {
    const { store, restic, log } = this.parts;
    const known = new Set(store.snapshots.list(userId).map((row) => row.id));
    const ids = await restic.snapshotIds(access.path);
    if (ids === null || [...ids].every((id) => known.has(id))) return;
    const running = this.running(userId);
    for (const one of await restic.snapshots(access)) {
      const tag = one.tags.find((text) => text.startsWith('op:'));
      if (known.has(one.id) || tag === undefined || running.has(tag)) continue;
      const operation = store.operations.get(tag.slice('op:'.length));
      if (operation?.userId !== userId) continue;
      await this.queues.of(access.path).run('exclusive', () => restic.forget(access, one.id));
      log.warn('snapshot_unverified_removed', { snapshot: one.id, operation: operation.id });
    }
  }

  // ---------------------------------------------------------------- restoring

  async restore(caller: Caller, input: RestoreSnapshot): Promise<RestoreResult | { readonly operation_id: string }> {
    const { snapshotId, row, access } = await this.find(caller.userId, input.snapshot_id);
    const instance = input.instance_id === undefined ? null : await this.parts.instances.get(caller, input.instance_id);
    const target = instance === null ? null : reachable(caller.userId, instance);
    const { operation, done } = this.parts.operations.start(
      { caller, kind: 'restore', instanceId: instance?.id ?? null, title: row === null ? snapshotId.slice(0, 8) : `${row.label ?? row.instanceId}: ${row.path}`, cancellable: true },
      async (run) => {
        run.link({ snapshotId });
        const work = new RestoreRun(this.parts, { access, snapshotId, paths: input.paths, verify: input.verify }, run);
        const result = await this.queues.of(access.path).run('shared', () => (target === null ? this.toFolder(caller, work, input.folder ?? '') : work.toHost(this.parts.hosts.host(target), input.target_path)), run.signal);
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

  /** One of this user's snapshots by its id or the beginning of it. */
  private async find(userId: string, id: string): Promise<{ readonly snapshotId: string; readonly row: SnapshotRow | null; readonly access: RepositoryAccess }> {
    const missing = new AppError('not_found', 'There is no such snapshot.', { kind: 'snapshot', id });
    const ids = await this.parts.restic.snapshotIds(this.repositories.pathOf(userId));
    const rows = this.parts.store.snapshots.list(userId).filter((row) => row.id.startsWith(id));
    const all = new Set([...rows.map((row) => row.id), ...[...(ids ?? [])].filter((one) => one.startsWith(id))]);
    const [snapshotId] = all;
    if (all.size !== 1 || snapshotId === undefined) throw missing;
    const access = await this.repositories.open(userId);
    if (access === null) throw missing;
    return { snapshotId, row: rows[0] ?? null, access };
  }

  // ---------------------------------------------------------------- deleting

  async remove(caller: Caller, id: string): Promise<{ readonly success: true; readonly snapshot_id: string }> {
    const { snapshotId, row, access } = await this.find(caller.userId, id);
    const title = row === null ? snapshotId.slice(0, 8) : `${row.label ?? row.instanceId}: ${row.path}`;
    const { done } = this.parts.operations.start({ caller, kind: 'delete_snapshot', instanceId: row?.instanceId ?? null, title, cancellable: false }, async (run) => {
      run.link({ snapshotId });
      run.progress({ phase: 'delete', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
      const source = row === null ? null : this.parts.store.sources.get(row.sourceId);
      // A capture that builds on this snapshot ends first.
      if (source !== null) await this.queues.of(source.id).run('exclusive', () => this.forget(access, snapshotId, source.id));
      else await this.forget(access, snapshotId, null);
      this.parts.store.snapshots.remove(caller.userId, snapshotId);
      this.parts.hints.tell(caller.userId, 'snapshots', snapshotId);
      this.tell(this.onRemoved.map((listener) => () => listener(caller.userId, snapshotId)));
    });
    await done;
    return { success: true, snapshot_id: snapshotId };
  }

  private async forget(access: RepositoryAccess, snapshotId: string, sourceId: string | null): Promise<void> {
    await this.queues.of(access.path).run('exclusive', () => this.parts.restic.forget(access, snapshotId));
    const source = sourceId === null ? null : this.parts.store.sources.get(sourceId);
    if (source?.parentId !== snapshotId) return;
    this.parts.store.sources.update(source.id, { parentId: null });
    await (await this.parts.mirrors.open(source.userId, source.id)).retireManifest(snapshotId);
  }

  // ---------------------------------------------------------------- the repository

  async repository(caller: Caller): Promise<RepositoryView> {
    const { restic, hosts, settings, store } = this.parts;
    const folder = this.repositories.pathOf(caller.userId);
    const [tool, ssh, exists] = await Promise.all([restic.tool(settings.values(caller.userId).restic_path), hosts.tool(), restic.exists(folder)]);
    const state = await this.state(caller.userId, tool?.advice ?? null, exists);
    const ids = await restic.snapshotIds(folder);
    return {
      state, path: folder, size_bytes: exists ? await restic.size(folder).catch(() => null) : null, snapshot_count: ids?.size ?? (store.snapshots.list(caller.userId).length || null),
      restic: tool, ssh, recovery_key: this.repositories.hasRecoveryKey(caller.userId),
    };
  }

  private async state(userId: string, advice: 'ok' | 'update_advised' | 'too_old' | null, exists: boolean): Promise<RepositoryView['state']> {
    if (advice === null) return 'restic_missing';
    if (advice === 'too_old') return 'restic_too_old';
    if (!exists) return this.repositories.wasMade(userId) ? 'missing' : 'none';
    try {
      const access = await this.repositories.open(userId);
      if (access === null) return 'none';
      await this.parts.restic.snapshots(access, AbortSignal.timeout(viewPatience));
      return 'ready';
    } catch (error) {
      if (isAppError(error, 'repository_wrong_password')) return 'wrong_password';
      if (isAppError(error, 'repository_missing')) return 'missing';
      return isAppError(error, 'repository_locked') ? 'locked' : 'unknown';
    }
  }

  recoveryKey(caller: Caller): Promise<{ readonly recovery_key: string; readonly repository: string }> {
    return this.repositories.addRecoveryKey(caller.userId);
  }

  // ---------------------------------------------------------------- after a restart

  /** Ends a capture that a former run of the app left: its snapshot's row says that it was done; otherwise it has failed and may simply be started again. */
  takeUp(row: OperationRow): void {
    const { store, operations } = this.parts;
    const taken = store.snapshots.list(row.userId).find((one) => one.operationId === row.id);
    if (taken !== undefined) operations.end(row.id, taken.result === 'warnings' ? 'warnings' : 'succeeded', null);
    else operations.end(row.id, 'failed', { code: 'cancelled', message: 'The app ended while this was running. What was fetched is kept.', data: { operation_id: row.id } });
  }
}

/** Where a running instance answers; `instance_state` for any other. */
const reachable = (userId: string, instance: Instance): HostTarget => {
  if (instance.state !== 'running' || instance.ssh === null) throw new AppError('instance_state', 'The instance must be running, with its SSH address known.', { state: instance.state });
  const { host, port, user } = instance.ssh;
  return { userId, instanceId: instance.id, host, port, user };
};
