// Listings on disk: sorted whatever their length, nothing left over, and damage named by the listing's name.
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DamagedListing } from '../../domain/capture-ports';
import { orderKey } from '../../domain/listing-order';
import type { ManifestEntry } from '../../domain/snapshot-manifest';
import { ListingFiles } from './listing-files';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'dumont-listings-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const entry = (at: number): ManifestEntry => ({
  path: `d${at % 7}/e${at % 101}/${at}`, type: 'f', mode: 0o644, uid: 0, gid: 0, size: at, blocks: 8, mtime: '100.5', ctime: '100.5', inode: '1', links: 1, device: '1', target: '', nudge: 0, sha256: '',
});
const openFiles = (): number => readdirSync('/proc/self/fd').length;

it.each([0, 10, 95_000])('%i entries in any order come back in order, as often as they are asked for, and leave nothing', (count) => {
  const listings = new ListingFiles(folder);
  const sorter = listings.sorter('scan');
  for (let at = 0; at < count; at += 1) sorter.add(entry((at * 7919) % count));
  sorter.done();
  for (const _again of [1, 2]) {
    const keys = [...(listings.read('scan') ?? [])].map((one) => orderKey(one.path));
    expect(keys).toHaveLength(count);
    expect(keys.every((key, at) => at === 0 || (keys[at - 1] ?? '') < key)).toBe(true);
  }
  listings.remove('scan');
  expect(listings.read('scan')).toBeNull();
  expect(readdirSync(folder)).toEqual([]);
});

it.runIf(process.platform === 'linux')('a reader that stops early closes what it read', () => {
  const listings = new ListingFiles(folder);
  const sorter = listings.sorter('scan');
  for (let at = 0; at < 95_000; at += 1) sorter.add(entry(at));
  sorter.done();
  const before = openFiles();
  for (const one of listings.read('scan') ?? []) if (one.path !== '') break;
  expect(openFiles()).toBe(before);
});

it('what an interrupted sorter left goes with the next start', () => {
  const sorter = new ListingFiles(folder).sorter('scan');
  for (let at = 0; at < 95_000; at += 1) sorter.add(entry(at));
  sorter.done();
  expect(readdirSync(folder)).toHaveLength(3);
  const next = new ListingFiles(folder);
  expect(next.read('scan')).toBeNull();
  next.clear();
  expect(readdirSync(folder)).toEqual([]);
});

it('a listing that was cut off is said to be damaged by its name, and can be removed by it', () => {
  const listings = new ListingFiles(folder);
  const writer = listings.writer('snapshot-1', true);
  for (let at = 0; at < 5000; at += 1) writer.add(entry(at));
  writer.done();
  truncateSync(path.join(folder, 'snapshot-1.list'), 1000);
  expect(() => [...(listings.read('snapshot-1') ?? [])]).toThrow(new DamagedListing('snapshot-1'));
  listings.remove('snapshot-1');
  expect(listings.names()).toEqual([]);
});
