import { lstatSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { AppError } from './app-error';
import { describe, expect, it } from 'vitest';
import { beyondDepth, checkedTree, copyMtime, isCopyTime, ManifestReader, manifestRecord, type ManifestEntry } from './snapshot-manifest';
import { displayName, mirrorComponent, mirrorPath, mirrorRoot, safeText } from './snapshot-names';
import { sidecarHead, sidecarLine } from './sidecar';
import { readSidecar } from './sidecar-read';

const meta = 'f\t644\t0\t0\t5\t8\t1700000000.1234567890\t1700000000.5\t42\t1\t65024';
const record = (path: string, target = ''): string => `${meta}\0${target}\0${path}\0`;
const read = (text: string, step = Infinity, own = false): readonly ManifestEntry[] => {
  const entries: ManifestEntry[] = [];
  const reader = new ManifestReader((one) => void entries.push(one), { own });
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, Math.min(bytes.length, at + step)));
  reader.end();
  return entries;
};
const refused = expect.objectContaining({ code: 'remote_untrusted' }) as Error;
const entry = (path: string, more: Partial<ManifestEntry> = {}): ManifestEntry => ({ ...read(record(path))[0]!, ...more });

describe('the manifest', () => {
  it.each([Infinity, 1, 5, 64])('is read in pieces of %s bytes, and written back the same', (step) => {
    const text = record('') + record('a\tb\n', 'tar\tget') + record('bad\u00ff');
    const entries = read(text, step);
    expect(entries.map((one) => [one.path, one.target])).toEqual([['', ''], ['a\tb\n', 'tar\tget'], ['bad\u00ff', '']]);
    expect(entries[0]).toMatchObject({ type: 'f', mode: 0o644, size: 5, blocks: 8, mtime: '1700000000.1234567890', ctime: '1700000000.5', inode: '42', links: 1, device: '65024', nudge: 0, sha256: '' });
    const kept = entries.map((one) => ({ ...one, sha256: 'ab'.repeat(32) }));
    expect(read(kept.map(manifestRecord).join(''), step, true)).toEqual(kept);
    // A host says no hashes: what has one is taken to be here.
    expect(() => read(kept.map(manifestRecord).join(''), step)).toThrow(refused);
  });

  it('ends with the record that ends it, where there is one, whatever comes with that', () => {
    const ended = (text: string, step: number): ManifestReader => {
      const reader = new ManifestReader(() => undefined, { ending: 'end' });
      const bytes = Buffer.from(text, 'latin1');
      for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
      return reader;
    };
    for (const step of [1, 3, 1000]) {
      const reader = ended(`${record('')}${record('end')}end\0\0\0`, step);
      reader.end();
      expect([reader.over, reader.count, reader.more]).toEqual([true, 2, false]);
      expect(ended(`${record('')}${record('end')}`, step).over).toBe(false);
      for (const more of ['x', '\0', record('b'), `end\0\0\0`]) {
        const followed = ended(`${record('')}end\0\0\0${more}`, step);
        followed.end();
        expect([followed.over, followed.count, followed.more]).toEqual([true, 1, true]);
      }
    }
    expect(() => read(`${record('')}end\0\0\0`)).toThrow(refused);
  });

  it('takes times before 1970 as find means them: whole seconds, and a fraction that is added', () => {
    const times = (written: string): readonly string[] => {
      const entries: ManifestEntry[] = [];
      const reader = new ManifestReader((one) => void entries.push(one));
      reader.push(Buffer.from(`f\t644\t0\t0\t1\t8\t${written}\t${written}\t1\t1\t1\0\0a\0`));
      return entries.flatMap(({ mtime, ctime }) => [mtime, ctime]);
    };
    for (const [written, meant] of [['-151169109.5000000000', '-151169108.5000000000'], ['-1.2500000000', '-0.7500000000'], ['-1.0000000001', '-0.9999999999'], ['-7.0000000000', '-7.0000000000'], ['-7', '-7'], ['7.25', '7.25']] as const) {
      expect(times(written)).toEqual([meant, meant]);
    }
  });

  it('refuses what cannot be right', () => {
    for (const path of ['../a', 'a/../b', '/etc', 'a//b', './a', 'a/', 'x'.repeat(256)]) expect(() => read(record(path))).toThrow(refused);
    for (const bad of ['', 'f', meta.replace('644', '9'), meta.replace('5\t8', '-5\t8'), meta.replace('f', 'ff'), meta.replace('42', 'x'), meta.replace('1700000000.5', 'now'), meta.replace('5\t8', '1e9\t8')]) {
      expect(() => read(`${bad}\0\0a\0`)).toThrow(refused);
    }
    expect(() => read(record('a').slice(0, -1))).toThrow(refused);
    expect(() => read(`${meta}\0`)).toThrow(refused);
    expect(() => read('x'.repeat(20_000))).toThrow(refused);
  });

  it('says how far a path lies below the deepest that is kept', () => {
    const levels = (count: number, name = 'd'): string => Array.from({ length: count }, () => name).join('/');
    expect([levels(128), levels(129), levels(200), levels(2, 'n'.repeat(200)), ''].map(beyondDepth)).toEqual([0, 1, 72, 0, 0]);
  });

  it('wants every entry once, in a directory that was listed', () => {
    const dir = (path: string): ManifestEntry => entry(path, { type: 'd' });
    const check = (entries: readonly ManifestEntry[]): readonly ManifestEntry[] => [...checkedTree(entries)];
    expect(check([dir(''), dir('a'), entry('a/b'), dir('b'), dir('b/c'), entry('b/c/d'), entry('b/e')])).toHaveLength(7);
    for (const bad of [[dir(''), entry('a'), entry('a')], [dir(''), entry('a/b')], [dir(''), entry('l', { type: 'l' }), entry('l/x')], [entry('')], [entry('a')]]) expect(() => check(bad)).toThrow(refused);
  });

  it('gives copies a time that a nudge changes by a microsecond', () => {
    const at = (nudge: number): number => copyMtime(entry('a', { nudge }));
    expect(at(0)).toBeCloseTo(1_700_000_000.123_456, 6);
    for (const way of [Math.floor, Math.round]) expect(new Set([0, 1, 2, 3].map((nudge) => way(at(nudge) * 1e6))).size).toBe(4);
    expect(copyMtime(entry('a', { mtime: '-5' }))).toBeLessThan(1);
    expect(copyMtime(entry('a', { mtime: '999999999999' }))).toBeLessThan(4_294_967_296);
  });

  it('knows every copy by the time the disk gives back, and tells it from its neighbours', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'dumont-times-')), 'copy');
    writeFileSync(file, '');
    const times = Array.from({ length: 3000 }, (_, index) => `${1_500_000_000 + index * 131_071}.${String((index * 7_919_333) % 1_000_000_000).padStart(9, '0')}`);
    const verdicts = times.map((mtime) => {
      const copy = copyMtime(entry('a', { mtime }));
      utimesSync(file, copy, copy);
      const { mtimeMs } = lstatSync(file);
      return [0, 1, 2].map((nudge) => isCopyTime(mtimeMs, copyMtime(entry('a', { mtime, nudge })))).join();
    });
    rmSync(path.dirname(file), { recursive: true });
    expect([...new Set(verdicts)]).toEqual(['true,false,false']);
  });
});

const component = fc.uint8Array({ minLength: 1, maxLength: 255 }).map((bytes) => Buffer.from(bytes).toString('latin1').replaceAll(/[\0/]/g, '_')).filter((name) => name !== '.' && name !== '..');

describe('names in the mirror', () => {
  it('are kept where they are plain, and escaped where they are not', () => {
    const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
    expect(mirrorPath('a b/$(x)')).toBe('a b/$(x)');
    expect(mirrorPath(latin1('größe/大'))).toBe('größe/大');
    expect(mirrorPath('bad\u00ff/50%')).toBe('bad%FF/50%25');
    expect(mirrorPath('a\nb')).toBe('a%0Ab');
    expect(mirrorComponent('con.txt', 'win32')).toBe('%63%6F%6E%2E%74%78%74');
    expect(mirrorComponent('x:ads', 'win32')).not.toContain(':');
    expect([mirrorRoot('/workspace'), mirrorRoot('/'), mirrorRoot('/root/größe')]).toEqual(['workspace', 'rootfs', 'root/größe']);
  });

  it('never become one, never too long, never a way out', () => {
    fc.assert(
      fc.property(fc.uniqueArray(component, { minLength: 2, maxLength: 30 }), (names) => {
        const written = names.map((name) => mirrorComponent(name));
        expect(new Set(written).size).toBe(names.length);
        for (const one of written) {
          expect(Buffer.byteLength(one)).toBeLessThanOrEqual(255);
          expect(one).not.toMatch(/[/\0]|^\.{1,2}$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are shown without control characters and direction changes', () => {
    expect(displayName('a\u001b[31m\n')).toBe('a\\u{1b}[31m\\u{a}');
    expect(safeText('\u202egpj')).toBe('\\u{202e}gpj');
    expect(displayName('bad\u00ff')).toBe('bad%FF');
    expect(safeText('x'.repeat(1000)).length).toBeLessThan(510);
  });
});

describe('the sidecar', () => {
  it('that could not be read for a reason of its own is not called damaged', async () => {
    const killed = new AppError('restic_failed', 'restic failed.', { exit_code: null, output: '' });
    const lines = async function* cut(): AsyncGenerator<string> {
      yield '{"format":"dumont-manifest","version":1,"directory":"/w","root":"w"}';
      await Promise.resolve();
      throw killed;
    };
    await expect(readSidecar(lines())).rejects.toBe(killed);
  });

  const about = { directory: '/workspace', root: 'workspace', instanceId: 7, takenAt: '2026-11-23T12:00:00.000Z' };

  it('keeps every entry as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(component, { maxLength: 20 }), async (names) => {
        const entries = [entry('', { type: 'd' }), ...names.map((name, at) => entry(name, { links: (at % 2) + 1, type: at % 5 === 4 ? 'l' : 'f', target: at % 5 === 4 ? names[0]! : '', mode: 0o4755, sha256: at % 3 === 0 ? 'ab'.repeat(32) : '' }))];
        async function* lines(): AsyncGenerator<string> {
          yield sidecarHead(about, entries.length);
          for (const one of entries) yield* sidecarLine(one, true).split('\n');
        }
        const sidecar = await readSidecar(lines());
        expect(sidecar).toMatchObject({ directory: '/workspace', root: 'workspace' });
        expect(sidecar.entries.map(({ path, mirrorName, type, mode, target, mtime, group, sha256, stored }) => ({ path, mirrorName, type, mode, target, mtime, group, sha256, stored }))).toEqual(
          entries.map((one) => ({ path: one.path, mirrorName: mirrorPath(one.path), type: one.type, mode: one.mode, target: one.target, mtime: one.mtime, group: one.type === 'f' && one.links > 1 ? '65024:42' : '', sha256: one.sha256, stored: true })),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('is refused when it is not one', async () => {
    const from = async function* from(...lines: string[]): AsyncGenerator<string> {
      await Promise.resolve();
      yield* lines;
    };
    const head = '{"format":"dumont-manifest","version":1,"directory":"/w","root":"w"}';
    const line = '{"path":"a","type":"f","mode":"644","uid":0,"gid":0,"mtime":"1"}';
    expect((await readSidecar(from(head, line))).entries).toHaveLength(1);
    for (const bad of [[], ['{}'], [head, '{'], [head, line.replace('"a"', '"../a"')], [head, line.replace('644', 'rwx')], [head, line.replace('"1"}', '"1","sha256":"x"}')]]) await expect(readSidecar(from(...bad))).rejects.toMatchObject({ code: 'repository_damaged' });
  });
});
