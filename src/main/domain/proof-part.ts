// Which part of a snapshot a rehearsal restores: the next files in order, as many as the budget allows, and how restic is told so. Pure.
import { orderKey } from './listing-order';
import type { SidecarEntry } from './sidecar';
import type { BytePath } from './snapshot-ports';

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
  readonly files: number;
  readonly bytes: number;
  readonly totalFiles: number;
  readonly totalBytes: number;
}

const before = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

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
      let end = at + 1;
      // A name that ends here stands alone.
      if (next.length > prefix.length) while (end < high && (names[end] ?? '').startsWith(next)) end += 1;
      cover(next, at, end);
      at = end;
    }
  };
  cover('', 0, names.length);
  return patterns;
};

/** The next share after `cursor` (null = from the start). A snapshot within the budget is taken whole. */
export const choosePart = (entries: readonly SidecarEntry[], cursor: BytePath | null, budget: number, platform: NodeJS.Platform = process.platform): RehearsalPart => {
  const all = entries
    .filter((entry) => entry.stored && (entry.type === 'f' || (entry.type === 'l' && platform !== 'win32')))
    .map((entry) => ({ entry, key: orderKey(entry.mirrorName) }))
    .sort((a, b) => before(a.key, b.key));
  const size = (entry: SidecarEntry): number => (entry.type === 'f' ? entry.size : 0);
  const totals = { totalFiles: all.filter(({ entry }) => entry.type === 'f').length, totalBytes: all.reduce((sum, { entry }) => sum + size(entry), 0) };
  if (totals.totalBytes <= budget) {
    return { restored: all.map(({ entry }) => entry), piped: [], patterns: null, cursor: '', files: totals.totalFiles, bytes: totals.totalBytes, ...totals };
  }
  const next = cursor === null || cursor === '' ? 0 : all.findIndex(({ key }) => key > orderKey(cursor));
  const first = Math.max(0, next);
  let bytes = 0;
  let end = first;
  for (const { entry } of all.slice(first)) {
    if (end > first && bytes + size(entry) > budget) break;
    bytes += size(entry);
    end += 1;
  }
  const taken = all.slice(first, end).map(({ entry }) => entry);
  // A large one is alone in its share.
  const isLarge = bytes > budget;
  return {
    restored: isLarge ? [] : taken,
    piped: isLarge ? taken : [],
    patterns: isLarge ? [] : rangePatterns(all.map(({ entry }) => entry.mirrorName), first, end),
    cursor: taken.at(-1)?.mirrorName ?? '',
    files: taken.filter((entry) => entry.type === 'f').length,
    bytes,
    ...totals,
  };
};
