// Updates: only newer ones that our key signed, fetched and installed only when asked, never while an operation runs.
import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeTempDir } from '../../../test/support/temp-dir';
import { filesFor, isNewer, readDescription, UpdateError, type UpdateDescription } from './update-description';
import { newestAt, updatePlace } from './update-source';
import { Updates, updateTimes, type UpdateSource } from './updates';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const key = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const description: UpdateDescription = { version: '1.2.0', files: [{ url: 'dumont-cloud-1.2.0-linux-x64.AppImage', sha512: 'A'.repeat(88), size: 10 }], releaseDate: '2026-11-26', releaseNotes: '<b>Notes</b>' };
const text = JSON.stringify(description);
const signatureOf = (of: string): string => sign(null, Buffer.from(of), privateKey).toString('base64');
const log = { info: () => undefined, warn: () => undefined, error: () => undefined, hide: () => undefined };

describe('description of a release', () => {
  it('is read with our signature', () => expect(readDescription(text, `${signatureOf(text)}\n`, key)).toEqual(description));
  it.each([
    ['changed by one letter', text.replace('1.2.0', '1.3.0'), signatureOf(text)],
    ['signed by another key', text, sign(null, Buffer.from(text), generateKeyPairSync('ed25519').privateKey).toString('base64')],
    ['not signed', text, ''],
    ['signed with no signature', text, 'not base64 !!'],
  ])('is refused when %s', (_how, changed, signature) => expect(() => readDescription(changed, signature, key)).toThrow(expect.objectContaining({ problem: 'unsigned' }) as Error));
  it.each(['{}', 'not json', JSON.stringify({ ...description, files: [{ url: '../../evil', sha512: 'A'.repeat(88) }] }), JSON.stringify({ ...description, version: '1.2.0-beta' })])('is refused when it cannot be read, though signed: %s', (odd) => {
    expect(() => readDescription(odd, signatureOf(odd), key)).toThrow(expect.objectContaining({ problem: 'unreadable' }) as Error);
  });
  it('names the files of one processor', () => {
    const names = ['a-1.2.0-linux-x86_64.AppImage', 'a-1.2.0-linux-arm64.AppImage', 'a-1.2.0-linux-amd64.deb', 'a-1.2.0-linux-aarch64.rpm'];
    const both = { ...description, files: names.map((url) => ({ url, sha512: 'A'.repeat(88) })) };
    expect(filesFor(both, 'x64').map(({ url }) => url)).toEqual([names[0], names[2]]);
    expect(filesFor(both, 'arm64').map(({ url }) => url)).toEqual([names[1], names[3]]);
  });
  it('compares versions as numbers', () => {
    expect([isNewer('1.10.0', '1.9.9'), isNewer('1.9.9', '1.10.0'), isNewer('1.0.0', '1.0.0'), isNewer('2.0.0', '1.99.99')]).toEqual([true, false, false, true]);
  });
});

describe('feed over loopback', () => {
  let server: Server | null = null;
  afterEach(() => void server?.close());
  const serve = async (files: Readonly<Record<string, string>>): Promise<string> => {
    server = createServer((request, response) => {
      const body = files[request.url ?? ''];
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  };
  it('gives the release of this system', async () => {
    const url = await serve({ '/latest-linux.json': text, '/latest-linux.json.sig': signatureOf(text) });
    expect(await newestAt(url, key, 'linux')).toEqual(description);
    await expect(newestAt(url, key, 'darwin')).rejects.toMatchObject({ problem: 'unreachable' });
  });
  it('refuses one whose text or signature was exchanged, and one without', async () => {
    const other = await serve({ '/latest.json': text.replace('1.2.0', '9.9.9'), '/latest.json.sig': signatureOf(text), '/latest-mac.json': text });
    await expect(newestAt(other, key, 'win32')).rejects.toMatchObject({ problem: 'unsigned' });
    await expect(newestAt(other, key, 'darwin')).rejects.toMatchObject({ problem: 'unreachable' });
  });
});

describe('place of updates', () => {
  it('is what the package names; a portable program has none, since the installer would not replace it', () => {
    const folder = makeTempDir('dumont-place');
    try {
      writeFileSync(folder.at('update.json'), JSON.stringify({ url: 'https://updates.example/', key }));
      expect(updatePlace(folder.at('update.json'), {})).toEqual({ url: 'https://updates.example/', key });
      expect(updatePlace(folder.at('update.json'), { PORTABLE_EXECUTABLE_DIR: 'D:\\tools' })).toBeNull();
      expect(updatePlace(folder.at('none.json'), {})).toBeNull();
    } finally {
      folder.remove();
    }
  });
});

describe('updates', () => {
  const make = (over: { source?: Partial<UpdateSource> | null; version?: string; wanted?: boolean; busy?: () => boolean } = {}): { updates: Updates; installed: () => number; asked: () => number } => {
    const counts = { installed: 0, asked: 0 };
    const source: UpdateSource = {
      newest: async () => { counts.asked += 1; return description; },
      download: async (_found, onPercent) => onPercent(50),
      install: async () => { counts.installed += 1; },
      ...over.source,
    };
    const updates = new Updates({ source: over.source === null ? null : source, version: over.version ?? '1.1.0', wanted: () => over.wanted ?? true, busy: over.busy ?? (() => false), clock: { now: () => 0 }, log });
    return { updates, installed: () => counts.installed, asked: () => counts.asked };
  };
  afterEach(() => void vi.useRealTimers());

  it('finds, shows the notes as they are, fetches and installs, each when asked', async () => {
    const { updates, installed } = make();
    expect(await updates.step('install')).toMatchObject({ kind: 'none' });
    expect(await updates.step('check')).toMatchObject({ kind: 'available', version: '1.2.0', notes: '<b>Notes</b>' });
    expect(await updates.step('install')).toMatchObject({ kind: 'available' });
    expect(await updates.step('download')).toMatchObject({ kind: 'ready' });
    expect(installed()).toBe(0);
    await updates.step('install');
    expect(installed()).toBe(1);
  });
  it('installs nothing while an operation runs', async () => {
    let busy = true;
    const { updates, installed } = make({ busy: () => busy });
    await updates.step('check');
    await updates.step('download');
    expect(await updates.step('install')).toMatchObject({ kind: 'ready', waits: true });
    expect(installed()).toBe(0);
    busy = false;
    await updates.step('install');
    expect(installed()).toBe(1);
  });
  it.each(['1.2.0', '1.2.1', '2.0.0'])('offers no older or equal one to %s', async (version) => {
    const { updates } = make({ version });
    expect(await updates.step('check')).toMatchObject({ kind: 'none', version: null });
    expect(await updates.step('download')).toMatchObject({ kind: 'none' });
  });
  it('says why one was not taken, and can try again', async () => {
    let broken = true;
    const { updates } = make({ source: { download: async () => { if (broken) throw new UpdateError('damaged'); } } });
    await updates.step('check');
    expect(await updates.step('download')).toMatchObject({ kind: 'failed', problem: 'damaged', version: null });
    broken = false;
    await updates.step('check');
    expect(await updates.step('download')).toMatchObject({ kind: 'ready', problem: null });
  });
  it('says that one could not be installed, at once or later, never that it was, and can try again', async () => {
    const lines: string[] = [];
    const told = vi.spyOn(log, 'info').mockImplementation((event?: string) => void lines.push(event ?? ''));
    let late: (error: unknown) => void = () => undefined;
    const installs: ((onFailed: (error: unknown) => void) => Promise<void>)[] = [
      () => Promise.reject(new Error('no updater')),
      async (onFailed) => onFailed(new Error('no installer')),
      async (onFailed) => { late = onFailed; },
    ];
    const { updates } = make({ source: { install: (onFailed) => installs.shift()?.(onFailed) ?? Promise.resolve() } });
    const toInstall = async (): Promise<object> => {
      await updates.step('check');
      await updates.step('download');
      return updates.step('install');
    };
    const failed = { kind: 'failed', problem: 'not_installed', version: null };
    expect(await toInstall()).toMatchObject(failed);
    expect(await toInstall()).toMatchObject(failed);
    expect(await toInstall()).toMatchObject({ kind: 'ready', problem: null });
    late(new Error('the installer did not start'));
    expect(updates.state).toMatchObject(failed);
    expect(new Set(lines)).toEqual(new Set(['update.installing']));
    told.mockRestore();
  });
  it('asks nobody without a place for updates, and looks by itself only when wanted', async () => {
    vi.useFakeTimers();
    const off = make({ source: null });
    off.updates.begin();
    expect(await off.updates.step('check')).toMatchObject({ kind: 'off', possible: false });
    const unwanted = make({ wanted: false });
    unwanted.updates.begin();
    await vi.advanceTimersByTimeAsync(updateTimes.first + 2 * updateTimes.every);
    expect([unwanted.asked(), unwanted.updates.state.kind]).toEqual([0, 'off']);
    const wanted = make({ version: '9.0.0' });
    wanted.updates.begin();
    await vi.advanceTimersByTimeAsync(updateTimes.first + 2 * updateTimes.every);
    expect(wanted.asked()).toBe(3);
    wanted.updates.close();
    unwanted.updates.close();
  });
});
