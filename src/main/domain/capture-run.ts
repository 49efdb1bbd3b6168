// One capture from end to end: listing, batches, sidecar, restic, guard, and only then the new state. See [Note: Commit point].
import { AppError, isAppError } from './app-error';
import { captureBudget, type CaptureBudget, type CaptureStage, type Sealed } from './capture-ports';
import type { Clock, Log, OperationRun } from './ports';
import { guardCounts, guardReads, type GuardVerdict } from './snapshot-guard';
import { mirrorRoot, safeText } from './snapshot-names';
import type { BackupSummary, Mirror, Probe, RepositoryAccess, ResticRepository } from './snapshot-ports';
import type { SnapshotQueue } from './snapshot-queue';
import { sidecarName } from './sidecar';
import type { SnapshotRow, SourceRow, Store } from './store-port';

/** A new instance takes the key after some seconds: waits between tries, milliseconds. */
const keyWaits = [1000, 2000, 3000, 4000, 5000];

/** The tag of snapshots that a capture makes on its way: never shown, forgotten when it is done. See [Note: Batches]. */
export const partialTag = 'partial';

/** In place of a verdict: something went wrong before there was one. */
const notChecked = (error: unknown): { readonly holds: false; readonly error: unknown } => ({ holds: false, error });

/** The guard did not hold what copies that nobody looked at led to expect. See [Note: Trusted copies]. */
class MisplacedTrust extends Error {}

export interface CaptureParts {
  readonly store: Pick<Store, 'sources' | 'snapshots'>;
  readonly restic: ResticRepository;
  readonly queue: SnapshotQueue;
  readonly clock: Clock;
  readonly log: Log;
}

export interface CaptureInput {
  readonly source: SourceRow;
  readonly stage: CaptureStage;
  readonly mirror: Pick<Mirror, 'tree' | 'partials'>;
  readonly access: RepositoryAccess;
  readonly userTags: readonly string[];
  /** Of the instance, for restic's `--host`. */
  readonly hostLabel: string;
  readonly budget?: CaptureBudget;
  /** Everything that a complete snapshot will hold lies ready for restic, and so does its sidecar. `takenAt`: epoch milliseconds. */
  readonly onSealed?: (takenAt: number) => void;
  /** Does what comes before and after the work, once the instance was reached. */
  readonly around?: (work: () => Promise<CaptureOutcome>) => Promise<CaptureOutcome>;
}

export interface CaptureOutcome {
  readonly row: SnapshotRow;
  readonly unchanged: boolean;
  readonly summary: BackupSummary | null;
}

/** Connects; waits a little for a key that was attached just now. */
export const connect = async (host: { probe(directory: string, signal: AbortSignal): Promise<Probe> }, directory: string, clock: Clock, run: Pick<OperationRun, 'signal' | 'log'>): Promise<Probe> => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await host.probe(directory, run.signal);
    } catch (error) {
      const wait = keyWaits[attempt];
      if (!isAppError(error, 'ssh_refused') || wait === undefined) throw error;
      run.log('info', 'The instance does not accept the key yet; trying again.');
      await clock.sleep(wait, run.signal);
    }
  }
};

/**
 * [Note: Commit point] The source's `parentId` is the one fact that makes a capture count. The listing belonging to a snapshot is kept under the snapshot's id, so until
 * `parentId` is changed the old listing and the old parent stay a valid pair, whatever else was written; the mirror is compared with the disk on every run.
 *
 * [Note: Batches] What is fetched is fetched in batches of bounded size. When a budget of bytes was fetched and more is to come, a partial snapshot of the mirror so far is made, guarded like
 * any other, and its big files become stubs, so that the disk needs room for a batch and not for everything. The listing stored under a partial snapshot's id is what makes it count; the next
 * backup builds on it, in this run or, after an interruption, in the next. It is forgotten when a complete snapshot is there, or when a later partial one is. Batches that end for their number
 * of files make no partial snapshot: small files stay whole in the mirror, which is where an interrupted run finds them.
 */
export class CaptureRun {
  constructor(
    private readonly parts: CaptureParts,
    private readonly input: CaptureInput,
    private readonly run: OperationRun,
  ) {}

  async perform(): Promise<CaptureOutcome> {
    const { source, stage } = this.input;
    this.phase('connect');
    const probe = await connect(stage, source.path, this.parts.clock, this.run);
    this.check(probe);
    const { around } = this.input;
    return around === undefined ? await this.capture() : await around(() => this.capture());
  }

  private async capture(): Promise<CaptureOutcome> {
    try {
      return await this.attempt();
    } catch (error) {
      if (!(error instanceof MisplacedTrust)) throw error;
      // Listings of the first attempt are left, so that nothing is trusted in the second.
      this.run.log('warn', `Copies on this computer are not as the last snapshot left them (${error.message}). Every one is looked at now.`);
      return await this.attempt();
    }
  }

  private async attempt(): Promise<CaptureOutcome> {
    const { source, stage } = this.input;
    this.phase('scan');
    const parent = this.parent();
    const present = await this.present();
    const scanned = await stage.scan({
      directory: source.path, instanceId: source.instanceId, root: this.root, parentId: parent?.id ?? null, present,
      fullCopy: source.options.full_local_copy, mostBytes: source.options.max_fetch_bytes, budget: this.input.budget ?? captureBudget,
    });
    if (scanned.unchanged && parent !== null) {
      this.run.log('info', 'Nothing has changed since the last snapshot.');
      return { row: parent, unchanged: true, summary: null };
    }
    let baseId = scanned.baseId;
    for (let rest = true; rest; ) {
      const batch = await stage.fetch();
      ({ rest } = batch);
      if (rest && batch.checkpoint) baseId = await this.checkpoint(baseId);
    }
    return await this.complete(baseId);
  }

  private get root(): string {
    return mirrorRoot(this.input.source.path);
  }

  private phase(phase: string): void {
    this.run.progress({ phase, bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
  }

  private check(probe: Probe): void {
    const { path } = this.input.source;
    if (probe.missing.length > 0) throw new AppError('remote_tool_missing', `The instance lacks ${probe.missing.join(' and ')}.`, { missing: [...probe.missing] });
    if (!probe.directory) throw new AppError('source_missing', `There is no folder ${path} on the instance.`, { path });
  }

  /** Ids of what lies in the repository: without them nobody knows what may be built on. */
  private async present(): Promise<ReadonlySet<string>> {
    const { access } = this.input;
    const ids = await this.parts.restic.snapshotIds(access, this.run.signal);
    if (ids === null) throw new AppError('repository_missing', `The repository at ${access.location} cannot be read.`, { path: access.location });
    return ids;
  }

  /** The last good snapshot, if it may be built on. */
  private parent(): SnapshotRow | null {
    const { source } = this.input;
    return source.parentId === null || source.needsFullFetch ? null : this.parts.store.snapshots.get(source.userId, source.parentId);
  }

  /** A partial snapshot of what was fetched so far; gives its id. The one before is not needed any more. */
  private async checkpoint(baseId: string | null): Promise<string> {
    const { stage } = this.input;
    const sealed = await stage.seal({ partial: true, takenAt: new Date(this.parts.clock.now()).toISOString() });
    const { snapshotId } = await this.guarded(sealed, baseId, [partialTag]);
    const former = this.input.mirror.partials();
    await stage.commit(snapshotId, true);
    await stage.settle();
    this.run.log('info', `So far: ${sealed.files} files, ${sealed.bytes} bytes are in a partial snapshot`);
    await this.forgetPartials(former.filter((id) => id !== snapshotId));
    return snapshotId;
  }

  /** The next run sweeps what cannot be forgotten now. */
  private async forgetPartials(ids: readonly string[]): Promise<void> {
    const { restic, queue, log } = this.parts;
    for (const id of ids) {
      await queue
        .run('exclusive', async () => {
          if ((await restic.snapshotIds(this.input.access))?.has(id) !== false) await restic.forget(this.input.access, id);
        })
        .catch((error: unknown) => log.warn('partial_snapshot_left', { snapshot: id, code: isAppError(error) ? error.code : 'internal' }));
    }
  }

  /** restic, the guard, and the new state. */
  private async complete(baseId: string | null): Promise<CaptureOutcome> {
    const { source, stage, mirror, userTags, access } = this.input;
    const takenAt = this.parts.clock.now();
    const sealed = await stage.seal({ partial: false, takenAt: new Date(takenAt).toISOString() });
    this.input.onSealed?.(takenAt);
    const summary = await this.guarded(sealed, baseId, userTags);
    this.run.setCancellable(false);
    const partials = mirror.partials();
    await stage.commit(summary.snapshotId, false);
    const warnings = await stage.warnings();
    const row: SnapshotRow = {
      id: summary.snapshotId, userId: source.userId, repositoryId: access.id, sourceId: source.id, instanceId: source.instanceId, label: source.label, path: source.path, time: takenAt,
      tags: userTags, result: warnings.length > 0 ? 'warnings' : 'ok', warnings, sizeBytes: sealed.bytes, fileCount: sealed.files, operationId: this.run.id,
    };
    this.parts.store.snapshots.insert(row);
    this.parts.store.sources.update(source.id, { parentId: row.id, needsFullFetch: false });
    for (const warning of warnings) this.run.warn(warning);
    this.run.link({ snapshotId: row.id });
    await stage.settle();
    await this.forgetPartials(partials);
    return { row, unchanged: false, summary };
  }

  /** Backs up and compares; a snapshot that does not pass, or whose check was stopped, is forgotten. */
  private async guarded(sealed: Sealed, baseId: string | null, tags: readonly string[]): Promise<BackupSummary> {
    const { queue, log } = this.parts;
    const { summary, verdict } = await queue.run('shared', async () => {
      const summary = await this.backup(sealed, baseId, tags);
      this.phase('verify');
      return { summary, verdict: await this.guard(summary, sealed, baseId).catch(notChecked) };
    }, this.run.signal);
    if (verdict.holds) return summary;
    // Marked first: forgetting may fail too.
    if (!('error' in verdict) && !sealed.trusted) {
      await this.input.stage.distrust();
      this.parts.store.sources.update(this.input.source.id, { needsFullFetch: true });
    }
    await queue.run('exclusive', () => this.parts.restic.forget(this.input.access, summary.snapshotId));
    if ('error' in verdict) throw verdict.error;
    const detail = safeText(verdict.detail);
    if (sealed.trusted) throw new MisplacedTrust(detail);
    log.error('snapshot_guard_failed', { source: this.input.source.id, detail });
    throw new AppError('guard_failed', 'The new snapshot did not hold what was fetched. It was removed; the next one fetches everything.', { detail });
  }

  private backup(sealed: Sealed, baseId: string | null, tags: readonly string[]): Promise<BackupSummary> {
    const { source, access, mirror, hostLabel, stage } = this.input;
    const { run } = this;
    const report = (bytes: number, files: number): void =>
      run.progress({ phase: 'backup', bytes_done: Math.min(bytes, sealed.bytes), bytes_total: sealed.bytes, files_done: Math.min(files, sealed.files), files_total: sealed.files });
    report(0, 0);
    return this.parts.restic.backup(
      access,
      {
        folder: mirror.tree.folder, targets: [this.root, ...(sealed.sidecar === null ? [] : [sidecarName])], parentId: baseId, host: hostLabel, operationTag: `op:${run.id}`,
        tags: [`src:${source.id}`, `inst:${source.instanceId}`, ...tags],
        ...(sealed.guard === 'names' ? { onNamed: (items) => stage.named(items) } : {}),
      },
      run.signal,
      report,
    );
  }

  /** See [Note: Guard]. */
  private async guard(summary: BackupSummary, sealed: Sealed, baseId: string | null): Promise<GuardVerdict> {
    const own = sealed.sidecar === null ? 0 : 1;
    const counts = guardCounts(summary, { files: sealed.files + own, bytes: sealed.bytes + (sealed.sidecar ?? 0) });
    const closer = counts.holds && sealed.guard !== 'counts' ? await this.closerGuard(sealed.guard, summary.snapshotId, baseId) : counts;
    if (!closer.holds) return closer;
    const reads = guardReads(summary, sealed.reads + own);
    if (reads.holds || sealed.guard !== 'counts' || baseId === null) return reads;
    // It fails in any case: the difference says by which files.
    const named = await this.closerGuard('changes', summary.snapshotId, baseId).catch(() => reads);
    return named.holds ? reads : named;
  }

  private async closerGuard(by: 'names' | 'changes', snapshotId: string, baseId: string | null): Promise<GuardVerdict> {
    const { stage, access } = this.input;
    if (by === 'changes' && baseId !== null) await this.parts.restic.diff(access, baseId, snapshotId, this.run.signal, (changes) => stage.changed(changes));
    return await stage.judge(by);
  }
}
