// The list of snapshots: rows of the store, joined with what lies in the user's repositories.
import type { Snapshot } from '../../contract';
import { AppError } from './app-error';
import type { Operations } from './ports';
import { noStamp, stampNow, stampsOf, type Standing } from './proof-stamp';
import { longPatience, type RepositoryContents, type RepositoryShelves } from './repository-contents';
import { followRewritten, writeDown } from './snapshot-follow';
import type { Mirrors, RepositoryAccess, RepositorySnapshot, ResticRepository } from './snapshot-ports';
import type { SnapshotQueues } from './snapshot-queue';
import type { SnapshotRepositories } from './snapshot-repository';
import { isPartial, isUnverified, sweepSnapshots } from './snapshot-sweep';
import { foreignSnapshot, snapshotOf } from './snapshot-view';
import type { RepositoryRow, SnapshotRow, Store } from './store-port';
import type { Log } from './ports';

export interface SnapshotListParts {
  readonly store: Pick<Store, 'snapshots' | 'sources' | 'proofs' | 'upkeep'>;
  readonly operations: Pick<Operations, 'active' | 'known'>;
  readonly repositories: SnapshotRepositories;
  readonly shelves: RepositoryShelves;
  readonly restic: ResticRepository;
  readonly mirrors: Mirrors;
  readonly queues: SnapshotQueues;
  readonly log: Log;
}

/** One snapshot, whether a row knows it or not. */
export interface FoundSnapshot {
  readonly snapshotId: string;
  readonly row: SnapshotRow | null;
  readonly access: RepositoryAccess;
}

/** A snapshot that lies in a repository, with what its files are versions of. */
export interface ListedSnapshot {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly repositoryId: string;
  /** The id of its source; of one that no row knows its source by its tag, else host and folders. */
  readonly source: string;
  /** It holds a sidecar. */
  readonly ours: boolean;
}

/** A capture that asks what became of the snapshot that it builds on. */
export interface FollowingCapture {
  readonly operationId: string;
  readonly repositoryId: string;
  readonly signal: AbortSignal;
}

const foreignSource = (one: RepositorySnapshot): { readonly source: string; readonly ours: boolean } => {
  const source = one.tags.find((tag) => tag.startsWith('src:'));
  return source === undefined ? { source: [one.hostname, ...one.paths].join('\n'), ours: false } : { source: source.slice('src:'.length), ours: true };
};

/** Repositories of which a check found that they are damaged, and that nothing has found whole since. */
export const damagedRepositories = (store: Pick<Store, 'upkeep'>, userId: string): ReadonlySet<string> =>
  new Set(store.upkeep.list(userId).filter(({ facts }) => facts.damaged_at !== null).map((one) => one.repositoryId));

/** Which snapshots a user has. */
export class SnapshotList {
  constructor(private readonly parts: SnapshotListParts) {}

  /** All, newest first. One that only a repository knows is shown without what a row would say. */
  async all(userId: string, filter: { readonly instance_id?: number; readonly tag?: string; readonly repository_id?: string } = {}): Promise<Snapshot[]> {
    const before = new Set(this.parts.store.snapshots.list(userId).map((row) => row.id));
    const contents = await this.follow(userId);
    // One taken since the repositories were looked at is not missing there: it is in the next list.
    const rows = this.parts.store.snapshots.list(userId).filter((row) => before.has(row.id) || contents.get(row.repositoryId)?.ids.has(row.id) === true);
    const stamps = stampsOf(this.parts.store.proofs.list(userId));
    const damaged = damagedRepositories(this.parts.store, userId);
    return this.parts.repositories
      .rows(userId)
      .flatMap((repository) => this.of(repository, rows, before, contents.get(repository.id) ?? null))
      .map(({ present, ...one }) => ({ ...one, proof: stampNow(stamps.get(one.id) ?? noStamp, !present ? 'gone' : damaged.has(one.repository_id) ? 'damaged' : 'there') }))
      .filter((one) => filter.instance_id === undefined || one.instance_id === filter.instance_id)
      .filter((one) => filter.tag === undefined || one.tags.includes(filter.tag))
      .filter((one) => filter.repository_id === undefined || one.repository_id === filter.repository_id)
      .sort((a, b) => b.time.localeCompare(a.time));
  }

  /** What lies in each repository, by its id; rows have followed snapshots that another program gave a new id. `capture` asks for its operation: whether it fetches everything hangs on the answer of its repository, so it waits for that. See [Note: Rewritten snapshots]. */
  async follow(userId: string, capture: FollowingCapture | null = null): Promise<ReadonlyMap<string, RepositoryContents | null>> {
    const { store, shelves, repositories } = this.parts;
    const known = new Set(store.snapshots.list(userId).map((row) => row.id));
    return new Map(await Promise.all(repositories.rows(userId).map(async (repository) => {
      const contents = await shelves.of(repository, known, capture?.repositoryId === repository.id ? { ms: longPatience, signal: capture.signal } : undefined);
      const rows = store.snapshots.list(userId).filter((row) => row.repositoryId === repository.id);
      if (contents !== null) {
        if (writeDown(store, rows, contents)) this.learn(repository);
        await followRewritten(this.parts, userId, rows, contents, capture?.operationId ?? null);
      }
      return [repository.id, contents] as const;
    })));
  }

  private learn(repository: RepositoryRow): void {
    const write = (contents: RepositoryContents | null): void => {
      const { store } = this.parts;
      if (contents !== null) writeDown(store, store.snapshots.list(repository.userId).filter((row) => row.repositoryId === repository.id), contents);
    };
    // The app may end meanwhile: then it is asked again another time.
    this.parts.shelves.learn(repository).then(write).catch((error: unknown) => this.parts.log.warn('snapshots_not_identified', { error }));
  }

  /** `before`: ids of the rows before the repositories were looked at. One of them that has none any more was deleted meanwhile, and is no stranger. */
  private of(repository: RepositoryRow, rows: readonly SnapshotRow[], before: ReadonlySet<string>, contents: RepositoryContents | null): readonly (Snapshot & { readonly present: boolean })[] {
    const known = new Set([...before, ...rows.map((row) => row.id)]);
    const shown = rows
      .filter((row) => row.repositoryId === repository.id)
      .map((row) => ({ row, present: contents === null || contents.ids.has(row.id) || row.time >= contents.asOf }))
      .map(({ row, present }) => ({ ...snapshotOf(row, present), present }));
    const running = this.running(repository.userId);
    const strangers = [...(contents?.ids ?? [])]
      .filter((id) => !known.has(id))
      .map((id) => contents?.details.get(id))
      .filter((one): one is RepositorySnapshot => one !== undefined && this.counts(repository.userId, one, running));
    return [...shown, ...strangers.map((one) => ({ ...foreignSnapshot(one, repository.id), present: true }))];
  }

  /** Those that lie in a repository that can be read. `whole`: all can. */
  async lying(userId: string): Promise<{ readonly snapshots: readonly ListedSnapshot[]; readonly whole: boolean }> {
    const all = await this.follow(userId);
    const rows = this.parts.store.snapshots.list(userId);
    const byId = new Map(rows.map((row) => [row.id, row]));
    const running = this.running(userId);
    const snapshots: ListedSnapshot[] = [];
    let whole = true;
    for (const repository of this.parts.repositories.rows(userId)) {
      const contents = all.get(repository.id) ?? null;
      whole &&= contents !== null;
      for (const id of contents?.ids ?? []) {
        const [row, stranger] = [byId.get(id), contents?.details.get(id)];
        if (row !== undefined) snapshots.push({ id, time: row.time, repositoryId: repository.id, source: row.sourceId, ours: true });
        else if (stranger === undefined) whole = false;
        else if (this.counts(userId, stranger, running)) snapshots.push({ id, time: stranger.time, repositoryId: repository.id, ...foreignSource(stranger) });
      }
    }
    return { snapshots, whole };
  }

  /** Where these rows of one user stand now, by id: asked now and for a short time only, because something hangs on it. */
  async standing(userId: string, rows: readonly SnapshotRow[]): Promise<ReadonlyMap<string, Exclude<Standing, 'damaged'>>> {
    const used = new Set(rows.map((row) => row.repositoryId));
    const repositories = this.parts.repositories.rows(userId).filter((one) => used.has(one.id));
    const contents = new Map(await Promise.all(repositories.map(async (one) => [one.id, await this.parts.shelves.now(one)] as const)));
    return new Map(rows.map((row) => {
      const found = contents.get(row.repositoryId);
      // Of a repository that is not known any more there is nothing to be had.
      if (found === undefined) return [row.id, 'gone'];
      return [row.id, found === null ? 'unreadable' : found.ids.has(row.id) || row.time >= found.asOf ? 'there' : 'gone'];
    }));
  }

  /** One without a row is shown unless it is a step of a capture, or one that was never verified. */
  private counts(userId: string, one: RepositorySnapshot, running: ReadonlySet<string>): boolean {
    return !isPartial(one) && !one.tags.some((tag) => running.has(tag)) && !isUnverified(this.parts.operations, userId, one);
  }

  /** Tags of operations that run now: their snapshots are not verified yet. */
  private running(userId: string): ReadonlySet<string> {
    return new Set(this.parts.operations.active(userId).map((operation) => `op:${operation.id}`));
  }

  /** One of this user's snapshots by its id or the beginning of it; `not_found` when there is none, or more than one. */
  async find(userId: string, id: string): Promise<FoundSnapshot> {
    const missing = new AppError('not_found', 'There is no such snapshot.', { kind: 'snapshot', id });
    const { repositories } = this.parts;
    const contents = await this.follow(userId);
    const rows = this.parts.store.snapshots.list(userId);
    const found = new Map(rows.filter((row) => row.id.startsWith(id)).map((row) => [row.id, row.repositoryId]));
    for (const repository of repositories.rows(userId)) {
      for (const one of contents.get(repository.id)?.ids ?? []) if (one.startsWith(id) && !found.has(one)) found.set(one, repository.id);
    }
    // An id that it had before.
    if (found.size === 0) for (const row of rows) if (row.original?.startsWith(id) === true) found.set(row.id, row.repositoryId);
    const [first] = found;
    if (found.size !== 1 || first === undefined) throw missing;
    const [snapshotId, repositoryId] = first;
    const access = await repositories.open(userId, repositoryId);
    if (access === null) throw missing;
    return { snapshotId, row: rows.find((row) => row.id === snapshotId) ?? null, access };
  }

  /** See sweepSnapshots. */
  async sweep(userId: string, access: RepositoryAccess): Promise<void> {
    if (await sweepSnapshots({ ...this.parts, queue: this.parts.queues.of(access.location) }, userId, access, this.running(userId))) this.parts.shelves.changed(access.location);
  }
}
