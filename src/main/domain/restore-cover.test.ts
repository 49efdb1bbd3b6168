import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { turnsDuring } from '../../../test/fakes/turns-during';
import { coverOf, type Cover } from './restore-cover';
import { planRestore } from './restore-plan';
import type { Sidecar, SidecarEntry } from './sidecar';
import { mainTurn, Turns } from './turns';

const entry = (path: string, type = 'f'): SidecarEntry => ({ path, mirrorName: Buffer.from(path, 'latin1').toString('utf8'), type, mode: 0o644, uid: 0, gid: 0, size: 1, mtime: '1', target: '', group: '', sparse: false, sha256: '', stored: true });

/** Files, with all directories on the way before what is in them. */
const tree = (files: readonly string[]): SidecarEntry[] => {
  const directories = new Set(['']);
  for (const file of files) for (let at = file.indexOf('/'); at !== -1; at = file.indexOf('/', at + 1)) directories.add(file.slice(0, at));
  const names = files.filter((file) => !directories.has(file));
  return [...[...directories].map((path) => entry(path, 'd')), ...names.map((path) => entry(path))].sort((a, b) => (a.path < b.path ? -1 : 1));
};

/** As restic matches a cover, with the rest of a path below what matched. */
const matches = ({ names, starts }: Cover, path: string): boolean => {
  const parts = path.split('/');
  const ways = ['', ...parts.map((_part, index) => parts.slice(0, index + 1).join('/'))];
  return ways.some((way) => names.includes(way) || (way !== '' && starts.some((start) => way.startsWith(start) && !way.slice(start.length).includes('/'))));
};

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

describe('the cover of chosen paths', () => {
  it('stands for what was chosen and for nothing else', async () => {
    const part = fc.stringMatching(/^[ab大😀😁]{1,4}$/u);
    const file = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => latin1(parts.join('/')));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(file, { minLength: 1, maxLength: 30 }), fc.infiniteStream(fc.boolean()), async (files, coins) => {
        const entries = tree(files);
        const chosen = new Set(entries.filter(({ type }) => type === 'f').flatMap(({ path }) => (coins.next().value === true ? [path] : [])));
        const cover = await coverOf(entries, (path) => chosen.has(path), new Turns(undefined, mainTurn));
        for (const { path, mirrorName } of entries.filter(({ type }) => type === 'f')) expect(matches(cover, mirrorName), `${mirrorName} of ${JSON.stringify(cover)}`).toBe(chosen.has(path));
      }),
      { numRuns: 300 },
    );
  });

  it('is small for ranges of names, and a whole directory is itself', async () => {
    const files = [...Array(3000).keys()].map((at) => `data/shard-${String(at).padStart(4, '0')}.tar`);
    const cover = (chosen: ReadonlySet<string>) => coverOf(tree([...files, 'other/a']), (path) => chosen.has(path), new Turns(undefined, mainTurn));
    expect(await cover(new Set(files))).toEqual({ names: ['data'], starts: [] });
    expect(await cover(new Set([...files, 'other/a']))).toEqual({ names: [''], starts: [] });
    const { names, starts } = await cover(new Set(files.slice(500, 2501)));
    expect({ names, starts: [...starts].sort() }).toEqual({ names: ['data/shard-2500.tar'], starts: ['data/shard-05', 'data/shard-06', 'data/shard-07', 'data/shard-08', 'data/shard-09', 'data/shard-1', 'data/shard-20', 'data/shard-21', 'data/shard-22', 'data/shard-23', 'data/shard-24'] });
  });
});

test('fifty thousand chosen files of a hundred thousand are planned in turns', async () => {
  const files = [...Array(100_000).keys()].map((at) => `data/${at % 7}/file-${at}.bin`);
  const sidecar: Sidecar = { directory: '/workspace', root: 'workspace', foreign: false, entries: tree(files) };
  const chosen = files.filter((_file, at) => at % 2 === 0);
  const seen = await turnsDuring(async () => {
    const plan = await planRestore(sidecar, chosen);
    expect([plan.files, plan.includes.length + plan.starts.length > 0, plan.dumps.length]).toEqual([50_000, true, 1]);
  });
  expect(seen.turns, `the longest was ${seen.longest.toFixed(0)} ms`).toBeGreaterThan(8);
});
