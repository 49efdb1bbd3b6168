// A tree that no test has seen, on a real sshd: captured, changed, captured, its host destroyed, restored to another, compared; the app killed in between; other restics by hand.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mirrorRoot } from '../../src/main/domain/snapshot-names';
import { startRelay, type Relay } from '../support/relay';
import { firstAccount, restSession, type RestSession } from '../support/rest-session';
import { newestRestic, restics } from '../support/restics';
import { startHeadless, startSimulator, type RunningApp, type RunningSimulator } from '../support/run-app';
import { startSshd, type Sshd } from '../support/sshd';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { UnseenTree } from '../support/unseen-tree';
import { listing } from './snapshots-rig';

/** Another tree at every run; the seed is in the titles, and DUMONT_TREE_SEED repeats one. */
const seed = Number(process.env['DUMONT_TREE_SEED'] ?? Math.floor(Math.random() * 1e9));
const email = 'ana@example.test';
const password = 'correct horse battery';
const everything = { owners: true, setuid: true };

let folder: TempDir;
let sshds: Sshd[];
let relay: Relay;
let simulator: RunningSimulator;
let app: RunningApp;
let session: RestSession;
let tree: UnseenTree;
let recoveryKey = '';
let hosts: readonly [string, string];
let ids: readonly number[] = [];
const taken: { readonly id: string; readonly lines: readonly string[] }[] = [];

const start = (): Promise<RunningApp> => startHeadless({ vastUrl: simulator.url, dataDir: folder.at('data'), restic: newestRestic().file });

const rent = async (label: string, directory: string): Promise<number> => {
  const { offers } = (await session.good('GET', '/api/v1/instances/offers?gpu_name=RTX%203060&limit=5')) as { offers: { id: number }[] };
  const rented = await session.good('POST', '/api/v1/instances', { offer_id: offers[0]?.id, disk_size: 20, label, env: { DATA_DIRECTORY: directory } });
  await session.until(`/api/v1/instances/${String(rented['id'])}`, ({ body }) => body['state'] === 'running' && body['operation_id'] === null);
  return Number(rented['id']);
};

const take = async (): Promise<void> => {
  const lines = listing(hosts[0], everything);
  const made = await session.good('POST', '/api/v1/snapshots', { instance_id: ids[0] });
  expect(made).toMatchObject({ result: 'ok', warnings: [], unchanged: false });
  taken.push({ id: String(made['snapshot_id']), lines });
};

beforeAll(async () => {
  folder = makeTempDir('dumont-unseen');
  hosts = [folder.at('host-1', 'workspace'), folder.at('host-2', 'elsewhere', 'workspace')];
  for (const host of hosts) mkdirSync(host, { recursive: true });
  sshds = [await startSshd({ authorizedKeysFile: folder.at('authorized_keys') }), await startSshd({ authorizedKeysFile: folder.at('authorized_keys') })];
  relay = await startRelay(sshds[0]?.port ?? 0);
  simulator = await startSimulator({ seed: 7, args: ['--boot-seconds', '0', '--ssh-host', '127.0.0.1', '--ssh-port', String(relay.port), '--authorized-keys', folder.at('authorized_keys')] });
  app = await start();
  session = await firstAccount(app, email, password);
  await session.good('PUT', '/api/v1/settings', { vast_api_key: simulator.apiKey });
  ids = [await rent('doomed', hosts[0])];
});

afterAll(async () => {
  await app?.stop();
  await simulator?.stop();
  await relay?.stop();
  for (const sshd of sshds ?? []) await sshd.stop();
  folder?.remove();
});

test(`a tree of seed ${seed}: captured, changed, captured`, async () => {
  tree = new UnseenTree(hosts[0], seed);
  tree.grow('first', 220);
  await take();
  tree.change();
  await take();
  expect(taken[0]?.lines).not.toEqual(taken[1]?.lines);
});

test('the app is killed in the middle of a third; reopened, it says so and takes it', async () => {
  tree.grow('third', 30);
  const fetched = new Promise<void>((resolve) => relay.once(4_000_000, 'down', resolve));
  const { operation_id: operation } = await session.good('POST', '/api/v1/snapshots', { instance_id: ids[0], wait: false });
  await fetched;
  app.program.child.kill('SIGKILL');
  await app.program.ended;
  app = await start();
  session = restSession(app, String((await restSession(app).good('POST', '/api/v1/auth/login', { username: email, password }))['token']));
  expect(await session.good('GET', `/api/v1/operations/${String(operation)}`)).toMatchObject({ state: 'failed', error: { message: expect.stringMatching(/kept/) as string } });
  const before = (await session.good('GET', '/api/v1/snapshots')) as { snapshots: { id: string }[] };
  expect(before.snapshots.map((one) => one.id)).toEqual([taken[1]?.id, taken[0]?.id]);
  await take();
});

test(`the host is destroyed; on another one the newest of seed ${seed} is the same in content, mode, owner, time, links and names`, async () => {
  await session.good('DELETE', `/api/v1/instances/${String(ids[0])}`);
  await session.until(`/api/v1/instances/${String(ids[0])}`, ({ status }) => status === 404);
  await sshds[0]?.stop();
  rmSync(hosts[0], { recursive: true });
  relay.retarget(sshds[1]?.port ?? 0);
  ids = [await rent('new', hosts[1])];
  const last = taken.at(-1);
  const result = await session.good('POST', '/api/v1/snapshots/restore', { snapshot_id: last?.id, instance_id: ids[0], target_path: hosts[1], verify: true });
  expect(result).toMatchObject({ success: true, errors: [] });
  expect(listing(hosts[1], everything)).toEqual(last?.lines);
});

test(`every snapshot of seed ${seed} comes back into a folder here as it was`, async () => {
  for (const [index, { id, lines }] of taken.entries()) {
    const result = await session.good('POST', '/api/v1/snapshots/restore', { snapshot_id: id, folder: `back-${index}`, verify: true });
    expect(result).toMatchObject({ success: true, errors: [] });
    // Owners and setuid bits are kept for hosts; in a folder here everything is the user's own.
    const plain = (all: readonly string[]): string[] => all.map((line) => line.replace(/^([fd]) [0-7]*?([0-7]{1,3}) /, '$1 $2 ').replace(/ \d+:\d+$/, ''));
    expect(listing(String(result['target_path']))).toEqual(plain(lines).sort());
  }
});

test.each(restics().map(({ version, file }) => [version, file]))('restic %s by hand: lists, checks and restores the same repository', async (_version, file) => {
  if (recoveryKey === '') recoveryKey = String((await session.good('POST', '/api/v1/settings/recovery-key', { password }))['recovery_key']);
  const users = folder.at('data', 'users');
  const repository = path.join(users, readdirSync(users)[0] ?? '', 'repository');
  const run = (...args: readonly string[]): string => execFileSync(file, ['--no-cache', '-r', repository, ...args], { input: `${recoveryKey}\n`, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
  const rows = JSON.parse(run('snapshots', '--json').split('\n').find((line) => line.startsWith('[')) ?? '[]') as { id: string }[];
  expect(rows.map((row) => row.id).sort()).toEqual(taken.map((one) => one.id).sort());
  run('check', '--read-data');
  const target = folder.at(`by-hand-${path.basename(path.dirname(file))}`);
  run('restore', 'latest', `--target=${target}`);
  // A plain client gives contents under the names of this computer: each content as often as it was.
  const contents = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('f ')).map((line) => line.split(' ').slice(5, 6).join()).sort();
  expect(contents(listing(path.join(target, mirrorRoot(hosts[0]))))).toEqual(contents(taken.at(-1)?.lines ?? []));
  rmSync(target, { recursive: true });
});
