// One app per data folder: a living holder is respected, a dead one is not, and of many at once one wins.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import type * as fileSystem from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { takeInstanceLock } from './instance-lock';

const disk = vi.hoisted(() => ({ hasLinks: true }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof fileSystem>();
  const linkSync: typeof fs.linkSync = (from, to) => {
    if (!disk.hasLinks) throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
    fs.linkSync(from, to);
  };
  return { ...fs, linkSync, default: fs };
});

let folder: string;
const file = (): string => path.join(folder, 'instance.lock');

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lock-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('is taken once, names its holder, and can be taken again after its release', async () => {
  const first = takeInstanceLock(folder);
  expect(first.ok).toBe(true);
  expect(takeInstanceLock(folder)).toEqual({ ok: false, pid: process.pid });
  expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ pid: process.pid });
  expect((await stat(file())).mode & 0o077).toBe(0);
  if (first.ok) first.release();
  expect(await readdir(folder)).toEqual([]);
  expect(takeInstanceLock(folder).ok).toBe(true);
});

test('makes the folder', () => {
  folder = path.join(folder, 'a', 'b');
  expect(takeInstanceLock(folder).ok).toBe(true);
});

test.each([
  ['of a process that is gone', JSON.stringify({ pid: 2_147_483_000, started: '1' })],
  ['of another process with the same id', JSON.stringify({ pid: process.pid, started: '1' })],
  ['that is no lock', 'garbage'],
  ['that is empty', ''],
])('one %s is taken over', async (_what, text) => {
  await writeFile(file(), text);
  expect(takeInstanceLock(folder).ok).toBe(true);
  expect(await readdir(folder)).toEqual(['instance.lock']);
});

test('of a process that was killed is taken over', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const started = (await readFile(`/proc/${String(child.pid)}/stat`, 'utf8')).split(') ')[1]?.split(' ')[19];
  await writeFile(file(), JSON.stringify({ pid: child.pid, started }));
  expect(takeInstanceLock(folder)).toEqual({ ok: false, pid: child.pid });
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(takeInstanceLock(folder).ok).toBe(true);
});

test('of a process that ended and was never waited for is taken over', async () => {
  // The shell starts a child that ends soon, becomes `sleep`, and so never waits for it.
  const parent = spawn('/bin/sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  const stateOf = async (): Promise<string[]> => (await readFile(`/proc/${String(pid)}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  await expect.poll(async () => (await stateOf())[0]).toBe('Z');
  await writeFile(file(), JSON.stringify({ pid, started: (await stateOf())[19] }));
  const lock = takeInstanceLock(folder);
  parent.kill('SIGKILL');
  expect(lock.ok).toBe(true);
});

test("a release removes one's own lock only", async () => {
  const mine = takeInstanceLock(folder);
  await writeFile(file(), JSON.stringify({ pid: 1, started: null }));
  if (mine.ok) mine.release();
  expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ pid: 1 });
});

test('of ten processes that find a dead lock at once, one gets it', async () => {
  await writeFile(file(), JSON.stringify({ pid: 2_147_483_000, started: '1' }));
  const script = path.join(folder, 'take.mjs');
  const { build } = await import('vite');
  await build({
    configFile: false, logLevel: 'silent',
    build: { ssr: path.join(import.meta.dirname, 'instance-lock.ts'), outDir: path.join(folder, 'built'), rollupOptions: { output: { entryFileNames: 'lock.mjs' } } },
  });
  await writeFile(script, `import { takeInstanceLock } from './built/lock.mjs';\nprocess.on('message', () => process.send(takeInstanceLock(process.argv[2]).ok));\nprocess.send('ready');\n`);
  const children = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const child = fork(script, [folder]);
      await once(child, 'message');
      return child;
    }),
  );
  const answers = children.map(async (child) => {
    const [ok] = (await once(child, 'message')) as [boolean];
    return ok;
  });
  for (const child of children) child.send('take');
  const won = (await Promise.all(answers)).filter(Boolean);
  for (const child of children) child.kill('SIGKILL');
  expect(won).toHaveLength(1);
});

describe('on a disk without hard links', () => {
  beforeEach(() => void (disk.hasLinks = false));
  afterEach(() => void (disk.hasLinks = true));

  test('is taken once, and again after its release', async () => {
    const first = takeInstanceLock(folder);
    expect(takeInstanceLock(folder)).toEqual({ ok: false, pid: process.pid });
    if (first.ok) first.release();
    expect(takeInstanceLock(folder).ok).toBe(true);
    expect(await readdir(folder)).toEqual(['instance.lock']);
  });

  test('one that is being written is waited for', async () => {
    await writeFile(file(), '');
    const writer = spawn(process.execPath, ['-e', `setTimeout(() => require('fs').writeFileSync(${JSON.stringify(file())}, JSON.stringify({ pid: ${String(process.pid)}, started: null })), 300)`]);
    expect(takeInstanceLock(folder)).toEqual({ ok: false, pid: process.pid });
    writer.kill();
  });

  test('a turn that a crash left is over', async () => {
    await writeFile(file(), JSON.stringify({ pid: 2_147_483_000, started: '1' }));
    await writeFile(`${file()}.turn`, '');
    await utimes(`${file()}.turn`, 1, 1);
    expect(takeInstanceLock(folder).ok).toBe(true);
    expect(await readdir(folder)).toEqual(['instance.lock']);
  });
});
