import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IndexEntry } from '../../domain/file-index-port';
import { Database } from '../store/database';
import { IndexEngine } from './index-engine';
import { addTo as add, entry, sidecarOf, type ModelSnapshot, type Tree } from './index-model.test-data';

let folder: string;
let file: string;
let engine: IndexEngine;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dumont-index-'));
  file = path.join(folder, 'index.sqlite');
  engine = new IndexEngine(file);
});

afterEach(() => {
  engine.close();
  rmSync(folder, { recursive: true });
});

const idOf = (number: number): string => number.toString(16).padStart(64, '0');

const treeOf = (...entries: readonly IndexEntry[]): Tree => new Map([entry('', { type: 'd' }), ...entries].map((one) => [one.path, one]));
const snapshot = (number: number, tree: Tree, source = 'a'): ModelSnapshot => ({ id: idOf(number), source, time: number * 1000, tree });
const page = (of: IndexEngine, id: string, at: string, more: object = {}) =>
  of.folder({ snapshotId: id, path: at, filter: '', sort: 'name', descending: false, offset: 0, limit: 500, ...more });
const namesIn = (at: string, more: object = {}, number = 1): string[] => {
  const found = page(engine, idOf(number), at, more);
  if (found === null || found === 'no_folder') throw new Error(String(found));
  return found.rows.map((row) => row.path);
};
const countOf = (table: string): number => {
  const db = new Database(file);
  try {
    return Number(db.get(`SELECT count(*) AS many FROM ${table}`)?.many);
  } finally {
    db.abandon();
  }
};

// ---------------------------------------------------------------- by example

describe('a folder', () => {
  const tree = treeOf(entry('d', { type: 'd' }), entry('d/e', { type: 'd' }), entry('d/e/one', { size: 3 }), entry('Z', { size: 9, seconds: 5 }), entry('a', { size: 4, seconds: 9 }), entry('w', { type: 'd' }), entry('w/1', { size: 1 }), entry('w/2', { size: 1 }));

  beforeEach(() => add(engine, snapshot(1, tree)));

  it('shows directories first, one that holds only a directory in the same row, and is sorted and filtered', () => {
    expect(namesIn('')).toEqual(['d/e', 'w', 'a', 'Z']);
    expect(namesIn('', { sort: 'size', descending: true })).toEqual(['d/e', 'w', 'Z', 'a']);
    expect(namesIn('', { sort: 'mtime', descending: true }).slice(2)).toEqual(['a', 'Z']);
    expect(namesIn('', { filter: 'z' })).toEqual(['Z']);
    expect(namesIn('w')).toEqual(['w/1', 'w/2']);
  });

  it('comes in pages', () => {
    expect(namesIn('', { limit: 2 })).toEqual(['d/e', 'w']);
    expect(namesIn('', { limit: 2, offset: 2 })).toEqual(['a', 'Z']);
    expect(page(engine, idOf(1), '', { limit: 1 })).toMatchObject({ total: 4, folder: { size: 18, files: 5, entries: 4 } });
  });

  it('says what is not there', () => {
    expect(page(engine, idOf(2), '')).toBeNull();
    expect(page(engine, idOf(1), 'no')).toBe('no_folder');
    expect(page(engine, idOf(1), 'a')).toBe('no_folder');
    expect(engine.file(idOf(1), 'd/no')).toBe('no_file');
  });
});

describe('names', () => {
  it('are bytes: shown, found, and written as restic has them', () => {
    const bytes = Buffer.from('não').toString('latin1');
    add(engine, snapshot(1, treeOf(entry(bytes, { type: 'd' }), entry(`${bytes}/bad\u00ff`, { written: 'bad%FF' }), entry('100%', { written: '100%25' }))));
    expect(engine.file(idOf(1), `${bytes}/bad\u00ff`)).toMatchObject({ path: `${bytes}/bad\u00ff`, dumpPath: '/workspace/não/bad%FF' });
    expect(engine.file(idOf(1), '100%')).toMatchObject({ dumpPath: '/workspace/100%25' });
    expect(engine.search({ text: 'NÃO', snapshotId: null, limit: 5 })?.hits.map(({ file: { path: at } }) => at)).toEqual([bytes]);
    expect(engine.search({ text: 'BAD%ff', snapshotId: null, limit: 5 })?.total).toBe(1);
    expect(engine.search({ text: 'NA\u0303O', snapshotId: null, limit: 5 })?.total).toBe(1);
  });

  it('are found best first: the very name, beginnings, then shorter ones; with a slash by the whole path', () => {
    add(engine, snapshot(1, treeOf(...['a-train.log', 'train.log', 'train', 'my-train', 'x'].map((name) => entry(name)), entry('runs', { type: 'd' }), entry('runs/7', { type: 'd' }), entry('runs/7/train.py'))));
    const found = (text: string): string[] => engine.search({ text, snapshotId: null, limit: 50 })?.hits.map(({ file: { path: at } }) => at) ?? [];
    expect(found('Train')).toEqual(['train', 'runs/7/train.py', 'train.log', 'my-train', 'a-train.log']);
    expect(found('runs/7/tr')).toEqual(['runs/7/train.py']);
    expect(found('7/')).toEqual(['runs/7/train.py']);
    expect(engine.search({ text: 't', snapshotId: null, limit: 2 })).toMatchObject({ total: 5, hits: [{}, {}] });
    expect(found('100%_')).toEqual([]);
    expect(found('  ')).toEqual([]);
  });

  it('are found within one snapshot only when that is asked', () => {
    add(engine, snapshot(1, treeOf(entry('old'))));
    add(engine, snapshot(2, treeOf(entry('older'))));
    expect(engine.search({ text: 'old', snapshotId: idOf(2), limit: 5 })).toMatchObject({ total: 1, hits: [{ file: { path: 'older' } }] });
    expect(engine.search({ text: 'old', snapshotId: idOf(3), limit: 5 })).toBeNull();
  });
});

describe('the rows', () => {
  it('are shared by snapshots: 1 % of changes costs about 1 % of the rows', () => {
    const many = (changed: number): Tree => treeOf(...Array.from({ length: 20 }, (_, at) => entry(`d${at}`, { type: 'd' })), ...Array.from({ length: 2000 }, (_, at) => entry(`d${at % 20}/f${at}`, { size: at < changed ? 7 : 1 })));
    for (let number = 1; number <= 10; number += 1) add(engine, snapshot(number, many(number * 20)));
    expect(countOf('files')).toBe(2020);
    // 2021 at first, then at most 20 files, their 20 directories and the root each time.
    expect(countOf('versions')).toBeLessThan(2021 + 9 * 42);
    engine.remove([idOf(3), idOf(7), idOf(10)]);
    expect(page(engine, idOf(9), 'd0', { sort: 'size', descending: true, limit: 1 })).toMatchObject({ rows: [{ size: 7 }] });
  });

  it('take over a hash that became known, without a new version', () => {
    add(engine, snapshot(1, treeOf(entry('f'))));
    add(engine, snapshot(2, treeOf(entry('f', { sha256: 'ab'.repeat(32) }))));
    expect(engine.versions(idOf(1), 'f')).toMatchObject([{ file: { sha256: 'ab'.repeat(32) }, snapshotIds: [idOf(2), idOf(1)] }]);
    add(engine, snapshot(3, treeOf(entry('f', { sha256: 'cd'.repeat(32) }))));
    expect(engine.versions(idOf(1), 'f')).toHaveLength(2);
  });

  it('are all or nothing', () => {
    add(engine, snapshot(1, treeOf(entry('f'))));
    const text = sidecarOf(treeOf(entry('g')));
    expect(() => add(engine, snapshot(2, treeOf()), `${text}{"path":"../h","type":"f","mode":"644","uid":0,"gid":0,"mtime":"1"}\n`)).toThrow('cannot be right');
    expect(() => add(engine, snapshot(3, treeOf()), '')).toThrow('empty');
    expect([...engine.snapshots()]).toEqual([idOf(1)]);
    expect(engine.search({ text: 'g', snapshotId: null, limit: 5 })?.total).toBe(0);
  });
});

describe('the lines of restic ls', () => {
  it('are read of every version, with what is not JSON between them', () => {
    const lines = [
      'reading repository password from stdin',
      '{"time":"2026-11-23T14:46:24Z","paths":["/x"],"struct_type":"snapshot"}',
      '{"name":"w","type":"dir","path":"/w","uid":0,"gid":0,"mode":2147484141,"mtime":"2026-11-23T14:46:24.413417908Z","struct_type":"node"}',
      '{"name":"f","type":"file","path":"/w/f","uid":7,"gid":8,"size":21,"mode":420,"mtime":"2026-11-23T14:46:24.413417908+01:00","message_type":"node","struct_type":"node"}',
      '{"name":"bad\ufffd","type":"file","path":"/w/bad\ufffd","size":1,"mode":420,"mtime":"2026-11-23T14:46:24Z","struct_type":"node"}',
      '{"name":"bad\ufffd","type":"file","path":"/w/bad\ufffd","size":2,"mode":420,"mtime":"2026-11-23T14:46:24Z","struct_type":"node"}',
    ];
    const addition = engine.begin({ id: idOf(1), source: 'host', time: 1 }, 'ls', null, () => undefined);
    addition.push(Buffer.from(lines.join('\n')));
    addition.end();
    addition.finish();
    expect(engine.file(idOf(1), 'w/f')).toMatchObject({ size: 21, mode: 0o644, uid: 7, gid: 8, mtime: Date.parse('2026-11-23T13:46:24.413Z'), dumpPath: '/w/f' });
    expect(page(engine, idOf(1), 'w')).toMatchObject({ total: 2, folder: { size: 22, mode: 0o755 } });
  });
});

describe('the file', () => {
  it('gives way to an empty one when it is damaged or of another form', () => {
    add(engine, snapshot(1, treeOf(entry('f'))));
    engine.close();
    writeFileSync(file, 'this is no database, and it is long enough to be looked at as one'.repeat(40));
    engine = new IndexEngine(file);
    expect(engine.snapshots().size).toBe(0);
    add(engine, snapshot(1, treeOf(entry('f'))));
    engine.close();
    const db = new Database(file);
    db.script('PRAGMA user_version = 99');
    db.close();
    engine = new IndexEngine(file);
    expect(engine.snapshots().size).toBe(0);
  });
});
