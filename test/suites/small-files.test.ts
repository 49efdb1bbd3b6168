// The thread that writes small files, as it ships: bundled, on a real file system.
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WantedFile } from '../../src/main/domain/snapshot-ports';
import { tarEnd, tarHeader } from '../../src/main/domain/snapshot-tar';
import { CaptureReader } from '../../src/main/providers/ssh/capture-reader';
import { SmallFiles } from '../../src/main/providers/ssh/small-files';
import { bundleFileWriter } from '../support/bundled-worker';
import { makeTempDir } from '../support/temp-dir';

describe('the thread that writes small files', () => {
  const folder = makeTempDir('dumont-small');
  let program = '';
  let into = '';
  let rounds = 0;
  const file = (name: string, content: string, mtime = 1_700_000_000.25): { readonly place: string; readonly bytes: Buffer; readonly mtime: number } => ({ place: path.join(into, name), bytes: Buffer.from(content), mtime });

  beforeAll(async () => {
    program = await bundleFileWriter(folder.at('dist'));
  });
  beforeEach(() => {
    into = folder.at(`into-${(rounds += 1)}`);
    mkdirSync(into);
  });
  afterAll(() => folder.remove());

  it('writes all of them, each with its time and for nobody else, whether it takes them or leaves some', async () => {
    const small = new SmallFiles(program);
    let left = 0;
    for (let index = 0; index < 3000; index += 1) {
      const one = file(`f${String(index)}`, `${String(index)} ${'x'.repeat(index % 5000)}`, 1_700_000_000 + index);
      if (small.takes(one.place, one.bytes.length)) small.put(one);
      else left += 1;
    }
    await small.settle();
    expect(left).toBeGreaterThan(0);
    expect(readdirSync(into)).toHaveLength(3000 - left);
    for (const name of readdirSync(into)) {
      const index = Number(name.slice(1));
      const { mtimeMs, mode } = lstatSync(path.join(into, name));
      expect([readFileSync(path.join(into, name), 'utf8'), mtimeMs, mode & 0o777]).toEqual([`${String(index)} ${'x'.repeat(index % 5000)}`, (1_700_000_000 + index) * 1000, 0o600]);
    }
    small.close();
  });

  it('puts a file in the place of another, and of a link, which it does not follow', async () => {
    writeFileSync(path.join(into, 'old'), 'old');
    writeFileSync(path.join(into, 'canary'), 'alive');
    symlinkSync('canary', path.join(into, 'link'));
    const small = new SmallFiles(program);
    small.put(file('old', 'new'));
    small.put(file('link', 'new'));
    small.put(file('\u00e9\u{1f600}', ''));
    await small.settle();
    expect(['old', 'link', 'canary', '\u00e9\u{1f600}'].map((name) => readFileSync(path.join(into, name), 'utf8'))).toEqual(['new', 'new', 'alive', '']);
    expect(lstatSync(path.join(into, 'link')).isFile()).toBe(true);
    small.close();
  });

  it('says what the file system said, once, and goes on', async () => {
    const small = new SmallFiles(program);
    small.put(file('missing/f', 'x'));
    await expect(small.settle()).rejects.toMatchObject({ code: 'ENOENT' });
    small.put(file('f', 'x'));
    await small.settle();
    expect(readdirSync(into)).toEqual(['f']);
    small.close();
  });

  it('takes no more after a failure that it heard of', async () => {
    const small = new SmallFiles(program);
    small.put(file('missing/f', 'x'));
    // Two of them do not fit into one bunch: the first is on its way.
    small.put(file('large', 'x'.repeat(130_000)));
    await expect.poll(() => {
      try {
        small.put(file('next', 'x'));
        return null;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    }).toBe('ENOENT');
    await expect(small.settle()).rejects.toMatchObject({ code: 'ENOENT' });
    small.close();
  });

  it('does not keep anybody waiting who asks for nothing, and ends with a failure when its thread does', async () => {
    const small = new SmallFiles(program);
    await small.settle();
    small.put(file('a', 'x'));
    await small.settle();
    small.put(file('b', 'x'));
    const settled = small.settle();
    small.close();
    await expect(Promise.race([settled.then(() => 'settled', (error: unknown) => String(error)), new Promise((resolve) => setTimeout(resolve, 20_000, 'waits'))])).resolves.toMatch(/^settled$|thread that writes files ended/);
  });

  it('serves a reader, whatever the pieces are that the archive comes in', async () => {
    const small = new SmallFiles(program);
    const wanted: WantedFile[] = [];
    const parts: Buffer[] = [];
    for (let index = 0; index < 400; index += 1) {
      const content = Buffer.from(`${String(index)}:${'y'.repeat((index * 37) % 3000)}`);
      wanted.push({ path: `f${String(index)}`, size: content.length, mtimeSeconds: 1_700_000_000, copyMtime: 1_700_000_000.5 });
      parts.push(tarHeader({ name: `./f${String(index)}`, type: '0', mode: 0o644, uid: 0, gid: 0, size: content.length, mtime: '1700000000' }), content, Buffer.alloc((512 - (content.length % 512)) % 512));
    }
    const body = Buffer.concat(parts);
    const stream = Buffer.concat([body, tarEnd(body.length)]);
    const temporary = folder.at(`tmp-${rounds}`);
    mkdirSync(temporary);
    const hashes: ReadonlyMap<string, string>[] = [];
    for (const step of [777, 65_536]) {
      const reader = new CaptureReader(wanted, { data: into, temporary }, false, small);
      for (let at = 0; at < stream.length; at += step) reader.push(stream.subarray(at, at + step));
      const report = reader.end();
      await small.settle();
      expect(report).toMatchObject({ files: 400, missing: [], odd: [] });
      for (const { path: name, size } of wanted) expect(lstatSync(path.join(into, name))).toMatchObject({ size, mtimeMs: 1_700_000_000_500 });
      hashes.push(report.hashes);
    }
    expect(hashes[0]).toEqual(hashes[1]);
    expect(readdirSync(temporary)).toEqual([]);
    small.close();
  });
});
