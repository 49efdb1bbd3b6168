// The whole job on real parts: the simulator's process with a real OpenSSH server behind its instances, the built app, and the newest restic.
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, linkSync, lutimesSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstAccount, type RestSession } from '../support/rest-session';
import { newestRestic } from '../support/restics';
import { startHeadless, startSimulator, type RunningApp, type RunningSimulator } from '../support/run-app';
import { startSshd, type Sshd } from '../support/sshd';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { sshUrl, VastCli } from '../support/vast-cli';
import { listing } from './snapshots-rig';

const restic = newestRestic();
const password = 'correct horse battery';

let folder: TempDir;
let workspace = '';
let sshd: Sshd;
let simulator: RunningSimulator;
let app: RunningApp;
let session: RestSession;
let id = 0;
let first: Record<string, unknown> = {};

/** A project as people have it: a virtual environment, a repository, a checkpoint, links of both kinds, modes, names and times that are easily lost. */
const fill = (at: string): void => {
  mkdirSync(path.join(at, 'src', 'model'), { recursive: true });
  mkdirSync(path.join(at, 'checkpoints'));
  mkdirSync(path.join(at, 'empty'), { mode: 0o750 });
  execFileSync('python3', ['-m', 'venv', '--without-pip', path.join(at, 'venv')]);
  writeFileSync(path.join(at, 'src', 'model', '__init__.py'), 'ANSWER = 42\n');
  writeFileSync(path.join(at, 'train.sh'), '#!/bin/sh\ncd "$(dirname "$0")" && PYTHONPATH=src PYTHONDONTWRITEBYTECODE=1 venv/bin/python -c "import model; print(model.ANSWER)"\n', { mode: 0o755 });
  writeFileSync(path.join(at, 'checkpoints', 'step-1.pt'), Buffer.alloc(2_500_000, 'weights'));
  symlinkSync('checkpoints/step-1.pt', path.join(at, 'latest.pt'));
  symlinkSync('/nowhere/at/all', path.join(at, 'dangling'));
  linkSync(path.join(at, 'checkpoints', 'step-1.pt'), path.join(at, 'checkpoints', 'best.pt'));
  writeFileSync(path.join(at, 'token'), 'private\n', { mode: 0o600 });
  writeFileSync(path.join(at, `it's "größe" $(x) *`), 'a name\n');
  writeFileSync(path.join(at, 'empty-file'), '');
  writeFileSync(path.join(at, 'train.log'), 'step 1\n');
  utimesSync(path.join(at, 'token'), 1_600_000_000.25, 1_600_000_000.25);
  lutimesSync(path.join(at, 'dangling'), 1_500_000_000, 1_500_000_000);
  utimesSync(path.join(at, 'empty'), 1_400_000_000, 1_400_000_000);
};

/** A rented host is always entered as root; where the tests run as another user, an `ssh` in front of the real one enters as that user. */
const pathForUser = (): string | undefined => {
  if (process.getuid?.() === 0) return undefined;
  const [real = 'ssh'] = execFileSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).trim().split('\n');
  mkdirSync(folder.at('bin'));
  writeFileSync(folder.at('bin', 'ssh'), `#!/bin/sh\nexec ${real} -o User=${userInfo().username} "$@"\n`, { mode: 0o755 });
  return `${folder.at('bin')}:${process.env['PATH'] ?? ''}`;
};

beforeAll(async () => {
  folder = makeTempDir('dumont-real');
  workspace = folder.at('host', 'workspace');
  mkdirSync(workspace, { recursive: true });
  fill(workspace);
  // The file does not exist yet: the simulator makes it with the first key.
  sshd = await startSshd({ authorizedKeysFile: folder.at('authorized_keys') });
  simulator = await startSimulator({ seed: 7, args: ['--ssh-host', sshd.host, '--ssh-port', String(sshd.port), '--authorized-keys', sshd.authorizedKeysFile] });
  const PATH = pathForUser();
  app = await startHeadless({ vastUrl: simulator.url, dataDir: folder.at('data'), restic: restic.file, env: PATH === undefined ? {} : { PATH } });
  session = await firstAccount(app, 'ana@example.test', password);
});

afterAll(async () => {
  const ends: readonly (() => Promise<void> | undefined)[] = [() => app?.stop(), () => simulator?.stop(), () => sshd?.stop()];
  const failures: unknown[] = [];
  for (const end of ends) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  folder?.remove();
  if (failures.length > 0) throw failures[0];
});

test('the key is checked against the account before it is kept', async () => {
  expect(await session.call('PUT', '/api/v1/settings', { vast_api_key: 'f'.repeat(64) })).toMatchObject({ status: 422, body: { details: { code: 'vast_key_rejected' } } });
  expect((await session.good('GET', '/api/v1/settings'))['vast_api_key']).toEqual({ set: false, last4: null });
  expect((await session.good('PUT', '/api/v1/settings', { vast_api_key: simulator.apiKey }))['vast_api_key']).toEqual({ set: true, last4: simulator.apiKey.slice(-4) });
  expect(await session.good('GET', '/api/v1/account')).toMatchObject({ credit: 25 });
});

test('a rented instance is that real sshd: its address, and the key of the app in its file', async () => {
  const { offers } = (await session.good('GET', '/api/v1/instances/offers?gpu_name=RTX%204090&max_price=1.0')) as { offers: { id: number }[] };
  const rented = await session.good('POST', '/api/v1/instances', { offer_id: offers[0]?.id, disk_size: 40, label: 'real box', env: { DATA_DIRECTORY: `${workspace}/` } });
  id = Number(rented['id']);
  const running = await session.until(`/api/v1/instances/${id}`, ({ body }) => body['state'] === 'running' && body['operation_id'] === null);
  expect(running).toMatchObject({ label: 'real box', data_directory: workspace, ssh: { host: sshd.host, port: sshd.port, user: 'root', command: `ssh -p ${sshd.port} root@${sshd.host}` } });
  expect(await session.good('GET', `/api/v1/operations/${String(rented['operation_id'])}`)).toMatchObject({ kind: 'create', state: 'succeeded' });

  const cli = new VastCli(simulator.url, simulator.apiKey);
  const row = await cli.show(id);
  expect([row?.['public_ipaddr'], row?.['ssh_host'], sshUrl(row ?? {})]).toEqual([sshd.host, expect.any(String), `ssh://root@${sshd.host}:${sshd.port}`]);
  const keys = JSON.parse(String((await cli.good('GET', `/api/v0/instances/${id}/ssh/`))['ssh_keys'])) as { public_key: string }[];
  expect(keys).toHaveLength(1);
  expect(readFileSync(sshd.authorizedKeysFile, 'utf8')).toBe(`${keys[0]?.public_key}\n`);
  expect(keys[0]?.public_key).toMatch(/^ssh-ed25519 [A-Za-z0-9+/=]+( \S+)?$/);
});

test('without its key nothing of the account is shown any more, and with it everything at once', async () => {
  expect(await session.good('GET', '/api/v1/instances')).toMatchObject({ count: 1 });
  await session.good('PUT', '/api/v1/settings', { vast_api_key: null });
  expect(await session.call('GET', '/api/v1/instances')).toMatchObject({ status: 409, body: { details: { code: 'vast_key_missing' } } });
  await session.good('PUT', '/api/v1/settings', { vast_api_key: simulator.apiKey });
  expect(await session.good('GET', '/api/v1/instances')).toMatchObject({ count: 1, instances: [{ id }], stale: false });
});

test('a snapshot of the real directory, proposed by the instance itself', async () => {
  first = await session.good('POST', '/api/v1/snapshots', { instance_id: id, tags: ['auto-backup', 'before the change'] });
  const files = listing(workspace).filter((line) => line.startsWith('f'));
  expect(first).toMatchObject({ result: 'ok', warnings: [], unchanged: false, instance_id: id, label: 'real box', paths: [workspace], tags: ['auto-backup', 'before the change'], file_count: files.length, files_changed: 0 });
  expect(first['data_added']).toBeGreaterThan(10_000);
  // The real server let in exactly the key that the simulator wrote.
  expect(sshd.log()).toMatch(/Accepted publickey for \S+ from 127\.0\.0\.1 port \d+ ssh2: ED25519/);
  expect(await session.good('GET', '/api/v1/snapshots/repository')).toMatchObject({ state: 'ready', snapshot_count: 1, restic: { version: restic.version, path: restic.file } });
});

test('restored into a folder here it is the same in content, mode, time and links, and its virtual environment runs', async () => {
  const before = listing(workspace);
  const result = await session.good('POST', '/api/v1/snapshots/restore', { snapshot_id: first['snapshot_id'], folder: 'first', verify: true });
  expect(result).toMatchObject({ success: true, errors: [], files_restored: first['file_count'] });
  const target = String(result['target_path']);
  expect(target.startsWith(`${folder.at('data')}/`)).toBe(true);
  expect(listing(target)).toEqual(before);
  expect(statSync(path.join(target, 'checkpoints', 'best.pt')).ino).toBe(statSync(path.join(target, 'checkpoints', 'step-1.pt')).ino);
  expect(execFileSync(path.join(target, 'train.sh'), { encoding: 'utf8' })).toBe('42\n');
  expect(readdirSync(target).filter((name) => name.startsWith('.dumont'))).toEqual([]);
});

test('a second snapshot sends only what changed, and each gives back its own time', async () => {
  const before = listing(workspace);
  appendFileSync(path.join(workspace, 'train.log'), 'step 2\n');
  rmSync(path.join(workspace, 'token'));
  rmSync(path.join(workspace, 'latest.pt'));
  symlinkSync('checkpoints/best.pt', path.join(workspace, 'latest.pt'));
  chmodSync(path.join(workspace, 'train.sh'), 0o700);
  writeFileSync(path.join(workspace, 'checkpoints', 'step-2.pt'), Buffer.alloc(1_200_000, 'more'));
  const second = await session.good('POST', '/api/v1/snapshots', { instance_id: id, source_path: `${workspace}/`, tags: [] });
  expect(second).toMatchObject({ result: 'ok', files_new: 1, paths: [workspace] });
  expect(second['data_added']).toBeLessThan(2_000_000);
  const unchanged = await session.good('POST', '/api/v1/snapshots', { instance_id: id, source_path: workspace });
  expect(unchanged).toMatchObject({ unchanged: true, snapshot_id: second['snapshot_id'], data_added: 0 });

  for (const [snapshot, name, wanted] of [[second, 'second', listing(workspace)], [first, 'first-again', before]] as const) {
    const { target_path: target } = await session.good('POST', '/api/v1/snapshots/restore', { snapshot_id: snapshot['snapshot_id'], folder: name });
    expect([name, listing(String(target))]).toEqual([name, wanted]);
  }
});

test('restored to the instance, into another directory and over the changed one', async () => {
  const there = folder.at('host', 'another place');
  expect(await session.good('POST', '/api/v1/snapshots/restore', { snapshot_id: first['snapshot_id'], instance_id: id, target_path: there, verify: true })).toMatchObject({ success: true, errors: [], target_path: there, files_restored: first['file_count'] });
  const now = listing(there);
  expect(now.find((line) => line.includes('/token'))).toMatch(/^f 600 8 1600000000250 /);
  expect(execFileSync(path.join(there, 'train.sh'), { encoding: 'utf8' })).toBe('42\n');
  expect(await session.good('POST', '/api/v1/snapshots/restore', { snapshot_id: first['snapshot_id'], instance_id: id, target_path: workspace, paths: ['token', 'train.log'] })).toMatchObject({ success: true, files_restored: 2 });
  expect(readFileSync(path.join(workspace, 'token'), 'utf8')).toBe('private\n');
  expect(readFileSync(path.join(workspace, 'train.log'), 'utf8')).toBe('step 1\n');
});

test('the repository opens with the recovery key by hand and is without fault; nothing secret was printed', async () => {
  const { recovery_key: key, repository } = await session.good('POST', '/api/v1/settings/recovery-key', { password });
  const said = execFileSync(restic.file, ['--no-cache', '-r', String(repository), 'check', '--read-data'], { input: `${String(key)}\n`, encoding: 'utf8' });
  expect(said).toContain('no errors were found');
  const printed = app.stdout() + app.stderr() + readdirSync(folder.at('data', 'logs')).map((name) => readFileSync(folder.at('data', 'logs', name), 'utf8')).join('');
  for (const secret of [simulator.apiKey, String(key), password]) expect(printed).not.toContain(secret);
});

test('a server with another host key is not talked to', async () => {
  // The same address and authorized keys, another machine: what a stranger in between would look like.
  const known = readdirSync(folder.at('data'), { recursive: true, encoding: 'utf8' }).filter((name) => /known_hosts/.test(name)).map((name) => folder.at('data', name)).filter((file) => statSync(file).isFile());
  expect(known.length).toBeGreaterThan(0);
  const kept = known.map((file) => [file, readFileSync(file, 'utf8')] as const);
  const other = execFileSync('sh', ['-c', 'd=$(mktemp -d) && ssh-keygen -q -t ed25519 -N "" -f "$d/k" && cut -d" " -f1,2 "$d/k.pub" && rm -r "$d"'], { encoding: 'utf8' }).trim();
  for (const [file, text] of kept) writeFileSync(file, text.replaceAll(sshd.hostKey, other));
  expect(kept.some(([, text]) => text.includes(sshd.hostKey))).toBe(true);
  expect(await session.call('POST', '/api/v1/snapshots', { instance_id: id })).toMatchObject({ status: 409, body: { details: { code: 'host_key_changed' } } });
  for (const [file, text] of kept) writeFileSync(file, text);
  expect(await session.good('POST', '/api/v1/snapshots', { instance_id: id })).toMatchObject({ result: 'ok' });
});

test('destroyed, the instance is gone and its snapshots stay', async () => {
  await session.good('DELETE', `/api/v1/instances/${id}`);
  await session.until(`/api/v1/instances/${id}`, ({ status }) => status === 404);
  expect(await session.good('GET', '/api/v1/snapshots')).toMatchObject({ count: 3 });
  expect(await session.call('POST', '/api/v1/snapshots', { instance_id: id })).toMatchObject({ status: 404, body: { details: { code: 'not_found' } } });
  const result = await session.good('POST', '/api/v1/snapshots/restore', { snapshot_id: String(first['short_id']), folder: 'after the end', paths: ['src'] });
  expect(result).toMatchObject({ success: true, files_restored: 1 });
});
