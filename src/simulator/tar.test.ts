import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readTar, type ReadEntry } from './tar-read';
import { padding, recordSize, tarEnd, tarHeader, type TarEntry } from './tar-write';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sim-tar-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const entry = (more: Partial<TarEntry> & { name: Buffer }): TarEntry => ({ type: '0', mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 1_700_000_000, ...more });

const archive = (files: readonly (readonly [Partial<TarEntry> & { name: Buffer }, Buffer?])[]): Buffer => {
  const parts = files.flatMap(([head, content = Buffer.alloc(0)]) => [tarHeader(entry({ ...head, size: content.length })), content, padding(content.length)]);
  const body = Buffer.concat(parts);
  return Buffer.concat([body, tarEnd(body.length)]);
};

/** Cuts a buffer into odd pieces, as a network does. */
async function* pieces(whole: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

const readAll = async (whole: Buffer, size = 777): Promise<readonly (ReadEntry & { readonly text: Buffer })[]> => {
  const entries: (ReadEntry & { text: Buffer })[] = [];
  await readTar(pieces(whole, size), async (head, content) => {
    const parts: Buffer[] = [];
    for await (const part of content) parts.push(Buffer.from(part));
    entries.push({ ...head, text: Buffer.concat(parts) });
  });
  return entries;
};

describe('writer, read by the real tar', () => {
  test('names of every length, raw bytes, links, modes and times come out as they went in', () => {
    const long = Buffer.from(`./${'d'.repeat(90)}/${'f'.repeat(120)}`);
    const odd = Buffer.concat([Buffer.from('./odd-'), Buffer.from([0xff, 0xfe]), Buffer.from(' \n\'x')]);
    const exact = Buffer.from(`./${'e'.repeat(98)}`);
    const whole = archive([
      [{ name: Buffer.from('./a'), mode: 0o640 }, Buffer.from('alpha')],
      [{ name: long, mode: 0o755 }, Buffer.alloc(1025, 7)],
      [{ name: odd }, Buffer.from('odd')],
      [{ name: exact }, Buffer.alloc(512, 1)],
      [{ name: Buffer.from('./link'), type: '2', linkName: Buffer.from('t'.repeat(150)), mode: 0o777 }],
      [{ name: Buffer.from('./hard'), type: '1', linkName: Buffer.from('./a') }],
      [{ name: Buffer.from('./dir/'), type: '5', mode: 0o750 }],
    ]);
    expect(whole.length % recordSize).toBe(0);
    const tar = spawnSync('tar', ['-xpf', '-', '-C', folder], { input: whole });
    expect([tar.status, tar.stderr.toString()]).toEqual([0, '']);
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('alpha');
    expect(readFileSync(join(folder, long.toString()))).toEqual(Buffer.alloc(1025, 7));
    expect(readFileSync(Buffer.concat([Buffer.from(`${folder}/`), odd]), 'utf8')).toBe('odd');
    expect(readFileSync(join(folder, exact.toString())).length).toBe(512);
    const shown = execFileSync('find', [folder, '-mindepth', '1', '-maxdepth', '1', '-printf', '%f %y %m %n %T@ %l\n'], { encoding: 'latin1' });
    expect(shown).toContain('a f 640 2 1700000000.0000000000 \n');
    expect(shown).toContain('dir d 750');
    expect(shown).toContain(` ${'t'.repeat(150)}\n`);
    // A real archive of the same kind begins with the same bytes as ours.
    expect(execFileSync('tar', ['--format=gnu', '--null', '--no-recursion', '-cf', '-', '-C', folder, './a'], { encoding: 'buffer' }).subarray(0, 148)).toEqual(whole.subarray(0, 148));
  });

  test('sizes and times that do not fit octal fields are written in base 256', () => {
    const header = tarHeader(entry({ name: Buffer.from('./huge'), size: 9_000_000_000, mtime: -5 }));
    writeFileSync(join(folder, 'h.tar'), header);
    const listed = spawnSync('tar', ['--full-time', '-tvf', join(folder, 'h.tar')], { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } }).stdout;
    expect(listed).toMatch(/9000000000 1969-12-31 23:59:55 \.\/huge/);
  });
});

describe('reader, fed by the real tar', () => {
  test.each(['gnu', 'pax', 'ustar'])('%s format', async (format) => {
    const source = join(folder, 'src');
    const deep = format === 'ustar' ? `${'p'.repeat(60)}/${'q'.repeat(80)}` : `${'p'.repeat(120)}/${'q'.repeat(200)}`;
    mkdirSync(join(source, 'sub'), { recursive: true });
    mkdirSync(join(source, deep), { recursive: true });
    writeFileSync(join(source, 'sub', 'x.bin'), Buffer.alloc(70_001, 3));
    writeFileSync(join(source, deep, 'file'), 'deep');
    writeFileSync(join(source, 'empty'), '');
    chmodSync(join(source, 'empty'), 0o751);
    utimesSync(join(source, 'empty'), 1_600_000_000.25, 1_600_000_000.25);
    symlinkSync('../elsewhere', join(source, 'soft'));
    linkSync(join(source, 'empty'), join(source, 'hard'));
    const whole = execFileSync('tar', [`--format=${format}`, '--sort=name', '-cf', '-', '-C', source, '.'], { maxBuffer: 1e8 });
    const entries = await readAll(whole);
    const named = (name: string): (typeof entries)[number] | undefined => entries.find((item) => item.name.toString() === name);
    expect(named('./')).toMatchObject({ type: 'directory' });
    expect(named('./sub/x.bin')).toMatchObject({ type: 'file', size: 70_001, text: Buffer.alloc(70_001, 3) });
    expect(named(`./${deep}/file`)?.text.toString()).toBe('deep');
    expect(named('./empty')).toMatchObject({ type: 'file', mode: 0o751, mtimeMicros: format === 'pax' ? 1_600_000_000_250_000 : 1_600_000_000_000_000 });
    expect(named('./soft')).toMatchObject({ type: 'symlink', linkName: Buffer.from('../elsewhere') });
    expect(named('./hard')).toMatchObject({ type: 'hardlink', linkName: Buffer.from('./empty') });
  });

  test('our own writer is read back, whatever the pieces', async () => {
    const whole = archive([[{ name: Buffer.from(`./${'n'.repeat(300)}`) }, Buffer.alloc(1300, 9)], [{ name: Buffer.from('./b') }, Buffer.from('b')]]);
    for (const size of [1, 511, 512, 513, 100_000]) {
      const entries = await readAll(whole, size);
      expect(entries.map((item) => [item.name.length, item.text.length])).toEqual([[302, 1300], [3, 1]]);
    }
  });
});

describe('reader, fed with damage', () => {
  const good = archive([[{ name: Buffer.from('./a') }, Buffer.alloc(600, 1)]]);
  const damaged = (at: number, byte: number): Buffer => {
    const copy = Buffer.from(good);
    copy[at] = byte;
    return copy;
  };
  test.each([
    ['nothing', Buffer.alloc(0), 'Unexpected EOF'],
    ['a cut header', good.subarray(0, 300), 'Unexpected EOF'],
    ['cut content', good.subarray(0, 900), 'Unexpected EOF'],
    ['no end marker', good.subarray(0, 512 + 1024), 'Unexpected EOF'],
    ['a flipped bit', damaged(3, 0x41), 'does not look like a tar archive'],
    ['noise', Buffer.alloc(2048, 0x55), 'not octal'],
    ['a device', archive([[{ name: Buffer.from('./dev'), type: '3' as '0' }]]), "type '3'"],
    ['no name', archive([[{ name: Buffer.alloc(0) }]]), 'no name'],
  ])('%s is an error', async (_what, bytes, text) => {
    await expect(readAll(bytes)).rejects.toThrow(text);
  });
});
