// Listings on disk: sorted whatever their length, nothing left over, and damage named by the listing's name.
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DamagedListing } from '../../domain/capture-ports';
import { joinedFrom, orderKey } from '../../domain/listing-order';
import { manifestRecord, type ManifestEntry } from '../../domain/snapshot-manifest';
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

const together = (listings: ListingFiles, names: readonly string[], as: string): void => {
  const writer = listings.writer(as);
  for (const [record] of joinedFrom(names.map((name) => listings.records(name) ?? []))) writer.copy(record);
  writer.done();
};

it('a listing that was cut off is said to be damaged by its name, and can be removed by it', () => {
  const listings = new ListingFiles(folder);
  const sorter = listings.sorter('all');
  for (let at = 0; at < 5000; at += 1) sorter.add(entry(at));
  sorter.done();
  together(listings, ['all'], 'snapshot-1');
  expect([...(listings.read('snapshot-1') ?? [])]).toHaveLength(5000);
  truncateSync(path.join(folder, 'snapshot-1.list'), 1000);
  expect(() => [...(listings.read('snapshot-1') ?? [])]).toThrow(new DamagedListing('snapshot-1'));
  expect(() => together(listings, ['all', 'snapshot-1'], 'sealed')).toThrow(new DamagedListing('snapshot-1'));
  expect(listings.read('sealed')).toBeNull();
  listings.remove('snapshot-1');
  expect(listings.names()).toEqual(['all']);
});

it('several as one hold all entries of each, exactly as they were, in order', () => {
  const listings = new ListingFiles(folder);
  const all = Array.from({ length: 9000 }, (_, at) => ({ ...entry(at), nudge: at % 3, sha256: at % 2 === 0 ? 'ab'.repeat(32) : '', target: at % 5 === 0 ? '../\u00e9\t\n' : '', ...(at % 4 === 0 ? { mirror: `d/\u00fc ${at}` } : {}) }));
  const names = ['kept', 'present', 'done-1'];
  for (const [number, name] of names.entries()) {
    const sorter = listings.sorter(name);
    for (const one of all.filter((_, at) => at % 3 === number)) sorter.add(one);
    sorter.done();
  }
  together(listings, names, 'sealed');
  const byPath = (one: ManifestEntry, other: ManifestEntry): number => (orderKey(one.path) < orderKey(other.path) ? -1 : 1);
  expect([...(listings.read('sealed') ?? [])]).toEqual(all.toSorted(byPath));
});

it('one that a former version packed is read the same', () => {
  const all = Array.from({ length: 3000 }, (_, at) => ({ ...entry(at), path: `f${String(at).padStart(4, '0')}` }));
  const packed = (some: readonly ManifestEntry[]): Buffer => {
    const body = deflateRawSync(Buffer.from(some.map(manifestRecord).join(''), 'latin1'));
    const head = Buffer.from([2, 0, 0, 0, 0]);
    head.writeUInt32LE(body.length, 1);
    return Buffer.concat([head, body]);
  };
  writeFileSync(path.join(folder, 'snapshot-1.list'), Buffer.concat([packed(all.slice(0, 2000)), packed(all.slice(2000)), Buffer.from([0])]));
  const listings = new ListingFiles(folder);
  expect([...(listings.read('snapshot-1') ?? [])]).toEqual(all);
  together(listings, ['snapshot-1'], 'sealed');
  expect([...(listings.read('sealed') ?? [])]).toEqual(all);
});
