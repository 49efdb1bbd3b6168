import { describe, expect, it } from 'vitest';
import { byPath, expectedChange, isKnown, isUnchanged, mirrorEntries, wanted, withHashes, withNudges } from './capture-delta';
import { guardChanges, guardCounts } from './snapshot-guard';
import type { ManifestEntry } from './snapshot-manifest';

const entry = (path: string, more: Partial<ManifestEntry> = {}): ManifestEntry => ({
  path, type: 'f', mode: 0o644, uid: 0, gid: 0, size: 10, blocks: 8, mtime: '100.5', ctime: '100.5', inode: '1', links: 1, device: '1', target: '', nudge: 0, sha256: '', ...more,
});
const dir = (path: string, more: Partial<ManifestEntry> = {}): ManifestEntry => entry(path, { type: 'd', ...more });
const inSnapshot = (path: string): string => `/w/${path}`;

describe('the delta', () => {
  const before = [dir(''), entry('same'), entry('touched'), entry('grown'), entry('gone'), dir('d'), entry('d/x'), entry('turns'), entry('sock', { type: 's' })];

  it('knows when nothing changed, whatever blocks and devices say', () => {
    expect(isUnchanged(byPath(before), before.map((one) => ({ ...one, blocks: 0, device: '9', inode: '7' })))).toBe(true);
    expect(isUnchanged(byPath(before), before.slice(1))).toBe(false);
    for (const change of [{ ctime: '101' }, { mode: 0o755 }, { uid: 1 }, { target: 'x' }, { size: 11 }, { mtime: '100.6' }, { links: 2 }]) expect(isUnchanged(byPath(before), before.map((one, at) => (at === 1 ? { ...one, ...change } : one)))).toBe(false);
  });

  it('nudges a file that was touched but kept its size and time, each time by one more', () => {
    const touched = [entry('a', { ctime: '200' })];
    const once = withNudges(byPath([entry('a')]), touched);
    expect(once[0]?.nudge).toBe(1);
    expect(withNudges(byPath(once), touched)[0]?.nudge).toBe(1);
    expect(withNudges(byPath(once), [entry('a', { ctime: '300' })])[0]?.nudge).toBe(2);
    expect(withNudges(byPath(once), [entry('a', { ctime: '300', mtime: '300' })])[0]?.nudge).toBe(0);
    expect(mirrorEntries(once).get('a')?.mtime).not.toBe(mirrorEntries([entry('a')]).get('a')?.mtime);
    expect(isKnown(once[0]!, [byPath([entry('a', { ctime: '200' })])])).toBe(false);
    expect(isKnown(once[0]!, [null, byPath(once)])).toBe(true);
    expect(wanted(entry('a', { mtime: '-1.5' })).mtimeSeconds).toBe(-2);
  });

  it('carries hashes on for files that are exactly as they were', () => {
    const sha256 = 'ab'.repeat(32);
    const known = byPath([entry('same', { sha256 }), entry('touched', { sha256 }), entry('nudged', { sha256, nudge: 1 })]);
    const now = withHashes([entry('same'), entry('touched', { ctime: '200' }), entry('nudged'), entry('new'), dir('same-dir')], [null, known]);
    expect(now.map((one) => one.sha256)).toEqual([sha256, '', '', '', '']);
  });

  it('says what restic must report, and the guard holds it to that', () => {
    const now = [dir(''), entry('same'), entry('touched', { ctime: '300', nudge: 1 }), entry('grown', { size: 11, mtime: '300' }), dir('d'), entry('d/x'), entry('d/new'), dir('turns'), entry('turns/in'), entry('link', { type: 'l', target: 'x' })];
    const expected = expectedChange(byPath(before), byPath(now), inSnapshot);
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

  it('counts files and bytes', () => {
    const summary = { snapshotId: 'x', filesNew: 1, filesChanged: 0, filesUnmodified: 0, dataAdded: 0, totalFiles: 2, totalBytes: 20, errors: [] };
    expect(guardCounts(summary, { files: 2, bytes: 20 })).toEqual({ holds: true });
    expect(guardCounts(summary, { files: 3, bytes: 20 }).holds).toBe(false);
    expect(guardCounts(summary, { files: 2, bytes: 21 }).holds).toBe(false);
    expect(guardCounts({ ...summary, errors: ['/a'] }, { files: 2, bytes: 20 }).holds).toBe(false);
  });
});
