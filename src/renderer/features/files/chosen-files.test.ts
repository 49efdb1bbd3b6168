import { describe, expect, it } from 'vitest';
import type { SnapshotFile } from '../../../contract';
import { keyOf } from './address';
import { asFolder } from './chosen-files';

const file = (path: string, more: Partial<SnapshotFile> = {}): SnapshotFile => ({
  path, path64: null, name: path, type: 'file', size: 1, mtime: '2026-01-01T00:00:00.000Z', mode: '644', uid: 0, gid: 0, target: null, sha256: null, stored: true, entries: null, files: null, ...more,
});
const rows = [...Array(1500).keys()].map((at) => file(`data/${at}`));
const folder = file('data', { type: 'dir' });
const chosen = (files: readonly SnapshotFile[]) => new Map(files.map((one) => [keyOf(one), one]));
const shown = { first: { folder, total: rows.length }, rows, isPlaceholderData: false };

describe('chosen rows', () => {
  it('are their folder where all of very many are chosen, beside what was chosen elsewhere', () => {
    expect(asFolder(chosen([file('other'), ...rows]), shown)).toEqual([folder, file('other')]);
    const pipe = file('data/pipe', { stored: false });
    expect(asFolder(chosen(rows), { ...shown, first: { folder, total: 1501 }, rows: [pipe, ...rows] })).toEqual([folder]);
  });

  it('stay as they are where one is missing, not loaded, filtered away or of the folder before, and where they are few', () => {
    const some = rows.slice(1);
    expect(asFolder(chosen(some), shown)).toEqual(some);
    expect(asFolder(chosen(rows), { ...shown, first: { folder, total: 1501 } })).toEqual(rows);
    expect(asFolder(chosen(rows), { ...shown, isPlaceholderData: true })).toEqual(rows);
    expect(asFolder(chosen(rows), null)).toEqual(rows);
    const few = rows.slice(0, 5);
    expect(asFolder(chosen(few), { ...shown, first: { folder, total: 5 }, rows: few })).toEqual(few);
  });
});
