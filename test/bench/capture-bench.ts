// A first capture into an empty mirror (probe, manifest, tar, our reader in its worker) against `rsync -a` over the same sshd, cipher and tmpfs.
import { randomFillSync } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { CaptureFetch } from '../../src/main/domain/capture-fetch';
import type { OperationRun } from '../../src/main/domain/ports';
import type { RemoteHost } from '../../src/main/domain/snapshot-ports';
import { workerRunner } from '../../src/main/providers/ssh/capture-runner';
import { DiskMirrors } from '../../src/main/providers/ssh/mirror';
import { OpenSsh } from '../../src/main/providers/ssh/open-ssh';
import { makeKeyPair, startSshd, type Sshd } from '../support/sshd';
import { inTurns, median, milliseconds, ratio, timed, type Result } from './measure';

const base = existsSync('/dev/shm') ? '/dev/shm' : process.env['TMPDIR'] ?? '/tmp';
const userId = '00000000-0000-4000-8000-000000000000';

const quietRun = (): OperationRun => ({
  id: userId,
  signal: new AbortController().signal,
  progress: () => undefined,
  log: () => undefined,
  warn: () => undefined,
  ask: () => Promise.resolve(null),
  setCancellable: () => undefined,
  link: () => undefined,
  remember: () => undefined,
});

/** Numbers from 0 to 1, the same at every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** 20,000 files of about 4 KiB (log-normal) in 220 directories. */
function makeSmallFiles(folder: string): void {
  const random = seeded(1);
  const noise = randomFillSync(Buffer.alloc(1 << 20));
  for (let index = 0; index < 20_000; index += 1) {
    const directory = path.join(folder, `d${String(index % 20)}`, `e${String(index % 220)}`);
    if (index < 4400) mkdirSync(directory, { recursive: true });
    const gauss = Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    const size = Math.min(200_000, Math.max(1, Math.round(2500 * Math.exp(gauss))));
    const start = Math.floor(random() * (noise.length - 200_001));
    writeFileSync(path.join(directory, `f${String(index)}.bin`), noise.subarray(start, start + size));
  }
}

/** Two files of 1 GB that do not compress. */
function makeLargeFiles(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const block = randomFillSync(Buffer.alloc(64 << 20));
  for (const name of ['checkpoint-1.pt', 'checkpoint-2.pt']) {
    const file = path.join(folder, name);
    writeFileSync(file, '');
    for (let part = 0; part < 16; part += 1) writeFileSync(file, block, { flag: 'a' });
  }
}

async function capture(host: RemoteHost, source: string, folder: string): Promise<void> {
  const { signal } = new AbortController();
  await host.probe(source, signal);
  const { entries } = await host.manifest(source, [], signal, () => undefined);
  const mirror = await new DiskMirrors(folder).open(userId, userId);
  await new CaptureFetch(host, mirror, quietRun(), { directory: source, root: 'workspace', entries, listings: [null] }).bring();
}

function rsync(sshd: Sshd, key: string, source: string, folder: string): Promise<unknown> {
  const ssh = `ssh -F none -p ${String(sshd.port)} -i ${key} -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o Compression=no -c aes128-gcm@openssh.com`;
  mkdirSync(folder, { recursive: true });
  return execa('rsync', ['-a', '-e', ssh, `${sshd.user}@${sshd.host}:${source}/`, `${folder}/`]);
}

async function against(id: string, what: string, make: (folder: string) => void, rounds: number, limit: number): Promise<readonly Result[]> {
  const root = path.join(base, `dumont-bench-${String(process.pid)}-${id}`);
  const source = path.join(root, 'source');
  make(source);
  const key = makeKeyPair(path.join(root, 'rsync-key'));
  const ssh = new OpenSsh({ folder: path.join(root, 'ssh'), capture: workerRunner(path.resolve('dist/main/capture-worker.js')) });
  const sshd = await startSshd({ authorizedKeys: [key.publicKey, await ssh.publicKey(userId)] });
  try {
    const host = ssh.host({ userId, instanceId: 1, host: sshd.host, port: sshd.port, user: sshd.user });
    let turn = 0;
    const each = async (work: (folder: string) => Promise<unknown>): Promise<number> => {
      const folder = path.join(root, `copy-${String((turn += 1))}`);
      const taken = await timed(() => work(folder));
      await rm(folder, { recursive: true, force: true });
      return taken;
    };
    const ours = (): Promise<number> => each((folder) => capture(host, source, folder));
    const reference = (): Promise<number> => each((folder) => rsync(sshd, key.privateFile, source, folder));
    await inTurns(1, ours, reference);
    const taken = await inTurns(rounds, ours, reference);
    return [
      ratio(id, `${what}: first capture against rsync -a (medians of ${String(rounds)})`, median(taken.ours), median(taken.reference), limit),
      milliseconds(`${id}-ours`, 'the capture', median(taken.ours)),
      milliseconds(`${id}-rsync`, 'rsync -a', median(taken.reference)),
    ];
  } finally {
    await sshd.stop();
    await rm(root, { recursive: true, force: true });
  }
}

export const benchSmallFiles = (): Promise<readonly Result[]> => against('capture-small', '20,000 small files', makeSmallFiles, 5, 2);
export const benchLargeFiles = (): Promise<readonly Result[]> => against('capture-large', '2 GB in two files', makeLargeFiles, 5, 2);
