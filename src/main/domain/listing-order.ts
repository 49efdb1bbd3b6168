// The order of stored listings, and looking at two or three of them side by side without holding any. Pure.
import type { ManifestEntry } from './snapshot-manifest';
import type { BytePath } from './snapshot-ports';

/**
 * What paths are ordered by. See [Note: Listing order].
 *
 * [Note: Listing order] By bytes, with the separator before every other byte (a NUL can be in no path), so that a directory comes right before all that is in it.
 * Listings on disk are in this order; two of them are compared by walking both once.
 */
export const orderKey = (path: BytePath): string => (path.includes('/') ? path.replaceAll('/', '\0') : path);

/** The code of the separator, `/`, which comes before every other. */
const separator = 47;

/** Below 0 when the one comes before the other in a listing, 0 when they are the same. Without keys a merge takes a third of the time or less, measured over 200,000 paths; where each is compared many times, as in sorting, keys are quicker. */
export const comparePaths = (one: BytePath, other: BytePath): number => {
  const shared = Math.min(one.length, other.length);
  for (let at = 0; at < shared; at += 1) {
    const a = one.charCodeAt(at);
    const b = other.charCodeAt(at);
    if (a !== b) return (a === separator ? 0 : a) - (b === separator ? 0 : b);
  }
  return one.length - other.length;
};

/** Entries in the order of listings; those that are so already, as nearly all are, cost nothing. */
export const inOrder = (entries: readonly ManifestEntry[]): readonly ManifestEntry[] => {
  if (entries.every(({ path }, at) => at === 0 || comparePaths(entries[at - 1]?.path ?? '', path) <= 0)) return entries;
  return entries.map((entry) => ({ entry, key: orderKey(entry.path) })).sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ entry }) => entry);
};

/** What has a place in a listing. */
interface Placed {
  readonly path: BytePath;
}

/** Walks a listing beside another: entries are asked for in order. */
export class ListingCursor<Entry extends Placed = ManifestEntry> {
  private readonly source: Iterator<Entry> | null;
  private head: Entry | null = null;
  /** Entries that nobody asked for so far. */
  passed = 0;

  constructor(entries: Iterable<Entry> | null) {
    this.source = entries === null ? null : entries[Symbol.iterator]();
    this.advance();
  }

  private advance(): void {
    const next = this.source?.next();
    this.head = next === undefined || next.done === true ? null : next.value;
  }

  /** The entry of this path, or null. `onPassed` is told of those before it that were not asked for. */
  find(path: BytePath, onPassed?: (entry: Entry) => void): Entry | null {
    for (; this.head !== null; this.advance()) {
      const found = this.head;
      // Most are the next one.
      const order = found.path === path ? 0 : comparePaths(found.path, path);
      if (order > 0) return null;
      if (order === 0) {
        this.advance();
        return found;
      }
      this.passed += 1;
      onPassed?.(found);
    }
    return null;
  }

  /** The end of the other listing: what is left here is passed. */
  finish(onPassed?: (entry: Entry) => void): void {
    for (; this.head !== null; this.advance()) {
      this.passed += 1;
      onPassed?.(this.head);
    }
  }

  /** Nothing more is asked for. */
  close(): void {
    this.source?.return?.();
    this.head = null;
  }
}

/** Both listings in one order: pairs of what each says of a path. */
export function* sideBySide(before: Iterable<ManifestEntry>, now: Iterable<ManifestEntry>): Generator<readonly [ManifestEntry | null, ManifestEntry | null]> {
  const cursor = new ListingCursor(before);
  const gone: ManifestEntry[] = [];
  const collect = (entry: ManifestEntry): void => void gone.push(entry);
  for (const entry of now) {
    const old = cursor.find(entry.path, collect);
    for (const one of gone.splice(0)) yield [one, null];
    yield [old, entry];
  }
  cursor.finish(collect);
  for (const one of gone) yield [one, null];
}

/** Sorted listings as one, of which no path is in two: each entry with the number of its listing. */
export function* joinedFrom<Entry extends Placed>(listings: readonly Iterable<Entry>[]): Generator<readonly [entry: Entry, from: number]> {
  const heads = listings.flatMap((listing, from) => {
    const source = listing[Symbol.iterator]();
    const first = source.next();
    return first.done === true ? [] : [{ source, from, entry: first.value }];
  });
  const sources = heads.map(({ source }) => source);
  try {
    yield* mergedHeads(heads);
  } finally {
    for (const source of sources) source.return?.();
  }
}

interface Head<Entry> {
  readonly source: Iterator<Entry>;
  readonly from: number;
  entry: Entry;
}

const leastOf = <Entry extends Placed>(heads: readonly Head<Entry>[]): Head<Entry> => {
  let [least] = heads;
  for (const head of heads) if (least === undefined || comparePaths(head.entry.path, least.entry.path) < 0) least = head;
  if (least === undefined) throw new Error('Nothing is left to compare');
  return least;
};

function* mergedHeads<Entry extends Placed>(heads: Head<Entry>[]): Generator<readonly [entry: Entry, from: number]> {
  while (heads.length > 1) {
    const head = leastOf(heads);
    yield [head.entry, head.from];
    const next = head.source.next();
    if (next.done === true) heads.splice(heads.indexOf(head), 1);
    else head.entry = next.value;
  }
  // The last one needs no comparing.
  for (const { source, from, entry } of heads) {
    yield [entry, from];
    for (let next = source.next(); next.done !== true; next = source.next()) yield [next.value, from];
  }
}

/** The same without the numbers. */
export function* joined(listings: readonly Iterable<ManifestEntry>[]): Generator<ManifestEntry> {
  for (const [entry] of joinedFrom(listings)) yield entry;
}
