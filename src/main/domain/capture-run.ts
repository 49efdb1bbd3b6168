// One capture from end to end: listing, delta, mirror, sidecar, restic, guard, and only then the new state. See [Note: Commit point].
import { AppError, isAppError } from './app-error';
import { CaptureFetch, type FetchResult } from './capture-fetch';
import { byPath, expectedChange, isUnchanged, withNudges, type ByPath } from './capture-delta';
import type { Clock, Log, OperationRun } from './ports';
import { guardChanges, guardCounts, type GuardVerdict } from './snapshot-guard';
import type { ManifestEntry } from './snapshot-manifest';
import { mirrorPath, mirrorRoot, safeText } from './snapshot-names';
import type { BackupSummary, BytePath, Mirror, Probe, RemoteHost, RepositoryAccess, ResticRepository } from './snapshot-ports';
import type { SnapshotQueue } from './snapshot-queue';
import { sidecarLines, sidecarName } from './sidecar';
import { listSource } from './source-listing';
import type { SnapshotRow, SourceRow, Store } from './store-port';

/** A new instance takes the key after some seconds: waits between tries, milliseconds. */
const keyWaits = [1000, 2000, 3000, 4000, 5000];

export interface CaptureParts {
  readonly store: Pick<Store, 'sources' | 'snapshots'>;
  readonly restic: ResticRepository;
  readonly queue: SnapshotQueue;
  readonly clock: Clock;
  readonly log: Log;
}

export interface CaptureInput {
  readonly source: SourceRow;
  readonly host: RemoteHost;
  readonly mirror: Mirror;
  readonly access: RepositoryAccess;
  readonly userTags: readonly string[];
  /** Of the instance, for restic's `--host`. */
  readonly hostLabel: string;
}

export interface CaptureOutcome {
  readonly row: SnapshotRow;
  readonly unchanged: boolean;
  readonly summary: BackupSummary | null;
}

/** Connects; waits a little for a key that was attached just now. */
export const connect = async (host: RemoteHost, directory: string, clock: Clock, run: Pick<OperationRun, 'signal' | 'log'>): Promise<Probe> => {
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
 */
export class CaptureRun {
  constructor(
    private readonly parts: CaptureParts,
    private readonly input: CaptureInput,
    private readonly run: OperationRun,
  ) {}

  async perform(): Promise<CaptureOutcome> {
    const { source, host, mirror } = this.input;
    const { run } = this;
    this.phase('connect');
    const probe = await connect(host, source.path, this.parts.clock, run);
    this.check(probe);
    this.phase('scan');
    const { entries: listed, notes } = await listSource(host, source.path, source.options, probe, run);
    for (const note of notes) run.log('warn', note, 'remote');
    const parent = await this.parent();
    const before = parent === null ? null : await this.listing(parent.id);
    if (parent !== null && before !== null && isUnchanged(before, listed)) {
      run.log('info', 'Nothing has changed since the last snapshot.');
      return { row: parent, unchanged: true, summary: null };
    }
    const pending = source.needsFullFetch ? null : await this.listing('pending');
    const entries = withNudges(before ?? pending, listed);
    const fetched = await new CaptureFetch(host, mirror, run, { directory: source.path, root: this.root, entries, listings: [before, pending] }).bring();
    const warnings = [...(notes.length > 0 ? [`The instance could not list everything: ${notes.slice(0, 3).join('; ')}`] : []), ...fetched.warnings];
    return await this.store(entries, { ...fetched, warnings }, before === null ? null : parent, before);
  }

  private get root(): string {
    return mirrorRoot(this.input.source.path);
  }

  private phase(phase: string): void {
    this.run.progress({ phase, bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
  }

  private check(probe: Probe): void {
    const { path } = this.input.source;
    const missing = [...(probe.tar === 'gnu' ? [] : ['GNU tar']), ...(probe.find === 'gnu' ? [] : ['GNU find'])];
    if (missing.length > 0) throw new AppError('remote_tool_missing', `The instance lacks ${missing.join(' and ')}.`, { missing });
    if (!probe.directory) throw new AppError('source_missing', `There is no folder ${path} on the instance.`, { path });
  }

  /** The last good snapshot, if it still exists and may be built on. */
  private async parent(): Promise<SnapshotRow | null> {
    const { source, access } = this.input;
    if (source.parentId === null || source.needsFullFetch) return null;
    const row = this.parts.store.snapshots.get(source.userId, source.parentId);
    return row !== null && (await this.parts.restic.snapshotIds(access, this.run.signal))?.has(row.id) === true ? row : null;
  }

  private async listing(which: string): Promise<ByPath | null> {
    const entries = await this.input.mirror.readManifest(which);
    return entries === null ? null : byPath(entries);
  }

  /** restic, the guard, and the new state. */
  private async store(listed: readonly ManifestEntry[], fetched: FetchResult, parent: SnapshotRow | null, before: ByPath | null): Promise<CaptureOutcome> {
    const { mirror, source, access } = this.input;
    const { entries, skipped, warnings } = fetched;
    const takenAt = this.parts.clock.now();
    const left = listed.filter((entry) => skipped.has(entry.path));
    const sidecarSize = await mirror.writeSidecar(
      sidecarName,
      sidecarLines({ directory: source.path, root: this.root, instanceId: source.instanceId, takenAt: new Date(takenAt).toISOString() }, [...entries, ...left], skipped),
    );
    const files = entries.filter((entry) => entry.type === 'f');
    const bytes = files.reduce((sum, entry) => sum + entry.size, 0);
    const summary = await this.guarded(entries, parent, before, { files: files.length + 1, bytes: bytes + sidecarSize });
    this.run.setCancellable(false);
    await mirror.writeManifest(summary.snapshotId, entries);
    const row: SnapshotRow = {
      id: summary.snapshotId, userId: source.userId, repositoryId: access.id, sourceId: source.id, instanceId: source.instanceId, label: source.label, path: source.path, time: takenAt,
      tags: this.input.userTags, result: warnings.length > 0 ? 'warnings' : 'ok', warnings, sizeBytes: bytes, fileCount: files.length, operationId: this.run.id,
    };
    this.parts.store.snapshots.insert(row);
    this.parts.store.sources.update(source.id, { parentId: row.id, needsFullFetch: false });
    for (const warning of warnings) this.run.warn(warning);
    this.run.link({ snapshotId: row.id });
    await mirror.keepManifest(row.id);
    return { row, unchanged: false, summary };
  }

  /** Backs up and compares; a snapshot that does not pass, or whose check was stopped, is forgotten. */
  private async guarded(entries: readonly ManifestEntry[], parent: SnapshotRow | null, before: ByPath | null, expected: { readonly files: number; readonly bytes: number }): Promise<BackupSummary> {
    const { queue } = this.parts;
    const { summary, verdict } = await queue.run('shared', async () => {
      const summary = await this.backup(parent, expected);
      this.phase('verify');
      const verdict = await this.guard(summary, parent, before, entries, expected).catch((error: unknown) => ({ holds: false, error }) as const);
      return { summary, verdict };
    }, this.run.signal);
    if (verdict.holds) return summary;
    // Marked first: forgetting may fail too.
    if (!('error' in verdict)) this.parts.store.sources.update(this.input.source.id, { needsFullFetch: true });
    await queue.run('exclusive', () => this.parts.restic.forget(this.input.access, summary.snapshotId));
    if ('error' in verdict) throw verdict.error;
    const detail = safeText(verdict.detail);
    this.parts.log.error('snapshot_guard_failed', { source: this.input.source.id, detail });
    throw new AppError('guard_failed', 'The new snapshot did not hold what was fetched. It was removed; the next one fetches everything.', { detail });
  }

  private backup(parent: SnapshotRow | null, expected: { readonly files: number; readonly bytes: number }): Promise<BackupSummary> {
    const { source, access, mirror, userTags, hostLabel } = this.input;
    const { run } = this;
    const report = (bytes: number, files: number): void =>
      run.progress({ phase: 'backup', bytes_done: Math.min(bytes, expected.bytes), bytes_total: expected.bytes, files_done: Math.min(files, expected.files), files_total: expected.files });
    report(0, 0);
    return this.parts.restic.backup(
      access,
      {
        folder: mirror.folder, targets: [this.root, sidecarName], parentId: parent?.id ?? null, host: hostLabel, operationTag: `op:${run.id}`,
        tags: [`src:${source.id}`, `inst:${source.instanceId}`, ...userTags],
      },
      run.signal,
      report,
    );
  }

  /** See [Note: Guard]. */
  private async guard(summary: BackupSummary, parent: SnapshotRow | null, before: ByPath | null, entries: readonly ManifestEntry[], expected: { readonly files: number; readonly bytes: number }): Promise<GuardVerdict> {
    const counts = guardCounts(summary, expected);
    if (!counts.holds || parent === null || before === null) return counts;
    const snapshotPath = (path: BytePath): string => `/${this.root}/${mirrorPath(path)}`;
    const changes = await this.parts.restic.diff(this.input.access, parent.id, summary.snapshotId, this.run.signal);
    return guardChanges(changes, expectedChange(before, byPath(entries), snapshotPath), new Set([`/${sidecarName}`]));
  }
}
