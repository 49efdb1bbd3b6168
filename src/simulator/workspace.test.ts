import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTree, growTree, keptCheckpoints } from './workspace';

const tree = { seed: '1', instanceId: 42, life: 1, startedAt: 1_795_400_000 };
let folder: string;
let root: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sim-work-'));
  root = join(folder, 'root');
  await createTree(root, tree);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sums = (of: string): string => execFileSync('sh', ['-c', 'find . -type f -printf "%p %T@ %m\\n" | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum'], { cwd: of }).toString();
const bytes = (of: string): number => Number(execFileSync('du', ['-sb', of]).toString().split('\t')[0]);

test('has the parts of a real project, with an absolute and a relative link and executables', () => {
  const at = (path: string): string => join(root, 'workspace', path);
  expect(readlinkSync(at('venv/bin/python'))).toBe('/usr/bin/python3');
  expect(statSync(at('venv/bin/activate')).mode & 0o111).toBe(0o111);
  const snapshot = readdirSync(at('models/hub/models--acme--tiny/snapshots'))[0] ?? '';
  expect(readFileSync(at(`models/hub/models--acme--tiny/snapshots/${snapshot}/config.json`), 'utf8')).toContain('hidden_size');
  expect(statSync(at('checkpoints/step-000100.pt')).size).toBe(4_000_000);
  for (const path of ['train.py', 'README.md', 'requirements.txt', 'configs/base.yaml', 'data/train.csv', 'data/notes.jsonl', 'logs/train.log']) expect(statSync(at(path)).isFile()).toBe(true);
});

test('grows with running time: log lines and checkpoints, the same in one stride as in many', async () => {
  await growTree(root, tree, 0, 200);
  await growTree(root, tree, 200, 203);
  await growTree(root, tree, 203, 400);
  const once = join(folder, 'once');
  await createTree(once, tree);
  await growTree(once, tree, 0, 400);
  expect(sums(root)).toBe(sums(once));
  expect(readFileSync(join(root, 'workspace/logs/train.log'), 'utf8').trim().split('\n')).toHaveLength(400);
  expect(readdirSync(join(root, 'workspace/checkpoints'))).toContain('step-000700.pt');
});

test('another instance has other files', async () => {
  const other = join(folder, 'other');
  await createTree(other, { ...tree, instanceId: 43 });
  expect(readFileSync(join(other, 'workspace/data/train.csv'))).not.toEqual(readFileSync(join(root, 'workspace/data/train.csv')));
});

test('stays below 60 MB however long it runs', async () => {
  await growTree(root, tree, 0, 30 * 86_400);
  expect(readdirSync(join(root, 'workspace/checkpoints'))).toHaveLength(keptCheckpoints);
  expect(bytes(root)).toBeLessThan(60_000_000);
});

test('never writes outside its tree, whatever links were put in its way', async () => {
  writeFileSync(join(folder, 'victim'), 'untouched');
  rmSync(join(root, 'workspace/logs'), { recursive: true });
  symlinkSync(folder, join(root, 'workspace/logs'));
  symlinkSync(join(folder, 'victim'), join(folder, 'train.log'));
  rmSync(join(root, 'workspace/checkpoints'), { recursive: true });
  symlinkSync(folder, join(root, 'workspace/checkpoints'));
  await growTree(root, tree, 0, 400);
  expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('untouched');
  expect(readdirSync(folder).toSorted()).toEqual(['root', 'train.log', 'victim']);
});

test('does nothing when the project is gone', async () => {
  rmSync(join(root, 'workspace'), { recursive: true });
  await growTree(root, tree, 0, 400);
  expect(readdirSync(root)).not.toContain('workspace');
});
