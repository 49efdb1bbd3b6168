import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { turnsWhenDue } from '../../../test/fakes/turns-during';
import { choosePart, rangePatterns, type RehearsalPart } from './proof-part';
import type { SidecarEntry } from './sidecar';

const entry = (name: string, size: number, more: Partial<SidecarEntry> = {}): SidecarEntry => ({
  path: name, mirrorName: name, type: 'f', mode: 0o600, uid: 0, gid: 0, size, mtime: '1', target: '', group: '', sha256: '', sparse: false, stored: true, ...more,
});

const order = (names: readonly string[]): string[] => [...names].sort((a, b) => (a.replaceAll('/', '\0') < b.replaceAll('/', '\0') ? -1 : 1));

/** As restic matches an anchored include: a pattern matches a path or one of its parents, part by part. */
const matches = (pattern: string, name: string): boolean => {
  const parts = name.split('/');
  return parts.some((_part, at) => path.posix.matchesGlob(parts.slice(0, at + 1).map((one) => (one.startsWith('.') ? `@${one}` : one)).join('/'), pattern.split('/').map((one) => (one.startsWith('.') ? `@${one}` : one)).join('/')));
};

describe('patterns for a range of names', () => {
  it('match exactly the range', () => {
    const name = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '-', '0'), minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 40 }), fc.nat(40), fc.nat(40), (all, one, other) => {
        // A file is no folder of another.
        const names = order(all.filter((path_) => !all.some((longer) => longer.startsWith(`${path_}/`))));
        const [from, to] = [Math.min(one, other, names.length), Math.min(Math.max(one, other), names.length)];
        const patterns = rangePatterns(names, from, to);
        expect(names.filter((path_) => patterns.some((pattern) => matches(pattern, path_)))).toEqual(names.slice(from, to));
      }),
      { numRuns: 1000 },
    );
  });

  it('are few for a flat folder of many files', () => {
    const names = Array.from({ length: 100_000 }, (_, at) => `data/img_${String(at).padStart(6, '0')}.jpg`);
    expect(rangePatterns(names, 12_345, 67_890).length).toBeLessThan(100);
    expect(rangePatterns(names, 0, 100_000)).toEqual(['*']);
  });

  it('are found without a walk through all names', () => {
    let looks = 0;
    const names = new Proxy(Array.from({ length: 100_000 }, (_, at) => `a/long/way/down/img_${String(at).padStart(6, '0')}.jpg`), {
      get: (list, key) => {
        looks += 1;
        return Reflect.get(list, key) as unknown;
      },
    });
    expect(rangePatterns(names, 12_345, 67_890).length).toBeLessThan(100);
    expect(looks).toBeLessThan(10_000);
  });

  it('take what looks like a pattern literally', () => {
    expect(rangePatterns(['a[1]', 'b*', 'c?'], 0, 2)).toEqual(['a\\[1\\]', 'b\\*']);
  });
});

describe('the part of a rehearsal', () => {
  const part = (all: readonly SidecarEntry[], cursor: string | null, budget: number, platform: NodeJS.Platform = 'linux') => choosePart(all, { cursor, budget }, undefined, platform);
  const entries = [entry('', 0, { type: 'd' }), ...Array.from({ length: 100 }, (_, at) => entry(`f/${String(at).padStart(3, '0')}`, 10)), entry('big', 500), entry('link', 0, { type: 'l', target: 'big' }), entry('left out', 10, { stored: false })];

  it('is everything when that is within the budget', async () => {
    const share = await part(entries, null, 1500);
    expect(share).toMatchObject({ patterns: null, files: 101, bytes: 1500, totalFiles: 101, totalBytes: 1500, piped: [], cursor: '' });
    expect(share.restored).toHaveLength(102);
    expect((await part(entries, null, 1500, 'win32')).restored).toHaveLength(101);
  });

  it('goes on where the last one ended, until all were covered, and then again', async () => {
    let cursor: string | null = null;
    const seen = new Set<string>();
    let rounds = 0;
    for (; rounds < 8; rounds += 1) {
      const share = await part(entries, cursor, 200);
      expect(share.bytes <= 200 || (share.piped.length === 1 && share.files === 1)).toBe(true);
      const inOrder = ['big', ...Array.from({ length: 100 }, (_, at) => `f/${String(at).padStart(3, '0')}`)];
      const files = inOrder.filter((name) => seen.has(name));
      expect(share.begins).toEqual({ path: cursor ?? '', files: files.length, bytes: files.reduce((sum, name) => sum + (name === 'big' ? 500 : 10), 0) });
      for (const one of [...share.restored, ...share.piped]) seen.add(one.mirrorName);
      cursor = share.cursor;
      if (seen.size === 102) break;
    }
    expect(seen.size).toBe(102);
    // 1000 bytes of small ones in fives of 200, and the large one by itself.
    expect(rounds + 1).toBe(6);
    expect((await part(entries, cursor, 200)).piped.map((one) => one.mirrorName)).toEqual(['big']);
  });

  it('never lets restic write what is larger than the budget', async () => {
    const tight = await part([entry('a1', 0), entry('a2', 900), entry('a3', 10)], null, 100);
    expect(tight.patterns).toEqual(['a1']);
    const large = await part([entry('a2', 900), entry('a3', 0), entry('b', 50)], null, 100);
    expect(large).toMatchObject({ files: 1, patterns: [], restored: [], cursor: 'a2' });
    expect(large.piped.map((one) => one.mirrorName)).toEqual(['a2']);
  });

  it('starts again when what it ended at is the last, or gone', async () => {
    expect((await part(entries, 'zzz', 200)).piped.map((one) => one.mirrorName)).toEqual(['big']);
    expect((await part(entries, 'zzz', 200)).begins).toEqual({ path: '', files: 0, bytes: 0 });
    expect((await part(entries, 'f/050x', 200)).restored[0]?.mirrorName).toBe('f/051');
  });

  describe('of a tree of 200,000 files', () => {
    const count = 200_000;
    // No two neighbours are in order: 77,773 has no divisor in common with the count.
    const many = Array.from({ length: count }, (_, at) => entry(`folder-${((at * 77_773) % count) % 500}/file-${String((at * 77_773) % count).padStart(6, '0')}`, 10));

    it('is chosen in turns, the sorting too', async () => {
      let share: RehearsalPart | undefined;
      const turns = await turnsWhenDue(async () => {
        share = await part(many, 'folder-250/file-100250', 500_000);
      });
      expect(share).toMatchObject({ files: 50_000, bytes: 500_000, totalFiles: count, totalBytes: count * 10 });
      expect(share?.restored[0]?.mirrorName).toBe('folder-250/file-100750');
      // A look at every 256th step: eight for each file while it is sorted, one as it is found and one for its name.
      expect(turns).toBeGreaterThan((9.5 * count) / 256);
    });

    it('stops when it is told to', async () => {
      const stop = new AbortController();
      setImmediate(() => stop.abort());
      await expect(choosePart(many, { cursor: null, budget: 1000 }, stop.signal, 'linux')).rejects.toMatchObject({ code: 'cancelled' });
    });
  });
});
