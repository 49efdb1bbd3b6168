// Folders are made with all above them, and a disk that cannot write a name is told from one that has no folder yet.
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isUnwritableName, makeFolders, makeFoldersSync, othersCanRead } from './folders';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'dumont-folders-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const both = { 'in turn': (place: string) => makeFolders(place), 'at once': (place: string) => new Promise<void>((resolve) => resolve(makeFoldersSync(place))) };

describe.each(Object.entries(both))('%s', (_how, make) => {
  it('with all above it, for the owner alone, and again', async () => {
    await make(path.join(folder, 'a/b/c'));
    await make(path.join(folder, 'a/b/c'));
    expect(statSync(path.join(folder, 'a/b/c')).mode & 0o777).toBe(0o700);
  });

  it('below a file it is refused', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    await expect(make(path.join(folder, 'file/a/b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  // proc says ENOENT of every name, as some disks do of one that they cannot write: mkdir's own `recursive` never ends there.
  it.runIf(process.platform === 'linux')('where the disk cannot write the name it ends', async () => {
    const error: unknown = await make('/proc/dumont/a').catch((thrown: unknown) => thrown);
    expect(isUnwritableName(error)).toBe(true);
  });
});

it.skipIf(process.platform === 'win32')('knows what others can read', () => {
  const file = path.join(folder, 'file');
  writeFileSync(file, '', { mode: 0o600 });
  expect(othersCanRead(file)).toBe(false);
  chmodSync(file, 0o644);
  expect(othersCanRead(file)).toBe(true);
});
