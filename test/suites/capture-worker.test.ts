// The capture worker as it ships: bundled, in a thread of its own, over a real OpenSSH server.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workerRunner } from '../../src/main/providers/ssh/capture-runner';
import { OpenSsh } from '../../src/main/providers/ssh/open-ssh';
import type { RemoteHost } from '../../src/main/domain/snapshot-ports';
import { startSshd, type Sshd } from '../support/sshd';
import { makeTempDir } from '../support/temp-dir';

const signal = (): AbortSignal => new AbortController().signal;

describe('the bundled capture worker', () => {
  const folder = makeTempDir('dumont-worker');
  const source = folder.at('source');
  const into = { data: folder.at('data'), temporary: folder.at('tmp') };
  let sshd: Sshd;
  let host: RemoteHost;

  beforeAll(async () => {
    const entry = path.resolve(import.meta.dirname, '../../src/main/providers/ssh/capture-worker.ts');
    await build({
      configFile: false, logLevel: 'error', publicDir: false, ssr: { noExternal: true, target: 'node' },
      build: { ssr: true, outDir: folder.at('dist'), target: 'node20', minify: false, rollupOptions: { input: { 'capture-worker': entry }, output: { format: 'es', entryFileNames: '[name].mjs' } } },
    });
    for (const one of [source, into.data, into.temporary]) mkdirSync(one);
    for (let index = 0; index < 300; index += 1) writeFileSync(path.join(source, `f${index}`), `${index}`);
    writeFileSync(path.join(source, 'big'), Buffer.alloc(50_000_000, 'x'));
    sshd = await startSshd({ relay: true });
    const ssh = new OpenSsh({ folder: folder.at('ssh'), capture: workerRunner(folder.at('dist', 'capture-worker.mjs')) });
    sshd.authorize(await ssh.publicKey('user-1'));
    host = ssh.host({ userId: 'user-1', instanceId: 1, host: sshd.host, port: sshd.port, user: sshd.user });
  });
  afterAll(async () => {
    await sshd.stop();
    folder.remove();
  });

  const wanted = (name: string, size: number): { path: string; size: number; mtimeSeconds: number; copyMtime: number } => ({ path: name, size, mtimeSeconds: 1, copyMtime: 1 });

  it('fetches files and tells its progress', async () => {
    const files = [...Array.from({ length: 300 }, (_, index) => wanted(`f${index}`, `${index}`.length)), wanted('big', 50_000_000)];
    const seen: number[] = [];
    const report = await host.fetch(source, files, into, signal(), (bytes) => seen.push(bytes));
    expect(report).toMatchObject({ files: 301, exitCode: 0, missing: [] });
    expect(readdirSync(into.data)).toHaveLength(301);
    expect(readFileSync(path.join(into.data, 'f299'), 'utf8')).toBe('299');
    expect(seen.at(-1)).toBe(report.bytes);
  });

  it('passes typed errors on', async () => {
    sshd.relay?.cutAfter(10_000_000);
    await expect(host.fetch(source, [wanted('big', 50_000_000)], into, signal(), () => undefined)).rejects.toMatchObject({ code: 'connection_cut', data: { phase: 'fetch' } });
    sshd.relay?.cutAfter(undefined);
    expect(readdirSync(into.temporary)).toEqual([]);
  });

  it('stops when it is cancelled', async () => {
    sshd.relay?.setDelay(5);
    const abort = new AbortController();
    const work = host.fetch(source, [wanted('big', 50_000_000)], into, abort.signal, () => abort.abort());
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    sshd.relay?.setDelay(0);
    expect(readdirSync(into.temporary)).toEqual([]);
  });
});
