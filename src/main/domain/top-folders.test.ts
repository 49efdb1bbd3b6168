import { describe, expect, it } from 'vitest';
import { hollowBytes, isSparseBomb, ManifestReader, manifestLimits, type ManifestEntry } from './snapshot-manifest';
import { TopFolders } from './top-folders';

describe('the folder that holds most', () => {
  it('is named as a person may see it', () => {
    const tops = new TopFolders();
    for (const path of ['', 'a', 'a/1', 'b', 'b/1', 'b/2', 'a/2', 'a/3']) tops.add(path);
    expect(tops.largest()).toBe('a');
    tops.add('evil\u001b[2J');
    for (let at = 0; at < 10; at += 1) tops.add(`evil\u001b[2J/${at}`);
    expect(tops.largest()).toBe('evil\\u{1b}[2J');
    expect(new TopFolders().largest()).toBe('.');
  });

  it('stays bounded, whatever names come', () => {
    const tops = new TopFolders();
    for (let at = 0; at < 30_000; at += 1) tops.add(`n${at}`);
    expect((tops as unknown as { counts: Map<string, number> }).counts.size).toBe(10_000);
  });

  it('is what a listing above its cap names', () => {
    const reader = new ManifestReader(() => undefined, { limits: { ...manifestLimits, entries: 1000 } });
    const record = (path: string): string => `f\t644\t0\t0\t1\t8\t1.0\t1.0\t1\t1\t1\0\0${path}\0`;
    const flood = (): void => {
      reader.push(Buffer.from(record('code')));
      for (let at = 0; ; at += 1) reader.push(Buffer.from(record(`cache/${at}`)));
    };
    expect(flood).toThrow(expect.objectContaining({ code: 'source_too_large', data: { entries: 1001, bytes: 1001, limit: 'entries', directory: 'cache' } }) as Error);
  });
});

describe('sparse bombs', () => {
  const gigabyte = 1024 ** 3;
  const file = (size: number, blocks: number): ManifestEntry => ({ type: 'f', size, blocks }) as ManifestEntry;

  it('are files of holes that do not fit, alone or together', () => {
    expect(isSparseBomb(file(10 * 1024 * gigabyte, 0), 100 * gigabyte)).toBe(true);
    expect(isSparseBomb(file(2 * gigabyte, 0), 100 * gigabyte)).toBe(false);
    expect(isSparseBomb(file(2 * gigabyte, 0), 100 * gigabyte, 99 * gigabyte)).toBe(true);
    expect(hollowBytes(file(2 * gigabyte, 0))).toBe(2 * gigabyte);
  });

  it('are not files on a disk that compresses', () => {
    const compressed = file(2 * gigabyte, (0.2 * gigabyte) / 512);
    expect(hollowBytes(compressed)).toBe(0);
    expect(isSparseBomb(compressed, 100 * gigabyte, 99 * gigabyte)).toBe(false);
  });
});
