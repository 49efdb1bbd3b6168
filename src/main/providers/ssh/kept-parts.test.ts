import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOf, partFloor } from '../../domain/file-identity';
import type { ManifestEntry } from '../../domain/snapshot-manifest';
import { DiskParts } from './kept-parts';

const step = 1000;
const never = new AbortController().signal;
const content = Buffer.from(Array.from({ length: 6500 }, (_, at) => 1 + (at % 250)));
const entry: ManifestEntry = { path: 'a\u00ff\n"b', type: 'f', mode: 0o644, uid: 0, gid: 0, size: partFloor, blocks: 1, mtime: '1700000000.5', ctime: '1700000001.5', inode: '12', links: 1, device: '3', target: '', nudge: 0, sha256: '' };
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('an identity', () => {
  it('is one line, and another for every other state of a file', () => {
    const others = [{ path: 'b' }, { size: partFloor + 1 }, { mtime: '1700000000.6' }, { ctime: '1700000001.6' }, { inode: '13' }, { device: '4' }].map((change) => identityOf({ ...entry, ...change }));
    expect(new Set([identityOf(entry), ...others]).size).toBe(7);
    expect(identityOf(entry)).not.toContain('\n');
    expect(identityOf({ ...entry, mode: 0o600, nudge: 3, sha256: 'x' })).toBe(identityOf(entry));
  });

  it('is none of small files, of other kinds, and of what changed just before the listing', () => {
    for (const change of [{ size: partFloor - 1 }, { type: 'd' }, { ctime: '0' }]) expect(identityOf({ ...entry, ...change })).toBeNull();
  });
});

describe('the store of parts', () => {
  const identity = identityOf(entry) ?? '';
  let home = '';
  let parts: DiskParts;
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'dumont-parts-'));
    parts = new DiskParts(path.join(home, 'parts'), { step, most: 2 });
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const found = (ending: string): string => path.join(parts.folder, readdirSync(parts.folder).find((name) => name.endsWith(ending)) ?? '');
  /** As after a fetch that was cut, or, with `kept` null, as a killed app leaves it. */
  const broken = (bytes: Buffer, kept: boolean | null = true, of = identity): void => {
    const part = parts.begin(of);
    for (let at = 0; at < bytes.length; at += 333) part.write(bytes.subarray(at, at + 333));
    if (kept !== null) part.abandon(kept);
  };
  const resumed = async (size = content.length): Promise<{ from: number; sha256: string; whole: boolean } | null> => {
    const part = await parts.resume(identity, size, never);
    if (part === null) return null;
    const from = part.size;
    part.write(content.subarray(from));
    const hash = part.finish(path.join(home, 'whole'), 1_700_000_000.25);
    return { from, sha256: hash, whole: readFileSync(path.join(home, 'whole')).equals(content) };
  };
  const whole = { sha256: sha256(content), whole: true };

  it.each([['was abandoned', true], ['a killed app left', null]] as const)('goes on with what %s, up to the last mark, with the hash of everything', async (_how, kept) => {
    broken(content.subarray(0, 4700), kept);
    expect(parts.size(identity)).toBe(4000);
    expect(await resumed()).toEqual({ from: 4000, ...whole });
    expect(lstatSync(path.join(home, 'whole')).mtimeMs).toBe(1_700_000_000_250);
    expect(readdirSync(parts.folder)).toEqual([]);
  });

  it('goes on more than once', async () => {
    broken(content.subarray(0, 2100));
    const part = await parts.resume(identity, content.length, never);
    part?.write(content.subarray(2000, 5200));
    part?.abandon(true);
    expect(part?.kept).toBe(5000);
    expect(await resumed()).toEqual({ from: 5000, ...whole });
  });

  it('keeps nothing that may not be kept, and nothing before the first mark', async () => {
    broken(content.subarray(0, 4700), false);
    expect(readdirSync(parts.folder)).toEqual([]);
    broken(content.subarray(0, 999));
    expect(readdirSync(parts.folder)).toEqual([]);
    expect([parts.size(identity), await resumed()]).toEqual([0, null]);
  });

  it.each([
    ['a byte that is not what came', (file: string) => writeFileSync(file, Buffer.from([0]), { flag: 'r+' }), null],
    ['an end that never reached the disk', (file: string) => truncateSync(file, 2900), 2000],
    ['zeros in place of its end', (file: string) => { truncateSync(file, 2900); truncateSync(file, 4700); }, 2000],
    ['more than its marks know', (file: string) => appendFileSync(file, 'x'.repeat(5000)), 4000],
  ] as const)('with %s it counts up to the last mark that is right', async (_what, damage, from) => {
    broken(content.subarray(0, 4700));
    damage(found('.part'));
    expect(await resumed()).toEqual(from === null ? null : { from, ...whole });
    expect(readdirSync(parts.folder)).toEqual([]);
  });

  it.each([
    ['a last mark that was cut off', (file: string) => truncateSync(file, lstatSync(file).size - 9), 3000],
    ['marks of another file', (file: string) => writeFileSync(file, `other\n${readFileSync(file, 'latin1').split('\n').slice(1).join('\n')}`, 'latin1'), null],
    ['no marks', (file: string) => rmSync(file), null],
  ] as const)('with %s as well', async (_what, damage, from) => {
    broken(content.subarray(0, 4700));
    damage(found('.marks'));
    expect(await resumed()).toEqual(from === null ? null : { from, ...whole });
  });

  it('trusts no zeros that nothing follows: they may stand for what could not be read', async () => {
    broken(Buffer.concat([content.subarray(0, 2100), Buffer.alloc(2600)]));
    expect(parts.size(identity)).toBe(2000);
    expect(await resumed()).toEqual({ from: 2000, ...whole });
    const holes = Buffer.concat([content.subarray(0, 2100), Buffer.alloc(2600), Buffer.from([1])]);
    broken(holes);
    expect(parts.size(identity)).toBe(4000);
  });

  it('gives up what would be no smaller than the file', async () => {
    broken(content.subarray(0, 4700));
    expect(await parts.resume(identity, 4000, never)).toBeNull();
    expect(readdirSync(parts.folder)).toEqual([]);
  });

  it('holds a few parts only: the oldest goes, and whatever is not asked for', () => {
    const of = ['1', '2', '3'].map((inode) => identityOf({ ...entry, inode }) ?? '');
    for (const [at, one] of of.entries()) {
      broken(content, true, one);
      for (const name of readdirSync(parts.folder)) if (lstatSync(path.join(parts.folder, name)).mtimeMs > 1e11) utimesSync(path.join(parts.folder, name), at + 1, at + 1);
    }
    expect(of.map((one) => parts.size(one))).toEqual([0, 6000, 6000]);
    writeFileSync(path.join(parts.folder, 'odd'), '');
    parts.keepOnly(new Set([of[2] ?? '']));
    expect(of.map((one) => parts.size(one))).toEqual([0, 0, 6000]);
    expect(readdirSync(parts.folder)).toHaveLength(2);
    parts.keepOnly(new Set());
    expect(readdirSync(parts.folder)).toEqual([]);
  });

  it('stops hashing when it is cancelled, and keeps the part', async () => {
    broken(content.subarray(0, 4700));
    const abort = new AbortController();
    abort.abort(new Error('cancelled'));
    await expect(parts.resume(identity, content.length, abort.signal)).rejects.toThrow('cancelled');
    expect(existsSync(found('.part'))).toBe(true);
    expect(parts.size(identity)).toBe(4000);
  });
});
