// A large file whose fetch broke off goes on where it was: over a real sshd behind a relay that counts, with restic, on hosts with GNU and busybox, and with one that lies about the rest. See [Note: Kept parts].
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { captureBudget } from '../../src/main/domain/capture-ports';
import { defaultSourceOptions } from '../../src/main/domain/source-rows';
import { bundleCaptureWorker } from '../support/bundled-worker';
import { busyboxApplets, busyboxSettings } from '../support/busybox';
import { makeHostileHost, type HostileHost } from '../support/hostile-host';
import type { Relay } from '../support/relay';
import { newestRestic } from '../support/restics';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { caller, errorOf, random, startRig, type Rig } from './snapshots-rig';

const size = 72_000_000;
/** Bytes that the relay lets through before it cuts; some of them may never leave the sockets' buffers. */
const before = 55_000_000;
/** Between two marks. */
const step = 16_777_216;
/** Key exchange, listing, SSH's own frames: far less than a part. */
const overhead = 3_000_000;
const name = 'check point\n\u00e9';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** One host, what it has, and what is kept of it here. */
interface Bench {
  readonly rig: Rig;
  readonly relay: Relay;
  readonly file: string;
  /** Another content of the same size. */
  renew(): void;
  /** Other bytes at the beginning, which is here already; the size stays. */
  touch(): void;
  left(): string[];
  /** Bytes that the next fetch can go on after. */
  kept(): number;
  /** A fetch that is cut in the middle of the file; gives what is kept of it. */
  cut(): Promise<number>;
  /** A snapshot that holds what the host has; gives what came over the wire for it. */
  whole(): Promise<number>;
  /** The log of the last operation. */
  said(): string[];
}

const startBench = async (settings: readonly string[]): Promise<Bench> => {
  const rig = await startRig(newestRestic().file, { relay: true, sshdSettings: settings });
  const relay = rig.sshd.relay as Relay;
  const file = `${rig.workspace}/${name}`;
  const mirrors = path.join(rig.dataFolder, 'users', caller.userId, 'mirrors');
  const folder = (): string => path.join(mirrors, readdirSync(mirrors)[0] ?? '', 'parts');
  const left = (): string[] => (existsSync(folder()) ? readdirSync(folder()) : []);
  const kept = (): number => {
    const marks = left().find((one) => one.endsWith('.marks'));
    return marks === undefined ? 0 : (readFileSync(path.join(folder(), marks), 'latin1').split('\n').length - 2) * step;
  };
  let rounds = 0;
  writeFileSync(`${rig.workspace}/small`, 'small\n');
  return {
    rig, relay, file, left, kept,
    renew: () => {
      const content = random(size);
      content.writeUInt32LE((rounds += 1), 0);
      writeFileSync(file, content);
    },
    touch: () => {
      const descriptor = openSync(file, 'r+');
      writeSync(descriptor, Buffer.from('touched'), 0, 7, 1000);
      closeSync(descriptor);
    },
    cut: async () => {
      relay.cutAfter(before);
      expect(await errorOf(rig.take())).toMatchObject({ code: 'connection_cut', data: { phase: 'fetch' } });
      relay.cutAfter(undefined);
      expect(kept()).toBeGreaterThanOrEqual(2 * step);
      return kept();
    },
    whole: async () => {
      const start = relay.bytesDown();
      const taken = await rig.take();
      const came = relay.bytesDown() - start;
      expect(taken).toMatchObject({ result: 'ok', warnings: [], file_count: 2 });
      expect(left()).toEqual([]);
      const content = readFileSync(file);
      const lines = gunzipSync(rig.bytesByHand(['dump', taken.id, '/.dumont-manifest.v1.jsonl.gz'])).toString('utf8').trim().split('\n');
      const entry = lines.map((line) => JSON.parse(line) as { path?: string; mirror?: string; size?: number; sha256?: string }).find((one) => one.path === name);
      expect(entry).toMatchObject({ size: content.length, sha256: sha256(content) });
      expect(sha256(rig.bytesByHand(['dump', taken.id, `${rig.workspace}/${entry?.mirror ?? ''}`]))).toBe(sha256(content));
      return came;
    },
    said: () => {
      const [last] = rig.operations.list(caller, { limit: 1 }).operations;
      return rig.operations.get(caller, last?.id ?? '').log.map((line) => line.text);
    },
  };
};

/** A program that runs the capture worker up to its fetch, one call after another. */
const workerProgram = `
const { Worker } = require('node:worker_threads');
const { file, workerData, plan } = JSON.parse(process.argv[1]);
const worker = new Worker(file, { workerData });
const calls = [['probe', [plan.directory]], ['scan', [{ ...plan, present: new Set() }]], ['fetch', []]];
const next = () => worker.postMessage({ type: 'call', id: 0, method: calls[0][0], args: calls.shift()[1] });
worker.on('message', (message) => message.type === 'hook' || next());
next();
`;

let own: TempDir;
let host: HostileHost;
beforeAll(() => {
  own = makeTempDir('dumont-resumed');
  host = makeHostileHost(own.at('host'));
});
afterAll(() => own.remove());

const benches: readonly (readonly [name: string, settings: () => readonly string[]])[] = [
  ['GNU', () => host.settings],
  ['busybox', () => busyboxSettings(busyboxApplets(own.at('applets')))],
];

describe.each(benches)('a large file on a host with %s', (kind, settings) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(settings());
  }, 120_000);
  afterEach(() => {
    bench.relay.cutAfter(undefined);
    bench.relay.unwatch();
  });
  afterAll(async () => await bench.rig.stop());

  it('is not fetched twice: after a cut connection only the rest comes', async () => {
    bench.renew();
    const had = await bench.cut();
    const came = await bench.whole();
    expect(came).toBeGreaterThan(size - had);
    expect(came).toBeLessThan(size - had + overhead);
    expect(bench.said()).toContain(`It goes on within check point\\u{a}\u00e9: ${String(had)} of ${String(size)} bytes were here already`);
  }, 120_000);

  it('is fetched whole when it changed in between', async () => {
    bench.renew();
    await bench.cut();
    bench.touch();
    expect(await bench.whole()).toBeGreaterThan(size);
  }, 120_000);

  // What follows is the same for both.
  if (kind !== 'GNU') return;

  it('goes on after a cancel too, and after a second break', async () => {
    bench.renew();
    bench.relay.once(30_000_000, 'down', () => bench.rig.operations.cancelAll('The user says so.'));
    expect(await errorOf(bench.rig.take())).toMatchObject({ code: 'cancelled' });
    const first = bench.kept();
    expect(first).toBeGreaterThanOrEqual(step);
    bench.relay.cutAfter(30_000_000);
    expect(await errorOf(bench.rig.take())).toMatchObject({ code: 'connection_cut' });
    bench.relay.cutAfter(undefined);
    const second = bench.kept();
    expect(second).toBeGreaterThan(first);
    expect(await bench.whole()).toBeLessThan(size - second + overhead);
  }, 120_000);

  it('goes on after the program that fetched it was killed', async () => {
    bench.renew();
    const { rig, relay } = bench;
    const mirrors = path.join(rig.dataFolder, 'users', caller.userId, 'mirrors');
    const target = { userId: caller.userId, instanceId: 7, host: rig.sshd.host, port: rig.sshd.port, user: rig.sshd.user };
    const job = { userId: caller.userId, sourceId: readdirSync(mirrors)[0], target, options: defaultSourceOptions };
    const workerData = { job, dataFolder: rig.dataFolder, ssh: { folder: path.join(rig.dataFolder, 'ssh') } };
    const plan = { directory: rig.workspace, instanceId: 7, root: rig.workspace.slice(1), parentId: null, fullCopy: false, mostBytes: null, budget: captureBudget };
    const child = spawn(process.execPath, ['-e', workerProgram, JSON.stringify({ file: await bundleCaptureWorker(own.at('dist')), workerData, plan })], { stdio: 'ignore' });
    const killed = new Promise((resolve) => child.once('close', resolve));
    relay.once(before, 'down', () => child.kill('SIGKILL'));
    await killed;
    const had = bench.kept();
    expect(had).toBeGreaterThanOrEqual(step);
    expect(await bench.whole()).toBeLessThan(size - had + overhead);
  }, 120_000);

  it('is fetched whole when it changes while the rest comes', async () => {
    bench.renew();
    const had = await bench.cut();
    bench.relay.once(5_000_000, 'down', () => bench.touch());
    expect(await bench.whole()).toBeGreaterThan(size - had + size);
  }, 120_000);

  it('leaves nothing behind when it is gone at the next snapshot', async () => {
    bench.renew();
    await bench.cut();
    writeFileSync(bench.file, 'little now\n');
    expect(await bench.whole()).toBeLessThan(overhead);
    bench.rig.check();
  }, 120_000);
});

describe('a host that sends another rest than the file has', () => {
  const real = 'PATH=/usr/bin:/bin; ';
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(host.settings);
  }, 120_000);
  afterEach(() => host.honest());
  afterAll(async () => await bench.rig.stop());

  const count = async (): Promise<number> => (await bench.rig.snapshots.list(caller)).count;

  it.each([['one byte more', 'dd "$@"; printf x'], ['without an end', 'cat /dev/zero']])('%s: refused, and nothing of it is kept', async (_what, script) => {
    bench.renew();
    await bench.cut();
    const known = await count();
    host.answer('rest', `${real}${script}`);
    expect(await errorOf(bench.rig.take())).toMatchObject({ code: 'remote_untrusted', data: { detail: 'more than was listed of check point\\u{a}\u00e9' } });
    expect([await count(), bench.left()]).toEqual([known, []]);
    host.honest();
    expect(await bench.whole()).toBeGreaterThan(size);
  }, 120_000);

  it('more, because the file grew: it is fetched whole', async () => {
    bench.renew();
    await bench.cut();
    host.answer('rest', `${real}f="$1"; f="\${f#if=}"; [ -f '${own.at('grown')}' ] || { printf grown >> "$f"; touch '${own.at('grown')}'; }; dd "$@"`);
    expect(await bench.whole()).toBeGreaterThan(size);
    expect(readFileSync(bench.file).subarray(size).toString()).toBe('grown');
    expect(existsSync(own.at('grown'))).toBe(true);
  }, 120_000);

  it('less: a break like any other, which the next one goes on after', async () => {
    bench.renew();
    const had = await bench.cut();
    const known = await count();
    host.answer('rest', `${real}dd "$@" | head -c 18000000`);
    expect(await errorOf(bench.rig.take())).toMatchObject({ code: 'connection_cut', data: { phase: 'fetch' } });
    expect([await count(), bench.kept()]).toEqual([known, had + step]);
    host.honest();
    expect(await bench.whole()).toBeLessThan(size - had - step + overhead);
  }, 120_000);

  it.each([['nothing', 'exit 1'], ['too little to count', 'dd "$@" | head -c 9000000; exit 1']])('%s: it is fetched whole at once', async (_what, script) => {
    bench.renew();
    await bench.cut();
    host.answer('rest', `${real}${script}`);
    expect(await bench.whole()).toBeGreaterThan(size);
    appendFileSync(`${bench.rig.workspace}/small`, 'x');
  }, 120_000);

  it('nothing, because a named pipe takes its place once it was looked at: nobody waits for it, and it is named', async () => {
    bench.renew();
    await bench.cut();
    host.answer('rest', `${real}f="$1"; f="\${f#if=}"; rm "$f"; mkfifo "$f"; dd "$@"`);
    const name = 'check point\\u{a}\u00e9';
    expect(await bench.rig.take()).toMatchObject({ result: 'warnings', file_count: 1, warnings: [`Was replaced by something else while the snapshot was taken, and is not in the snapshot: ${name}`] });
    expect(bench.left()).toEqual([]);
    rmSync(bench.file);
  }, 120_000);
});
