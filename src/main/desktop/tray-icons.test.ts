// The icons of the tray that are kept: every state for every system and panel, in the sizes that each takes.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = path.resolve(import.meta.dirname, '../../../resources/tray');
const states = ['idle', 'spending', 'attention'];
const read = (name: string): Buffer => readFileSync(path.join(folder, name));
const sizeOf = (png: Buffer): readonly [number, number] => [png.readUInt32BE(16), png.readUInt32BE(20)];

describe('icons of the tray', () => {
  it.each(states)('%s: templates for macOS at both scales', (state) => {
    expect(sizeOf(read(`${state}Template.png`))).toEqual([18, 18]);
    expect(sizeOf(read(`${state}Template@2x.png`))).toEqual([36, 36]);
  });
  it.each(states)('%s: a picture for light and dark panels on Linux, and they differ', (state) => {
    expect(sizeOf(read(`${state}-light.png`))).toEqual([48, 48]);
    expect(read(`${state}-light.png`).equals(read(`${state}-dark.png`))).toBe(false);
  });
  it.each(states.flatMap((state) => [`${state}-light.ico`, `${state}-dark.ico`]))('%s holds five sizes, each a whole PNG', (name) => {
    const file = read(name);
    const sizes = Array.from({ length: file.readUInt16LE(4) }, (_, index) => {
      const entry = file.subarray(6 + 16 * index, 22 + 16 * index);
      const png = file.subarray(entry.readUInt32LE(12), entry.readUInt32LE(12) + entry.readUInt32LE(8));
      expect(png.subarray(1, 4).toString()).toBe('PNG');
      expect(png.subarray(-8, -4).toString()).toBe('IEND');
      expect(sizeOf(png)[0]).toBe(entry.readUInt8(0));
      return entry.readUInt8(0);
    });
    expect(sizes).toEqual([16, 20, 24, 32, 48]);
  });
  it('the states differ from one another, and come from one source', () => {
    expect(new Set(states.map((state) => read(`${state}Template.png`).toString('hex'))).size).toBe(3);
    expect(existsSync(path.join(folder, 'tray.svg'))).toBe(true);
  });
});
