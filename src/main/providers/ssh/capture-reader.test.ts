import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WantedFile } from '../../domain/snapshot-ports';
import { blockSize, paddingOf, tarEnd, tarHeader, type TarEntry } from '../../domain/snapshot-tar';
import { CaptureReader } from './capture-reader';
import { writeInPlace } from './incoming-file';

const base: TarEntry = { name: './a', type: '0', mode: 0o4755, uid: 1, gid: 1, size: 0, mtime: '1700000000' };

const file = (name: string, content: Buffer | string, more: Partial<TarEntry> = {}): Buffer => {
  const bytes = Buffer.from(content);
  return Buffer.concat([tarHeader({ ...base, name, size: bytes.length, ...more }), bytes, Buffer.alloc(paddingOf(bytes.length))]);
};

/** A header block with one field overwritten and the check sum made right again. */
const patched = (entry: TarEntry, type: string, size?: string): Buffer => {
  const block = tarHeader(entry);
  block.write(type, 156, 'latin1');
  if (size !== undefined) block.write(size, 124, 'latin1');
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
};

const longName = (name: string, type = 'L'): Buffer => {
  const content = Buffer.from(`${name}\0`, 'latin1');
  return Buffer.concat([patched({ ...base, name: '././@LongLink' }, type, `${content.length.toString(8).padStart(11, '0')}\0`), content, Buffer.alloc(paddingOf(content.length))]);
};

const pax = (records: string): Buffer => {
  const content = Buffer.from(records, 'latin1');
  return Buffer.concat([patched({ ...base, name: './PaxHeaders' }, 'x', `${content.length.toString(8).padStart(11, '0')}\0`), content, Buffer.alloc(paddingOf(content.length))]);
};

const wanted = (path: string, size: number): WantedFile => ({ path, size, mtimeSeconds: 1_700_000_000, copyMtime: 1_700_000_000.123_456 });

/** Who writes small files: the reader, or another that it hands them to. */
const writers = [null, { takes: () => true, put: writeInPlace }];

describe.each(writers)('the capture reader, small files by %o', (small) => {
  let folder = '';
  let into = { data: '', temporary: '' };
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'dumont-reader-'));
    into = { data: path.join(folder, 'job', 'data'), temporary: path.join(folder, 'job', 'tmp') };
    mkdirSync(path.join(into.data, 'sub'), { recursive: true });
    mkdirSync(into.temporary);
    writeFileSync(path.join(folder, 'canary'), 'alive');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const read = (parts: readonly Buffer[], asked: readonly WantedFile[], ended = true, step = Infinity): ReturnType<CaptureReader['end']> => {
    const reader = new CaptureReader(asked, into, false, small);
    const body = Buffer.concat(parts);
    const stream = ended ? Buffer.concat([body, tarEnd(body.length)]) : body;
    try {
      for (let at = 0; at < stream.length; at += step) reader.push(stream.subarray(at, Math.min(stream.length, at + step)));
      return reader.end();
    } finally {
      reader.abandon();
    }
  };

  const expectUntouched = (): void => {
    expect(readFileSync(path.join(folder, 'canary'), 'utf8')).toBe('alive');
    expect(readdirSync(folder).sort()).toEqual(['canary', 'job']);
    expect(readdirSync(into.temporary)).toEqual([]);
  };

  it.each([Infinity, 1, 7, 511, 513])('writes what was asked for, in pieces of %s bytes', (step) => {
    const long = `sub/${'n'.repeat(200)}`;
    const report = read([file('./a', 'hello'), file('./sub/empty', ''), file(`./${long}`, 'x'.repeat(1024)), file('./bad\u00ff', 'raw')], [wanted('a', 5), wanted('sub/empty', 0), wanted(long, 1024), wanted('bad\u00ff', 3), wanted('never', 1)], true, step);
    expect(report).toEqual({ files: 4, bytes: 1032, odd: [], hashes: expect.any(Map) as Map<string, string>, missing: ['never'] });
    expect([...report.hashes]).toEqual([['a', 'hello'], ['sub/empty', ''], [long, 'x'.repeat(1024)], ['bad\u00ff', 'raw']].map(([name, content]) => [name, createHash('sha256').update(content ?? '').digest('hex')]));
    expect(readFileSync(path.join(into.data, 'a'), 'utf8')).toBe('hello');
    expect(readFileSync(path.join(into.data, 'bad%FF'), 'utf8')).toBe('raw');
    const facts = lstatSync(path.join(into.data, 'a'));
    expect(facts.mode & 0o7777).toBe(0o600);
    expect(Math.floor(facts.mtimeMs)).toBe(1_700_000_000_123);
    expectUntouched();
  });

  it('tells what came otherwise than listed', () => {
    expect(read([file('./a', 'longer now'), file('./sub/b', 'x', { mtime: '1700000009' })], [wanted('a', 5), wanted('sub/b', 1)]).odd).toEqual([
      { path: 'a', size: 10, mtimeSeconds: 1_700_000_000 },
      { path: 'sub/b', size: 1, mtimeSeconds: 1_700_000_009 },
    ]);
  });

  const asked = [wanted('a', 5)];
  const hostile: readonly (readonly [what: string, stream: () => Buffer[]])[] = [
    ['a name that was not asked for', () => [file('./b', 'x')]],
    ['a name without ./', () => [file('a', 'hello')]],
    ['..', () => [file('./../canary', 'dead')]],
    ['.. inside', () => [file('./sub/../../canary', 'dead')]],
    ['an absolute name', () => [file('/etc/dumont', 'dead')]],
    ['.. in a GNU long name', () => [longName('./../canary'), file('./a', 'hello')]],
    ['.. in a pax path', () => [pax('25 path=./../../../canary\n'), file('./a', 'hello')]],
    ['a symbolic link that was not asked for', () => [tarHeader({ ...base, name: './sub', type: '2', linkName: '/etc' })]],
    ['a symbolic link, then a file of its name', () => [tarHeader({ ...base, type: '2', linkName: '/etc' }), file('./a', 'hello')]],
    ['a file, then a symbolic link of its name', () => [file('./a', 'hello'), tarHeader({ ...base, type: '2', linkName: '/etc' })]],
    ['a symbolic link with content', () => [patched(base, '2', '00000000005\0'), Buffer.alloc(blockSize, 1)]],
    ['a symbolic link, then a file through it', () => [tarHeader({ ...base, type: '2', linkName: '/etc' }), file('./a/x', 'hello')]],
    ['a long target, then a file', () => [longName('/etc', 'K'), file('./a', 'hello')]],
    ['two long targets', () => [longName('/etc', 'K'), longName('/etc', 'K'), tarHeader({ ...base, type: '2' })]],
    ['a hardlink', () => [tarHeader({ ...base, type: '1', linkName: '../canary' })]],
    ['a directory that was not asked for', () => [tarHeader({ ...base, name: './sub/', type: '5' })]],
    ['a directory with content', () => [patched({ ...base, name: './a/' }, '5', '00000000005\0'), Buffer.alloc(blockSize, 1)]],
    ['a character device that was not asked for', () => [patched({ ...base, name: './dev' }, '3')]],
    ['a block device with content', () => [patched(base, '4', '00000000005\0'), Buffer.alloc(blockSize, 1)]],
    ['a pipe with content', () => [patched(base, '6', '00000000005\0'), Buffer.alloc(blockSize, 1)]],
    ['a pipe, then a file of its name', () => [patched(base, '6'), file('./a', 'hello')]],
    ['a file, then a pipe of its name', () => [file('./a', 'hello'), patched(base, '6')]],
    ['a sparse file', () => [patched(base, 'S')]],
    ['a GNU directory dump', () => [patched(base, 'D')]],
    ['a multi-volume part', () => [patched(base, 'M')]],
    ['a global pax header', () => [patched(base, 'g')]],
    ['a long link name', () => [patched(base, 'K')]],
    ['a file twice', () => [file('./a', 'hello'), file('./a', 'again')]],
    ['far more than was listed', () => [tarHeader({ ...base, size: 200_000_000_000 })]],
    ['a huge size in pax', () => [pax('20 size=99999999999\n'), file('./a', 'hello')]],
    ['a negative size', () => [patched(base, '0', '\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff')]],
    ['a size that is no number', () => [patched(base, '0', '12x45678901\0')]],
    ['a huge long name', () => [patched({ ...base, name: '././@LongLink' }, 'L', '00000400000\0')]],
    ['two long names', () => [longName('./a'), longName('./a'), file('./a', 'hello')]],
    ['an empty long name', () => [patched({ ...base, name: '././@LongLink' }, 'L', '00000000000\0')]],
    ['pax records that do not add up', () => [pax('99 path=./a\n'), file('./a', 'hello')]],
    ['a wrong check sum', () => [Buffer.concat([Buffer.from('X'), tarHeader(base).subarray(1)])]],
    ['noise', () => [Buffer.alloc(blockSize, 0x41)]],
    ['an empty block in between', () => [file('./a', 'hello'), Buffer.alloc(blockSize), file('./a', 'hello')]],
    ['data after the end', () => [Buffer.alloc(2 * blockSize), Buffer.alloc(blockSize, 1)]],
  ];
  it.each(hostile)('stops at %s', (_what, stream) => {
    expect(() => read(stream(), asked)).toThrow(expect.objectContaining({ code: 'remote_untrusted' }) as Error);
    expectUntouched();
    expect(readdirSync(into.data).filter((name) => name !== 'a')).toEqual(['sub']);
  });

  it('takes a stream that ends early for a cut connection, wherever it is cut', () => {
    const whole = Buffer.concat([file('./a', 'hello'), file('./sub/b', 'x'.repeat(700))]);
    for (let cut = 0; cut < whole.length; cut += 97) {
      expect(() => read([whole.subarray(0, cut)], [wanted('a', 5), wanted('sub/b', 700)], false)).toThrow(expect.objectContaining({ code: 'connection_cut' }) as Error);
      expectUntouched();
    }
  });

  it('replaces a link that lies in the way instead of following it', () => {
    symlinkSync(path.join(folder, 'canary'), path.join(into.data, 'a'));
    read([file('./a', 'hello')], asked);
    expect(lstatSync(path.join(into.data, 'a')).isFile()).toBe(true);
    expectUntouched();
  });

  it('never writes outside, whatever bytes come', () => {
    const valid = Buffer.concat([file('./a', 'hello'), longName('./sub/b'), file('./x', 'y'), pax('11 mtime=12\n'), file('./c', 'z')]);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 }), fc.integer({ min: 1, max: 2000 }), (changes, step) => {
        const stream = Buffer.from(valid);
        for (const [at, byte] of changes) stream[at] = byte;
        try {
          read([stream], [wanted('a', 5), wanted('sub/b', 1), wanted('c', 1)], true, step);
        } catch (error) {
          if (!['remote_untrusted', 'connection_cut'].includes((error as { code?: string }).code ?? '')) throw error;
        }
        expectUntouched();
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a link', [tarHeader({ ...base, type: '2', linkName: '../../canary' })]],
    ['a link with a long target', [longName('/etc/'.repeat(50), 'K'), tarHeader({ ...base, type: '2', linkName: '/etc' })]],
    ['a directory', [tarHeader({ ...base, name: './a/', type: '5' })]],
    ['a character device', [patched(base, '3')]],
    ['a block device', [patched(base, '4')]],
    ['a pipe', [patched(base, '6')]],
  ])('makes nothing of a file that became %s, and reads on', (_what, entries) => {
    expect(read([...entries, file('./sub/b', 'x')], [wanted('a', 5), wanted('sub/b', 1)])).toMatchObject({ files: 1, missing: ['a'] });
    expect(readdirSync(into.data)).toEqual(['sub']);
    expect(readdirSync(path.join(into.data, 'sub'))).toEqual(['b']);
    expectUntouched();
  });

  it('reads what GNU tar writes', () => {
    const source = path.join(folder, 'job', 'source');
    mkdirSync(`${source}/sub`, { recursive: true });
    const long = `sub/${'long'.repeat(40)}`;
    writeFileSync(`${source}/a`, 'hello');
    writeFileSync(`${source}/${long}`, 'there');
    const tar = execFileSync('tar', ['--format=gnu', '--null', '--no-recursion', '-cf', '-', '-T', '-'], { cwd: source, input: `./a\0./${long}\0` });
    const reader = new CaptureReader([wanted('a', 5), wanted(long, 5)], into, false, small);
    reader.push(tar);
    expect(reader.end()).toMatchObject({ files: 2, bytes: 10, missing: [] });
  });
});
