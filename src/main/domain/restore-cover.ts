// Many chosen paths as few patterns: whole directories, and beginnings of names that nothing else in their directory has. In turns.
import type { SidecarEntry } from './sidecar';
import { parentOf } from './snapshot-names';
import type { BytePath } from './snapshot-ports';
import { sortInTurns } from './sort-in-turns';
import type { Turns } from './turns';

/*
 * restic holds each of its patterns against each name that it comes by: ten thousand chosen files of a folder of twenty thousand take it two minutes. What a person chooses
 * of a large folder is mostly a range of its names, and a range is a few beginnings.
 */

/** Names as the mirror has them, relative to what was captured; a directory stands for all below it. */
export interface Cover {
  readonly names: readonly string[];
  /** Each stands for every name of its directory that begins so. */
  readonly starts: readonly string[];
}

interface Child {
  readonly name: string;
  readonly whole: boolean;
}

interface Folder {
  /** Its name in the mirror, with a slash at its end; empty for what was captured. */
  readonly name: string;
  readonly children: Child[];
}

/** Entries that are chosen with all below them, and directories in which some of those lie. */
const wholeOnes = async (entries: readonly SidecarEntry[], isChosen: (path: BytePath) => boolean, turns: Turns): Promise<{ readonly whole: ReadonlySet<BytePath>; readonly partly: ReadonlySet<BytePath> }> => {
  const counts = new Map<BytePath, { stored: number; whole: number }>();
  const whole = new Set<BytePath>();
  const partly = new Set<BytePath>();
  // From the end: what lies in a directory comes after it.
  for (let at = entries.length - 1; at >= 0; at -= 1) {
    if (turns.due) await turns.pause();
    const entry = entries[at];
    if (entry?.stored !== true) continue;
    const below = counts.get(entry.path);
    counts.delete(entry.path);
    const isWhole = isChosen(entry.path) || (below !== undefined && below.whole === below.stored);
    if (isWhole) whole.add(entry.path);
    const parent = parentOf(entry.path);
    const count = counts.get(parent) ?? { stored: 0, whole: 0 };
    counts.set(parent, { stored: count.stored + 1, whole: count.whole + (isWhole ? 1 : 0) });
    if (isWhole) partly.add(parent);
  }
  return { whole, partly };
};

/** Where two names begin to differ; never within a character. */
const commonStart = (one: string, other: string, from: number): number => {
  let at = from;
  for (;;) {
    const point = one.codePointAt(at);
    if (point === undefined || point !== other.codePointAt(at)) return at;
    at += point > 0xffff ? 2 : 1;
  }
};

/** The children of one directory that are whole, as names and beginnings. */
const coverFolder = async ({ name: folder, children }: Folder, turns: Turns, names: string[], starts: string[]): Promise<void> => {
  const sorted = await sortInTurns(children, (a, b) => (a.name < b.name ? -1 : 1), turns);
  const waiting = [{ from: 0, to: sorted.length, depth: 0 }];
  for (let range = waiting.pop(); range !== undefined; range = waiting.pop()) {
    if (turns.dueNow) await turns.pause();
    const { from, to } = range;
    const first = sorted[from]?.name ?? '';
    let chosen = 0;
    for (let at = from; at < to; at += 1) if (sorted[at]?.whole === true) chosen += 1;
    if (chosen === 0) continue;
    if (chosen === to - from) {
      if (chosen === 1) names.push(folder + first);
      else starts.push(folder + first.slice(0, range.depth));
      continue;
    }
    // By the first character in which they differ.
    const depth = commonStart(first, sorted[to - 1]?.name ?? '', range.depth);
    for (let at = from; at < to; ) {
      const point = sorted[at]?.name.codePointAt(depth);
      const begin = at;
      while (at < to && sorted[at]?.name.codePointAt(depth) === point) at += 1;
      waiting.push({ from: begin, to: at, depth: depth + (point === undefined ? 0 : point > 0xffff ? 2 : 1) });
    }
  }
};

/** `entries`: all of a snapshot, directories before what is in them. */
export const coverOf = async (entries: readonly SidecarEntry[], isChosen: (path: BytePath) => boolean, turns: Turns): Promise<Cover> => {
  const { whole, partly } = await wholeOnes(entries, isChosen, turns);
  if (whole.has('')) return { names: [''], starts: [] };
  const folders = new Map<BytePath, Folder>();
  for (const { path, mirrorName, stored } of entries) {
    if (turns.due) await turns.pause();
    const parent = parentOf(path);
    if (path === '' || !stored || whole.has(parent) || !partly.has(parent)) continue;
    const end = mirrorName.lastIndexOf('/') + 1;
    const folder = folders.get(parent) ?? { name: mirrorName.slice(0, end), children: [] };
    folders.set(parent, folder);
    folder.children.push({ name: mirrorName.slice(end), whole: whole.has(path) });
  }
  const names: string[] = [];
  const starts: string[] = [];
  for (const folder of folders.values()) await coverFolder(folder, turns, names, starts);
  return { names, starts };
};
