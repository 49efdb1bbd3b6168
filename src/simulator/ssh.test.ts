import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InstanceRecord } from './instance-record';
import { beginStop } from './lifecycle';
import { rent } from './renting';
import { startSimulator, type Simulator } from './start';

let folder: string;
let simulator: Simulator;
let record: InstanceRecord;
let wallMs = 1_795_400_000_000;

interface Ran {
  readonly code: number;
  readonly out: Buffer;
  readonly err: string;
}

const ssh = (key: string, line: string, input: Buffer = Buffer.alloc(0), more: readonly string[] = []): Promise<Ran> =>
  new Promise((resolve) => {
    const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'IdentityAgent=none', 'StrictHostKeyChecking=no', 'LogLevel=ERROR', `UserKnownHostsFile=${join(folder, 'known')}`];
    const args = [...options.flatMap((option) => ['-o', option]), '-F', 'none', '-i', join(folder, key), '-p', String(record.sshPort), ...more, 'root@127.0.0.1', line];
    const child = execFile('ssh', args, { encoding: 'buffer', maxBuffer: 1e9 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? 255) : 0, out, err: err.toString() });
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });

const publicKey = (name: string): string => readFileSync(join(folder, `${name}.pub`), 'utf8').trim();
const rentOne = (more: object = {}): InstanceRecord => {
  const { world } = simulator.control;
  const ask = world.market.asks().find((candidate) => candidate.rentable && candidate.machine.disk.freeGb > 200);
  const answer = rent(world, ask?.id ?? 0, { image: 'a/b:1', disk: 20, runtype: 'ssh_direc ssh_proxy', ...more });
  const found = world.living(answer.new_contract ?? 0);
  if (!found) throw new Error('not rented');
  return found;
};

const later = async (seconds: number): Promise<void> => {
  wallMs += seconds * 1000;
  await simulator.control.refresh();
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sim-ssh-'));
  for (const name of ['good', 'bad', 'late']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
  execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', join(folder, 'rsa')]);
  simulator = await startSimulator({ state: join(folder, 'state'), machineCount: 40, wallMs: () => wallMs });
  const keys = ['good', 'rsa'].map((name, id) => ({ id, public_key: publicKey(name), created_at: 0 }));
  simulator.control.world.accountKeys = keys;
  record = rentOne();
  await later(10);
});
afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

test('one connection serves everybody who shares it, and ends with the stdin of who made it', async () => {
  const socket = join(folder, 'shared');
  const args = ['-F', 'none', '-i', join(folder, 'good'), '-p', String(record.sshPort), '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${join(folder, 'known')}`];
  const master = execFile('ssh', [...args, '-o', 'ControlMaster=yes', '-o', `ControlPath=${socket}`, 'root@127.0.0.1', ': dumont-v1 hold; x']);
  await once(master.stdout as NodeJS.ReadableStream, 'data');
  // Nobody signs in with this key: these are let in already.
  const shared = (): Promise<Ran> => ssh('bad', ": dumont-v1 probe '/workspace'; x", undefined, ['-o', `ControlPath=${socket}`]);
  expect((await Promise.all([shared(), shared()])).map(({ code, out }) => [code, out.toString().includes('uname=Linux')])).toEqual([[0, true], [0, true]]);
  const ended = once(master, 'exit');
  master.stdin?.end();
  expect(await ended).toEqual([0, null]);
  expect((await shared()).code).toBe(255);
});

test('account keys of the time of the rental log in, with ed25519 and RSA', async () => {
  expect((await ssh('good', ": dumont-v1 probe '/workspace'; uname")).out.toString()).toContain('dir=yes');
  expect((await ssh('rsa', ": dumont-v1 probe '/workspace'; uname")).code).toBe(0);
});

test('another key, another user, a password: refused; an attached key is let in', async () => {
  const refused = await ssh('bad', ": dumont-v1 probe '/workspace'; uname");
  expect([refused.code, refused.err]).toEqual([255, expect.stringContaining('Permission denied (publickey)') as string]);
  expect((await ssh('good', 'x', undefined, ['-l', 'nobody'])).err).toContain('Permission denied');
  expect((await ssh('late', 'x')).code).toBe(255);
  record.keys = [...record.keys, { id: 9, public_key: publicKey('late'), created_at: 0 }];
  expect((await ssh('late', ": dumont-v1 probe '/workspace'; uname")).code).toBe(0);
});

test.each(['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes256-ctr'])('cipher %s', async (cipher) => {
  expect((await ssh('good', ": dumont-v1 probe '/workspace'; uname", undefined, ['-c', cipher])).code).toBe(0);
});

test('no other cipher, no shell, no other command, no forwarding', async () => {
  expect((await ssh('good', 'true', undefined, ['-c', 'chacha20-poly1305@openssh.com'])).code).toBe(255);
  expect(await ssh('good', 'cat /etc/passwd')).toMatchObject({ code: 127, err: 'this simulated host has no shell\n' });
  expect((await ssh('good', '', Buffer.from('id\n'))).code).toBe(127);
  const forwarded = await ssh('good', 'x', undefined, ['-W', '127.0.0.1:22']);
  expect(forwarded.code).not.toBe(0);
});

test('manifest, delta of all its files, and a restore of what came give the same files', async () => {
  const manifest = await ssh('good', ": dumont-v1 manifest '/workspace'; cd");
  expect(manifest.code).toBe(0);
  const parts = manifest.out.toString('latin1').split('\0').slice(0, -1);
  const files = Array.from({ length: parts.length / 3 }, (_, index) => parts.slice(index * 3, index * 3 + 3)).filter(([head]) => head?.startsWith('f'));
  expect(files.length).toBeGreaterThan(12);
  const delta = await ssh('good', ": dumont-v1 delta '/workspace'; cd", Buffer.from(files.map(([, , path]) => `./${path}\0`).join('')));
  expect([delta.code, delta.err]).toEqual([0, '']);
  const real = join(folder, 'real');
  mkdirSync(real);
  execFileSync('tar', ['-xpf', '-', '-C', real], { input: delta.out });
  const restored = await ssh('good', ": dumont-v1 restore '/workspace/copy'; x", delta.out);
  expect([restored.code, restored.err]).toEqual([0, '']);
  expect(execFileSync('diff', ['-r', real, join(simulator.control.stateFolder, 'trees', String(record.id), 'workspace', 'copy')]).toString()).toBe('');
});

test('what goes over the wire is billed as traffic', async () => {
  await later(1);
  const before = record.upGbBilled;
  const [sent, received] = [Buffer.alloc(3_000_000, 1), record.downGbBilled];
  writeFileSync(join(folder, 'big'), sent);
  const packed = execFileSync('tar', ['-cf', '-', '-C', folder, 'big'], { maxBuffer: 1e8 });
  await ssh('good', ": dumont-v1 restore '/workspace'; x", packed);
  await ssh('good', ": dumont-v1 delta '/workspace'; x", Buffer.from('./big\0'));
  await later(1);
  expect((record.upGbBilled - before) * 1e9).toBeGreaterThan(3_000_000);
  expect((record.downGbBilled - received) * 1e9).toBeGreaterThanOrEqual(packed.length);
});

test('a second manifest, minutes of simulated time later, shows a grown log and new checkpoints; stat does not make it grow', async () => {
  const count = async (): Promise<number> => (await ssh('good', ": dumont-v1 manifest '/workspace/checkpoints'; cd")).out.toString('latin1').split('.pt\0').length;
  const before = await count();
  await later(200);
  await ssh('good', ": dumont-v1 stat '/workspace'; cd", Buffer.from('./train.py\0'));
  const trees = join(simulator.control.stateFolder, 'trees', String(record.id), 'workspace', 'checkpoints');
  expect(readdirSync(trees)).toHaveLength(before - 1);
  expect(await count()).toBeGreaterThanOrEqual(before + 3);
});

test('the host key stays over stop and start; the other instance has another; stopping cuts connections', async () => {
  const seen = readFileSync(join(folder, 'known'), 'utf8');
  expect(seen.trim().split('\n')).toHaveLength(1);
  const socket = connect(record.sshPort, '127.0.0.1');
  await once(socket, 'data');
  const closed = once(socket, 'close');
  beginStop(record, simulator.control.world.clock.now());
  await later(2);
  await closed;
  expect((await ssh('good', 'x')).code).toBe(255);
  simulator.control.world.start(record);
  await later(20);
  expect((await ssh('good', ": dumont-v1 probe '/workspace'; x")).code).toBe(0);
  expect(readFileSync(join(folder, 'known'), 'utf8')).toBe(seen);
  const other = rentOne();
  await later(20);
  expect(other.hostKey).not.toBe(record.hostKey);
  expect(other.sshPort).not.toBe(record.sshPort);
});

test('an offline host does not answer; a destroyed one leaves no files', async () => {
  await simulator.control.setFaults({ host_offline: record.id });
  expect((await ssh('good', 'x')).err).toContain('refused');
  await simulator.control.setFaults({ host_offline: null });
  expect((await ssh('good', 'x')).code).toBe(127);
  expect(readdirSync(join(simulator.control.stateFolder, 'trees'))).toContain(String(record.id));
  simulator.control.world.destroy(record);
  await simulator.control.refresh();
  expect((await ssh('good', 'x')).err).toContain('refused');
  expect(readdirSync(join(simulator.control.stateFolder, 'trees')).some((name) => name.startsWith(String(record.id)))).toBe(false);
});
