import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiskMirrors } from '../providers/ssh/mirror';
import { orderKey } from './listing-order';
import { findApart, withPlaces } from './names-apart';
import { manifestRecord, ManifestReader, storedEntry, type ManifestEntry } from './snapshot-manifest';
import { apartComponent, mirrorComponent, placeOf } from './snapshot-names';
import type { Mirror } from './snapshot-ports';
import { Turns } from './turns';

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const entry = (name: string): ManifestEntry => storedEntry(`${name.endsWith('/') || name === '' ? 'd' : 'f'}\t644\t0\t0\t1\t8\t1\t1\t1\t1\t1`, '', latin1(name.replace(/\/$/, '')));
const listing = (names: readonly string[]): readonly ManifestEntry[] => ['', ...names].map(entry).sort((a, b) => (orderKey(a.path) < orderKey(b.path) ? -1 : 1));

describe('names that are one on the disk here', () => {
  let folder = '';
  let mirror: Mirror;
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'dumont-apart-'));
    // As on most of Windows: by case, not by how a letter is composed.
    mirror = await new DiskMirrors(folder, null, (one, other) => one.toLowerCase() === other.toLowerCase()).open('user', 'source');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const placed = async (names: readonly string[], base: readonly ManifestEntry[] | null = null): Promise<readonly ManifestEntry[]> => {
    const scan = listing(names);
    return [...withPlaces(scan, await findApart(mirror, scan, base, new Turns(undefined)))];
  };
  const places = (entries: readonly ManifestEntry[]): Record<string, string> => Object.fromEntries(entries.flatMap((one) => (one.mirror === undefined ? [] : [[Buffer.from(one.path, 'latin1').toString('utf8'), one.mirror]])));

  it('get other names in the mirror, all but one, with all that lies below them', async () => {
    expect(mirror.tree.foldsNames()).toBe(true);
    const entries = await placed(['README', 'readme', 'ReadMe', 'other', 'Dir/', 'Dir/x', 'Dir/X', 'dir/', 'dir/x', 'dir/100%', 'dir/sub/', 'dir/sub/x', 'dir.txt', 'x', 'caf\u00e9', 'cafe\u0301', 'CAF\u00c9']);
    const [dir, cafe] = [apartComponent('dir'), apartComponent(latin1('caf\u00e9'))];
    expect(places(entries)).toEqual({
      ReadMe: apartComponent('ReadMe'), readme: apartComponent('readme'), 'Dir/x': `Dir/${apartComponent('x')}`, dir, 'dir/x': `${dir}/x`, 'dir/100%': `${dir}/100%25`, 'dir/sub': `${dir}/sub`, 'dir/sub/x': `${dir}/sub/x`, 'caf\u00e9': cafe,
    });
    const written = entries.map((one) => placeOf(one).toLowerCase());
    expect(new Set(written).size).toBe(written.length);
    expect(mirror.listings.names()).toEqual([]);
  });

  it('keep the names that they have, whoever comes or goes', async () => {
    const first = await placed(['readme', 'n']);
    expect(places(first)).toEqual({});
    const second = await placed(['README', 'Readme', 'readme', 'n'], first);
    expect(places(second)).toEqual({ README: apartComponent('README'), Readme: apartComponent('Readme') });
    expect(places(await placed(['README', 'n'], second))).toEqual({ README: apartComponent('README') });
  });

  it('are kept in listings, and never taken from a host', () => {
    const one = { ...entry('a/b'), mirror: 'a%~1/gr\u00f6\u00dfe' };
    const record = manifestRecord(one).split('\0');
    expect(storedEntry(record[0] ?? '', record[1] ?? '', record[2] ?? '')).toEqual(one);
    expect(() => new ManifestReader(() => undefined).push(Buffer.from(manifestRecord(one), 'latin1'))).toThrow(/not well formed/);
  });

  it('are short, and not what any other name becomes', () => {
    for (const name of ['a', 'n'.repeat(255), latin1('\u00e9'.repeat(120)), '%'.repeat(60)]) {
      expect(apartComponent(name).length).toBeLessThanOrEqual(255);
      expect([apartComponent(name), apartComponent(name, 'win32')]).not.toContain(mirrorComponent(name));
    }
  });
});

it('a disk that tells names apart is left as it is', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'dumont-apart-'));
  try {
    const { tree } = await new DiskMirrors(folder).open('user', 'source');
    expect([tree.foldsNames(), tree.isSameName('a', 'a'), tree.isSameName('a', 'A')]).toEqual([false, true, false]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
