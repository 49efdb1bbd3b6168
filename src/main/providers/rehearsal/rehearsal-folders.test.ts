import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DiskRehearsalFolders } from './rehearsal-folders';

let data = '';
beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), 'dumont-rehearsals-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

test('a scratch folder is private, and gone afterwards whatever is in it', async () => {
  const folders = new DiskRehearsalFolders(data);
  const folder = await folders.open('user-1', 'one');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  mkdirSync(path.join(folder, 'closed', 'deep'), { recursive: true });
  writeFileSync(path.join(folder, 'closed', 'deep', 'file'), 'x');
  chmodSync(path.join(folder, 'closed', 'deep'), 0o000);
  chmodSync(path.join(folder, 'closed'), 0o000);
  await folders.discard(folder);
  expect(existsSync(folder)).toBe(false);
});

test('what a former run of the app left is removed, what is in use is not', async () => {
  const folders = new DiskRehearsalFolders(data);
  const used = await folders.open('user-1', 'used');
  const left = path.join(path.dirname(used), 'left');
  mkdirSync(left);
  await folders.clear('user-1');
  expect([existsSync(used), existsSync(left)]).toEqual([true, false]);
  mkdirSync(left);
  await folders.open('user-1', 'next');
  expect([existsSync(used), existsSync(left)]).toEqual([true, false]);
  await folders.clear('nobody');
  await expect(folders.open('../user', 'one')).rejects.toThrow('unexpected form');
  await expect(folders.open('user-1', '../one')).rejects.toThrow('unexpected form');
});
