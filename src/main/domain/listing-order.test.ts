// The order of listings: what is asked for beside another listing is found, and what nobody asked for is told.
import { describe, expect, it } from 'vitest';
import { comparePaths, inOrder, ListingCursor, orderKey } from './listing-order';
import type { ManifestEntry } from './snapshot-manifest';

const entry = (path: string): ManifestEntry => ({ path, type: 'f', mode: 0o644, uid: 0, gid: 0, size: 1, blocks: 8, mtime: '1', ctime: '1', inode: '1', links: 1, device: '1', target: '', nudge: 0, sha256: '' });
// By bytes alone `a.b` and `a-b` would come between `a` and what is in it.
const ordered = ['', 'a', 'a/b', 'a/b/c', 'a-b', 'a.b', 'b'];

describe('entries in order', () => {
  it('stay as they are when they are so already, and are sorted when not', () => {
    const entries = ordered.map(entry);
    expect(inOrder(entries)).toBe(entries);
    expect(inOrder(entries.toReversed()).map(({ path }) => path)).toEqual(ordered);
    expect(inOrder([])).toEqual([]);
  });
});

describe('a listing beside another', () => {
  it.each([
    { asked: ordered, passed: [] },
    { asked: ['', 'a/b', 'a.b'], passed: ['a', 'a/b/c', 'a-b', 'b'] },
    { asked: ['a/a', 'a/b/d', 'a/z', 'a.b', 'z'], passed: ['', 'a', 'a/b', 'a/b/c', 'a-b', 'b'] },
    { asked: [], passed: ordered },
  ])('finds of $asked what is there, and passes the rest', ({ asked, passed }) => {
    const cursor = new ListingCursor(ordered.map(entry));
    const told: string[] = [];
    const tell = (one: ManifestEntry): void => void told.push(one.path);
    const found = asked.filter((path) => cursor.find(path, tell)?.path === path);
    cursor.finish(tell);
    expect(found).toEqual(asked.filter((path) => ordered.includes(path)));
    expect(told).toEqual(passed);
    expect(cursor.passed).toBe(passed.length);
    expect(cursor.find('zz')).toBeNull();
  });

  it('compares paths as their keys are', () => {
    const paths = ['', 'a', 'b', 'a/b', 'a.b', 'a-b', 'a/b/c', 'ab', 'a\u0001', '\u0001', '\u00ff', 'a/\u00ff', '\n', 'a//'];
    const ofKeys = (one: string, other: string): number => Math.sign(Number(one > other) - Number(one < other));
    for (const one of paths) for (const other of paths) expect(Math.sign(comparePaths(one, other))).toBe(ofKeys(orderKey(one), orderKey(other)));
  });

  it('finds what a naive search finds, whatever is asked for', () => {
    let state = 7;
    const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
    const name = (): string => Array.from({ length: 1 + random(3) }, () => 'ab.-'[random(4)]).join('/');
    const set = (): string[] => [...new Set(Array.from({ length: random(20) }, name))].sort((one, other) => (orderKey(one) < orderKey(other) ? -1 : 1));
    for (let turn = 0; turn < 500; turn += 1) {
      const [there, asked] = [set(), set()];
      const cursor = new ListingCursor(there.map(entry));
      expect(asked.filter((path) => cursor.find(path) !== null)).toEqual(asked.filter((path) => there.includes(path)));
      cursor.finish();
      expect(cursor.passed).toBe(there.filter((path) => !asked.includes(path)).length);
    }
  });
});
