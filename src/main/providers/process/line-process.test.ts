// Children that say one line when they are ready: what is heard of them, and that none outlives us.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spawnNode } from './line-process';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'line-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function script(name: string, text: string): Promise<string> {
  const file = path.join(folder, `${name}.mjs`);
  await writeFile(file, text);
  return file;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('gives the first line, and ends it when asked', async () => {
  const child = spawnNode(await script('good', `process.stdout.write(JSON.stringify({ pid: process.pid, arg: process.argv[2] }).slice(0, 5)); setTimeout(() => process.stdout.write(JSON.stringify({ pid: process.pid, arg: process.argv[2] }).slice(5) + '\\nmore\\n'), 20); setInterval(() => {}, 1000);`), ['one']);
  const { pid, arg } = JSON.parse(await child.firstLine) as { pid: number; arg: string };
  expect(arg).toBe('one');
  let exited = false;
  child.onExit(() => {
    exited = true;
  });
  await child.stop(1000);
  expect([exited, isAlive(pid)]).toEqual([true, false]);
});

test('one that ignores the wish to end is made to', async () => {
  const child = spawnNode(await script('deaf', `process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000);`), []);
  const pid = Number(await child.firstLine);
  await child.stop(50);
  expect(isAlive(pid)).toBe(false);
});

test('one that ends before it is ready says why', async () => {
  const child = spawnNode(await script('bad', `process.stderr.write('no room\\n'); process.exit(3);`), []);
  await expect(child.firstLine).rejects.toThrow(/no room/);
  await child.stop(10);
});

test('one that says nothing is not waited for', async () => {
  const child = spawnNode(await script('silent', 'setInterval(() => {}, 1000)'), [], 50);
  await expect(child.firstLine).rejects.toThrow(/not ready/);
  await child.stop(10);
});

test('a first line without end is refused', async () => {
  const child = spawnNode(await script('endless', `setInterval(() => process.stdout.write('x'.repeat(1000)), 1)`), []);
  await expect(child.firstLine).rejects.toThrow(/too long/);
  await child.stop(10);
});

test('its environment is a short list', async () => {
  process.env['DUMONT_TEST_SECRET'] = 'x';
  const child = spawnNode(await script('env', `console.log(JSON.stringify(Object.keys(process.env))); process.stdin.resume();`), []);
  expect(JSON.parse(await child.firstLine)).not.toContain('DUMONT_TEST_SECRET');
  delete process.env['DUMONT_TEST_SECRET'];
  await child.stop(1000);
});
