// What changed since the last good snapshot: which files are fetched, and what restic must then report. Pure; over listings in order.
import { identityOf } from './file-identity';
import { ListingCursor, sideBySide } from './listing-order';
import { copyMtime, sameEntry, type ManifestEntry } from './snapshot-manifest';
import type { BytePath, WantedFile } from './snapshot-ports';

/** Kinds of entries that have a place in the mirror. */
export const isStored = (entry: ManifestEntry): boolean => entry.type === 'f' || entry.type === 'd' || entry.type === 'l';

/** Nothing at all changed between two listings. */
export const isUnchanged = (before: Iterable<ManifestEntry>, now: Iterable<ManifestEntry>): boolean => {
  const cursor = new ListingCursor(before);
  try {
    for (const entry of now) {
      const old = cursor.find(entry.path);
      if (old === null || cursor.passed > 0 || !sameEntry(old, entry)) return false;
    }
    cursor.finish();
    return cursor.passed === 0;
  } finally {
    cursor.close();
  }
};

/**
 * A file whose copy would get the very time of the one before it although something about it changed gets a microsecond more.
 *
 * restic with `--ignore-inode` looks at size and time only, and would take the new content for the old. What did not change keeps what it has.
 */
export const nudged = (old: ManifestEntry | null, entry: ManifestEntry): ManifestEntry => {
  if (entry.type !== 'f' || old?.type !== 'f' || old.size !== entry.size) return entry;
  const nudge = sameEntry(old, entry) ? old.nudge : copyMtime(old) === copyMtime(entry) || old.mtime === entry.mtime ? (old.nudge + 1) % 1000 : entry.nudge;
  return nudge === entry.nudge ? entry : { ...entry, nudge };
};

/** The listing shows the file exactly so: a copy made by it is the right one. */
export const vouchesFor = (old: ManifestEntry | null, entry: ManifestEntry): boolean => old !== null && sameEntry(old, entry) && old.nudge === entry.nudge && old.mirror === entry.mirror;

export const wanted = (entry: ManifestEntry): WantedFile => ({
  path: entry.path,
  size: entry.size,
  mtimeSeconds: Math.floor(Number(entry.mtime)),
  copyMtime: copyMtime(entry),
  ...(entry.mirror === undefined ? {} : { mirror: entry.mirror }),
});

/** As it was listed; one that was looked at again because it changes has no state that is worth keeping a part of. */
export const wantedAsListed = (entry: ManifestEntry): WantedFile => {
  const identity = identityOf(entry);
  return identity === null ? wanted(entry) : { ...wanted(entry), identity };
};

/** What `restic diff` must say between the parent and the new snapshot, as paths inside the snapshot. */
export interface ExpectedChange {
  readonly added: ReadonlySet<string>;
  readonly removed: ReadonlySet<string>;
  readonly retyped: ReadonlySet<string>;
  /** Files that may be reported as modified: touched ones. */
  readonly modifiable: ReadonlySet<string>;
  /** Files that must be: their size changed. */
  readonly modified: ReadonlySet<string>;
}

const belowRetyped = (path: BytePath, retyped: ReadonlyMap<BytePath, unknown>): boolean => {
  if (retyped.size === 0) return false;
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) if (retyped.has(path.slice(0, at))) return true;
  return false;
};

/** Compares the listing that the parent was made from with the one the new snapshot was made from; what both show alike may be left out of both. `links`: whether the mirror has them, see MirrorTree. */
export const expectedChange = (before: Iterable<ManifestEntry>, now: Iterable<ManifestEntry>, snapshotPath: (entry: ManifestEntry) => string, links: boolean): ExpectedChange => {
  const isThere = (entry: ManifestEntry | null): boolean => entry !== null && entry.path !== '' && isStored(entry) && (links || entry.type !== 'l');
  const added: ManifestEntry[] = [];
  const removed: ManifestEntry[] = [];
  const retyped = new Map<BytePath, ManifestEntry>();
  const modifiable: ManifestEntry[] = [];
  const modified: ManifestEntry[] = [];
  for (const [old, entry] of sideBySide(before, now)) {
    const was = isThere(old) ? old : null;
    const is = isThere(entry) ? entry : null;
    if (is === null) {
      if (was !== null) removed.push(was);
    } else if (was === null) added.push(is);
    else if (was.mirror !== is.mirror) {
      removed.push(was);
      added.push(is);
    } else if (was.type !== is.type) retyped.set(is.path, is);
    else if (is.type === 'f' && !vouchesFor(was, is)) (was.size === is.size ? modifiable : modified).push(is);
  }
  // restic prints a changed type once, and nothing of what lies below it.
  const paths = (list: Iterable<ManifestEntry>): Set<string> => new Set([...list].filter(({ path }) => !belowRetyped(path, retyped)).map(snapshotPath));
  return { added: paths(added), removed: paths(removed), retyped: paths(retyped.values()), modifiable: paths(modifiable), modified: paths(modified) };
};

/**
 * What restic must say of each file while it makes the snapshot: true = read, false = taken over from the parent, as paths inside the snapshot.
 *
 * It reads what has another size or time than in the parent.
 */
export class ExpectedReads {
  /** Files that it must read. */
  count = 0;
  /** Null where nobody hears the names. */
  readonly names: Map<string, boolean> | null;
  private readonly before: ListingCursor;

  /** `before`: of the parent, what is not kept. */
  constructor(
    before: Iterable<ManifestEntry>,
    private readonly snapshotPath: (entry: ManifestEntry) => string,
    named: boolean,
  ) {
    this.before = new ListingCursor(before);
    this.names = named ? new Map() : null;
  }

  /** Entries of the new snapshot, in order; `kept`: the parent shows it exactly so. */
  add(entry: ManifestEntry, kept: boolean): void {
    if (entry.type !== 'f') return;
    const old = kept ? entry : this.before.find(entry.path);
    const read = old?.type !== 'f' || (!kept && (old.mirror !== entry.mirror || old.size !== entry.size || copyMtime(old) !== copyMtime(entry)));
    if (read) this.count += 1;
    this.names?.set(this.snapshotPath(entry), read);
  }

  close(): void {
    this.before.close();
  }
}
