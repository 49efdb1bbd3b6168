// The reader of a host's archives against bytes that an attacker chose: a corpus of attacks, and 10,000 generated archives. Nothing outside may be touched.
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderKey } from '../../src/main/domain/listing-order';
import { checkedTree, ManifestReader, type ManifestEntry } from '../../src/main/domain/snapshot-manifest';
import { CaptureReader } from '../../src/main/providers/ssh/capture-reader';
import { writeInPlace } from '../../src/main/providers/ssh/incoming-file';
import { guardTrees } from '../support/canaries';
import { record, rootRecord } from '../support/hostile-host';
import { asked, attacks, ended, escapes, extended, file, header, honest, longName, mtime, pax, sealed } from '../support/hostile-tar';

/** Thousands of small writes: in memory where there is such a place. */
const home = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const wanted = asked.map((one) => ({ ...one, mtimeSeconds: mtime, copyMtime: mtime + 0.25 }));
const names = new Set(asked.map((one) => one.path));

describe('the reader', () => {
  let folder = '';
  let into = { data: '', temporary: '' };
  let expectUntouched: (quick?: boolean) => void = () => undefined;

  beforeAll(() => {
    folder = mkdtempSync(path.join(home, 'dumont-hostile-'));
    into = { data: path.join(folder, 'job', 'data'), temporary: path.join(folder, 'job', 'tmp') };
    for (const one of [path.join(into.data, 'sub'), into.temporary]) mkdirSync(one, { recursive: true });
    expectUntouched = guardTrees([path.join(folder, 'canary'), path.join(folder, 'job', 'canary')]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Small files are written by the reader and, every other time, by another that it hands them to. */
  let reads = 0;
  const small = { takes: () => true, put: writeInPlace };
  const read = (bytes: Buffer, step: number): ReturnType<CaptureReader['end']> => {
    const reader = new CaptureReader(wanted, into, false, (reads += 1) % 2 === 0 ? small : null);
    try {
      for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, Math.min(bytes.length, at + step)));
      return reader.end();
    } finally {
      reader.abandon();
    }
  };

  /** In the job's own folder there may only be what was asked for: plain files of mode 0600, and nothing half done. */
  const expectOnlyAsked = (quick = false): void => {
    expect(readdirSync(into.temporary)).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(['canary', 'job']);
    expect(readdirSync(path.join(folder, 'job')).sort()).toEqual(['canary', 'data', 'tmp']);
    for (const one of readdirSync(into.data, { recursive: true, withFileTypes: true })) {
      const name = path.relative(into.data, path.join(one.parentPath, one.name));
      if (name === 'sub') continue;
      if (!names.has(name)) throw new Error(`${JSON.stringify(name)} was written`);
      const stats = lstatSync(path.join(into.data, name));
      if (!stats.isFile() || stats.nlink !== 1 || (stats.mode & 0o7777) !== 0o600) throw new Error(`${name} is not a plain private file`);
    }
    expectUntouched(quick);
  };

  const clear = (): void => {
    rmSync(into.data, { recursive: true });
    mkdirSync(path.join(into.data, 'sub'), { recursive: true });
  };

  it('takes what an honest host sends', () => {
    expect(read(ended(honest()), 1000)).toMatchObject({ files: asked.length, missing: [], odd: [] });
    expect(readFileSync(path.join(into.data, 'sub/b'), 'utf8')).toBe('x'.repeat(700));
    expectOnlyAsked();
    clear();
  });

  it('refuses every attack of the corpus, however it is cut into pieces, and never writes elsewhere', () => {
    const all = attacks();
    expect(all.length).toBeGreaterThan(150);
    for (const { name, bytes, code } of all) {
      for (const step of [Infinity, 512, 77]) {
        if (step === 77 && bytes.length > 100_000) continue;
        expect(() => read(bytes, step), `${name}, in pieces of ${step}`).toThrow(expect.objectContaining({ code }) as Error);
        expectOnlyAsked();
      }
    }
    clear();
  }, 60_000);

  it('does not grow with what it refuses', () => {
    const reader = new CaptureReader(wanted, into);
    const before = process.memoryUsage().arrayBuffers;
    reader.push(header({ name: '././@LongLink', type: 'L', size: 65_000 }));
    for (let at = 0; at < 65_000; at += 1000) reader.push(Buffer.alloc(1000, 0x61));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16_000_000);
    reader.abandon();
    expectOnlyAsked();
  });

  it('lets the files of one archive grow by so much and no more', () => {
    const many = Array.from({ length: 40 }, (_, at) => ({ path: `f${at}`, size: 10, mtimeSeconds: mtime, copyMtime: mtime }));
    const reader = new CaptureReader(many, into);
    let taken = 0;
    // Each file alone may grow by 64 MiB, 40 of them would be 2.5 GiB. Contents are holes: nothing is really written.
    const flood = (): void => {
      for (const one of many) {
        reader.push(header({ name: `./${one.path}`, size: 60 * 1024 * 1024 }));
        for (let at = 0; at < 60; at += 1) reader.push(Buffer.alloc(1024 * 1024));
        rmSync(path.join(into.data, one.path));
        taken += 60 * 1024 * 1024;
      }
    };
    try {
      expect(flood).toThrow(expect.objectContaining({ code: 'remote_untrusted' }) as Error);
    } finally {
      reader.abandon();
    }
    expect(taken).toBeLessThanOrEqual(1024 ** 3 + 400);
    expectOnlyAsked();
  }, 60_000);

  const name = fc.oneof(fc.constantFrom(...asked.map((one) => `./${one.path}`), ...escapes), fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text).toString('latin1')), fc.string({ maxLength: 12 }).map((text) => `./${text}`));
  const content = fc.oneof(fc.constantFrom('hello', '', 'x'.repeat(700), 'xxx'), fc.string({ maxLength: 600 }));
  const size = fc.oneof(fc.nat(2000), fc.constantFrom(-1, 0o77777777777, 2 ** 53, 100_000_000_000), fc.string({ maxLength: 12 }));
  const part = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...asked), content).map(([one, text]) => file(`./${one.path}`, text)) },
    { weight: 3, arbitrary: fc.tuple(name, content).map(([to, text]) => file(to, text)) },
    { weight: 3, arbitrary: fc.record({ name, type: fc.string({ minLength: 1, maxLength: 1 }), linkName: name, mode: fc.nat(0o7777), size }).map((fields) => header(fields)) },
    { weight: 2, arbitrary: name.map((to) => longName(to)) },
    { weight: 2, arbitrary: fc.dictionary(fc.constantFrom('path', 'size', 'mtime', 'linkpath', 'GNU.sparse.size', 'GNU.sparse.name', 'uid'), fc.oneof(name, fc.nat().map(String))).map((records) => pax(records)) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('x', 'L', 'K', 'g'), fc.uint8Array({ maxLength: 300 }), fc.nat(100_000)).map(([type, bytes, lie]) => extended(type, Buffer.from(bytes), lie)) },
    { weight: 1, arbitrary: fc.nat(3).map((count) => Buffer.alloc(count * 512)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 1024 }).map((bytes) => Buffer.from(bytes)) },
  );
  const change = fc.record({ at: fc.nat(1_000_000), byte: fc.nat(255), seal: fc.boolean() });
  const archive = fc.record({ parts: fc.array(part, { maxLength: 8 }), changes: fc.array(change, { maxLength: 5 }), cut: fc.option(fc.nat(10_000), { freq: 6 }), end: fc.boolean(), step: fc.integer({ min: 1, max: 4000 }) });

  /** Mutations of a valid archive: a byte changes, and the header that it is in may be given a right check sum again. */
  const mutated = (bytes: Buffer, changes: readonly { readonly at: number; readonly byte: number; readonly seal: boolean }[]): Buffer => {
    if (bytes.length === 0) return bytes;
    for (const { at, byte, seal } of changes) {
      const where = at % bytes.length;
      bytes[where] = byte;
      const block = where - (where % 512);
      if (seal && block + 512 <= bytes.length) sealed(bytes.subarray(block, block + 512));
    }
    return bytes;
  };

  it('holds against 10,000 generated archives', () => {
    const began = process.memoryUsage.rss();
    let good = 0;
    let refused = 0;
    fc.assert(
      fc.property(archive, ({ parts, changes, cut, end, step }) => {
        const body = mutated(Buffer.concat(parts.length === 0 ? [honest()] : parts), changes);
        const bytes = end ? ended(body) : body;
        try {
          read(bytes.subarray(0, cut === null ? bytes.length : Math.min(cut, bytes.length)), step);
          good += 1;
        } catch (error) {
          if (!['remote_untrusted', 'connection_cut'].includes((error as { code?: string }).code ?? '')) throw error;
          refused += 1;
        }
        expectOnlyAsked(true);
      }),
      { numRuns: 10_000, seed: 20_261_125, endOnFailure: true },
    );
    expect(good + refused).toBe(10_000);
    // Both outcomes are met, or the archives would prove nothing.
    expect(good).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(5000);
    expectOnlyAsked();
    expect(process.memoryUsage.rss() - began).toBeLessThan(400_000_000);
  }, 120_000);
});

describe('the reader of listings', () => {
  const tree = (...records: readonly Buffer[]): Buffer => Buffer.concat([rootRecord, ...records]);
  const dir = (name: string): Buffer => record(name, { type: 'd' });

  const forged: readonly (readonly [string, () => Buffer])[] = [
    ['a way out', () => tree(record('../evil'))],
    ['a way out from inside', () => tree(dir('a'), record('a/../../evil'))],
    ['an absolute name', () => tree(record('/etc/cron.d/evil'))],
    ['dots', () => tree(record('.'))],
    ['empty parts', () => tree(dir('a'), record('a//b'))],
    ['a name that ends in a slash', () => tree(record('a/'))],
    ['a name twice', () => tree(record('a'), record('a'))],
    ['a name twice, as a link and as a file', () => tree(record('a', { type: 'l', target: '/etc' }), record('a'))],
    ['a file below a file', () => tree(record('a'), record('a/b'))],
    ['a file below a link', () => tree(record('a', { type: 'l', target: '../../../canary' }), record('a/x'))],
    ['a file below a directory that becomes a link', () => tree(dir('a'), record('a', { type: 'l', target: '/etc' }), record('a/x'))],
    ['a file in a directory that was not listed', () => tree(record('nowhere/x'))],
    ['a root that is a link', () => record('', { type: 'l', target: '/' })],
    ['no root', () => record('a')],
    ['two roots', () => Buffer.concat([rootRecord, rootRecord])],
    ['a component of 300 bytes', () => tree(record('n'.repeat(300)))],
    ['a path of 5,000 bytes', () => tree(record(Array.from({ length: 100 }, () => 'p'.repeat(49)).join('/')))],
    ['a link target of 20,000 bytes', () => tree(record('a', { type: 'l', target: 't'.repeat(20_000) }))],
    ['a negative size', () => tree(record('a', { size: '-1' }))],
    ['a size beyond numbers', () => tree(record('a', { size: '9'.repeat(20) }))],
    ['a time that is none', () => tree(record('a', { mtime: 'NaN' }))],
    ['a time beyond numbers', () => tree(record('a', { mtime: '1e999' }))],
    ['a mode that is none', () => tree(record('a', { mode: '99999' }))],
    ['an owner that is none', () => tree(record('a', { uid: '$(id)' }))],
    ['a kind of two letters', () => tree(record('a', { type: 'ff' }))],
    ['fields that are missing', () => tree(Buffer.from('f\t644\0\0a\0'))],
    ['a record cut in the middle', () => tree(record('a').subarray(0, 20))],
    ['only NULs', () => Buffer.alloc(100_000)],
    ['text', () => Buffer.from('find: command not found\n'.repeat(1000))],
  ];
  /** Reads it in pieces, brings it into order, and checks it, as a capture does. */
  const listed = (bytes: Buffer, step: number): readonly ManifestEntry[] => {
    const entries: ManifestEntry[] = [];
    const reader = new ManifestReader((entry) => void entries.push(entry));
    for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
    reader.end();
    return [...checkedTree(entries.map((entry) => ({ entry, key: orderKey(entry.path) })).sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0)).map(({ entry }) => entry))];
  };

  it.each(forged)('refuses %s', (_what, bytes) => {
    const all = bytes();
    for (const step of [all.length, 1009]) expect(() => listed(all, step)).toThrow(expect.objectContaining({ code: 'remote_untrusted' }) as Error);
  });

  it('stops in the middle of a line that does not end', () => {
    const reader = new ManifestReader(() => undefined);
    let sent = 0;
    const endless = (): void => {
      for (; sent < 100_000_000; sent += 1000) reader.push(Buffer.alloc(1000, 0x61));
    };
    expect(endless).toThrow(expect.objectContaining({ code: 'remote_untrusted' }) as Error);
    expect(sent).toBeLessThan(20_000);
  });

  it('holds against 10,000 mutations of a good listing', () => {
    const good = tree(dir('a'), record('a/x'), record('b', { type: 'l', target: 'a/x' }), dir('a/c'), record('a/c/y'), record('z', { type: 's' }));
    let refused = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }), fc.integer({ min: 1, max: 200 }), (bytes, step) => {
        const all = Buffer.from(good);
        for (const [at, byte] of bytes) all[at] = byte;
        let entries: readonly ManifestEntry[] = [];
        try {
          entries = listed(all, step);
        } catch (error) {
          if ((error as { code?: string }).code !== 'remote_untrusted') throw error;
          refused += 1;
          return;
        }
        // What passes lies inside, below directories only, with numbers that are numbers.
        const kinds = new Map(entries.map((entry) => [entry.path, entry.type]));
        for (const entry of entries) {
          expect(path.posix.normalize(`/in/${entry.path}`).replace(/\/$/, '')).toBe(`/in/${entry.path}`.replace(/\/$/, ''));
          expect(kinds.get(entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/'))))).toBe('d');
          expect([entry.size, entry.mode, entry.uid, entry.gid, entry.links].every(Number.isSafeInteger)).toBe(true);
        }
      }),
      { numRuns: 10_000, seed: 20_261_125 },
    );
    expect(refused).toBeGreaterThan(1000);
    expect(refused).toBeLessThan(10_000);
  }, 60_000);
});
