import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAlike, type Alike } from './names-alike';
import { planRestore, type RestorePlan } from './restore-plan';
import type { SidecarEntry } from './sidecar';
import { apartComponent, folded } from './snapshot-names';
import { Turns } from './turns';

const entry = (path: string, type: string): SidecarEntry => ({ path, mirrorName: path, type, mode: 0o644, uid: 0, gid: 0, size: 1, mtime: '1', target: '', group: '', sparse: false, sha256: '', stored: true });

/** Files, with the directories on their way; a name that is needed as a directory is no file. */
const tree = (files: readonly string[]): readonly SidecarEntry[] => {
  const directories = new Set(['']);
  for (const file of files) for (let at = file.indexOf('/'); at !== -1; at = file.indexOf('/', at + 1)) directories.add(file.slice(0, at));
  return [...[...directories].map((path) => entry(path, 'd')), ...files.filter((file) => !directories.has(file)).map((path) => entry(path, path.endsWith('L') ? 'l' : 'f'))].sort((a, b) => (a.path < b.path ? -1 : 1));
};

const planOf = (files: readonly string[], chosen?: readonly string[], foreign = false): Promise<RestorePlan> => planRestore({ directory: '/w', root: 'w', foreign, entries: tree(files) }, chosen);
const find = async (files: readonly string[], chosen?: readonly string[], foreign = false): Promise<Alike | null> => await findAlike(await planOf(files, chosen, foreign), new Turns(undefined));

const includes = (alike: Alike | null): readonly (readonly string[])[] => (alike?.rounds ?? []).map((round) => [...round.includes].sort());

/** Which round brings a path, as restic matches its includes. */
const roundsOf = ({ rounds }: Alike, path: string): readonly number[] => {
  const ways = [...`/w/${path}`.matchAll(/\/|$/g)].map(({ index }) => `/w/${path}`.slice(0, index)).filter((way) => way !== '');
  return rounds.flatMap(({ includes, starts }, round) => (ways.some((way) => includes.includes(way) || starts.some((start) => way.startsWith(start) && !way.slice(start.length).includes('/'))) ? [round] : []));
};

describe('names that are one on the disk they are restored to', () => {
  it('are none where all differ in more than case', async () => {
    expect(await find(['a', 'b/a', 'B2/a', 'c'])).toBeNull();
  });

  it('are restored in rounds of their own; the first keeps its name, and what lies below others goes with them', async () => {
    const alike = await find(['README', 'readme', 'SRC/a', 'SRC/b', 'src/a', 'plain']);
    expect(includes(alike)).toEqual([['/w/SRC/b', '/w/plain'], ['/w/README', '/w/SRC/a'], ['/w/readme', '/w/src']]);
    const src = apartComponent('src');
    expect(Object.fromEntries(alike?.places ?? [])).toEqual({
      README: { place: 'README', round: 1 }, readme: { place: apartComponent('readme'), round: 2 }, SRC: { place: 'SRC', round: 0 }, 'SRC/a': { place: 'SRC/a', round: 1 }, src: { place: src, round: null }, 'src/a': { place: `${src}/a`, round: 2 },
    });
    expect(alike).toMatchObject({ names: 2, ways: [] });
  });

  it('are looked for on the way to what was chosen, too', async () => {
    const alike = await find(['SRC/a', 'SRC/b', 'src/a'], ['src/a', 'SRC/b']);
    expect(alike?.ways.map(({ path }) => path)).toEqual(['SRC', 'src']);
    expect(alike?.places.get('src/a')?.place).toBe(`${apartComponent('src')}/a`);
    expect(includes(alike)).toEqual([['/w/SRC/b', '/w/src']]);
  });

  it('of another program stay together', async () => {
    const alike = await find(['a', 'A', 'b'], undefined, true);
    expect([alike?.names, alike?.rounds.length, alike?.places.size]).toEqual([1, 1, 0]);
  });

  it('come each into one round, in which no other file has its way, and to a place of their own', async () => {
    const part = fc.constantFrom('a', 'A', 'b', 'B', 'c', 'ab', 'AB', 'aL', 'AL', '\u00e9', 'e\u0301', '\u00c9');
    const file = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(file, { minLength: 1, maxLength: 25 }), fc.infiniteStream(fc.boolean()), async (files, coins) => {
        const chosen = coins.next().value === true ? undefined : tree(files).flatMap(({ path }) => (path !== '' && coins.next().value === true ? [path] : []));
        if (chosen?.length === 0) return;
        const plan = await planOf(files, chosen);
        const alike = await findAlike(plan, new Turns(undefined));
        const all = plan.entries.filter(({ path }) => path !== '');
        const place = ({ path, mirrorName }: SidecarEntry): string => folded(alike?.places.get(path)?.place ?? mirrorName);
        expect(new Set(all.map(place)).size).toBe(all.length);
        if (alike === null) return;
        const seen = new Set<string>();
        for (const one of all.filter(({ type }) => type === 'f')) {
          const said = alike.places.get(one.path)?.round ?? 0;
          if (said > 16) continue;
          expect(roundsOf(alike, one.path)).toEqual([said]);
          const way = `${said} ${folded(one.path)}`;
          expect(seen.has(way)).toBe(false);
          seen.add(way);
        }
        // What was not chosen is in no round.
        const wanted = new Set(all.map(({ path }) => path));
        expect(tree(files).filter(({ type, path }) => type === 'f' && !wanted.has(path) && roundsOf(alike, path).length > 0)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
