import { describe, expect, it } from 'vitest';
import { expectedChange, ExpectedReads, type ExpectedChange, isUnchanged, nudged, vouchesFor, wanted } from './capture-delta';
import { joined, orderKey } from './listing-order';
import { guardChanges, guardCounts, guardNames, guardReads, hearNames } from './snapshot-guard';
import { copyMtime, type ManifestEntry } from './snapshot-manifest';
import { placeOf } from './snapshot-names';

const entry = (path: string, more: Partial<ManifestEntry> = {}): ManifestEntry => ({
  path, type: 'f', mode: 0o644, uid: 0, gid: 0, size: 10, blocks: 8, mtime: '100.5', ctime: '100.5', inode: '1', links: 1, device: '1', target: '', nudge: 0, sha256: '', ...more,
});
const dir = (path: string, more: Partial<ManifestEntry> = {}): ManifestEntry => entry(path, { type: 'd', ...more });
const ordered = (entries: readonly ManifestEntry[]): readonly ManifestEntry[] => [...entries].sort((a, b) => (orderKey(a.path) < orderKey(b.path) ? -1 : 1));
const inSnapshot = (one: ManifestEntry): string => `/w/${placeOf(one)}`;

const expecting = (before: Iterable<ManifestEntry>, now: Iterable<ManifestEntry>): Map<string, boolean> => {
  const expected = new ExpectedReads(before, inSnapshot, true);
  const unnamed = new ExpectedReads(before, inSnapshot, false);
  for (const one of now) for (const each of [expected, unnamed]) each.add(one, false);
  for (const each of [expected, unnamed]) each.close();
  const names = new Map(expected.names);
  const count = [...names.values()].filter(Boolean).length;
  expect([expected.count, unnamed.count, unnamed.names]).toEqual([count, count, null]);
  return names;
};

/** The same of the entries that are not kept on either side, as captures ask for both. */
const ofChanged = (before: readonly ManifestEntry[], now: readonly ManifestEntry[]): { readonly reads: Map<string, boolean>; readonly change: ExpectedChange } => {
  const kept = new Set(now.filter((one) => vouchesFor(before.find((old) => old.path === one.path) ?? null, one)).map((one) => one.path));
  const former = before.filter((one) => !kept.has(one.path));
  const expected = new ExpectedReads(former, inSnapshot, true);
  for (const one of now) expected.add(one, kept.has(one.path));
  expected.close();
  return { reads: new Map(expected.names), change: expectedChange(former, now.filter((one) => !kept.has(one.path)), inSnapshot, true) };
};

describe('the delta', () => {
  const before = ordered([dir(''), entry('same'), entry('touched'), entry('grown'), entry('gone'), dir('d'), entry('d/x'), entry('turns'), entry('sock', { type: 's' })]);

  it('walks listings in the order of bytes, what is in a directory right after it', () => {
    expect(ordered([entry('a!'), dir('a'), entry('a/b'), dir(''), entry('a/b!'), entry('\u00e9'), entry('B')]).map((one) => one.path)).toEqual(['', 'B', 'a', 'a/b', 'a/b!', 'a!', '\u00e9']);
    expect([...joined([[entry('a'), entry('c')], [], [entry('b'), entry('d')]])].map((one) => one.path)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('knows when nothing changed, whatever blocks and devices say', () => {
    expect(isUnchanged(before, before.map((one) => ({ ...one, blocks: 0, device: '9', inode: '7' })))).toBe(true);
    expect(isUnchanged(before, before.slice(0, -1))).toBe(false);
    expect(isUnchanged(before.slice(0, -1), before)).toBe(false);
    expect(isUnchanged(before, before.filter((one) => one.path !== 'd/x'))).toBe(false);
    for (const change of [{ ctime: '101' }, { mode: 0o755 }, { uid: 1 }, { target: 'x' }, { size: 11 }, { mtime: '100.6' }, { links: 2 }]) expect(isUnchanged(before, before.map((one, at) => (at === 1 ? { ...one, ...change } : one)))).toBe(false);
  });

  it('nudges a file that was touched but whose copy would get the same time, each time by one more', () => {
    const once = nudged(entry('a'), entry('a', { ctime: '200' }));
    expect(once.nudge).toBe(1);
    expect(nudged(once, entry('a', { ctime: '200' })).nudge).toBe(1);
    expect(nudged(once, entry('a', { ctime: '300' })).nudge).toBe(2);
    expect(nudged(once, entry('a', { ctime: '300', mtime: '300' })).nudge).toBe(0);
    // Less than a microsecond apart.
    expect(nudged(entry('a', { mtime: '100.1234567' }), entry('a', { mtime: '100.1234568', ctime: '300' })).nudge).toBe(1);
    expect(copyMtime(once)).not.toBe(copyMtime(entry('a')));
    expect([vouchesFor(null, once), vouchesFor(entry('a', { ctime: '200' }), once), vouchesFor(once, once)]).toEqual([false, false, true]);
    expect(wanted(entry('a', { mtime: '-1.5' })).mtimeSeconds).toBe(-2);
  });

  it('says what restic must report, and the guard holds it to that', () => {
    const now = ordered([dir(''), entry('same'), entry('touched', { ctime: '300', nudge: 1 }), entry('grown', { size: 11, mtime: '300' }), dir('d'), entry('d/x'), entry('d/new'), dir('turns'), entry('turns/in'), entry('link', { type: 'l', target: 'x' })]);
    const expected = expectedChange(before, now, inSnapshot, true);
    expect(ofChanged(before, now).change).toEqual(expected);
    expect({ ...expected }).toEqual({
      added: new Set(['/w/d/new', '/w/link']), removed: new Set(['/w/gone']), retyped: new Set(['/w/turns']), modifiable: new Set(['/w/touched']), modified: new Set(['/w/grown']),
    });
    const right = [
      { path: '/w/d/new', modifier: '+' }, { path: '/w/link', modifier: '+' }, { path: '/w/gone', modifier: '-' }, { path: '/w/turns/', modifier: 'T' }, { path: '/w/turns/in', modifier: '+' },
      { path: '/w/grown', modifier: 'M' }, { path: '/.side', modifier: 'M' }, { path: '/w/d/', modifier: 'U' },
    ];
    const ignored = new Set(['/.side']);
    expect(guardChanges(right, expected, ignored)).toEqual({ holds: true });
    expect(guardChanges([...right, { path: '/w/touched', modifier: 'M' }], expected, ignored)).toEqual({ holds: true });
    for (const extra of [{ path: '/w/same', modifier: 'M' }, { path: '/w/odd', modifier: '+' }, { path: '/w/same', modifier: '-' }, { path: '/w/same', modifier: '?' }, { path: '/w/d/', modifier: 'T' }]) {
      expect(guardChanges([...right, extra], expected, ignored).holds).toBe(false);
    }
    for (let left = 0; left < 6; left += 1) {
      if (left === 4) continue;
      expect(guardChanges(right.filter((_, at) => at !== left), expected, ignored).holds).toBe(false);
    }
  });

  it('expects nothing of links where the mirror has none', () => {
    const was = ordered([dir(''), entry('a', { type: 'l', target: 'x' }), entry('b'), entry('c', { type: 'l', target: 'x' })]);
    const is = ordered([dir(''), entry('a', { type: 'l', target: 'y' }), entry('b', { type: 'l', target: 'a' }), entry('c'), entry('d', { type: 'l', target: 'x' })]);
    const expected = expectedChange(was, is, inSnapshot, false);
    expect(guardChanges([{ path: '/w/b', modifier: '-' }, { path: '/w/c', modifier: '+' }], expected, new Set())).toEqual({ holds: true });
    expect(guardChanges([{ path: '/w/b', modifier: 'T' }, { path: '/w/c', modifier: 'T' }, { path: '/w/d', modifier: '+' }], expectedChange(was, is, inSnapshot, true), new Set())).toEqual({ holds: true });
  });

  it('says which files restic must read, and the guard holds it to that too', () => {
    const now = ordered([dir(''), entry('same', { ctime: '300' }), entry('touched', { ctime: '300', nudge: 1 }), entry('grown', { size: 11 }), entry('new'), entry('d'), dir('turns'), entry('turns/in'), entry('link', { type: 'l' })]);
    const reads = expecting(before, now);
    expect(ofChanged(before, now).reads).toEqual(reads);
    expect(new Map(reads)).toEqual(new Map(Object.entries({ '/w/d': true, '/w/grown': true, '/w/new': true, '/w/same': false, '/w/touched': true, '/w/turns/in': true })));
    const said = [...reads].map(([path, read]) => ({ path, read }));
    const verdict = (items: typeof said): boolean => {
      const files = { expected: new Map(reads), strange: [] };
      hearNames(files, items.slice(0, 2), '/.side');
      hearNames(files, items.slice(2), '/.side');
      return guardNames(files).holds;
    };
    expect(verdict([...said, { path: '/.side', read: true }])).toBe(true);
    for (const bad of [said.slice(1), [...said, { path: '/w/odd', read: true }], [...said, { path: '/w/gone', read: false }], said.map((one) => (one.path === '/w/same' ? { ...one, read: true } : one)), said.map((one) => (one.path === '/w/touched' ? { ...one, read: false } : one))]) {
      expect(verdict(bad)).toBe(false);
    }
    expect([...expecting([], now).values()].every(Boolean)).toBe(true);
  });

  it('takes a name that lies elsewhere by now for a removed and a new one, without content until it is fetched', () => {
    const [was, is] = [entry('readme'), entry('readme', { mirror: 'readme%~1' })];
    const expected = expectedChange([dir(''), was], [dir(''), is], inSnapshot, true);
    expect([expected.added, expected.removed, expected.modifiable.size]).toEqual([new Set(['/w/readme%~1']), new Set(['/w/readme']), 0]);
    expect([...expecting([dir(''), was], [dir(''), is])]).toEqual([['/w/readme%~1', true]]);
    expect([vouchesFor(was, is), vouchesFor(is, is)]).toEqual([false, true]);
  });

  it('counts files and bytes', () => {
    const summary = { snapshotId: 'x', filesNew: 1, filesChanged: 0, filesUnmodified: 0, dataAdded: 0, totalFiles: 2, totalBytes: 20, errors: [] };
    expect(guardCounts(summary, { files: 2, bytes: 20 })).toEqual({ holds: true });
    expect(guardCounts(summary, { files: 3, bytes: 20 }).holds).toBe(false);
    expect(guardCounts(summary, { files: 2, bytes: 21 }).holds).toBe(false);
    expect(guardCounts({ ...summary, errors: ['/a'] }, { files: 2, bytes: 20 }).holds).toBe(false);
    const some = { ...summary, filesChanged: 2, filesUnmodified: 4 };
    expect([2, 3, 4].map((reads) => guardReads(some, reads).holds)).toEqual([false, true, false]);
  });
});
