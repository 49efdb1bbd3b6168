// What goes wrong around a snapshot, with real parts: each is a typed error, and the repository stays clean.
import { createHash } from 'node:crypto';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpenSsh } from '../../src/main/providers/ssh/open-ssh';
import { newestRestic, resticEnds } from '../support/restics';
import { makeKeyPair, startSshd } from '../support/sshd';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { caller, errorOf, listing, random, startRig, type Rig } from './snapshots-rig';

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

/** As `ssh-keygen -l` prints it. */
const fingerprint = (publicKey: string): string => `SHA256:${createHash('sha256').update(Buffer.from(publicKey.split(' ')[1] ?? '', 'base64')).digest('base64').replace(/=+$/, '')}`;

for (const { version, file } of resticEnds()) {
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
      expect((await rig.repositories.overview(caller)).state).toBe('wrong_password');
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
      expect((await rig.repositories.overview(caller)).state).toBe('missing');
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
  let folder: TempDir;
  beforeEach(() => {
    folder = makeTempDir('dumont-small');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder.path]);
  });
  afterEach(() => {
    // Lazily: with another suite beside this one, something held it for longer than 15 s, alone nothing does.
    execFileSync('umount', ['--lazy', folder.path]);
    folder.remove();
  });

  it('is said, and what was complete stays good', async () => {
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
    // Past key exchange, probe and listing, late in the archive: of what the relay let through, some megabytes may never leave the sockets' buffers.
    rig.sshd.relay?.cutAfter(14_000_000);
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
    // The restic that read the repository was asked to stop, not killed by a closed pipe: it takes its lock with it.
    await expect.poll(() => readdirSync(path.join(rig.repository, 'locks')), { timeout: 12_000 }).toHaveLength(0);
    const target = rig.folder.at('whole');
    expect(await rig.snapshots.restore(caller, { snapshot_id: id, instance_id: 7, target_path: target, verify: true, wait: true })).toMatchObject({ success: true, files_restored: 200 });
    expect(listing(target)).toEqual(listing(rig.workspace));
    rig.check();
  });

  it('to another host key is refused before anything is sent', async () => {
    const other = await startSshd({ authorizedKeys: [await rig.ssh.publicKey(caller.userId)] });
    const host = rig.ssh.host({ userId: caller.userId, instanceId: 7, host: other.host, port: other.port, user: other.user });
    await rig.ssh.host({ userId: caller.userId, instanceId: 7, host: rig.sshd.host, port: rig.sshd.port, user: rig.sshd.user }).probe('/tmp', new AbortController().signal);
    const [known, found] = [fingerprint(rig.sshd.hostKey), fingerprint(other.hostKey)];
    expect(await errorOf(host.probe('/tmp', new AbortController().signal))).toMatchObject({ code: 'host_key_changed', data: { instance_id: 7, known, found } });
    // Accepted is what was seen, by its fingerprint: any other key stays refused, and so does the new one until then.
    const target = { userId: caller.userId, instanceId: 7, host: other.host, port: other.port, user: other.user };
    expect(await errorOf(rig.ssh.trust(target, `SHA256:${'A'.repeat(43)}`))).toMatchObject({ code: 'host_key_changed', data: { known, found } });
    expect(await errorOf(host.probe('/tmp', new AbortController().signal))).toMatchObject({ code: 'host_key_changed' });
    await rig.ssh.trust(target, found);
    expect(await host.probe('/tmp', new AbortController().signal)).toMatchObject({ directory: true, tar: 'gnu', find: 'gnu' });
    await rig.ssh.forget(caller.userId, 7);
    await other.stop();
  });

  it('nobody listens, or the key is not known: said as such', async () => {
    const signal = new AbortController().signal;
    // Not one that was just closed: another suite may open it.
    const target = { userId: caller.userId, instanceId: 8, host: '127.0.0.1', port: 1, user: 'root' };
    expect(await errorOf(rig.ssh.host(target).probe('/tmp', signal))).toMatchObject({ code: 'ssh_unreachable' });
    const stranger = await startSshd({ authorizedKeys: [makeKeyPair(rig.folder.at('another')).publicKey] });
    expect(await errorOf(rig.ssh.host({ ...target, instanceId: 9, port: stranger.port }).probe('/tmp', signal))).toMatchObject({ code: 'ssh_refused' });
    await stranger.stop();
    for (const host of ['-oProxyCommand=id', 'a b', 'host\nx', '']) expect(await errorOf(rig.ssh.host({ ...target, host }).probe('/tmp', signal))).toMatchObject({ code: 'ssh_unreachable' });
    for (const port of [0, 65_536, 22.5]) expect(await errorOf(rig.ssh.host({ ...target, port }).probe('/tmp', signal))).toMatchObject({ code: 'ssh_unreachable' });
    expect(await errorOf(rig.take({ source: '/no/such/folder' }))).toMatchObject({ code: 'source_missing', data: { path: '/no/such/folder' } });
  });

  it('of a host whose shell is talkative: what it says at its start is no warning', async () => {
    writeFileSync(`${rig.sshd.home}/.bashrc`, 'echo "cannot rehash: shims is not writable" >&2; touch "$HOME/was-read"\n');
    writeFileSync(`${rig.workspace}/another`, 'another\n');
    expect(await rig.take()).toMatchObject({ result: 'ok', warnings: [] });
    expect(readdirSync(rig.sshd.home)).toContain('was-read');
    rmSync(`${rig.sshd.home}/.bashrc`);
    rmSync(`${rig.workspace}/another`);
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

it.runIf(process.platform !== 'win32')('a data folder may have any name', async () => {
  const home = makeTempDir('dumont-names');
  const rig = await startRig(newestRestic().file, { dataFolder: home.at(`it's 100%h of %d "mine"`, String.raw`back\slash \\ $(id)`) });
  try {
    writeFileSync(`${rig.workspace}/a`, 'a\n');
    expect(await rig.take()).toMatchObject({ result: 'ok' });
    rig.check();
  } finally {
    await rig.stop();
    home.remove();
  }
});

it('a key that others could read is not used by ssh, which is said, and nothing else', async () => {
  const rig = await startRig(newestRestic().file);
  try {
    const [key = ''] = readdirSync(rig.folder.at('data', 'ssh'), { recursive: true, withFileTypes: true }).filter((one) => one.isFile() && !one.name.includes('.') && readFileSync(path.join(one.parentPath, one.name), 'latin1').includes('PRIVATE KEY')).map((one) => path.join(one.parentPath, one.name));
    // As all files are on a disk without permissions.
    chmodSync(key, 0o755);
    expect(await errorOf(rig.take())).toMatchObject({ code: 'ssh_key_exposed', data: { path: key } });
    chmodSync(key, 0o600);
    expect(await rig.take()).toMatchObject({ result: 'ok' });
  } finally {
    await rig.stop();
  }
});

describe('programs that are missing', () => {
  it('are named, and what is known is listed without them', async () => {
    const rig = await startRig(newestRestic().file);
    try {
      writeFileSync(`${rig.workspace}/a`, 'a\n');
      const { id } = await rig.take();
      const old = rig.folder.at('restic-old');
      writeFileSync(old, '#!/bin/sh\necho restic 0.13.1 compiled with go1.18 on linux/amd64\n', { mode: 0o755 });
      writeFileSync(`${rig.workspace}/b`, 'b\n');
      Object.assign(rig.settings, { restic_path: old });
      expect(await errorOf(rig.take())).toMatchObject({ code: 'restic_too_old', data: { version: '0.13.1', minimum: '0.14.0' } });
      expect(await rig.repositories.overview(caller)).toMatchObject({ state: 'restic_too_old', restic: { version: '0.13.1', advice: 'too_old' } });
      Object.assign(rig.settings, { restic_path: rig.folder.at('no-such-program') });
      expect(await errorOf(rig.take())).toMatchObject({ code: 'restic_missing' });
      expect(await rig.repositories.overview(caller)).toMatchObject({ state: 'restic_missing', restic: null, snapshot_count: 1, ssh: { version: expect.stringMatching(/^OpenSSH/) as string } });
      expect((await rig.snapshots.list(caller)).snapshots.map((one) => one.id)).toEqual([id]);
      const none = new OpenSsh({ folder: rig.folder.at('data', 'ssh'), program: rig.folder.at('no-ssh') });
      expect(await none.tool()).toBeNull();
      const host = none.host({ userId: caller.userId, instanceId: 7, host: '127.0.0.1', port: rig.sshd.port, user: 'root' });
      expect(await errorOf(host.probe('/tmp', new AbortController().signal))).toMatchObject({ code: 'ssh_missing' });
    } finally {
      await rig.stop();
    }
  });
});
