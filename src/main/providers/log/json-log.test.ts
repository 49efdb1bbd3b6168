// The log file: one JSON object per line, private, bounded, without secrets, and never in the way.
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Redactor } from '../../domain/redact';
import { JsonLog } from './json-log';

let folder: string;
let redactor: Redactor;

beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'log-')), 'logs');
  redactor = new Redactor('/home/ana');
});

afterEach(() => rm(path.dirname(folder), { recursive: true }));

const open = (fileLimit?: number): JsonLog => new JsonLog({ folder, name: 'dumont', clock: { now: () => 0 }, redactor, ...(fileLimit === undefined ? {} : { fileLimit }) });
const lines = async (name = 'dumont.log'): Promise<Record<string, unknown>[]> => (await readFile(path.join(folder, name), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);

test('a line is in the file when the call returns, and the next start goes on in it', async () => {
  const first = open();
  first.info('app.started', { version: '1' });
  expect(await lines()).toEqual([{ at: '1970-01-01T00:00:00.000Z', level: 'info', event: 'app.started', version: '1' }]);
  first.close();
  open().error('app.failed', { error: new TypeError('no') });
  expect((await lines())[1]).toMatchObject({ level: 'error', event: 'app.failed', error: { name: 'TypeError', message: 'no' } });
});

test('files and folder are for this user only', async () => {
  open().warn('x');
  expect((await stat(folder)).mode & 0o077).toBe(0);
  expect((await stat(path.join(folder, 'dumont.log'))).mode & 0o077).toBe(0);
});

test('secrets by name and by value, and line breaks, do not get in', async () => {
  const log = open();
  log.hide('very-secret');
  log.info('a', { token: 'other', url: 'http://x/?k=very-secret', text: 'one\ntwo' });
  const text = await readFile(path.join(folder, 'dumont.log'), 'utf8');
  expect(text).not.toMatch(/very-secret|other/);
  expect(text.match(/\n/g)).toHaveLength(1);
});

test('five files of bounded size are kept, the newest lines always', async () => {
  const log = open(2_000);
  for (let number = 0; number < 500; number += 1) log.info('line', { number, text: 'x'.repeat(50) });
  const names = (await readdir(folder)).toSorted();
  expect(names).toEqual(['dumont.1.log', 'dumont.2.log', 'dumont.3.log', 'dumont.4.log', 'dumont.log']);
  for (const name of names) expect((await stat(path.join(folder, name))).size).toBeLessThanOrEqual(2_000);
  expect((await lines()).at(-1)).toMatchObject({ number: 499 });
  const all = (await Promise.all(names.toSorted((a, b) => (a === 'dumont.log' ? 1 : b === 'dumont.log' ? -1 : b.localeCompare(a))).map((name) => lines(name)))).flat().map((line) => line['number'] as number);
  expect(all).toEqual(Array.from({ length: all.length }, (_none, index) => 500 - all.length + index));
});

test('a line without end is cut', async () => {
  open().info('long', { text: 'x'.repeat(100_000) });
  expect((await readFile(path.join(folder, 'dumont.log'), 'utf8')).length).toBeLessThan(20_000);
  expect(await lines()).toMatchObject([{ event: 'long' }]);
});

test('a folder that cannot be written is no error of the caller', async () => {
  await writeFile(folder, 'a file where the folder should be');
  expect(() => open().info('x')).not.toThrow();
  await chmod(folder, 0o600);
});
