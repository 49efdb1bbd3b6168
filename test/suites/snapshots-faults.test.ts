// What goes wrong around a snapshot, with real parts: each is a typed error, and the repository stays clean.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RemoteHosts, ResticRepository } from '../../src/main/domain/snapshot-ports';
import { restics, newestRestic } from '../support/restics';
import { makeKeyPair, startSshd } from '../support/sshd';
import { makeTempDir } from '../support/temp-dir';
import { caller, listing, startRig, type Rig } from './snapshots-rig';

const errorOf = async (work: Promise<unknown>): Promise<{ code?: string; data?: Record<string, unknown> }> =>
  work.then(
    () => ({}),
    (error: unknown) => error as { code: string; data: Record<string, unknown> },
  );

const random = (size: number): Buffer => {
  const bytes = Buffer.alloc(size);
  for (let at = 0, seed = 1; at + 4 <= size; at += 4) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(seed, at);
  }
  return bytes;
};

/** Starts a restic that holds a lock: a backup that waits for its stdin. */
const holdLock = async (rig: Rig, file: string): Promise<{ readonly pid: number; kill(signal: NodeJS.Signals): Promise<void> }> => {
  const password = path.join(rig.folder.path, 'password');
  writeFileSync(password, rig.secrets.get(`${caller.userId}:repository-password`) ?? '', { mode: 0o600 });
  const child = spawn(file, ['--no-cache', '-r', rig.repository, '-p', password, 'backup', '--stdin'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const locks = path.join(rig.repository, 'locks');
  const before = readdirSync(locks).length;
  while (readdirSync(locks).length === before) await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    pid: child.pid ?? 0,
    kill: (signal) =>
      new Promise((resolve) => {
        child.once('close', () => resolve());
        child.kill(signal);
      }),
  };
};

for (const { version, file } of restics()) {
  describe(`the repository, restic ${version}`, () => {
    let rig: Rig;
    let taken: Awaited<ReturnType<Rig['take']>>;
    let change = 0;
    const touch = (): void => writeFileSync(`${rig.workspace}/changes`, `${(change += 1)}\n`);

    beforeAll(async () => {
      rig = await startRig(file);
      writeFileSync(`${rig.workspace}/a`, 'a\n');
      taken = await rig.take();
    });
    afterAll(async () => await rig.stop());

    it('a wrong password is said, and nothing is written', async () => {
      const name = `${caller.userId}:repository-password`;
      const right = rig.secrets.get(name) ?? '';
      rig.secrets.set(name, 'not the password');
      touch();
      expect(await errorOf(rig.take())).toMatchObject({ code: 'repository_wrong_password' });
      expect((await rig.snapshots.repository(caller)).state).toBe('wrong_password');
      rig.secrets.delete(name);
      expect(await errorOf(rig.take())).toMatchObject({ code: 'repository_wrong_password' });
      expect(rig.secrets.has(name)).toBe(false);
      rig.secrets.set(name, right);
      rig.check();
    });

    it('a repository that is gone is not made anew', async () => {
      renameSync(rig.repository, `${rig.repository}.away`);
      touch();
      expect(await errorOf(rig.take())).toMatchObject({ code: 'repository_missing', data: { path: rig.repository } });
      expect((await rig.snapshots.repository(caller)).state).toBe('missing');
      renameSync(`${rig.repository}.away`, rig.repository);
      rig.check();
    });

    it('a lock of a living restic is respected, one that a dead restic left is healed', async () => {
      const holder = await holdLock(rig, file);
      try {
        expect(await errorOf(rig.snapshots.remove(caller, taken.id))).toMatchObject({ code: 'repository_locked', data: { holder: expect.stringContaining(`process ${holder.pid}`) as string } });
        expect((await rig.snapshots.list(caller)).snapshots.map((one) => one.id)).toContain(taken.id);
      } finally {
        await holder.kill('SIGKILL');
      }
      expect(readdirSync(path.join(rig.repository, 'locks'))).not.toHaveLength(0);
      touch();
      const next = await rig.take();
      expect(next.result).toBe('ok');
      await rig.snapshots.remove(caller, taken.id);
      expect(readdirSync(path.join(rig.repository, 'locks'))).toHaveLength(0);
      rig.check();
    });

    it('cancelling stops restic and leaves no lock', async () => {
      writeFileSync(`${rig.workspace}/large`, random(120_000_000));
      const started = rig.snapshots.create(caller, { instance_id: 7, source_path: rig.workspace, tags: [], wait: true });
      const failure = errorOf(started);
      const phase = (): string | undefined => rig.operations.active(caller.userId)[0]?.progress?.phase;
      while (phase() !== 'backup') await new Promise((resolve) => setTimeout(resolve, 10));
      const id = rig.operations.active(caller.userId)[0]?.id ?? '';
      while ((rig.operations.active(caller.userId)[0]?.progress?.bytes_done ?? 0) === 0 && phase() === 'backup') await new Promise((resolve) => setTimeout(resolve, 10));
      rig.operations.cancel(caller, id);
      expect(await failure).toMatchObject({ code: 'cancelled' });
      expect(rig.operations.get(caller, id).state).toBe('cancelled');
      expect(readdirSync(path.join(rig.repository, 'locks'))).toHaveLength(0);
      writeFileSync(`${rig.workspace}/large`, 'small now\n');
      expect((await rig.take()).result).toBe('ok');
      rig.check();
    });
  });
}

describe('a full disk', () => {
  const folder = makeTempDir('dumont-small');
  afterEach(() => {
    execFileSync('umount', [folder.path]);
    folder.remove();
  });

  it('is said, and what was complete stays good', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder.path]);
    const rig = await startRig(newestRestic().file, { dataFolder: folder.at('data') });
    try {
      writeFileSync(`${rig.workspace}/a`, random(1_000_000));
      const first = await rig.take();
      writeFileSync(`${rig.workspace}/too-much`, random(80_000_000));
      expect(await errorOf(rig.take())).toMatchObject({ code: 'disk_full' });
      // Fits into the mirror, but not a second time into the repository.
      writeFileSync(`${rig.workspace}/too-much`, random(40_000_000));
      expect(await errorOf(rig.take())).toMatchObject({ code: 'disk_full' });
      writeFileSync(`${rig.workspace}/too-much`, 'little\n');
      expect((await rig.take()).result).toBe('ok');
      expect((await rig.snapshots.list(caller)).snapshots.map((one) => one.id)).toContain(first.id);
      rig.check();
    } finally {
      await rig.stop();
    }
  });
});

describe('the connection', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(newestRestic().file, { relay: true });
    for (let index = 0; index < 200; index += 1) writeFileSync(`${rig.workspace}/f${index}`, random(100_000 + index));
  });
  afterAll(async () => await rig.stop());

  it('cut while fetching: a typed error, no snapshot, and the next run goes on where it was', async () => {
    // Past key exchange, probe and listing, in the middle of the archive.
    rig.sshd.relay?.cutAfter(8_000_000);
    expect(await errorOf(rig.take())).toMatchObject({ code: 'connection_cut', data: { phase: 'fetch' } });
    rig.sshd.relay?.cutAfter(undefined);
    expect(await rig.snapshots.list(caller)).toMatchObject({ count: 0 });
    const before = rig.sshd.relay?.bytesDown() ?? 0;
    expect(await rig.take()).toMatchObject({ result: 'ok', file_count: 200 });
    const second = (rig.sshd.relay?.bytesDown() ?? 0) - before;
    expect(second).toBeLessThan(16_000_000);
    rig.check();
  });

  it('cut while restoring: the archive never looks complete', async () => {
    const { id } = (await rig.snapshots.list(caller)).snapshots[0]!;
    rig.sshd.relay?.cutAfter(6_000_000, 'up');
    expect(await errorOf(rig.snapshots.restore(caller, { snapshot_id: id, instance_id: 7, target_path: rig.folder.at('cut'), verify: false, wait: true }))).toMatchObject({ code: 'connection_cut' });
    rig.sshd.relay?.cutAfter(undefined, 'up');
    const target = rig.folder.at('whole');
    expect(await rig.snapshots.restore(caller, { snapshot_id: id, instance_id: 7, target_path: target, verify: true, wait: true })).toMatchObject({ success: true, files_restored: 200 });
    expect(listing(target)).toEqual(listing(rig.workspace));
    rig.check();
  });

  it('to another host key is refused before anything is sent', async () => {
    const other = await startSshd({ authorizedKeys: [await rig.ssh.publicKey(caller.userId)] });
    const host = rig.ssh.host({ userId: caller.userId, instanceId: 7, host: other.host, port: other.port, user: other.user });
    expect(await errorOf(host.probe('/tmp', new AbortController().signal))).toMatchObject({ code: 'host_key_changed' });
    await rig.ssh.forget(caller.userId, 7);
    expect(await host.probe('/tmp', new AbortController().signal)).toMatchObject({ directory: true, tar: 'gnu', find: 'gnu' });
    await rig.ssh.forget(caller.userId, 7);
    await other.stop();
  });

  it('nobody listens, or the key is not known: said as such', async () => {
    const signal = new AbortController().signal;
    const closed = await startSshd();
    await closed.stop();
    const target = { userId: caller.userId, instanceId: 8, host: '127.0.0.1', port: closed.port, user: 'root' };
    expect(await errorOf(rig.ssh.host(target).probe('/tmp', signal))).toMatchObject({ code: 'ssh_unreachable' });
    const stranger = await startSshd({ authorizedKeys: [makeKeyPair(rig.folder.at('another')).publicKey] });
    expect(await errorOf(rig.ssh.host({ ...target, instanceId: 9, port: stranger.port }).probe('/tmp', signal))).toMatchObject({ code: 'ssh_refused' });
    await stranger.stop();
    for (const host of ['-oProxyCommand=id', 'a b', 'host\nx', '']) expect(await errorOf(rig.ssh.host({ ...target, host }).probe('/tmp', signal))).toMatchObject({ code: 'ssh_unreachable' });
    for (const port of [0, 65_536, 22.5]) expect(await errorOf(rig.ssh.host({ ...target, port }).probe('/tmp', signal))).toMatchObject({ code: 'ssh_unreachable' });
    expect(await errorOf(rig.take({ source: '/no/such/folder' }))).toMatchObject({ code: 'source_missing', data: { path: '/no/such/folder' } });
  });

  it('a key that is accepted a moment later is waited for', async () => {
    const late = await startRig(newestRestic().file, { authorize: false });
    try {
      writeFileSync(`${late.workspace}/a`, 'a\n');
      const work = late.take();
      while (!late.sshd.log().includes('Connection closed by authenticating user')) await new Promise((resolve) => setTimeout(resolve, 20));
      late.sshd.authorize(await late.ssh.publicKey(caller.userId));
      expect((await work).result).toBe('ok');
    } finally {
      await late.stop();
    }
  });
});

describe('the guard', () => {
  it('forgets a snapshot that holds something else, and the next one fetches everything', async () => {
    let spoil = false;
    const wrapRestic = (restic: ResticRepository): ResticRepository =>
      new Proxy(restic, {
        get: (target, key) => {
          if (key !== 'backup') return (Reflect.get(target, key) as (...args: unknown[]) => unknown).bind(target);
          return (...args: Parameters<ResticRepository['backup']>) => {
            // A copy that changes between the fetch and restic: same size, so only the comparison can see it.
            const [, job] = args;
            if (spoil) writeFileSync(path.join(job.folder, job.targets[0] ?? '', 'untouched'), 'EVIL\n');
            return target.backup(...args);
          };
        },
      });
    const rig = await startRig(newestRestic().file, { wrapRestic });
    try {
      writeFileSync(`${rig.workspace}/untouched`, 'good\n');
      writeFileSync(`${rig.workspace}/changing`, '1\n');
      const first = await rig.take();
      writeFileSync(`${rig.workspace}/changing`, '22\n');
      spoil = true;
      expect(await errorOf(rig.take())).toMatchObject({ code: 'guard_failed', data: { detail: expect.stringContaining('untouched') as string } });
      spoil = false;
      expect(readdirSync(path.join(rig.repository, 'snapshots'))).toEqual([first.id]);
      const next = await rig.take();
      expect(next).toMatchObject({ result: 'ok', file_count: 2 });
      const target = rig.folder.at('after');
      await rig.snapshots.restore(caller, { snapshot_id: next.id, folder: target, verify: true, wait: true });
      expect(readFileSync(`${target}/untouched`, 'utf8')).toBe('good\n');
      rig.check();
    } finally {
      await rig.stop();
    }
  });
});

describe('files that move while they are read', () => {
  it('are named, and the snapshot is kept with warnings', async () => {
    let rounds = 0;
    const wrapHosts = (hosts: RemoteHosts): RemoteHosts => ({
      tool: () => hosts.tool(), publicKey: (userId) => hosts.publicKey(userId), forget: (userId, id) => hosts.forget(userId, id),
      host: (target) => {
        const host = hosts.host(target);
        return {
          probe: (...args) => host.probe(...args), manifest: (...args) => host.manifest(...args), stat: (...args) => host.stat(...args), restore: (...args) => host.restore(...args),
          fetch: (directory, files, ...rest) => {
            rounds += 1;
            writeFileSync(`${directory}/log`, 'x'.repeat(rounds * 10));
            if (rounds === 1) execFileSync('rm', [`${directory}/vanishing`]);
            return host.fetch(directory, files, ...rest);
          },
        };
      },
    });
    const rig = await startRig(newestRestic().file, { wrapHosts });
    try {
      writeFileSync(`${rig.workspace}/log`, 'x');
      writeFileSync(`${rig.workspace}/vanishing`, 'y');
      writeFileSync(`${rig.workspace}/still`, 'z');
      const taken = await rig.take();
      expect(rounds).toBe(3);
      expect(taken).toMatchObject({ result: 'warnings', file_count: 2 });
      expect(taken.warnings.join('\n')).toMatch(/Deleted while the snapshot was taken: vanishing\nChanged while it was read: log/);
      expect(rig.operations.get(caller, taken.operation_id).state).toBe('warnings');
      const target = rig.folder.at('after');
      await rig.snapshots.restore(caller, { snapshot_id: taken.id, folder: target, verify: true, wait: true });
      expect(readFileSync(`${target}/log`, 'utf8')).toBe('x'.repeat(30));
      expect(await rig.take()).toMatchObject({ unchanged: false });
      rig.check();
    } finally {
      await rig.stop();
    }
  });
});

describe('secrets', () => {
  it('are in no command line and not on the host', async () => {
    const rig = await startRig(newestRestic().file);
    try {
      mkdirSync(`${rig.workspace}/sub`);
      writeFileSync(`${rig.workspace}/sub/a`, random(30_000_000));
      const seen = new Set<string>();
      let environments = '';
      const sample = setInterval(() => {
        for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
          try {
            const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
            if (!/restic|ssh/.test(line)) continue;
            if (!seen.has(line) && /restic/.test(line)) environments += readFileSync(`/proc/${pid}/environ`, 'latin1');
            seen.add(line);
          } catch {
            // It has just ended.
          }
        }
      }, 5);
      const taken = await rig.take();
      const { recovery_key: key } = await rig.snapshots.recoveryKey(caller);
      await rig.snapshots.restore(caller, { snapshot_id: taken.id, instance_id: 7, target_path: rig.folder.at('back'), verify: false, wait: true });
      clearInterval(sample);
      const password = rig.secrets.get(`${caller.userId}:repository-password`) ?? '';
      expect(seen.size).toBeGreaterThan(4);
      expect(password).toHaveLength(43);
      const everything = `${[...seen].join('\n')}\n${environments}\n${rig.sshd.log()}`;
      // grep says 1 when it found nothing.
      expect(spawnSync('grep', ['-rF', '--', password, rig.folder.path]).status).toBe(1);
      expect(everything).not.toContain(password);
      expect(everything).not.toContain(key);
      expect(rig.log.hidden).toEqual(expect.arrayContaining([password, key]));
    } finally {
      await rig.stop();
    }
  });
});
