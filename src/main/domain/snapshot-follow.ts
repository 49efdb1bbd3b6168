// Rows follow snapshots that another program gave a new id. See [Note: Rewritten snapshots].
import { partialListing, snapshotListing } from './capture-ports';
import type { Operations } from './ports';
import type { RepositoryContents } from './repository-contents';
import type { Mirrors, RepositorySnapshot } from './snapshot-ports';
import { isOwnTag } from './snapshot-view';
import type { SnapshotRow, Store } from './store-port';

/*
 * [Note: Rewritten snapshots] `restic tag`, and a `restic rewrite` with --forget, put a snapshot with a new id in the place of the old one and keep the old id as `original` (`tag` the very
 * first one, `rewrite` the one before). What is known of the old one holds for the new one only when both have the same tree, which is the hash of all that is in them: after
 * `rewrite --exclude` it is another one, and such a snapshot stays a stranger, unproven. Of the old one the tree can be asked only while it is there, so it is written down beforehand.
 *
 * After both, one after the other and never looked at in between, `original` names an id that nobody here has seen. What was rewritten at all, has the same tree and still carries the tag of the
 * operation that made the row (each snapshot has its own) can only have come from it. Where several do, nobody can say which is in its place, and none is followed.
 */

export interface FollowParts {
  readonly store: Pick<Store, 'snapshots' | 'sources' | 'proofs'>;
  readonly operations: Pick<Operations, 'active'>;
  readonly mirrors: Pick<Mirrors, 'open'>;
}

/** Which row's snapshot has which id now. Rows of one repository; of those that are still there nothing is said. */
export const followed = (rows: readonly SnapshotRow[], { ids, details }: Pick<RepositoryContents, 'ids' | 'details'>): ReadonlyMap<string, string> => {
  const known = new Set(rows.map((row) => row.id));
  const strangers = [...ids].filter((id) => !known.has(id)).map((id) => details.get(id)).filter((one) => one !== undefined);
  const taken = new Set<string>();
  const found = new Map<string, string>();
  const gone = rows.filter((row) => !ids.has(row.id) && typeof row.tree === 'string');
  const rewritten = (row: SnapshotRow): readonly RepositorySnapshot[] => strangers.filter(({ id, original, tree }) => !taken.has(id) && original !== null && tree === row.tree);
  const follow = (row: SnapshotRow, one: RepositorySnapshot | undefined): void => {
    if (one === undefined) return;
    taken.add(one.id);
    found.set(row.id, one.id);
  };
  for (const row of gone) follow(row, rewritten(row).find(({ original }) => original === row.id || original === row.original));
  for (const row of gone) {
    if (found.has(row.id)) continue;
    const [one, ...others] = rewritten(row).filter(({ tags }) => tags.includes(`op:${row.operationId}`));
    if (others.length === 0) follow(row, one);
  }
  return found;
};

/** Writes down what must be known of a snapshot once it is gone; says whether restic has to be asked for more. */
export const writeDown = (store: FollowParts['store'], rows: readonly SnapshotRow[], { ids, details }: Pick<RepositoryContents, 'ids' | 'details'>): boolean => {
  const open = rows.filter((row) => ids.has(row.id) && typeof row.tree !== 'string');
  for (const row of open) {
    const { tree = null, original = null } = details.get(row.id) ?? {};
    if (tree !== null) store.snapshots.identify(row.userId, row.id, { tree, original });
  }
  return open.some((row) => !details.has(row.id));
};

/** What the mirror keeps under the id of the last good snapshot goes on under the new one; else the next capture would fetch everything. */
const moveListings = async ({ store, mirrors }: FollowParts, { userId, sourceId, id: from }: SnapshotRow, to: string): Promise<void> => {
  const { listings } = await mirrors.open(userId, sourceId);
  if (store.sources.get(sourceId)?.parentId !== from) return;
  for (const name of listings.names()) {
    const partial = partialListing.parse(name);
    if (name === snapshotListing(from)) listings.keep(name, snapshotListing(to));
    else if (partial?.from === from) listings.keep(name, partialListing.name(partial.id, to));
  }
  store.sources.update(sourceId, { parentId: to });
};

/**
 * Lets the rows of one repository follow; says whether any did. What an operation is busy with follows at a later look: a capture of the same instance, one that names the snapshot, a repair,
 * which follows by itself. `own` is the operation that asks.
 */
export const followRewritten = async (parts: FollowParts, userId: string, rows: readonly SnapshotRow[], contents: Pick<RepositoryContents, 'ids' | 'details'>, own: string | null = null): Promise<boolean> => {
  const { store, operations } = parts;
  const others = operations.active(userId).filter(({ id }) => id !== own);
  const isBusy = (row: SnapshotRow): boolean =>
    others.some((one) => one.kind === 'repair' || one.snapshot_id === row.id || (one.kind === 'snapshot' && one.instance_id === row.instanceId));
  const renamed = followed(rows, contents);
  let any = false;
  for (const row of rows) {
    const [to, details] = [renamed.get(row.id), contents.details.get(renamed.get(row.id) ?? '')];
    if (to === undefined || details === undefined || isBusy(row)) continue;
    if (store.sources.get(row.sourceId)?.parentId === row.id) await moveListings(parts, row, to);
    // Meanwhile another look may have done it.
    if (store.snapshots.get(userId, row.id) === null) continue;
    store.proofs.rename(userId, row.id, to);
    store.snapshots.rename(userId, row.id, { id: to, result: row.result, warnings: row.warnings, tags: details.tags.filter((tag) => !isOwnTag(tag)) });
    store.snapshots.identify(userId, to, { tree: row.tree ?? '', original: details.original });
    any = true;
  }
  return any;
};
