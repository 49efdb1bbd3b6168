// What changed since the last good snapshot: which files are fetched, and what restic must then report. Pure.
import { copyMtime, sameEntry, type ManifestEntry } from './snapshot-manifest';
import { mirrorPath } from './snapshot-names';
import type { BytePath, MirrorEntry, WantedFile } from './snapshot-ports';

/** Kinds of entries that have a place in the mirror. */
export const isStored = (entry: ManifestEntry): boolean => entry.type === 'f' || entry.type === 'd' || entry.type === 'l';

export type ByPath = ReadonlyMap<BytePath, ManifestEntry>;

export const byPath = (entries: readonly ManifestEntry[]): Map<BytePath, ManifestEntry> => new Map(entries.map((entry) => [entry.path, entry]));

/** Nothing at all changed between two listings. */
export const isUnchanged = (before: ByPath, now: readonly ManifestEntry[]): boolean =>
  before.size === now.length &&
  now.every((entry) => {
    const old = before.get(entry.path);
    return old !== undefined && sameEntry(old, entry);
  });

/**
 * Carries the nudges on: a file whose size and time are as before, but which was touched all the same (ctime), gets one microsecond more than last time.
 *
 * restic with `--ignore-inode` looks at size and time only, and would take the new content for the old.
 */
export const withNudges = (before: ByPath | null, now: readonly ManifestEntry[]): readonly ManifestEntry[] =>
  before === null
    ? now
    : now.map((entry) => {
        const old = before.get(entry.path);
        if (entry.type !== 'f' || old?.type !== 'f' || old.size !== entry.size || old.mtime !== entry.mtime) return entry;
        const nudge = sameEntry(old, entry) ? old.nudge : (old.nudge + 1) % 1000;
        return nudge === entry.nudge ? entry : { ...entry, nudge };
      });

/** Carries the hashes on: of files that an earlier listing shows exactly as they are now. */
export const withHashes = (now: readonly ManifestEntry[], listings: readonly (ByPath | null)[]): readonly ManifestEntry[] =>
  now.map((entry) => {
    const known = entry.type === 'f' && entry.sha256 === '' ? listings.map((listing) => listing?.get(entry.path)).find((old) => old !== undefined && old.sha256 !== '' && sameEntry(old, entry) && old.nudge === entry.nudge) : undefined;
    return known === undefined ? entry : { ...entry, sha256: known.sha256 };
  });

/** Files whose copy in the mirror may be kept if it has the right size and time: an earlier listing shows them exactly so. */
export const isKnown = (entry: ManifestEntry, listings: readonly (ByPath | null)[]): boolean =>
  listings.some((listing) => {
    const old = listing?.get(entry.path);
    return old !== undefined && sameEntry(old, entry) && old.nudge === entry.nudge;
  });

/** What the mirror must hold, by its own names. The directory itself is left out. */
export const mirrorEntries = (entries: readonly ManifestEntry[]): Map<string, MirrorEntry> => {
  const result = new Map<string, MirrorEntry>();
  for (const entry of entries) {
    if (entry.path === '' || !isStored(entry)) continue;
    const name = mirrorPath(entry.path);
    result.set(name, { name, type: entry.type as MirrorEntry['type'], size: entry.size, mtime: copyMtime(entry) });
  }
  return result;
};

export const wanted = (entry: ManifestEntry): WantedFile => ({
  path: entry.path,
  size: entry.size,
  mtimeSeconds: Math.floor(Number(entry.mtime)),
  copyMtime: copyMtime(entry),
});

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

const belowRetyped = (path: BytePath, retyped: ReadonlySet<BytePath>): boolean => {
  if (retyped.size === 0) return false;
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) if (retyped.has(path.slice(0, at))) return true;
  return false;
};

/** Compares the listing that the parent was made from with the one the new snapshot was made from. */
export const expectedChange = (before: ByPath, now: ByPath, snapshotPath: (path: BytePath) => string): ExpectedChange => {
  const added: BytePath[] = [];
  const removed: BytePath[] = [];
  const retyped = new Set<BytePath>();
  const modifiable: BytePath[] = [];
  const modified: BytePath[] = [];
  for (const entry of now.values()) {
    if (entry.path === '' || !isStored(entry)) continue;
    const old = before.get(entry.path);
    if (old === undefined || !isStored(old)) added.push(entry.path);
    else if (old.type !== entry.type) retyped.add(entry.path);
    else if (entry.type === 'f' && !(sameEntry(old, entry) && old.nudge === entry.nudge)) (old.size === entry.size ? modifiable : modified).push(entry.path);
  }
  for (const old of before.values()) {
    const entry = now.get(old.path);
    if (old.path !== '' && isStored(old) && (entry === undefined || !isStored(entry))) removed.push(old.path);
  }
  // restic prints a changed type once, and nothing of what lies below it.
  const paths = (list: Iterable<BytePath>): Set<string> => new Set([...list].filter((path) => !belowRetyped(path, retyped)).map(snapshotPath));
  return { added: paths(added), removed: paths(removed), retyped: paths(retyped), modifiable: paths(modifiable), modified: paths(modified) };
};
