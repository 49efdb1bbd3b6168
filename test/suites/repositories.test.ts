// Repositories beside the first one, with every restic: made, taken over, another password, locks, repair; on a real SFTP and a real REST server, and by rclone.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../src/main/domain/app-error';
import type { RepositoryKeys } from '../../src/main/domain/repository-ports';
import { RepositoryPasswords } from '../../src/main/domain/repository-password';
import { ResticKeys } from '../../src/main/providers/restic/restic-keys';
import { startRestServer } from '../support/rest-server';
import { newestRestic, resticEnds, restics } from '../support/restics';
import { makeKeyPair, startSshd } from '../support/sshd';
import { caller, errorOf, random, startRig, type Rig } from './snapshots-rig';

const passwordOf = (rig: Rig, id: string): string => rig.secrets.get(`${caller.userId}:${id === 'default' ? 'repository-password' : `repository-password:${id}`}`) ?? '';

/** Runs restic by hand on any repository with what the app keeps of it. */
const opens = (file: string, location: string, password: string): boolean => {
  try {
    execFileSync(file, ['--no-cache', '-r', location, 'snapshots'], { env: { ...process.env, RESTIC_PASSWORD: password }, stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
};

const isSound = (file: string, location: string, password: string): boolean => {
  try {
    execFileSync(file, ['--no-cache', '-r', location, 'check', '--read-data'], { env: { ...process.env, RESTIC_PASSWORD: password }, stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
};

const ended = async (rig: Rig, id: string): Promise<ReturnType<Rig['operations']['get']>> => {
  for await (const event of rig.operations.follow(caller, id)) if (event.type === 'operation' && event.operation.ended_at !== null) break;
  return rig.operations.get(caller, id);
};

describe.each(resticEnds())('restic $version', ({ version, file }) => {
  let rig: Rig;
  let second: string;
  beforeAll(async () => {
    rig = await startRig(file);
    writeFileSync(`${rig.workspace}/kept`, 'kept\n');
    writeFileSync(`${rig.workspace}/lost`, random(3_000_000));
  });
  afterAll(async () => await rig.stop());

  it('makes one in another folder, and only in a free one', async () => {
    const folder = rig.folder.at('disk', 'backup');
    const made = await rig.repositories.create(caller, { name: 'disk', location: folder, credentials: {}, make_default: false });
    expect(made).toMatchObject({ name: 'disk', kind: 'local', location: folder, is_default: false, state: 'ready', snapshot_count: 0 });
    second = made.id;
    expect(opens(file, folder, passwordOf(rig, second))).toBe(true);
    mkdirSync(rig.folder.at('full'));
    writeFileSync(rig.folder.at('full', 'x'), '');
    const again = { name: 'x', credentials: {}, make_default: false };
    const codes = [];
    for (const location of [folder, rig.folder.at('full'), path.join(rig.dataFolder, 'users', 'x'), 'relative', '/proc/unwritable/below/repository']) codes.push((await errorOf(rig.repositories.create(caller, { ...again, location }))).data?.reason);
    expect(codes).toEqual(['known', 'not_empty', 'own_folder', 'relative', 'form']);
    expect((await rig.repositories.list(caller)).count).toBe(2);
    expect([...rig.secrets.keys()].filter((name) => name.includes('repository'))).toEqual([`${caller.userId}:repository-password:${second}`]);
  });

  it('keeps each snapshot where it was asked to, and lists both', async () => {
    const taken = await rig.snapshots.create(caller, { instance_id: 7, source_path: rig.workspace, tags: [], repository_id: second, wait: true });
    expect(taken).toMatchObject({ repository_id: second, result: 'ok' });
    expect(existsSync(rig.repository)).toBe(false);
    writeFileSync(`${rig.workspace}/kept`, 'kept again\n');
    const next = await rig.take();
    expect(next).toMatchObject({ repository_id: second, unchanged: false });
    const elsewhere = await rig.snapshots.create(caller, { instance_id: 7, source_path: rig.workspace, tags: [], repository_id: 'default', wait: true });
    expect(elsewhere).toMatchObject({ repository_id: 'default', files_new: 3 });
    expect((await rig.snapshots.list(caller)).snapshots.map((one) => one.repository_id)).toEqual(['default', second, second]);
    expect((await rig.repositories.list(caller)).repositories.map((one) => [one.id, one.snapshot_count, one.source_count])).toEqual([['default', 1, 1], [second, 2, 0]]);
    rig.check();
  });

  it('measures it', async () => {
    await rig.samples.take(caller.userId, second);
    await rig.samples.take(caller.userId, second);
    const { samples } = rig.repositories.statistics(caller, second);
    expect(samples).toHaveLength(1);
    expect(samples[0]).toMatchObject({ snapshot_count: 2 });
    expect(samples[0]?.size_bytes).toBeGreaterThan(2_900_000);
    // 0.14 does not say what compression saves.
    expect((samples[0]?.uncompressed_bytes ?? 0) >= 3_000_000).toBe(version !== '0.14.0');
  });

  it('replaces the password; wherever it is cut, the kept one opens it, and the next change leaves one key', async () => {
    const location = rig.folder.at('disk', 'backup');
    const keys = new ResticKeys(rig.runner);
    const cuts = ['add', 'set', 'remove'] as const;
    for (const cut of cuts) {
      const broken: RepositoryKeys = { list: (...args) => keys.list(...args), add: (...args) => keys.add(...args), remove: (...args) => keys.remove(...args), settled: (...args) => keys.settled(...args) };
      // A key was added, and nobody heard of it any more.
      if (cut === 'add') broken.add = async (...args) => Promise.reject(new Error(`cut after ${await keys.add(...args)}`));
      if (cut !== 'set') broken.remove = () => Promise.reject(new Error('cut'));
      const passwords = new RepositoryPasswords({
        store: rig.store, repositories: rig.openers, keys: broken, log: rig.log,
        secrets: { set: (userId, name, value) => (cut === 'set' ? Promise.reject(new Error('cut')) : Promise.resolve(void rig.secrets.set(`${userId}:${name}`, value))) },
      });
      await expect(passwords.change(caller.userId, second, undefined)).rejects.toThrow('cut');
      expect(opens(file, location, passwordOf(rig, second))).toBe(true);
    }
    const before = passwordOf(rig, second);
    await rig.repositories.changePassword(caller, second, 'chosen by hand');
    expect(passwordOf(rig, second)).toBe('chosen by hand');
    expect([opens(file, location, 'chosen by hand'), opens(file, location, before)]).toEqual([true, false]);
    expect(readdirSync(path.join(location, 'keys'))).toHaveLength(1);
  });

  it('says that the old password was left when it could not be removed; asked again with the same new one, it removes it', async () => {
    const location = rig.folder.at('disk', 'backup');
    const before = passwordOf(rig, second);
    const remove = vi.spyOn(ResticKeys.prototype, 'remove').mockRejectedValueOnce(new AppError('restic_failed', 'restic was killed.', { exit_code: null, output: '' }));
    expect(await errorOf(rig.repositories.changePassword(caller, second, 'chosen again'))).toMatchObject({ code: 'repository_password_left', data: { detail: 'restic was killed.' } });
    expect([passwordOf(rig, second), opens(file, location, 'chosen again'), opens(file, location, before)]).toEqual(['chosen again', true, true]);
    remove.mockRestore();
    await rig.repositories.changePassword(caller, second, 'chosen again');
    expect([passwordOf(rig, second), opens(file, location, 'chosen again'), opens(file, location, before)]).toEqual(['chosen again', true, false]);
    expect(readdirSync(path.join(location, 'keys'))).toHaveLength(1);
  });

  it('refuses a password that another key has: it would not be known which key is whose', async () => {
    const location = rig.folder.at('disk', 'backup');
    const words = rig.folder.at('words');
    writeFileSync(words, 'of somebody else');
    execFileSync(file, ['--no-cache', '-r', location, 'key', 'add', `--new-password-file=${words}`], { env: { ...process.env, RESTIC_PASSWORD: passwordOf(rig, second) }, stdio: 'pipe' });
    const before = passwordOf(rig, second);
    expect(await errorOf(rig.repositories.changePassword(caller, second, 'of somebody else'))).toMatchObject({ code: 'repository_password_taken' });
    expect([passwordOf(rig, second), opens(file, location, before), opens(file, location, 'of somebody else')]).toEqual([before, true, true]);
    const keys = JSON.parse(execFileSync(file, ['--no-cache', '-r', location, 'key', 'list', '--json'], { env: { ...process.env, RESTIC_PASSWORD: before }, encoding: 'utf8' })) as { current: boolean; id: string }[];
    expect(keys).toHaveLength(2);
    for (const { current, id } of keys) if (!current) execFileSync(file, ['--no-cache', '-r', location, 'key', 'remove', id], { env: { ...process.env, RESTIC_PASSWORD: before }, stdio: 'pipe' });
  });

  it('shows who holds it, removes a dead lock, and never a live one', async () => {
    const location = rig.folder.at('disk', 'backup');
    const password = passwordOf(rig, second);
    const hold = spawn(file, ['--no-cache', '-r', location, 'backup', '--stdin', '--host=x'], { env: { ...process.env, RESTIC_PASSWORD: password }, stdio: ['pipe', 'ignore', 'ignore'] });
    const locked = async (): Promise<boolean> => (readdirSync(path.join(location, 'locks')).length > 0 ? true : (await new Promise((resolve) => setTimeout(resolve, 50)), false));
    for (let tries = 0; tries < 200 && !(await locked()); tries += 1);
    const live = await rig.repositories.get(caller, second);
    expect(live).toMatchObject({ state: 'ready', locks: [{ holder: `${userInfo().username}@${hostname()} (process ${String(hold.pid)})`, exclusive: false, removable: false }] });
    expect(await errorOf(rig.repositories.unlock(caller, second))).toMatchObject({ code: 'repository_locked' });
    const gone = new Promise((resolve) => hold.once('exit', resolve));
    hold.kill('SIGKILL');
    await gone;
    expect((await rig.repositories.get(caller, second)).locks).toMatchObject([{ removable: true }]);
    expect((await rig.repositories.unlock(caller, second)).locks).toEqual([]);
    expect(readdirSync(path.join(location, 'locks'))).toEqual([]);
  });

  it('forgets it and takes it over again: its snapshots regain their place, foreign ones are shown as such', async () => {
    const location = rig.folder.at('disk', 'backup');
    const password = passwordOf(rig, second);
    const env = { ...process.env, RESTIC_PASSWORD: password };
    execFileSync(file, ['--no-cache', '-r', location, 'backup', '--host=nas', path.join(rig.workspace, 'kept')], { env, stdio: 'pipe' });
    expect(await errorOf(rig.repositories.remove(caller, 'default'))).toMatchObject({ code: 'repository_in_use', data: { reason: 'default' } });
    expect(await rig.repositories.remove(caller, second)).toMatchObject({ success: true, snapshots: 2 });
    expect((await rig.snapshots.list(caller)).count).toBe(1);
    expect(rig.secrets.has(`${caller.userId}:repository-password:${second}`)).toBe(false);
    const place = { location, credentials: {} };
    expect(await errorOf(rig.repositories.connect(caller, { ...place, password: 'wrong' }))).toMatchObject({ code: 'repository_wrong_password' });
    expect(await rig.repositories.connect(caller, { ...place, password })).toEqual({ kind: 'local', location, exists: true, snapshot_count: 3, own_count: 2 });
    const back = await rig.repositories.import(caller, { ...place, password, name: 'back', make_default: false, wait: true });
    if (!('repository' in back)) throw new Error('The answer is not an imported repository');
    expect(back).toMatchObject({ own: 2, foreign: 1, repository: { name: 'back', snapshot_count: 3 } });
    second = back.repository.id;
    // A list does not wait long for restic to say what strangers are.
    await expect.poll(async () => (await rig.snapshots.list(caller, { repository_id: second })).count, { timeout: 30_000 }).toBe(3);
    const { snapshots } = await rig.snapshots.list(caller, { repository_id: second });
    expect(snapshots.map((one) => [one.hostname, one.instance_id, one.paths])).toEqual([['nas', null, [path.join(rig.workspace, 'kept')]], ['vast-my-box', 7, [rig.workspace]], ['vast-my-box', 7, [rig.workspace]]]);
    const target = rig.folder.at(`restored ${version}`);
    expect(await rig.snapshots.restore(caller, { snapshot_id: snapshots[1]?.id ?? '', folder: target, verify: true, wait: true })).toMatchObject({ success: true, files_restored: 2 });
    expect(readFileSync(`${target}/kept`, 'utf8')).toBe('kept again\n');
  });

  it('repairs what can be repaired, keeps copies, and says what is lost', async () => {
    const location = rig.folder.at('disk', 'backup');
    const [pack] = readdirSync(path.join(location, 'data'), { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(location, 'data', name))
      .filter((name) => /[0-9a-f]{64}$/.test(name) && readFileSync(name).length > 500_000)
      .slice(0, 1);
    if (pack === undefined) throw new Error('No pack is large enough');
    const bytes = readFileSync(pack);
    bytes.fill(0, 1000, 1100);
    chmodSync(pack, 0o600);
    writeFileSync(pack, bytes);
    const operation = await ended(rig, rig.repositories.repair(caller, second).operation_id);
    const copies = path.join(rig.dataFolder, 'users', caller.userId, 'repairs');
    expect(readdirSync(path.join(copies, readdirSync(copies)[0] ?? '')).sort()).toEqual(expect.arrayContaining(['index', 'snapshots']));
    const { snapshots } = await rig.snapshots.list(caller, { repository_id: second });
    // 0.14 can rebuild an index and no more.
    const whole = version !== '0.14.0';
    expect(operation).toMatchObject({ state: whole ? 'succeeded' : 'warnings', error: null });
    expect(operation.warnings.join(' ').includes('use 0.16 or newer')).toBe(!whole);
    expect(snapshots.filter((one) => one.instance_id === 7).map((one) => one.result)).toEqual(whole ? ['warnings', 'warnings'] : ['unknown', 'unknown']);
    expect(isSound(file, location, passwordOf(rig, second))).toBe(whole);
    expect(rig.store.sources.list(caller.userId).filter((one) => one.repositoryId === second && one.parentId !== null)).toEqual([]);
  });
});

describe('on servers', () => {
  const { file } = newestRestic();
  const oldest = restics()[0]?.file ?? file;
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(file);
    writeFileSync(`${rig.workspace}/kept`, 'kept\n');
  });
  afterAll(async () => await rig.stop());

  it.each([['newest', file], ['oldest', oldest]])('keeps snapshots over SFTP with the %s restic, its host key pinned, and says when the server is gone', async (name, program) => {
    const server = await startSshd();
    const key = makeKeyPair(rig.folder.at(`key ${name}`));
    server.authorize(key.publicKey);
    (rig.settings as { restic_path: string | null }).restic_path = program;
    const location = `sftp://${server.user}@${server.host}:${server.port}/${rig.folder.at(`on server ${name}`)}`;
    const made = await rig.repositories.create(caller, { name, location, credentials: { SSH_IDENTITY_FILE: key.privateFile }, make_default: false });
    expect(made).toMatchObject({ kind: 'sftp', credentials: ['SSH_IDENTITY_FILE'] });
    expect(readFileSync(path.join(rig.dataFolder, 'ssh', 'repositories_known_hosts'), 'utf8')).toContain(server.hostKey);
    const taken = await rig.snapshots.create(caller, { instance_id: 7, source_path: rig.workspace, tags: [], repository_id: made.id, wait: true });
    expect(taken).toMatchObject({ repository_id: made.id, result: 'ok' });
    const target = rig.folder.at(`from server ${name}`);
    expect(await rig.snapshots.restore(caller, { snapshot_id: 'id' in taken ? taken.id : '', folder: target, verify: true, wait: true })).toMatchObject({ success: true, files_restored: 1 });
    expect(await rig.repositories.get(caller, made.id)).toMatchObject({ state: 'ready', locks: [], problem: null });
    await server.stop();
    const began = Date.now();
    expect((await rig.snapshots.list(caller)).snapshots.some((one) => one.repository_id === made.id)).toBe(true);
    expect(Date.now() - began).toBeLessThan(3000);
    expect(await rig.repositories.get(caller, made.id)).toMatchObject({ state: 'unreachable' });
    await rig.repositories.remove(caller, made.id);
  });

  it('keeps snapshots on a REST server; its password is in no command line, no location and no log', async () => {
    const secret = 'canary-rest-password';
    const server = await startRestServer(rig.folder.at('rest'), 'ana', secret);
    try {
      (rig.settings as { restic_path: string | null }).restic_path = file;
      const location = `rest:${server.url.replace('http://', `http://ana:${secret}@`)}repo/`;
      const refused = await errorOf(rig.repositories.create(caller, { name: 'rest', location: location.replace(secret, 'wrong-password'), credentials: {}, make_default: false }));
      expect(refused).toMatchObject({ code: 'repository_unreachable', data: { reason: 'denied' } });
      const made = await rig.repositories.create(caller, { name: 'rest', location, credentials: {}, make_default: false });
      expect(made).toMatchObject({ kind: 'rest', location: `rest:${server.url}repo/`, credentials: ['RESTIC_REST_USERNAME', 'RESTIC_REST_PASSWORD'] });
      let seen = '';
      const watch = setInterval(() => {
        seen += execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n').filter((line) => !line.includes('rclone')).join('\n');
      }, 100);
      const taken = await rig.snapshots.create(caller, { instance_id: 7, source_path: rig.workspace, tags: [], repository_id: made.id, wait: true });
      clearInterval(watch);
      expect(taken).toMatchObject({ repository_id: made.id, result: 'ok' });
      expect(seen).toContain(`--repo=rest:${server.url}repo/`);
      expect(seen).not.toContain(secret);
      expect(seen).not.toContain(passwordOf(rig, made.id));
      expect(await rig.repositories.connect(caller, { location: `rest:${server.url}other/`, credentials: { RESTIC_REST_USERNAME: 'ana', RESTIC_REST_PASSWORD: secret }, password: 'x' })).toMatchObject({ exists: false });
      (rig.settings as { restic_path: string | null }).restic_path = oldest;
      expect(await errorOf(rig.repositories.connect(caller, { location: `rest:${server.url}other/`, credentials: { RESTIC_REST_USERNAME: 'ana', RESTIC_REST_PASSWORD: secret }, password: 'x' }))).toMatchObject({ code: 'restic_too_old', data: { minimum: '0.16.0' } });
      (rig.settings as { restic_path: string | null }).restic_path = file;
      expect(JSON.stringify(rig.store.repositories.list(caller.userId))).not.toContain(secret);
      rmSync(rig.folder.at('rest'), { recursive: true, force: true });
    } finally {
      await server.stop();
    }
  });

  it('keeps snapshots where rclone puts them; a remote that is not there is named', async () => {
    const settings = rig.folder.at('rclone.conf');
    writeFileSync(settings, '[kept]\ntype = local\n');
    vi.stubEnv('RCLONE_CONFIG', settings);
    const location = `rclone:kept:${rig.folder.at('by-rclone')}`;
    expect(await errorOf(rig.repositories.create(caller, { name: 'rclone', location: location.replace('kept', 'gone'), credentials: {}, make_default: false }))).toMatchObject({ code: 'repository_unreachable', data: { reason: 'not_found' } });
    const made = await rig.repositories.create(caller, { name: 'rclone', location, credentials: {}, make_default: false });
    expect(made).toMatchObject({ kind: 'rclone', location });
    writeFileSync(`${rig.workspace}/kept`, 'kept by rclone\n');
    const taken = await rig.snapshots.create(caller, { instance_id: 7, source_path: rig.workspace, tags: [], repository_id: made.id, wait: true });
    expect(taken).toMatchObject({ repository_id: made.id, result: 'ok' });
    const back = rig.folder.at('host', 'by-rclone');
    expect(await rig.snapshots.restore(caller, { snapshot_id: 'snapshot_id' in taken ? taken.snapshot_id : '', instance_id: 7, target_path: back, verify: true, wait: true })).toMatchObject({ success: true, errors: [] });
    expect(readFileSync(path.join(back, 'kept'), 'utf8')).toBe('kept by rclone\n');
    expect(isSound(file, rig.folder.at('by-rclone'), passwordOf(rig, made.id))).toBe(true);
    vi.unstubAllEnvs();
  });
});
