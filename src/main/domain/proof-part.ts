// Which part of a snapshot a rehearsal restores: the next files in order, as many as the budget allows, and how restic is told so. Pure.
import { orderKey } from './listing-order';
import type { SidecarEntry } from './sidecar';
import type { BytePath } from './snapshot-ports';
import type { PartBeginning } from './store-port';
import { sortInTurns } from './sort-in-turns';
import { mainTurn, Turns } from './turns';

/** One rehearsal's share. */
export interface RehearsalPart {
  /** Restored into the scratch folder and compared there: files and links. */
  readonly restored: readonly SidecarEntry[];
  /** Larger than the whole budget: read through a pipe and compared in passing, never on disk. */
  readonly piped: readonly SidecarEntry[];
  /** Patterns for `restic restore --include`, relative to the captured directory; null = everything. */
  readonly patterns: readonly string[] | null;
  /** The last path in order; the next rehearsal goes on after it. */
  readonly cursor: BytePath;
  readonly begins: PartBeginning;
  readonly files: number;
  readonly bytes: number;
  readonly totalFiles: number;
  readonly totalBytes: number;
}

const byKey = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The first index of [low, high) from which on `holds` does; `high` when there is none. */
const firstIndex = (low: number, high: number, holds: (at: number) => boolean): number => {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** A name as a pattern that matches only itself. */
export const literal = (text: string): string => text.replaceAll(/[\\*?[\]]/g, String.raw`\$&`);

/**
 * Patterns that match exactly `names[from..to)` of all names, which are in order.
 *
 * A flat folder of 100,000 files needs no 100,000 patterns: what shares a beginning with nothing else becomes one, `img_01*`.
 */
export const rangePatterns = (names: readonly string[], from: number, to: number): readonly string[] => {
  const patterns: string[] = [];
  const cover = (prefix: string, low: number, high: number): void => {
    if (high <= from || low >= to) return;
    if (high - low === 1) {
      patterns.push(literal(names[low] ?? ''));
      return;
    }
    if (low >= from && high <= to) {
      patterns.push(`${literal(prefix)}*`);
      return;
    }
    for (let at = low; at < high; ) {
      const name = names[at] ?? '';
      const next = name.length === prefix.length ? name : prefix + String.fromCodePoint(name.codePointAt(prefix.length) ?? 0);
      // A name that ends here stands alone. Those with the same beginning lie side by side: their end is looked up, not walked to.
      const end = next.length > prefix.length ? firstIndex(at + 1, high, (one) => !(names[one] ?? '').startsWith(next)) : at + 1;
      cover(next, at, end);
      at = end;
    }
  };
  cover('', 0, names.length);
  return patterns;
};

/** What a rehearsal takes: what comes after `cursor` (null = from the start), at most so many bytes. */
export interface Share {
  readonly cursor: BytePath | null;
  /** Bytes; one file with more is a share by itself. */
  readonly budget: number;
}

const bytesOf = (entry: SidecarEntry): number => (entry.type === 'f' ? entry.size : 0);

/** How much comes before `first`. */
const passed = async (all: readonly { readonly entry: SidecarEntry }[], first: number, turns: Turns): Promise<{ readonly files: number; readonly bytes: number }> => {
  let [files, bytes] = [0, 0];
  for (let at = 0; at < first; at += 1) {
    if (turns.due) await turns.pause();
    const entry = all[at]?.entry;
    files += entry?.type === 'f' ? 1 : 0;
    bytes += entry === undefined ? 0 : bytesOf(entry);
  }
  return { files, bytes };
};

/** The next share. A snapshot within the budget is taken whole. In turns; `cancelled` after an abort. */
export const choosePart = async (entries: Iterable<SidecarEntry>, { cursor, budget }: Share, signal?: AbortSignal, platform: NodeJS.Platform = process.platform): Promise<RehearsalPart> => {
  const turns = new Turns(signal, mainTurn);
  let [totalFiles, totalBytes] = [0, 0];
  const found = await turns.collect(entries, (entry) => {
    if (!entry.stored || (entry.type !== 'f' && (entry.type !== 'l' || platform === 'win32'))) return undefined;
    totalFiles += entry.type === 'f' ? 1 : 0;
    totalBytes += bytesOf(entry);
    return { entry, key: orderKey(entry.mirrorName) };
  });
  const all = await sortInTurns(found, (a, b) => byKey(a.key, b.key), turns);
  if (totalBytes <= budget) {
    return { restored: await turns.collect(all, ({ entry }) => entry), piped: [], patterns: null, cursor: '', begins: { path: '', files: 0, bytes: 0 }, files: totalFiles, bytes: totalBytes, totalFiles, totalBytes };
  }
  const last = orderKey(cursor ?? '');
  const next = last === '' ? 0 : firstIndex(0, all.length, (at) => (all[at]?.key ?? '') > last);
  const first = next === all.length ? 0 : next;
  const begins = await passed(all, first, turns);
  const taken: SidecarEntry[] = [];
  let [files, bytes] = [0, 0];
  for (let at = first; at < all.length; at += 1) {
    if (turns.due) await turns.pause();
    const entry = all[at]?.entry;
    if (entry === undefined || (taken.length > 0 && bytes + bytesOf(entry) > budget)) break;
    files += entry.type === 'f' ? 1 : 0;
    bytes += bytesOf(entry);
    taken.push(entry);
  }
  // A large one is alone in its share.
  const isLarge = bytes > budget;
  return {
    restored: isLarge ? [] : taken,
    piped: isLarge ? taken : [],
    patterns: isLarge ? [] : rangePatterns(await turns.collect(all, ({ entry }) => entry.mirrorName), first, first + taken.length),
    cursor: taken.at(-1)?.mirrorName ?? '',
    begins: { path: first === 0 ? '' : (cursor ?? ''), ...begins },
    files, bytes, totalFiles, totalBytes,
  };
};
