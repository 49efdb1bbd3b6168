// The end of the log over two files, and the crash dumps of a folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diagnosticsSource } from './diagnostics-source';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dumont-diagnostics-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const source = (): ReturnType<typeof diagnosticsSource> => diagnosticsSource({ version: '1.2.3', dataFolder: folder, forms: { 'dumont.sqlite': 4 } });

describe('source of the report', () => {
  it('has nothing where nothing is', async () => {
    expect(await source().logTail(10)).toEqual([]);
    expect(await source().crashDumps()).toEqual([]);
    expect(source().versions()).toMatchObject({ app: '1.2.3', node: process.versions.node });
  });
  it('gives the last lines, of the older file too where the newest is short', async () => {
    mkdirSync(path.join(folder, 'logs'));
    writeFileSync(path.join(folder, 'logs', 'dumont.1.log'), 'a\nb\nc\n');
    writeFileSync(path.join(folder, 'logs', 'dumont.log'), 'd\ne\n');
    expect(await source().logTail(4)).toEqual(['b', 'c', 'd', 'e']);
    expect(await source().logTail(2)).toEqual(['d', 'e']);
  });
  it('reads the end of a large file only, and no half line', async () => {
    mkdirSync(path.join(folder, 'logs'));
    writeFileSync(path.join(folder, 'logs', 'dumont.log'), `${'x'.repeat(600_000)}\nlast\n`);
    expect(await source().logTail(10)).toEqual(['last']);
  });
  it('names dumps at any depth, and nothing else', async () => {
    mkdirSync(path.join(folder, 'crashes', 'completed'), { recursive: true });
    writeFileSync(path.join(folder, 'crashes', 'completed', 'one.dmp'), '12345');
    writeFileSync(path.join(folder, 'crashes', 'settings.dat'), 'x');
    expect(await source().crashDumps()).toMatchObject([{ name: 'one.dmp', bytes: 5 }]);
  });
});
