import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IndexedFile, IndexEntry } from '../../domain/file-index-port';
import { Database } from '../store/database';
import { IndexEngine } from './index-engine';
import { addTo, childrenOf, entry, patchTo, sumsOf, type ModelSnapshot, type Tree } from './index-model.test-data';

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

const rowsLeft = (): readonly number[] => {
  const db = new Database(file);
  try {
    return ['files', 'versions'].map((table) => Number(db.get(`SELECT count(*) AS many FROM ${table}`)?.many));
  } finally {
    db.abandon();
  }
};

const names = ['a', 'B', 'b', 'c.txt', 'é', 'bad\u00ff', 'x y'];

/** Trees of a few names, so that the same paths come again and again, as files and as directories. */
const treeArbitrary: fc.Arbitrary<Tree> = fc
  .array(fc.record({ parts: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }), size: fc.integer({ min: 0, max: 3 }), seconds: fc.integer({ min: 1, max: 3 }), mode: fc.constantFrom(0o644, 0o755), kind: fc.constantFrom('f', 'f', 'f', 'l', 'd') }), { maxLength: 14 })
  .map((files) => {
    const tree = new Map<string, IndexEntry>([['', entry('', { type: 'd' })]]);
    for (const { parts, size, seconds, mode, kind } of files) {
      const folders = parts.slice(0, -1).map((_, at) => parts.slice(0, at + 1).join('/'));
      if (folders.some((one) => tree.has(one) && tree.get(one)?.type !== 'd') || tree.has(parts.join('/'))) continue;
      for (const one of folders) if (!tree.has(one)) tree.set(one, entry(one, { type: 'd', mode: 0o755 }));
      tree.set(parts.join('/'), entry(parts.join('/'), { type: kind, size: kind === 'f' ? size : 0, seconds, mode, target: kind === 'l' ? 'to' : '' }));
    }
    return tree;
  });

const stepArbitrary = fc.oneof(
  { weight: 5, arbitrary: fc.record({ step: fc.constant('add' as const), source: fc.constantFrom('a', 'b'), tree: treeArbitrary, again: fc.boolean(), patch: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ step: fc.constant('remove' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('add again' as const), which: fc.nat() }) },
);

const factsOf = (one: Pick<IndexEntry, 'path' | 'type' | 'size' | 'mode' | 'seconds'>): object => ({ path: one.path, type: one.type, size: one.size, mode: one.mode, seconds: one.seconds });
const factsIn = (one: IndexedFile): object => ({ path: one.path, type: one.type, size: one.size, mode: one.mode, seconds: Math.floor(one.mtime / 1000) });
const sorted = (list: readonly object[]): string[] => list.map((one) => JSON.stringify(one)).sort();

const expectSnapshot = (model: ModelSnapshot): void => {
  const folders = [...model.tree.values()].filter((one) => one.type === 'd');
  for (const at of folders) {
    const found = engine.folder({ snapshotId: model.id, path: at.path, filter: '', sort: 'name', descending: false, offset: 0, limit: 500 });
    if (found === null || found === 'no_folder') throw new Error(`${at.path}: ${String(found)}`);
    const sums = sumsOf(model.tree, at.path);
    expect([found.folder.size, found.folder.files, found.folder.entries, found.total]).toEqual([sums.bytes, sums.files, childrenOf(model.tree, at.path).length, childrenOf(model.tree, at.path).length]);
    const files = found.rows.filter((row) => row.type !== 'd');
    expect(sorted(files.map(factsIn))).toEqual(sorted(childrenOf(model.tree, at.path).filter((one) => one.type !== 'd').map(factsOf)));
    expect(found.rows.filter((row) => row.type === 'd')).toHaveLength(childrenOf(model.tree, at.path).filter((one) => one.type === 'd').length);
  }
};

const expectSearch = (live: readonly ModelSnapshot[], text: string): void => {
  const expected = new Set(live.flatMap(({ source, tree }) => [...tree.values()].filter((one) => one.path !== '' && (one.path.split('/').at(-1) ?? '').toLowerCase().includes(text)).map((one) => `${source} ${one.type === 'd' ? 0 : 1} ${one.path}`)));
  const found = engine.search({ text, snapshotId: null, limit: 1000 });
  expect(found?.total).toBe(expected.size);
  expect(found?.hits).toHaveLength(expected.size);
  for (const hit of found?.hits ?? []) {
    const holders = live.filter(({ tree, source }) => (tree.get(hit.file.path)?.type === 'd') === (hit.file.type === 'd') && tree.has(hit.file.path) && source === live.find(({ id }) => id === hit.snapshotId)?.source);
    expect(hit.snapshots).toBe(holders.length);
    expect(hit.snapshotId).toBe(holders.toSorted((one, other) => other.time - one.time)[0]?.id);
  }
};

const expectVersions = (live: readonly ModelSnapshot[], of: ModelSnapshot, at: string): void => {
  const found = engine.versions(of.id, at) ?? [];
  const holders = live.filter(({ source, tree }) => source === of.source && tree.has(at));
  expect(found.flatMap(({ snapshotIds }) => snapshotIds).sort()).toEqual(holders.map(({ id }) => id).sort());
  for (const { file: state, snapshotIds } of found) {
    for (const id of snapshotIds) {
      const held = live.find((one) => one.id === id)?.tree.get(at) as IndexEntry;
      expect([state.type, state.mode]).toEqual([held.type, held.mode]);
      if (held.type === 'f') expect(state.size).toBe(held.size);
    }
  }
};

const expectDiff = (one: ModelSnapshot, other: ModelSnapshot): void => {
  const found = engine.diff({ from: one.id, to: other.id, offset: 0, limit: 10_000 });
  if (found === null || found === 'other_source') throw new Error(String(found));
  const key = (held: IndexEntry | undefined): string => (held === undefined ? '' : held.type === 'd' ? `d ${held.mode} ${held.seconds}` : JSON.stringify(factsOf(held)));
  const expected: string[] = [];
  for (const at of new Set([...one.tree.keys(), ...other.tree.keys()])) {
    const [left, right] = [one.tree.get(at), other.tree.get(at)];
    if (at === '') continue;
    // A directory that became a file is one that went and another that came.
    if (left !== undefined && right !== undefined && (left.type === 'd') !== (right.type === 'd')) expected.push(`removed ${at}`, `added ${at}`);
    else if (left === undefined) expected.push(`added ${at}`);
    else if (right === undefined) expected.push(`removed ${at}`);
    else if (left.type === 'd' ? left.mode !== right.mode : key(left) !== key(right)) {
      const same = left.type === 'd' || (left.type === right.type && left.size === right.size && left.seconds === right.seconds);
      expected.push(`${same ? 'attributes' : 'changed'} ${at}`);
    }
  }
  expect(found.changes.map(({ change, path: at }) => `${change} ${at}`).sort()).toEqual(expected.sort());
};

describe('against a naive model', () => {
  it('answers the same after any order of adding, by whole lists or by what changed, removing in the middle and adding again', async () => {
    let patched = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(stepArbitrary, { minLength: 1, maxLength: 9 }), async (steps) => {
        engine.close();
        rmSync(file, { force: true });
        engine = new IndexEngine(file);
        const live: ModelSnapshot[] = [];
        const all: ModelSnapshot[] = [];
        for (const step of steps) {
          if (step.step === 'add') {
            const before = live.findLast(({ source }) => source === step.source);
            // Half of them are almost the one before.
            const tree = step.again && before !== undefined ? new Map([...before.tree].filter(([at]) => at === '' || step.tree.size > 3 || !at.includes('b'))) : step.tree;
            const closed = new Map([...tree].filter(([at]) => at === '' || at.split('/').every((_, end, parts) => end === 0 || tree.has(parts.slice(0, end).join('/')))));
            const made: ModelSnapshot = { id: idOf(all.length + 1), source: step.source, time: (all.length + 1) * 1000, tree: closed };
            all.push(made);
            live.push(made);
            if (step.patch && before !== undefined && (await patchTo(engine, made, before))) patched += 1;
            else addTo(engine, made);
          } else if (step.step === 'remove' && live.length > 0) {
            const [gone] = live.splice(step.which % live.length, 1);
            engine.remove([gone?.id ?? '']);
          } else if (step.step === 'add again' && all.length > 0) {
            const made = all[step.which % all.length] as ModelSnapshot;
            if (!live.includes(made)) live.push(made);
            addTo(engine, made);
          }
        }
        expect([...engine.snapshots()].sort()).toEqual(live.map(({ id }) => id).sort());
        live.forEach(expectSnapshot);
        for (const text of ['b', 'c.t', 'c', 'x y']) expectSearch(live, text);
        for (const of of live) for (const at of of.tree.keys()) expectVersions(live, of, at);
        for (const one of live) for (const other of live) if (one.source === other.source) expectDiff(one, other);
        expect(live.length > 0 ? [0, 0] : rowsLeft()).toEqual([0, 0]);
      }),
      { numRuns: 100 },
    );
    expect(patched).toBeGreaterThan(10);
  });
});
