import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IndexEntry } from '../../domain/file-index-port';
import { IndexEngine } from './index-engine';
import { entry, sidecarOf } from './index-model.test-data';
import { ThreadedIndex } from './index-threads';

const at = (time: number): string => new Date(time).toISOString();
const treeOf = (...entries: IndexEntry[]): ReadonlyMap<string, IndexEntry> => new Map([entry('', { type: 'd' }), ...entries].map((one) => [one.path, one]));
const before = treeOf(entry('a', { type: 'd' }), entry('a/gone'), entry('a/same'), entry('b', { size: 5 }), entry('c', { type: 'd' }), entry('c/in'));
const after = treeOf(entry('a', { type: 'd', mode: 0o700 }), entry('a/new', { size: 7 }), entry('a/same'), entry('b', { size: 6 }), entry('c'));
const id = (digit: string): string => digit.repeat(64);

describe('a snapshot that is added by what changed', () => {
  let folder: string;
  let index: ThreadedIndex;
  const whole = vi.spyOn(IndexEngine.prototype, 'begin');

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'dumont-patch-'));
    index = new ThreadedIndex(folder, null);
    await add('1', 1000, sidecarOf(before, { takenAt: at(1000) }), null);
    whole.mockClear();
  });
  afterEach(async () => {
    await index.close();
    rmSync(folder, { recursive: true });
  });

  const add = (digit: string, time: number, text: string, former: Buffer | null): Promise<void> => {
    const [file, old] = [path.join(folder, 'now'), path.join(folder, 'former')];
    writeFileSync(file, gzipSync(text));
    if (former !== null) writeFileSync(old, former);
    return index.add('user', { id: id(digit), source: 'source', time }, { kind: 'file', file, takenAt: at(time), former: old }, new AbortController().signal, () => undefined);
  };
  const shown = async (digit: string): Promise<unknown> => {
    const page = async (folderPath: string): Promise<unknown> => {
      const found = await index.folder('user', { snapshotId: id(digit), path: folderPath, filter: '', sort: 'name', descending: false, offset: 0, limit: 100 });
      return found === null || found === 'no_folder' ? found : [found.folder.size, found.folder.files, found.rows.map((row) => [row.path, row.type, row.size, row.mode])];
    };
    return [await page(''), await page('a')];
  };
  const right = [
    [15, 4, [['a', 'd', 8, 0o700], ['b', 'f', 6, 0o644], ['c', 'f', 1, 0o644]]],
    [8, 2, [['a/new', 'f', 7, 0o644], ['a/same', 'f', 1, 0o644]]],
  ];
  const was = sidecarOf(before, { takenAt: at(1000) });
  const now = sidecarOf(after, { takenAt: at(2000) });

  it('reads no more than that', async () => {
    const former = await shown('1');
    await add('2', 2000, now, gzipSync(was));
    expect(whole).not.toHaveBeenCalled();
    expect([await shown('1'), await shown('2')]).toEqual([former, right]);
    expect(await index.diff('user', { from: id('1'), to: id('2'), offset: 0, limit: 100 })).toMatchObject({ total: 7, added: { files: 2, bytes: 8 }, removed: { files: 2, bytes: 2 }, changed: { files: 1 } });
  });

  it.each([
    ['there is none', null],
    ['it is that of another snapshot', gzipSync(sidecarOf(before, { takenAt: at(1500) }))],
    ['it is of another place', gzipSync(sidecarOf(before, { takenAt: at(1000), root: 'other' }))],
    ['it is cut off', gzipSync(was).subarray(0, 40)],
    ['lines of it are missing', gzipSync(was.split('\n').slice(0, 4).join('\n'))],
    ['it is not in order', gzipSync(`${was.replace('"entries":7', '"entries":8')}{"path":"a0","type":"f","mode":"644","uid":0,"gid":0,"size":1,"mtime":"1","stored":false}\n`)],
    ['it says what the index does not hold', gzipSync(was.replace(Buffer.from('a/gone').toString('base64'), Buffer.from('a/goof').toString('base64')))],
    ['it is no list', gzipSync('hello\n')],
  ])('is added by its whole list where the former one does not fit: %s', async (_, former) => {
    await add('2', 2000, now, former);
    expect(whole).toHaveBeenCalledTimes(1);
    expect(await shown('2')).toEqual(right);
  });

  it('is added by its whole list after a newer one was removed', async () => {
    await add('2', 2000, now, gzipSync(was));
    await index.remove('user', [id('2')]);
    whole.mockClear();
    await add('3', 3000, sidecarOf(after, { takenAt: at(3000) }), gzipSync(was));
    expect(whole).toHaveBeenCalledTimes(1);
    expect(await shown('3')).toEqual(right);
  });
});
