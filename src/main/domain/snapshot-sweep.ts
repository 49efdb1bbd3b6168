// Snapshots that runs of ours left behind, because the app ended in between: made and never verified, or partial and not needed any more.
import { partialTag } from './capture-run';
import type { Log, Operations } from './ports';
import type { Mirrors, RepositoryAccess, RepositorySnapshot, ResticRepository } from './snapshot-ports';
import type { SnapshotQueue } from './snapshot-queue';
import type { OperationRow, Store } from './store-port';

export interface SweepParts {
  readonly store: Pick<Store, 'snapshots' | 'sources'>;
  readonly operations: Pick<Operations, 'known'>;
  readonly restic: ResticRepository;
  readonly mirrors: Mirrors;
  readonly queue: SnapshotQueue;
  readonly log: Log;
}

/** A snapshot that a capture made on its way. See [Note: Batches]. */
export const isPartial = (one: Pick<RepositorySnapshot, 'tags'>): boolean => one.tags.includes(partialTag) && one.tags.some((tag) => tag.startsWith('op:'));

/** The operation that made it, if it is known here. */
const makerOf = (operations: Pick<Operations, 'known'>, one: Pick<RepositorySnapshot, 'tags'>): OperationRow | null => {
  const tag = one.tags.find((text) => text.startsWith('op:'));
  return tag === undefined ? null : operations.known(tag.slice('op:'.length));
};

/**
 * An operation of this user made it and never verified it, because it was stopped or the app ended in between.
 *
 * One of an operation that went well was verified, whatever became of its row, such as in a repository that was taken away and imported again.
 */
export const isUnverified = (operations: Pick<Operations, 'known'>, userId: string, one: Pick<RepositorySnapshot, 'tags'>): boolean => {
  const operation = makerOf(operations, one);
  return operation?.userId === userId && (operation.state === 'failed' || operation.state === 'cancelled');
};

/** The next capture of its source builds on it. */
const isNeeded = async (parts: SweepParts, one: RepositorySnapshot): Promise<boolean> => {
  const source = one.tags.find((tag) => tag.startsWith('src:'))?.slice('src:'.length);
  const row = !isPartial(one) || source === undefined ? null : parts.store.sources.get(source);
  return row !== null && (await parts.mirrors.open(row.userId, row.id)).partials().includes(one.id);
};

/** Forgets them, and says whether there were any; those of others, and of operations that run now (`running`, their tags), are left alone. */
export const sweepSnapshots = async (parts: SweepParts, userId: string, access: RepositoryAccess, running: ReadonlySet<string>): Promise<boolean> => {
  const { store, operations, restic, queue, log } = parts;
  const known = new Set(store.snapshots.list(userId).map((row) => row.id));
  const ids = await restic.snapshotIds(access);
  if (ids === null || [...ids].every((id) => known.has(id))) return false;
  let removed = false;
  for (const one of await restic.snapshots(access)) {
    if (known.has(one.id) || one.tags.some((tag) => running.has(tag))) continue;
    const operation = makerOf(operations, one);
    if (operation?.userId !== userId || !(isPartial(one) || isUnverified(operations, userId, one)) || (await isNeeded(parts, one))) continue;
    await queue.run('exclusive', () => restic.forget(access, one.id));
    removed = true;
    log.warn('snapshot_unverified_removed', { snapshot: one.id, operation: operation.id });
  }
  return removed;
};
