// Names of a snapshot that the disk they are restored to takes for one, such as `README` and `readme` on most of macOS and Windows and on exFAT: which are restored apart from each other, and where they go. In turns.
import { insideCover, type InsideCover, type RestorePlan } from './restore-plan';
import type { SidecarEntry } from './sidecar';
import { apartComponent, folded, lastOf, parentOf } from './snapshot-names';
import type { BytePath } from './snapshot-ports';
import type { Turns } from './turns';

/*
 * [Note: Names alike] restic writes each of them over the one before. So files whose way is alike are restored in rounds of their own, into folders of their own, and are brought together afterwards:
 * of names in one directory the first keeps its name, the others get a hash of theirs (`%~`), as in the mirror ([Note: Names apart]). Whether the disk really takes two of them for one shows when each is given its own name back.
 */

/** A host can have any number of names alike: what is in more rounds than these is named as not restored. */
const mostRounds = 16;

export interface Alike {
  /** Names that are alike to an earlier one of their directory. */
  readonly names: number;
  /** What restic restores together; the first one has all that is not alike. */
  readonly rounds: readonly InsideCover[];
  /** By path, of entries that do not lie where the first round and their mirror name put them: the round that has it (null: none, it is made), and where it goes. */
  readonly places: ReadonlyMap<BytePath, { readonly round: number | null; readonly place: string }>;
  /** Directories that were not chosen themselves, and get another place. */
  readonly ways: readonly SidecarEntry[];
}

const nameOf = ({ mirrorName }: SidecarEntry): string => lastOf(mirrorName);

/** Paths whose name is alike to an earlier one of the same directory, and those earlier ones. */
const inDirectories = async (entries: readonly SidecarEntry[], turns: Turns): Promise<{ readonly first: ReadonlySet<BytePath>; readonly later: ReadonlySet<BytePath> }> => {
  const names = new Map<string, BytePath>();
  const first = new Set<BytePath>();
  const later = new Set<BytePath>();
  for (const entry of entries) {
    if (turns.due) await turns.pause();
    if (entry.path === '') continue;
    const key = `${parentOf(entry.path)}\0${folded(nameOf(entry))}`;
    const before = names.get(key);
    if (before === undefined) names.set(key, entry.path);
    else {
      first.add(before);
      later.add(entry.path);
    }
  }
  return { first, later };
};

/** In which round what has no directory's way to itself is restored; from 1. */
const roundsOf = async (entries: readonly SidecarEntry[], turns: Turns): Promise<ReadonlyMap<BytePath, number>> => {
  const ways = new Map<string, SidecarEntry[]>();
  for (const entry of entries) {
    if (turns.due) await turns.pause();
    const way = folded(entry.mirrorName);
    const others = ways.get(way);
    if (others === undefined) ways.set(way, [entry]);
    else others.push(entry);
  }
  const rounds = new Map<BytePath, number>();
  for (const same of ways.values()) {
    if (same.length === 1) continue;
    let round = 0;
    for (const { path, type } of same) if (type !== 'd') rounds.set(path, (round += 1));
  }
  return rounds;
};

/** What is restored, and the directories on the way to it, before what is in them. */
const withWays = async ({ entries, sidecar }: RestorePlan, turns: Turns): Promise<readonly SidecarEntry[]> => {
  const wanted = new Set<BytePath>();
  for (const { path, stored } of entries) {
    if (turns.due) await turns.pause();
    if (!stored) continue;
    for (let at = path; !wanted.has(at); at = parentOf(at)) wanted.add(at);
  }
  return await turns.collect(sidecar.entries, (entry) => (entry.stored && wanted.has(entry.path) ? entry : undefined));
};

/** Of a plan for a disk that folds names; null where all names differ there too. Snapshots of another client, of which not all names are known, stay in one round. */
export const findAlike = async (plan: RestorePlan, turns: Turns): Promise<Alike | null> => {
  const { sidecar } = plan;
  const entries = await withWays(plan, turns);
  const { first, later } = await inDirectories(entries, turns);
  if (later.size === 0) return null;
  if (sidecar.foreign) return { names: later.size, rounds: [plan], places: new Map(), ways: [] };
  const rounds = await roundsOf(entries, turns);
  const places = new Map<BytePath, { readonly round: number | null; readonly place: string }>();
  for (const entry of entries) {
    if (turns.due) await turns.pause();
    if (entry.path === '') continue;
    const above = places.get(parentOf(entry.path))?.place ?? parentOf(entry.mirrorName);
    const name = later.has(entry.path) ? apartComponent(lastOf(entry.path)) : nameOf(entry);
    const place = above === '' ? name : `${above}/${name}`;
    const round = rounds.get(entry.path) ?? 0;
    // Of directories that became one the first gets its spelling back; the others, and links, are made.
    if (place !== entry.mirrorName || round > 0 || first.has(entry.path)) places.set(entry.path, { place, round: entry.type === 'f' || (entry.type === 'd' && place === entry.mirrorName) ? round : null });
  }
  const parents = new Set(await turns.collect(sidecar.entries, ({ path, stored }) => (path === '' || !stored ? undefined : parentOf(path))));
  const planned = new Set(await turns.collect(plan.entries, ({ path }) => path));
  const ways = await turns.collect(entries, (entry) => (places.has(entry.path) && !planned.has(entry.path) ? entry : undefined));
  const chosen = new Map<BytePath, number>(await turns.collect(entries, ({ path, type }) => (!planned.has(path) || parents.has(path) || (type === 'l' && rounds.has(path)) ? undefined : ([path, rounds.get(path) ?? 0] as const))));
  const covers: InsideCover[] = [];
  const most = Math.min(mostRounds, Math.max(0, ...chosen.values()));
  for (let round = 0; round <= most; round += 1) covers.push(await insideCover(sidecar, (path) => chosen.get(path) === round, turns));
  return { names: later.size, rounds: covers, places, ways };
};
