import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { captureBudget, type CapturePlan } from '../../domain/capture-ports';
import { LocalStage } from '../../domain/capture-stage';
import { identityOf } from '../../domain/file-identity';
import type { ManifestEntry } from '../../domain/snapshot-manifest';
import type { Mirror, RemoteHost, WantedFile } from '../../domain/snapshot-ports';
import { defaultSourceOptions } from '../../domain/source-rows';
import { DiskMirrors } from './mirror';

const plain = { mode: 0o644, uid: 0, gid: 0, links: 1, device: '1', target: '', nudge: 0, sha256: '', mtime: '1700000000.5', ctime: '1700000000.5' };
const root: ManifestEntry = { ...plain, path: '', type: 'd', size: 0, blocks: 0, inode: '1' };
const large: ManifestEntry = { ...plain, path: 'ckpt', type: 'f', size: 400_000_000, blocks: 800_000, inode: '2' };
const identity = identityOf(large) ?? '';
const plan: CapturePlan = { directory: '/w', instanceId: 7, root: 'w', parentId: null, present: new Set(), fullCopy: false, mostBytes: null, budget: captureBudget };
const keptBytes = 300_000_000;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dumont-stage-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A stage whose host has this file; the disk has room for a quarter of it, and three quarters are kept as a part. */
const begin = async (file: ManifestEntry): Promise<{ stage: LocalStage; said: string[]; done: number[]; asked: WantedFile[]; swept: ReadonlySet<string>[] }> => {
  const [said, done, asked, swept] = [[] as string[], [] as number[], [] as WantedFile[], [] as ReadonlySet<string>[]];
  const mirror = await new DiskMirrors(folder).open('user', 'source');
  const tree = new Proxy(mirror.tree, { get: (target, key) => (key === 'space' ? () => ({ free: 150_000_000, total: 1_000_000_000 }) : typeof Reflect.get(target, key) === 'function' ? (Reflect.get(target, key) as () => unknown).bind(target) : Reflect.get(target, key)) });
  const parts: Mirror['parts'] = { folder: path.join(folder, 'parts'), size: (one) => (one === identity ? keptBytes : 0), keepOnly: (identities) => void swept.push(new Set(identities)) };
  const host = {
    manifest: (_directory: string, _prune: unknown, _signal: unknown, take: (entry: ManifestEntry) => void) => {
      for (const entry of [root, file]) take(entry);
      return Promise.resolve({ notes: [] });
    },
    prepare: () => undefined,
    fetch: (_directory: string, files: readonly WantedFile[], _into: unknown, _signal: unknown, onProgress: (bytes: number, files: number) => void) => {
      asked.push(...files);
      onProgress(60_000_000, 0);
      return Promise.reject(new Error('cut'));
    },
  } as unknown as RemoteHost;
  const hooks = { signal: new AbortController().signal, log: (_level: string, text: string) => void said.push(text), progress: (one: { readonly phase: string; readonly bytes_done: number }) => void (one.phase === 'fetch' && done.push(one.bytes_done)) };
  return { stage: new LocalStage(host, { listings: mirror.listings, adopt: () => mirror.adopt(), partials: () => [], tree, parts }, defaultSourceOptions, hooks), said, done, asked, swept };
};

it('a file that a part is here of needs room for the rest only, and its progress goes on where it was', async () => {
  const { stage, said, done, asked, swept } = await begin(large);
  await stage.scan(plan);
  expect(said).toContain('It goes on within ckpt: 300000000 of 400000000 bytes were here already');
  expect(swept).toEqual([new Set([identity])]);
  await expect(stage.fetch()).rejects.toThrow('cut');
  expect(asked).toMatchObject([{ path: 'ckpt', identity }]);
  expect(done).toEqual([keptBytes, keptBytes + 60_000_000]);
  await stage.distrust();
  expect(swept.at(-1)).toEqual(new Set());
});

it('a part of another state of a file is no part of it, and goes', async () => {
  const { stage, said, swept } = await begin({ ...large, inode: '3' });
  await expect(stage.scan(plan)).rejects.toMatchObject({ code: 'disk_full' });
  expect(said.filter((text) => text.includes('here already'))).toEqual([]);
  expect(swept).toEqual([new Set()]);
});
