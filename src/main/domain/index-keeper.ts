// Keeps the index of files agreeing with the repositories: new snapshots are added, removed ones taken out, and missing ones read in the background.
import path from 'node:path';
import { AppError, isAppError } from './app-error';
import type { FileIndex, IndexDraft, IndexFeed } from './file-index-port';
import type { Hints, Log, OperationRun, Operations } from './ports';
import { sidecarName } from './sidecar';
import type { ListedSnapshot, SnapshotList } from './snapshot-list';
import type { Mirror, Mirrors, RepositoryAccess, ResticRepository } from './snapshot-ports';
import type { SnapshotQueues } from './snapshot-queue';
import type { SnapshotRepositories } from './snapshot-repository';
import type { SnapshotRow, SourceRow } from './store-port';

export interface IndexKeeperParts {
  readonly index: FileIndex;
  readonly list: SnapshotList;
  readonly repositories: SnapshotRepositories;
  readonly restic: ResticRepository;
  readonly queues: SnapshotQueues;
  readonly mirrors: Mirrors;
  readonly operations: Operations;
  readonly hints: Hints;
  readonly log: Log;
}

/** What is missing in the index. */
export interface IndexState {
  /** Snapshots that are not in it. */
  readonly unread: number;
  /** The operation that reads them; null when none runs. */
  readonly operationId: string | null;
}

/** Where the sidecars of a snapshot that is being taken, and of the one before, lie. */
type SidecarPlaces = Pick<Mirror['tree'], 'folder' | 'formerSidecar'>;

/** The sidecar of a snapshot while it lies beside the mirror, and its predecessor's. `takenAt`: epoch milliseconds. */
export const feedOf = ({ folder, formerSidecar: former }: SidecarPlaces, takenAt: number): Extract<IndexFeed, { readonly kind: 'file' }> => ({ kind: 'file', file: path.join(folder, sidecarName), takenAt: new Date(takenAt).toISOString(), former });

const codeOf = (error: unknown): string => (isAppError(error) ? error.code : 'internal');

/** One operation per user at a time reads what is missing, one snapshot after the other. */
export class IndexKeeper {
  private readonly running = new Map<string, string>();
  /** Snapshots that could not be read; they are tried again when they are asked for. */
  private readonly failed = new Set<string>();
  /** Those that somebody waits for. */
  private readonly wanted = new Set<string>();
  /** Being added right now, without an operation. */
  private readonly adding = new Map<string, Promise<void>>();

  constructor(private readonly parts: IndexKeeperParts) {}

  /** A snapshot is about to be made: what it will hold is read while restic works. */
  draft({ userId, id }: Pick<SourceRow, 'userId' | 'id'>, tree: SidecarPlaces, takenAt: number): IndexDraft {
    return this.parts.index.draft(userId, { source: id, time: takenAt }, feedOf(tree, takenAt));
  }

  /** A snapshot passed its guard: what it holds still lies beside the mirror, so restic is not asked. */
  async taken(row: SnapshotRow, draft: IndexDraft | null): Promise<void> {
    const { index, mirrors, log } = this.parts;
    const work = (async () => {
      if ((await draft?.name(row.id)) === true) return;
      const { tree } = await mirrors.open(row.userId, row.sourceId);
      await index.add(row.userId, { id: row.id, source: row.sourceId, time: row.time }, feedOf(tree, row.time), new AbortController().signal, () => undefined);
    })();
    this.adding.set(row.id, work.finally(() => this.adding.delete(row.id)).catch(() => undefined));
    try {
      await work;
      this.parts.hints.tell(row.userId, 'snapshots', row.id);
    } catch (error) {
      log.warn('index_not_added', { snapshot: row.id, code: codeOf(error) });
      await this.check(row.userId);
    }
  }

  async removed(userId: string, snapshotId: string): Promise<void> {
    await this.parts.index.remove(userId, [snapshotId]);
  }

  /** Takes out what no repository has any more, and begins to read what is missing. */
  async check(userId: string, wanted: string | null = null): Promise<IndexState> {
    if (wanted !== null) {
      await this.adding.get(wanted);
      this.wanted.add(wanted);
      this.failed.delete(wanted);
    }
    const { missing, gone } = await this.compare(userId);
    if (gone.length > 0) await this.parts.index.remove(userId, gone);
    const readable = missing.filter(({ id }) => !this.failed.has(id) && !this.adding.has(id));
    return { unread: missing.length, operationId: readable.length === 0 ? (this.running.get(userId) ?? null) : this.begin(userId) };
  }

  private async compare(userId: string): Promise<{ readonly missing: readonly ListedSnapshot[]; readonly gone: readonly string[] }> {
    const [{ snapshots, whole }, indexed] = await Promise.all([this.parts.list.lying(userId), this.parts.index.snapshots(userId)]);
    const lying = new Set(snapshots.map(({ id }) => id));
    return { missing: snapshots.filter(({ id }) => !indexed.has(id)), gone: whole ? [...indexed].filter((id) => !lying.has(id) && !this.adding.has(id)) : [] };
  }

  private begin(userId: string): string {
    const running = this.running.get(userId);
    if (running !== undefined) return running;
    const spec = { caller: { userId }, kind: 'index' as const, instanceId: null, title: '', cancellable: true };
    const { operation, done } = this.parts.operations.start(spec, (run) => this.read(userId, run));
    this.running.set(userId, operation.id);
    done.catch(() => undefined).finally(() => this.running.delete(userId));
    return operation.id;
  }

  /** The work of the operation: until nothing that can be read is missing. */
  private async read(userId: string, run: OperationRun): Promise<void> {
    for (let files = 0; ; ) {
      const { missing } = await this.compare(userId);
      // The oldest first: then rows are shared best. What somebody waits for goes before.
      const order = missing.filter(({ id }) => !this.failed.has(id) && !this.adding.has(id)).toSorted((a, b) => Number(this.wanted.has(b.id)) - Number(this.wanted.has(a.id)) || a.time - b.time);
      const [next] = order;
      run.signal.throwIfAborted();
      if (next === undefined) return;
      run.log('info', `Reading what is in the snapshot ${next.id.slice(0, 8)}; ${order.length - 1} more after it.`);
      let entries = 0;
      const onProgress = (count: number): void => {
        entries = count;
        run.progress({ phase: 'contents', bytes_done: 0, bytes_total: null, files_done: files + count, files_total: null });
      };
      onProgress(0);
      try {
        await this.add(userId, next, run.signal, onProgress);
        this.parts.hints.tell(userId, 'snapshots', next.id);
      } catch (error) {
        if (run.signal.aborted) throw run.signal.reason;
        // One that is damaged must not keep the others from being read.
        this.failed.add(next.id);
        run.warn(`The snapshot ${next.id.slice(0, 8)} could not be read: ${isAppError(error) ? error.message : 'internal error'}`);
        this.parts.log.warn('index_not_read', { snapshot: next.id, error });
      }
      this.wanted.delete(next.id);
      files += entries;
    }
  }

  private async add(userId: string, snapshot: ListedSnapshot, signal: AbortSignal, onProgress: (entries: number) => void): Promise<void> {
    const { repositories, queues } = this.parts;
    const access = await repositories.open(userId, snapshot.repositoryId);
    if (access === null) throw new AppError('not_found', 'There is no such snapshot.', { kind: 'snapshot', id: snapshot.id });
    await queues.of(access.location).run('shared', () => this.feed(userId, snapshot, access, signal, onProgress), signal);
  }

  private async feed(userId: string, { id, source, time, ours }: ListedSnapshot, access: RepositoryAccess, signal: AbortSignal, onProgress: (entries: number) => void): Promise<void> {
    const { index, restic, log } = this.parts;
    if (ours) {
      try {
        await index.add(userId, { id, source, time }, { kind: 'sidecar', stream: restic.dump(access, id, `/${sidecarName}`, signal) }, signal, onProgress);
        return;
      } catch (error) {
        // Without a sidecar that can be read, restic itself says what is in it.
        if (signal.aborted || !isAppError(error, 'repository_damaged', 'restic_failed')) throw error;
        log.warn('index_without_sidecar', { snapshot: id, code: error.code });
      }
    }
    await index.add(userId, { id, source, time }, { kind: 'ls', stream: restic.list(access, id, signal) }, signal, onProgress);
  }
}
