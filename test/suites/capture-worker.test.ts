// The capture worker as it ships: bundled, in a thread of its own, over a real OpenSSH server.
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { wanted } from '../../src/main/domain/capture-delta';
import { captureBudget, type CapturePlan, type CaptureStage, type StageHooks } from '../../src/main/domain/capture-ports';
import type { ManifestEntry } from '../../src/main/domain/snapshot-manifest';
import { defaultSourceOptions } from '../../src/main/domain/source-rows';
import { workerStages } from '../../src/main/providers/ssh/capture-runner';
import { OpenSsh } from '../../src/main/providers/ssh/open-ssh';
import { bundleCaptureWorker } from '../support/bundled-worker';
import { startSshd, type Sshd } from '../support/sshd';
import { makeTempDir } from '../support/temp-dir';

describe('the bundled capture worker', () => {
  const folder = makeTempDir('dumont-worker');
  const source = folder.at('source');
  const tree = folder.at('data', 'users', 'user-1', 'mirrors', 'source-1', 'tree', 'w');
  const temporary = folder.at('data', 'users', 'user-1', 'mirrors', 'source-1', 'tmp');
  const plan: CapturePlan = { directory: source, instanceId: 1, root: 'w', parentId: null, present: new Set(), fullCopy: false, mostBytes: null, budget: captureBudget };
  let sshd: Sshd;

  const open = (more: Partial<StageHooks> = {}, bundles = folder.at('dist')): Promise<CaptureStage> => {
    const stages = workerStages(path.join(bundles, 'capture-worker.mjs'), { dataFolder: folder.at('data'), ssh: { folder: folder.at('ssh') } });
    const target = { userId: 'user-1', instanceId: 1, host: sshd.host, port: sshd.port, user: sshd.user };
    return stages.open({ userId: 'user-1', sourceId: 'source-1', target, options: defaultSourceOptions }, { signal: new AbortController().signal, progress: () => undefined, log: () => undefined, ...more });
  };

  beforeAll(async () => {
    await bundleCaptureWorker(folder.at('dist'));
    mkdirSync(source);
    for (let index = 0; index < 300; index += 1) writeFileSync(path.join(source, `f${index}`), `${index}`);
    writeFileSync(path.join(source, 'big'), Buffer.alloc(50_000_000, 'x'));
    sshd = await startSshd({ relay: true });
    sshd.authorize(await new OpenSsh({ folder: folder.at('ssh') }).publicKey('user-1'));
  });
  afterAll(async () => {
    await sshd.stop();
    folder.remove();
  });

  it('passes typed errors on', async () => {
    const stage = await open();
    await stage.probe(source);
    expect(await stage.scan(plan)).toMatchObject({ unchanged: false, baseId: null, files: 301 });
    sshd.relay?.cutAfter(10_000_000);
    await expect(stage.fetch()).rejects.toMatchObject({ code: 'connection_cut', data: { phase: 'fetch' } });
    sshd.relay?.cutAfter(undefined);
    expect(readdirSync(temporary)).toEqual([]);
    await stage.close();
    await expect(stage.fetch()).rejects.toThrow(/worker ended/);
  });

  it('has small files written by the thread beside it, and hears from it of a full disk', async () => {
    const bundles = folder.at('full');
    await bundleCaptureWorker(bundles);
    const answer = "({ memory }) => parentPort.postMessage({ memory, failure: { code: 'ENOSPC', message: 'no space left' } }, [memory])";
    writeFileSync(path.join(bundles, 'file-writer.mjs'), `import { parentPort } from 'node:worker_threads';\nparentPort.on('message', ${answer});\n`);
    const stage = await open({}, bundles);
    await stage.probe(source);
    await stage.scan(plan);
    await expect(stage.fetch()).rejects.toMatchObject({ code: 'disk_full' });
    await stage.close();
    rmSync(folder.at('data'), { recursive: true });
  });

  it('stops when it is cancelled', async () => {
    sshd.relay?.setDelay(5);
    const abort = new AbortController();
    const stage = await open({ signal: abort.signal, progress: ({ phase }) => (phase === 'fetch' ? abort.abort() : undefined) });
    await stage.probe(source);
    await stage.scan(plan);
    await expect(stage.fetch()).rejects.toMatchObject({ code: 'cancelled' });
    await stage.close();
    sshd.relay?.setDelay(0);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('a connection that was made ahead is used once; where it is gone meanwhile another is made', async () => {
    const { signal } = new AbortController();
    const host = new OpenSsh({ folder: folder.at('ssh') }).host({ userId: 'user-1', instanceId: 1, host: sshd.host, port: sshd.port, user: sshd.user });
    const into = { data: folder.at('ahead'), temporary: folder.at('ahead-tmp') };
    for (const name of Object.values(into)) mkdirSync(name);
    const fetch = async (name: string): Promise<string> => {
      const [entry] = await host.stat(source, [name], signal);
      await host.fetch(source, [wanted(entry as ManifestEntry)], into, signal, () => undefined);
      return readFileSync(path.join(into.data, name), 'utf8');
    };
    const connections = (): number => sshd.relay?.connections() ?? 0;
    await host.probe(source, signal);
    const before = connections();
    host.prepare(source, signal);
    host.prepare(source, signal);
    expect(await fetch('f1')).toBe('1');
    expect(connections() - before).toBe(2);
    host.prepare(source, signal);
    await vi.waitUntil(() => connections() - before === 3, 30_000);
    sshd.relay?.cut();
    // Whoever asks again hears of the end of the one before first.
    expect(await fetch('f2')).toBe('2');
    expect(connections() - before).toBe(5);
    host.release();
  });

  it('a connection that was made ahead and breaks off just when it is used is made again', async () => {
    const { signal } = new AbortController();
    const host = new OpenSsh({ folder: folder.at('ssh') }).host({ userId: 'user-1', instanceId: 1, host: sshd.host, port: sshd.port, user: sshd.user });
    const into = { data: folder.at('broken'), temporary: folder.at('broken-tmp') };
    for (const name of Object.values(into)) mkdirSync(name);
    await host.probe(source, signal);
    const [entry] = await host.stat(source, ['f3'], signal);
    const sessions = (): number => sshd.log().split('Starting session').length;
    const [before, connections] = [sessions(), sshd.relay?.connections() ?? 0];
    host.prepare(source, signal);
    await vi.waitUntil(() => sessions() > before, 30_000);
    // The names that it is given are the first that it sends.
    sshd.relay?.once(1, 'up', () => sshd.relay?.cut());
    expect(await host.fetch(source, [wanted(entry as ManifestEntry)], into, signal, () => undefined)).toMatchObject({ files: 1, missing: [] });
    expect(readFileSync(path.join(into.data, 'f3'), 'utf8')).toBe('3');
    expect((sshd.relay?.connections() ?? 0) - connections).toBe(2);
  });

  it('asks, lists and fetches over one connection; over another where that one is gone when the fetch begins', async () => {
    const connections = (): number => sshd.relay?.connections() ?? 0;
    const began = connections();
    const stage = await open();
    await stage.probe(source);
    await stage.scan(plan);
    expect(await stage.fetch()).toEqual({ rest: false, checkpoint: false });
    expect(connections() - began).toBe(1);
    await stage.close();
    rmSync(folder.at('data'), { recursive: true });
    const again = await open();
    await again.probe(source);
    sshd.relay?.cut();
    // What comes of it is heard of meanwhile.
    await again.scan(plan);
    expect(await again.fetch()).toEqual({ rest: false, checkpoint: false });
    expect(connections() - began).toBe(3);
    expect(readdirSync(tree)).toHaveLength(301);
    await again.close();
    rmSync(folder.at('data'), { recursive: true });
  });

  it('a host that is left with what was not fetched hears no more of it', async () => {
    const stage = await open();
    await stage.probe(source);
    const isOurs = (pid: string): boolean => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('tar\0') && readlinkSync(`/proc/${pid}/cwd`) === source;
      } catch {
        return false;
      }
    };
    const running = (): boolean => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).some(isOurs);
    await vi.waitUntil(running, 30_000);
    await stage.close();
    await expect.poll(running, { timeout: 30_000 }).toBe(false);
  });

  it('fetches, tells its progress, and seals what is there', async () => {
    const seen: number[] = [];
    const stage = await open({ progress: ({ phase, bytes_done: bytes }) => (phase === 'fetch' ? void seen.push(bytes) : undefined) });
    await stage.probe(source);
    await stage.scan(plan);
    expect(await stage.fetch()).toEqual({ rest: false, checkpoint: false });
    expect(readdirSync(tree)).toHaveLength(301);
    expect(readFileSync(path.join(tree, 'f299'), 'utf8')).toBe('299');
    expect(seen.at(-1)).toBeGreaterThan(0);
    const takenAt = new Date(0).toISOString();
    expect(await stage.seal({ partial: true, takenAt })).toMatchObject({ files: 301, reads: 301, guard: 'counts' });
    await stage.commit('a'.repeat(64), true);
    await stage.settle();
    // The big one is a stub by now.
    expect(await stage.seal({ partial: false, takenAt })).toMatchObject({ files: 301, reads: 0, guard: 'names' });
    stage.named([{ path: '/w/odd', read: true }]);
    expect(await stage.judge('names')).toMatchObject({ holds: false });
    await stage.close();
  });
});
