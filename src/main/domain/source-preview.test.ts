// What a preview sums up, and that main is not held up by it: over the service, with an instance that answers at once.
import { beforeEach, expect, it } from 'vitest';
import { instance } from '../../../test/fakes/samples';
import { turnsWhenDue } from '../../../test/fakes/turns-during';
import { aSource } from '../../../test/suites/support/store-rows';
import type { SourceOptionsChange, SourcePreview } from '../../contract';
import type { Caller, OperationRun } from './ports';
import type { ManifestEntry } from './snapshot-manifest';
import type { Probe, RemoteHost } from './snapshot-ports';
import { Sources, type SourcesParts } from './sources';

const count = 200_000;
/** Entries of a piece, about as many as come at once over the line. */
const piece = 600;
const caller: Caller = { userId: 'ana', email: 'ana@example.com', transport: 'ipc' };
const probe: Probe = { uname: 'Linux', tar: 'gnu', find: 'gnu', directory: true, ignoreFile: null, missing: [], dig: false };
const file = (path: string, size = 10, more: Partial<ManifestEntry> = {}): ManifestEntry => ({
  path, type: 'f', mode: 0o600, uid: 0, gid: 0, size, blocks: 8, mtime: '7', ctime: '7', inode: '1', links: 1, device: '1', target: '', nudge: 0, sha256: '', ...more,
});

let entries: readonly ManifestEntry[] = [];
/** The listing of the last snapshot; null: there is none. */
let before: readonly ManifestEntry[] | null = null;
let counted = 0;
let stop = new AbortController();

const manifest: RemoteHost['manifest'] = async (_directory, _prune, _signal, take, onCount) => {
  for (let at = 0; at < entries.length; at += piece) {
    for (const entry of entries.slice(at, at + piece)) take(entry);
    counted = Math.min(at + piece, entries.length);
    await onCount(counted);
  }
  return { notes: [] };
};

const preview = async (options: SourceOptionsChange = {}): Promise<SourcePreview> => {
  const run: Partial<OperationRun> = { id: 'op', signal: stop.signal, progress: () => undefined, log: () => undefined };
  // Of each part only what a preview asks of it.
  const parts = {
    store: { sources: { find: () => (before === null ? null : { ...aSource('ana'), parentId: 'ab' }) } },
    instances: { get: () => Promise.resolve(instance) },
    operations: { start: (_spec: unknown, work: (run: OperationRun) => Promise<SourcePreview>) => ({ operation: { id: 'op' }, done: work(run as OperationRun) }) },
    hosts: { host: () => ({ probe: () => Promise.resolve(probe), manifest }) },
    mirrors: { open: () => Promise.resolve({ listings: { read: () => before } }) },
  };
  return (await new Sources(parts as unknown as SourcesParts).preview(caller, { instance_id: 7, options, wait: true })) as SourcePreview;
};

beforeEach(() => {
  entries = [];
  before = null;
  counted = 0;
  stop = new AbortController();
});

it('sums up what is there, what is known, and what is left out', async () => {
  before = [file('data/a', 100), file('data/b', 50)];
  entries = [file('', 0, { type: 'd' }), file('data', 0, { type: 'd' }), file('data/a', 100), file('data/b', 60), file('data/c.tmp', 5), file('one', 30, { links: 2, inode: '9' }), file('two', 30, { links: 2, inode: '9' })];
  const found = await preview({ exclude: ['*.tmp'] });
  expect(found).toMatchObject({ total: { files: 5, bytes: 225 }, kept: { files: 4, bytes: 220 }, fetch: { files: 2, bytes: 90 }, left_out: [{ reasons: ['patterns'], files: 1, bytes: 5 }] });
  expect(found.directories).toEqual([
    { name: 'data', files: 3, bytes: 165, fetch_bytes: 60, left_out_bytes: 5 }, { name: 'one', files: 1, bytes: 30, fetch_bytes: 30, left_out_bytes: 0 }, { name: 'two', files: 1, bytes: 30, fetch_bytes: 0, left_out_bytes: 0 },
  ]);
  expect(found.largest.map(({ path, bytes, fetch }) => [path, bytes, fetch])).toEqual([['data/a', 100, false], ['data/b', 60, true], ['one', 30, true], ['two', 30, false], ['data/c.tmp', 5, true]]);
});

it('names the largest, the first of those of one size first, and adds the others up', async () => {
  entries = Array.from({ length: 50 }, (_, at) => file(`f${String(at).padStart(2, '0')}`, at < 40 ? 100 : at * 10));
  const { directories, largest } = await preview();
  const names = [...Array.from({ length: 10 }, (_, at) => `f${49 - at}`), ...Array.from({ length: 20 }, (_, at) => `f${String(at).padStart(2, '0')}`)];
  expect(directories.map(({ name }) => name)).toEqual([...names, '']);
  expect(directories.at(-1)).toEqual({ name: '', files: 20, bytes: 2000, fetch_bytes: 2000, left_out_bytes: 0 });
  expect(largest.map(({ path }) => path)).toEqual(names.slice(0, 20));
});

it('goes through 200,000 entries in turns', async () => {
  entries = Array.from({ length: count }, (_, at) => file(`folder-${at % 10}/file-${at}`));
  const turns = await turnsWhenDue(async () => expect((await preview()).fetch).toEqual({ files: count, bytes: count * 10 }), 0.5);
  // Each entry may be slow, so each one looks at the clock: sixteen looks are a turn of eight milliseconds.
  expect(turns).toBeGreaterThan(count / 20);
});

it('adds up as many names in one folder in turns', async () => {
  entries = Array.from({ length: 50_000 }, (_, at) => file(`file-${at}`));
  const turns = await turnsWhenDue(async () => expect((await preview()).directories).toHaveLength(31));
  // A turn for each entry, and one for every 256th name.
  expect(turns).toBeGreaterThan(50_000 + 150);
});

it('goes through the listing of the last snapshot in turns', async () => {
  before = Array.from({ length: count }, (_, at) => file(`file-${at}`));
  entries = [file('file-7')];
  const turns = await turnsWhenDue(async () => expect((await preview()).fetch).toEqual({ files: 0, bytes: 0 }));
  expect(turns).toBeGreaterThan((0.9 * count) / 256);
});

it('stops in the middle when it is told to', async () => {
  entries = Array.from({ length: count }, (_, at) => file(`file-${at}`));
  setImmediate(() => stop.abort());
  await expect(preview()).rejects.toMatchObject({ code: 'cancelled' });
  expect(counted).toBeLessThan(count);
});
