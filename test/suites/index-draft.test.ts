// A snapshot that is read into the index before it has its id: in the thread that ships, and in the caller's own.
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IndexDraft } from '../../src/main/domain/file-index-port';
import { entry, sidecarOf } from '../../src/main/providers/index/index-model.test-data';
import { ThreadedIndex } from '../../src/main/providers/index/index-threads';
import { bundleIndexWorker } from '../support/bundled-worker';
import { makeTempDir, type TempDir } from '../support/temp-dir';

const user = '00000000-0000-4000-8000-000000000000';
const id = (digit: string): string => digit.repeat(64);
const at = (time: number): string => new Date(time).toISOString();
const bundles = path.resolve(import.meta.dirname, `../../.cache/index-bundle-${process.pid}`);
const names = ['first', 'second', 'third'];
/** The tree at a time: one file more each second. */
const textOf = (time: number): string => sidecarOf(new Map([entry('', { type: 'd' }), ...names.slice(0, time / 1000).map((name) => entry(name))].map((one) => [one.path, one])), { takenAt: at(time) });

describe.each(['its own thread', "the caller's"])('a draft in %s', (where) => {
  let worker: string | null = null;
  let folder: TempDir;
  let index: ThreadedIndex;

  beforeAll(async () => {
    if (where === 'its own thread') worker = await bundleIndexWorker(bundles);
  }, 120_000);
  afterAll(() => rmSync(bundles, { recursive: true, force: true }));
  beforeEach(async () => {
    folder = makeTempDir('dumont-index-draft');
    index = new ThreadedIndex(folder.path, worker);
    // As at every sign-in: the file is made.
    await index.snapshots(user);
  });
  afterEach(async () => {
    await index.close();
    folder.remove();
  });

  const feed = (time: number, former: number | null): Parameters<ThreadedIndex['draft']>[2] => {
    const [file, old] = [folder.at(`now-${time}`), former === null ? null : folder.at(`former-${time}`)];
    writeFileSync(file, gzipSync(textOf(time)));
    if (old !== null) writeFileSync(old, gzipSync(textOf(former ?? 0)));
    return { kind: 'file', file, takenAt: at(time), former: old };
  };
  const draft = (time: number, former: number | null = null): IndexDraft => index.draft(user, { source: 'source', time }, feed(time, former));
  const add = (digit: string, time: number): Promise<void> => index.add(user, { id: id(digit), source: 'source', time }, feed(time, null), new AbortController().signal, () => undefined);
  const filesOf = async (digit: string): Promise<readonly string[] | null> => {
    const page = await index.folder(user, { snapshotId: id(digit), path: '', filter: '', sort: 'name', descending: false, offset: 0, limit: 100 });
    return page === null || page === 'no_folder' ? null : page.rows.map((row) => row.path);
  };
  const known = async (): Promise<readonly string[]> => [...(await index.snapshots(user))].toSorted();

  it('is there once it has its id, and not before; the next one by what changed', async () => {
    const first = draft(1000);
    expect(await known()).toEqual([]);
    expect(await first.name(id('1'))).toBe(true);
    expect(await filesOf('1')).toEqual(['first']);
    const second = draft(2000, 1000);
    expect(await known()).toEqual([id('1')]);
    expect(await second.name(id('2'))).toBe(true);
    expect([await filesOf('1'), await filesOf('2')]).toEqual([['first'], ['first', 'second']]);
    expect((await index.search(user, { text: 'second', snapshotId: null, limit: 5 }))?.hits.map((hit) => hit.snapshotId)).toEqual([id('2')]);
    // Too late.
    second.drop();
    expect(await known()).toEqual([id('1'), id('2')]);
  });

  it('leaves nothing when it is dropped, and the next change goes on', async () => {
    await add('1', 1000);
    const dropped = draft(2000, 1000);
    dropped.drop();
    expect(await dropped.name(id('2'))).toBe(false);
    await add('3', 3000);
    expect(await known()).toEqual([id('1'), id('3')]);
    expect(await filesOf('3')).toEqual(names);
    expect((await index.search(user, { text: 'second', snapshotId: null, limit: 5 }))?.hits.map((hit) => hit.snapshotId)).toEqual([id('3')]);
  });

  it('is given up for any other change, and is not begun where one is on its way', async () => {
    await add('1', 1000);
    const waiting = draft(2000, 1000);
    await index.remove(user, [id('1')]);
    expect(await waiting.name(id('2'))).toBe(false);
    const other = add('3', 3000);
    const late = draft(2000, 1000);
    expect(await late.name(id('2'))).toBe(false);
    await other;
    expect(await known()).toEqual([id('3')]);
  });

  it('is not begun before the file is there', async () => {
    const other = '11111111-0000-4000-8000-000000000000';
    expect(await index.draft(other, { source: 'source', time: 1000 }, feed(1000, null)).name(id('1'))).toBe(false);
    expect([...(await index.snapshots(other))]).toEqual([]);
  });

  it('whose list cannot be read is not kept', async () => {
    const damaged = feed(2000, null);
    writeFileSync(damaged.file, 'no gzip');
    const unreadable = index.draft(user, { source: 'source', time: 2000 }, damaged);
    expect(await unreadable.name(id('2'))).toBe(false);
    await add('3', 3000);
    expect(await known()).toEqual([id('3')]);
  });

  it('leaves nothing when the app ends before it has its id', async () => {
    await add('1', 1000);
    const open = draft(2000, 1000);
    await index.close();
    await expect(add('4', 3000)).rejects.toMatchObject({ code: 'cancelled' });
    index = new ThreadedIndex(folder.path, worker);
    await add('3', 3000);
    expect(await known()).toEqual([id('1'), id('3')]);
    open.drop();
  });
});
