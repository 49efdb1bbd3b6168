// Names of a host that the disk here takes for one, such as `README` and `readme` on most of macOS and Windows, and the other names that they get in the mirror. Runs in the capture worker.
import type { ManifestEntry } from './snapshot-manifest';
import { apartComponent, folded, lastOf, mirrorPath, parentOf, placeOf, toBytePath } from './snapshot-names';
import type { BytePath, Mirror } from './snapshot-ports';
import type { Turns } from './turns';

/*
 * [Note: Names apart] Of names in one directory that the disk takes for one, the first keeps its name in the mirror, and the others get a hash of theirs (`%~`, as long names do). A name
 * that a listing of the same source has keeps what it has there, so that nothing is fetched again because another name came or went, and so that the index of files, which
 * knows one way to write a name, finds it in every snapshot. Entries carry their place where it is not what their path gives; the sidecar says it.
 */

/** The name of the listing that is sorted for it. */
const foldedListing = 'folded';

const isApart = (entry: ManifestEntry): boolean => entry.mirror !== undefined && lastOf(entry.mirror) === apartComponent(lastOf(entry.path));

/** Names of one directory that may be one here, each two or more. */
const alike = async (mirror: Mirror, entries: Iterable<ManifestEntry>, turns: Turns): Promise<readonly (readonly BytePath[])[]> => {
  const { listings } = mirror;
  const sorter = listings.sorter(foldedListing);
  for (const entry of entries) {
    if (turns.due) await turns.pause();
    sorter.add({ ...entry, path: toBytePath(folded(mirrorPath(entry.path))), target: entry.path });
  }
  sorter.done();
  const found: BytePath[][] = [];
  let [key, group] = ['', new Map<BytePath, BytePath[]>()];
  const settle = (): void => {
    for (const paths of group.values()) if (paths.length > 1) found.push(paths);
  };
  for (const { path, target } of listings.read(foldedListing) ?? []) {
    if (turns.due) await turns.pause();
    if (path !== key) {
      settle();
      [key, group] = [path, new Map()];
    }
    group.set(parentOf(target), [...(group.get(parentOf(target)) ?? []), target]);
  }
  settle();
  listings.remove(foldedListing);
  return found;
};

/** Paths whose own name must be another one in the mirror. `base`: the listing that the next backup builds on. */
export const findApart = async (mirror: Mirror, scan: Iterable<ManifestEntry>, base: Iterable<ManifestEntry> | null, turns: Turns): Promise<ReadonlySet<BytePath>> => {
  const groups = await alike(mirror, scan, turns);
  const candidates = new Set(groups.flat());
  const plain = new Set<BytePath>();
  const apart = new Set<BytePath>();
  for (const entry of base ?? []) {
    if (turns.due) await turns.pause();
    if (isApart(entry)) apart.add(entry.path);
    else if (candidates.has(entry.path)) plain.add(entry.path);
  }
  for (const group of groups) {
    const sorted = group.filter((path) => !apart.has(path)).sort((one, other) => Number(plain.has(other)) - Number(plain.has(one)) || (one < other ? -1 : 1));
    const kept: string[] = [];
    for (const path of sorted) {
      const name = lastOf(mirrorPath(path));
      if (kept.some((other) => mirror.tree.isSameName(other, name))) apart.add(path);
      else kept.push(name);
      if (turns.due) await turns.pause();
    }
  }
  return apart;
};

/** A listing in order, whose entries say where they lie if that is not where their path alone puts them. */
export function* withPlaces(entries: Iterable<ManifestEntry>, apart: ReadonlySet<BytePath>): Generator<ManifestEntry> {
  /** Directories on the way that lie elsewhere. */
  const way: ManifestEntry[] = [];
  for (const entry of entries) {
    for (let last = way.at(-1); last !== undefined && !entry.path.startsWith(`${last.path}/`); last = way.at(-1)) way.pop();
    const above = way.at(-1);
    if (above === undefined && !apart.has(entry.path)) {
      yield entry;
      continue;
    }
    const parent = parentOf(entry.path);
    const before = above === undefined ? mirrorPath(parent) : above.path === parent ? placeOf(above) : `${placeOf(above)}/${mirrorPath(parent.slice(above.path.length + 1))}`;
    const name = apart.has(entry.path) ? apartComponent(lastOf(entry.path)) : mirrorPath(lastOf(entry.path));
    const placed = { ...entry, mirror: before === '' ? name : `${before}/${name}` };
    if (entry.type === 'd') way.push(placed);
    yield placed;
  }
}
