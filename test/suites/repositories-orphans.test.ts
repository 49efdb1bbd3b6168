// What a restic that outlived the app still does, or leaves when nobody waits for it, with every restic.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RepositoryKeys } from '../../src/main/domain/repository-ports';
import { RepositoryPasswords } from '../../src/main/domain/repository-password';
import { ResticKeys } from '../../src/main/providers/restic/restic-keys';
import { resticEnds } from '../support/restics';
import { caller, startRig, type Rig } from './snapshots-rig';

describe.each(resticEnds())('restic $version', ({ file }) => {
  let rig: Rig;
  const password = (): string => rig.secrets.get(`${caller.userId}:repository-password`) ?? '';
  const env = (): NodeJS.ProcessEnv => ({ ...process.env, RESTIC_PASSWORD: password() });
  /** Without what is only being written. */
  const below = (folder: string): string[] => readdirSync(path.join(rig.repository, folder)).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const opens = (one: string): boolean => {
    try {
      execFileSync(file, ['--no-cache', '-r', rig.repository, 'snapshots'], { env: { ...process.env, RESTIC_PASSWORD: one }, stdio: 'pipe' });
      return true;
    } catch {
      return false;
    }
  };

  beforeAll(async () => {
    rig = await startRig(file);
    writeFileSync(path.join(rig.workspace, 'file'), 'content');
    await rig.take();
  });
  afterAll(async () => await rig.stop());

  it.skipIf(process.platform === 'win32')('removes the lock of a process that ended and that nobody waited for, which restic takes for alive', async () => {
    // The shell becomes a program that waits for no child.
    const parent = spawn('sh', ['-c', '"$0" --no-cache -r "$1" backup --stdin --host=x <&3 & echo $!; exec sleep 600', file, rig.repository], { env: env(), stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
    const gone = once(parent, 'exit');
    try {
      const [line] = (await once(parent.stdout as Readable, 'data')) as [Buffer];
      const left = Number(String(line).trim());
      await vi.waitUntil(() => below('locks').length > 0, { timeout: 20_000 });
      process.kill(left, 'SIGKILL');
      await vi.waitUntil(async () => (await rig.repositories.get(caller, 'default')).locks.every(({ removable }) => removable), { timeout: 20_000 });
      expect(process.kill(left, 0)).toBe(true);
      expect(below('locks')).toHaveLength(1);
      expect((await rig.repositories.unlock(caller, 'default')).locks).toEqual([]);
      expect(below('locks')).toEqual([]);
    } finally {
      parent.kill('SIGKILL');
      await gone;
    }
  });

  it('waits for one that still adds the key of a change that was cut, and removes that key', async () => {
    const before = password();
    const keys = new ResticKeys(rig.runner);
    // From the moment of its adding on, the app does nothing more.
    let dead = false;
    const alive = (): Promise<void> => (dead ? Promise.reject(new Error('the app is gone')) : Promise.resolve());
    const cut: RepositoryKeys = {
      list: (...args) => alive().then(() => keys.list(...args)), remove: (...args) => keys.remove(...args), settled: (...args) => keys.settled(...args),
      add: () => {
        dead = true;
        return Promise.reject(new Error('cut'));
      },
    };
    const passwords = new RepositoryPasswords({ store: rig.store, repositories: rig.openers, keys: cut, log: rig.log, secrets: { set: () => Promise.resolve() } });
    await expect(passwords.change(caller.userId, 'default', 'never kept')).rejects.toThrow('cut');
    const other = spawn(file, ['--no-cache', '-r', rig.repository, 'backup', '--stdin', '--host=x'], { env: env(), stdio: ['pipe', 'ignore', 'ignore'] });
    await vi.waitUntil(() => below('locks').length > 0, { timeout: 20_000 });
    const changed = rig.repositories.changePassword(caller, 'default', 'chosen');
    const late = rig.folder.at('late-key');
    writeFileSync(late, 'never kept');
    execFileSync(file, ['--no-cache', '-r', rig.repository, 'key', 'add', `--new-password-file=${late}`], { env: env(), stdio: 'ignore' });
    expect(opens('never kept')).toBe(true);
    const gone = once(other, 'exit');
    other.stdin.end('ends by itself');
    await gone;
    await changed;
    expect(['never kept', before, 'chosen'].map(opens)).toEqual([false, false, true]);
    expect(below('keys')).toHaveLength(1);
  });
});
