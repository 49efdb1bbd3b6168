import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BadPath, resolveInside } from './tree';

let root: string;
const resolved = async (path: string, options = {}): Promise<string> => (await resolveInside(root, path, options)).toString().slice(root.length);

beforeEach(() => {
  root = join(realpathSync(mkdtempSync(join(tmpdir(), 'sim-tree-'))), 'root');
  mkdirSync(join(root, 'workspace', 'deep'), { recursive: true });
  writeFileSync(join(root, '..', 'secret'), 'outside');
  writeFileSync(join(root, 'workspace', 'file'), 'inside');
  symlinkSync('/', join(root, 'workspace', 'top'));
  symlinkSync('../../../../../../secret', join(root, 'workspace', 'climb'));
  symlinkSync(join(root, '..'), join(root, 'workspace', 'real'));
  symlinkSync('loop-b', join(root, 'workspace', 'loop-a'));
  symlinkSync('loop-a', join(root, 'workspace', 'loop-b'));
});
afterEach(() => rmSync(join(root, '..'), { recursive: true, force: true }));

test('dots stop at the top of the tree', async () => {
  expect(await resolved('/workspace/../../../../secret')).toBe('/secret');
  expect(await resolved('../../..', { from: '/workspace' })).toBe('');
  expect(await resolved('./deep/./../file', { from: '/workspace' })).toBe('/workspace/file');
});

test('links are followed inside the tree only, and the last one only when asked', async () => {
  expect(await resolved('/workspace/top/workspace/file')).toBe('/workspace/file');
  expect(await resolved('/workspace/top')).toBe('/workspace/top');
  expect(await resolved('/workspace/top', { followLast: true })).toBe('');
  expect(await resolved('/workspace/climb', { followLast: true })).toBe('/secret');
  // The link's target exists outside; inside the tree the same path is another one.
  expect(await resolved('/workspace/real/secret')).toBe(`${join(root, '..')}/secret`);
  expect(await resolved('/workspace/top/workspace/top/../../etc/passwd')).toBe('/etc/passwd');
});

test('loops, NUL bytes and files used as directories are errors', async () => {
  await expect(resolved('/workspace/loop-a/x')).rejects.toBeInstanceOf(BadPath);
  await expect(resolved('/workspace/a\0b')).rejects.toBeInstanceOf(BadPath);
  await expect(resolved('/workspace/file/x')).rejects.toBeInstanceOf(BadPath);
});

test('missing parents are made inside the tree when asked', async () => {
  expect(await resolved('/workspace/real/new/place', { makeParents: true })).toContain(`${join(root, '..')}/new/place`);
  await expect(resolved('/workspace/new/x')).resolves.toBe('/workspace/new/x');
});
