import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { planRestore } from './restore-plan';
import { RestoreTar } from './restore-tar';
import type { Sidecar, SidecarEntry } from './sidecar';
import { paddingOf, tarEnd, tarHeader } from './snapshot-tar';

const entry = (name: string, more: Partial<SidecarEntry> = {}): SidecarEntry => ({
  path: name, mirrorName: name, type: 'f', mode: 0o640, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, size: 2, mtime: '1600000000.25', target: '', group: '', sparse: false, sha256: '', stored: true, ...more,
});

const sidecar: Sidecar = {
  directory: '/workspace', root: 'workspace', foreign: false,
  entries: [
    entry('', { type: 'd', mode: 0o755 }), entry('a', { mode: 0o4755 }), entry('d', { type: 'd', mode: 0o750 }), entry('d/bad\u00ff', { mirrorName: 'd/bad%FF' }),
    entry('d/one', { group: 'g' }), entry('d/two', { group: 'g' }), entry('link', { type: 'l', target: '/usr/bin/env' }), entry(`d/${'n'.repeat(150)}`), entry('sock', { type: 's', stored: false }),
  ],
};

/** What restic makes of the mirror: its own modes and names, with the snapshot's full paths. */
const dumped = (names: readonly string[], content = 'xy'): Buffer => {
  const parts = names.map((name) => {
    const type = name.endsWith('/') ? '5' : '0';
    const body = type === '0' ? Buffer.from(content) : Buffer.alloc(0);
    return Buffer.concat([tarHeader({ name: `workspace/${name}`, type, mode: 0o600, uid: 0, gid: 0, size: body.length, mtime: '1' }), body, Buffer.alloc(paddingOf(body.length))]);
  });
  const body = Buffer.concat(parts);
  return Buffer.concat([body, tarEnd(body.length)]);
};
const all = ['a', 'd/', 'd/bad%FF', 'd/one', 'd/two', `d/${'n'.repeat(150)}`];

async function* pieces(bytes: Buffer, step: number): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, Math.min(bytes.length, at + step));
}

const archive = async (chosen: readonly string[] | undefined, open: (path: string) => Buffer, step = 1000): Promise<{ tar: Buffer; files: number; bytes: number; asked: string[] }> => {
  const filter = await RestoreTar.of(await planRestore(sidecar, chosen), () => undefined);
  const asked: string[] = [];
  const parts: Uint8Array[] = [];
  const stream = filter.archive((call) => {
    asked.push(call.path);
    return pieces(open(call.path), step);
  });
  for await (const part of stream) parts.push(part);
  return { tar: Buffer.concat(parts), ...filter.count, asked };
};

describe('the header filter', () => {
  it.each([1, 513, 100_000])('gives names, modes, times and hardlinks back (pieces of %s bytes)', async (step) => {
    const { tar, files, asked } = await archive(undefined, () => dumped(all), step);
    expect(asked).toEqual(['/workspace']);
    expect(files).toBe(5);
    const folder = mkdtempSync(path.join(tmpdir(), 'dumont-filter-'));
    try {
      execFileSync('tar', ['--numeric-owner', '-xpf', '-'], { cwd: folder, input: tar, env: { ...process.env, LC_ALL: 'C' } });
      expect(lstatSync(`${folder}/a`).mode & 0o7777).toBe(0o4755);
      expect(lstatSync(`${folder}/a`).mtimeMs).toBe(1_600_000_000_250);
      expect(lstatSync(`${folder}/d`).mode & 0o7777).toBe(0o750);
      expect(readFileSync(Buffer.concat([Buffer.from(`${folder}/d/bad`), Buffer.from([0xff])]), 'utf8')).toBe('xy');
      expect(lstatSync(`${folder}/d/one`).ino).toBe(lstatSync(`${folder}/d/two`).ino);
      expect(readFileSync(`${folder}/d/${'n'.repeat(150)}`, 'utf8')).toBe('xy');
      expect(readlinkSync(`${folder}/link`)).toBe('/usr/bin/env');
      expect(tar.length % 10_240).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes chosen paths only: directories as trees, files by themselves', async () => {
    const { asked, files } = await archive(['d/', './a', 'd/one', 'link'], (call) => (call === '/workspace/a' ? Buffer.from('xy') : dumped(all.slice(1))));
    expect(asked).toEqual(['/workspace/d', '/workspace/a']);
    expect(files).toBe(5);
    for (const path of ['nothing', 'sock']) await expect(planRestore(sidecar, [path])).rejects.toMatchObject({ code: 'not_found' });
    expect((await planRestore(sidecar, ['a'])).includes).toEqual(['/workspace/a']);
    expect((await planRestore(sidecar, [''])).whole).toBe(true);
  });

  it('never gives a complete archive when the snapshot is not what it was', async () => {
    const damaged = { code: 'repository_damaged' };
    await expect(archive(undefined, () => dumped(all.slice(1)))).rejects.toMatchObject(damaged);
    await expect(archive(undefined, () => dumped(all, 'longer'))).rejects.toMatchObject(damaged);
    await expect(archive(undefined, () => dumped(all).subarray(0, 700))).rejects.toMatchObject(damaged);
    await expect(archive(undefined, () => Buffer.from('Fatal: something'))).rejects.toMatchObject(damaged);
    await expect(archive(['a'], () => Buffer.from('x'))).rejects.toMatchObject(damaged);
    await expect(archive(['a'], () => Buffer.from('xyz'))).rejects.toMatchObject(damaged);
  });
});
