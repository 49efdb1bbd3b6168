// What packing refuses: a restic that is not the pinned one, an Electron with a fuse nobody decided about.
import { createServer } from 'node:http';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@playwright/test';
import { makeTempDir, type TempDir } from '../support/temp-dir';

interface ResticTools {
  readonly resticArchives: Readonly<Record<string, { readonly file: string; readonly sha256: string }>>;
  readonly fetchArchive: (archive: { readonly file: string; readonly sha256: string }, options: { readonly from: string; readonly cache: string }) => Promise<string>;
}
interface FuseTools {
  readonly fuseTable: readonly (readonly [string, boolean])[];
  readonly readFuses: (program: string) => Promise<Record<string, string>>;
  readonly setFuses: (program: string, changes?: Record<string, boolean>) => Promise<void>;
}
const tools = async <Tools>(name: string): Promise<Tools> => (await import(pathToFileURL(path.resolve(import.meta.dirname, '../../scripts/package', name)).href)) as Tools;

let temp: TempDir;
test.beforeAll(() => void (temp = makeTempDir('dumont-packing')));
test.afterAll(() => temp.remove());

test('each target has its restic with a SHA-256 of its own, the two of Windows alike', async () => {
  const { resticArchives } = await tools<ResticTools>('bundled-restic.mjs');
  expect(Object.keys(resticArchives).sort()).toEqual(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'win32-arm64', 'win32-x64']);
  for (const { sha256 } of Object.values(resticArchives)) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(Object.values(resticArchives).map(({ sha256 }) => sha256)).size).toBe(5);
});

test('an archive that is not the pinned one is refused and not kept; one cut short and a missing one too', async () => {
  const { fetchArchive } = await tools<ResticTools>('bundled-restic.mjs');
  const whole = Buffer.from('the release');
  const archive = { file: 'restic.bz2', sha256: '63c7d8e3d5dd1b4d8f0be8b0f2b0b0d4e9d4a4e5f8d9a4ec9f1ad4f4f3a1b2c3' };
  let body: Buffer | null = Buffer.from('another release');
  const server = createServer((_request, response) => void (body === null ? response.writeHead(404).end() : response.end(body)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const from = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const cache = temp.at('cache');
  try {
    await expect(fetchArchive(archive, { from, cache })).rejects.toThrow(/not the pinned release/);
    body = whole.subarray(0, 5);
    await expect(fetchArchive(archive, { from, cache })).rejects.toThrow(/not the pinned release/);
    body = null;
    await expect(fetchArchive(archive, { from, cache })).rejects.toThrow(/could not be fetched \(status 404\)/);
    expect(existsSync(cache)).toBe(false);
    body = whole;
    const right = { file: 'restic.bz2', sha256: await sha256(whole) };
    expect(readFileSync(await fetchArchive(right, { from, cache }))).toEqual(whole);
    expect(readdirSync(cache)).toEqual(['restic.bz2']);
    // What was changed on the disk meanwhile is fetched again, not used.
    writeFileSync(path.join(cache, 'restic.bz2'), 'changed');
    expect(readFileSync(await fetchArchive(right, { from, cache }))).toEqual(whole);
  } finally {
    server.close();
  }
});

const sha256 = async (bytes: Buffer): Promise<string> => Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))).toString('hex');

/** A program that is nothing but fuses, with something before and behind them. */
const withFuses = (length: number): Buffer => Buffer.concat([Buffer.alloc(1000, 7), Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'), Buffer.from([1, length]), Buffer.alloc(length, '1'), Buffer.alloc(100, 9)]);

test('all fuses of Electron 33 and of 45 are set, one that nobody decided about stops the packing', async () => {
  const { fuseTable, readFuses, setFuses } = await tools<FuseTools>('fuses.mjs');
  const program = temp.at('program');
  for (const length of [8, 9]) {
    writeFileSync(program, withFuses(length));
    await setFuses(program);
    expect(await readFuses(program)).toEqual(Object.fromEntries(fuseTable.slice(0, length).map(([name, state]) => [name, state ? 'on' : 'off'])));
    const before = readFileSync(program);
    await setFuses(program, { nodeCliInspect: true });
    expect(readFileSync(program).filter((byte, index) => byte !== before[index]).length).toBe(1);
  }
  const unknown = withFuses(10);
  writeFileSync(program, unknown);
  await expect(setFuses(program)).rejects.toThrow(/10 fuses/);
  expect(readFileSync(program)).toEqual(unknown);
  writeFileSync(program, 'no fuses');
  await expect(setFuses(program)).rejects.toThrow(/no fuses/);
});
