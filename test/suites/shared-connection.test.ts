// Several fetches of one capture over one connection of OpenSSH's, and what is done where there is none. Real ssh and sshd.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { captureBudget, type CapturePlan, type CaptureStage } from '../../src/main/domain/capture-ports';
import { localStages } from '../../src/main/domain/capture-stages';
import { defaultSourceOptions } from '../../src/main/domain/source-rows';
import { DiskMirrors } from '../../src/main/providers/ssh/mirror';
import { OpenSsh } from '../../src/main/providers/ssh/open-ssh';
import { holdCommand } from '../../src/main/providers/ssh/remote-commands';
import { readySshFolder } from '../../src/main/providers/ssh/shared-connection';
import { sshArguments } from '../../src/main/providers/ssh/ssh-invocation';
import { startSshd, type Sshd } from '../support/sshd';
import { makeTempDir, type TempDir } from '../support/temp-dir';

describe.skipIf(process.platform === 'win32')('a shared connection', () => {
  let folder: TempDir;
  let sshd: Sshd;
  let source = '';

  const start = async (keys: string, settings: readonly string[] = []): Promise<OpenSsh> => {
    sshd = await startSshd({ relay: true, settings });
    const ssh = new OpenSsh({ folder: keys });
    sshd.authorize(await ssh.publicKey('user-1'));
    return ssh;
  };
  const target = (): Parameters<OpenSsh['host']>[0] => ({ userId: 'user-1', instanceId: 1, host: sshd.host, port: sshd.port, user: sshd.user });
  const connections = (): number => sshd.relay?.connections() ?? 0;
  const fetched = (): readonly string[] => readdirSync(folder.at('data', 'users', 'user-1', 'mirrors', 'source-1', 'tree', 'w'));
  const sockets = (keys: string): readonly string[] => readdirSync(keys).filter((name) => name.startsWith('c-'));

  /** A capture of 400 files, a hundred to a fetch, up to the first of them. */
  const open = async (ssh: OpenSsh): Promise<CaptureStage> => {
    const hooks = { signal: new AbortController().signal, progress: () => undefined, log: () => undefined };
    const stage = await localStages(ssh, new DiskMirrors(folder.at('data'))).open({ userId: 'user-1', sourceId: 'source-1', target: target(), options: defaultSourceOptions }, hooks);
    const plan: CapturePlan = { directory: source, instanceId: 1, root: 'w', parentId: null, present: new Set(), fullCopy: false, mostBytes: null, budget: { ...captureBudget, files: 100 } };
    await stage.probe(source);
    await stage.scan(plan);
    return stage;
  };
  /** A master by hand, once it listens. */
  const hold = async (keys: string) => {
    const socket = path.join(keys, 'c-0123456789ab');
    const files = { identity: path.join(keys, 'user-1', 'id_ed25519'), knownHosts: path.join(keys, 'known'), firstContact: true, alias: 'test' };
    const master = spawn('ssh', [...sshArguments(target(), files, holdCommand, { as: 'master', socket })], { stdio: ['pipe', 'pipe', 'ignore'] });
    await once(master.stdout, 'data');
    return { master, socket, files };
  };
  const rest = async (stage: CaptureStage): Promise<void> => {
    while ((await stage.fetch()).rest);
  };

  beforeEach(() => {
    folder = makeTempDir('dumont-shared');
    source = folder.at('source');
    mkdirSync(source);
    for (let index = 0; index < 400; index += 1) writeFileSync(path.join(source, `f${index}`), `${index}`);
  });
  afterEach(async () => {
    await sshd.stop();
    folder.remove();
  });

  it('serves every fetch but the first, and is gone with its socket when the capture is over', async () => {
    const stage = await open(await start(folder.at('ssh')));
    await rest(stage);
    expect(fetched()).toHaveLength(400);
    expect(connections()).toBe(2);
    expect(sockets(folder.at('ssh'))).toHaveLength(1);
    await stage.close();
    await expect.poll(() => sockets(folder.at('ssh')), { timeout: 10_000 }).toEqual([]);
  });

  it('is not needed: a host may allow one session to a connection', async () => {
    const stage = await open(await start(folder.at('ssh'), ['MaxSessions 1']));
    await rest(stage);
    expect(fetched()).toHaveLength(400);
    // The survey's, the shared one, and one for each of three fetches.
    expect(connections()).toBe(5);
    await stage.close();
  });

  it('is not made where the name of its socket would be too long', async () => {
    const keys = folder.at('a-folder-with-a-name-that-is-longer-than-the-name-of-a-socket-may-be-on-any-system');
    const stage = await open(await start(keys));
    await rest(stage);
    expect(fetched()).toHaveLength(400);
    expect(connections()).toBe(4);
    expect(sockets(keys)).toEqual([]);
    await stage.close();
  });

  it('is made anew when it was cut', async () => {
    const stage = await open(await start(folder.at('ssh')));
    await stage.fetch();
    await stage.fetch();
    const before = connections();
    sshd.relay?.cut();
    await rest(stage);
    expect(fetched()).toHaveLength(400);
    // One fetch makes its own, and what comes after it shares another.
    expect(connections() - before).toBe(2);
    await stage.close();
  });

  it('may be cut just when it is used: what waits on it says nothing of it, and another is made', async () => {
    const stage = await open(await start(folder.at('ssh')));
    await stage.fetch();
    await stage.fetch();
    // The survey's, the shared one's own, and two fetches: the second was used, the third waits.
    await vi.waitUntil(() => sshd.log().split('Starting session').length > 4, 30_000);
    const before = connections();
    sshd.relay?.once(1, 'up', () => sshd.relay?.cut());
    await rest(stage);
    expect(fetched()).toHaveLength(400);
    expect(connections() - before).toBe(2);
    await stage.close();
  });

  it('ends with its stdin, which is how it hears that the app is gone', async () => {
    const keys = folder.at('ssh');
    await start(keys);
    const { master, socket, files } = await hold(keys);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    const session = await promisify(execFile)('ssh', [...sshArguments(target(), files, 'echo shared', { as: 'session', socket })]);
    expect([session.stdout, connections()]).toEqual(['shared\n', 1]);
    const ended = once(master, 'exit');
    master.stdin.destroy();
    master.stdout.destroy();
    await ended;
    expect(sockets(keys)).toEqual([]);
  });

  it('leaves its socket when it is killed with the app: the next start removes it, and nothing else', async () => {
    const keys = folder.at('ssh');
    await start(keys);
    const { master } = await hold(keys);
    const ended = once(master, 'exit');
    master.kill('SIGKILL');
    await ended;
    expect(sockets(keys)).toHaveLength(1);
    for (const name of ['c-mine', 'repositories_known_hosts']) writeFileSync(path.join(keys, name), '');
    readySshFolder(keys);
    expect(readdirSync(keys).sort()).toEqual(['c-mine', 'known', 'repositories_known_hosts', 'user-1']);
  });
});
