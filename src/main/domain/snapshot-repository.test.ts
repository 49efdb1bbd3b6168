import { describe, expect, it } from 'vitest';
import { AppError } from './app-error';
import type { RepositoryAccess, ResticRepository } from './snapshot-ports';
import type { RepositoryRow } from './store-port';
import { newRecoveryKey, SnapshotRepositories, type RepositoryParts } from './snapshot-repository';
import { SnapshotQueue } from './snapshot-queue';

const setUp = (more: { readonly failInit?: boolean } = {}) => {
  const facts = new Map<string, string>();
  const secrets = new Map<string, string>();
  const made: string[] = [];
  const keys: string[] = [];
  const hidden: string[] = [];
  const rows: RepositoryRow[] = [];
  const restic = {
    exists: (folder: string) => Promise.resolve(made.includes(folder)),
    init: (access: RepositoryAccess) => {
      if (more.failInit === true) return Promise.reject(new AppError('disk_full', 'Full.', { path: access.location }));
      expect(secrets.get('u:repository-password')).toBe(access.password);
      made.push(access.location);
      return Promise.resolve();
    },
  } as Partial<ResticRepository> as ResticRepository;
  const parts: RepositoryParts = {
    store: { settings: { getFact: (name: string) => facts.get(name) ?? null, putFact: (name: string, value: string | null) => void facts.set(name, value ?? '') }, snapshots: { list: () => [] }, repositories: { list: () => rows, insert: (row: RepositoryRow) => void rows.push(row) } } as unknown as RepositoryParts['store'],
    secrets: { get: (user, name) => Promise.resolve(secrets.get(`${user}:${name}`) ?? null), set: (user, name, value) => Promise.resolve(void secrets.set(`${user}:${name}`, value)) },
    restic, keys: { add: (_access, key) => Promise.resolve(String(keys.push(key))) }, resticPath: () => null, clock: { now: () => 1 }, dataFolder: '/data', log: { info: () => undefined, warn: () => undefined, error: () => undefined, hide: (secret) => void hidden.push(secret) },
  };
  return { repositories: new SnapshotRepositories(parts), facts, secrets, made, keys, hidden };
};

describe('a repository', () => {
  it('is made once, with its password kept first', async () => {
    const { repositories, made, secrets, hidden } = setUp();
    expect(await repositories.open('u', 'default')).toBeNull();
    const [one, two] = await Promise.all([repositories.ensure('u', 'default'), repositories.ensure('u', 'default')]);
    expect(one).toEqual(two);
    expect(made).toEqual(['/data/users/u/repository']);
    expect(hidden).toContain(secrets.get('u:repository-password'));
    expect(one.password).toMatch(/^[\w-]{43}$/);
  });

  it('that could not be made is tried again with the same password', async () => {
    const first = setUp({ failInit: true });
    await expect(first.repositories.ensure('u', 'default')).rejects.toMatchObject({ code: 'disk_full' });
    const kept = first.secrets.get('u:repository-password');
    await expect(first.repositories.ensure('u', 'default')).rejects.toMatchObject({ code: 'disk_full' });
    expect(first.secrets.get('u:repository-password')).toBe(kept);
  });

  it('that is gone, or whose password is, is said and never replaced', async () => {
    const { repositories, made, secrets } = setUp();
    await repositories.ensure('u', 'default');
    made.length = 0;
    await expect(repositories.ensure('u', 'default')).rejects.toMatchObject({ code: 'repository_missing' });
    made.push('/data/users/u/repository');
    secrets.clear();
    await expect(repositories.ensure('u', 'default')).rejects.toMatchObject({ code: 'repository_wrong_password' });
    expect(secrets.size).toBe(0);
  });

  it('gets a recovery key that can be written down', async () => {
    const { repositories, keys, hidden } = setUp();
    const answer = await repositories.addRecoveryKey('u', 'default');
    expect(keys).toEqual([answer.recovery_key]);
    expect(hidden).toContain(answer.recovery_key);
    expect(repositories.hasRecoveryKey(repositories.row('u', 'default'))).toBe(true);
    expect(newRecoveryKey(new Uint8Array(20))).toBe('0000-0000-0000-0000-0000-0000-0000-0000');
    expect(newRecoveryKey(new Uint8Array(20).fill(255))).toBe('ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ');
    expect(new Set(Array.from({ length: 100 }, () => newRecoveryKey())).size).toBe(100);
  });
});

describe('the queue of a repository', () => {
  it('runs shared jobs together and exclusive ones alone, in order', async () => {
    const queue = new SnapshotQueue();
    const events: string[] = [];
    const gates = new Map<string, () => void>();
    const job = (name: string, kind: 'shared' | 'exclusive', signal?: AbortSignal): Promise<void> =>
      queue.run(kind, async () => {
        events.push(`+${name}`);
        await new Promise<void>((resolve) => gates.set(name, resolve));
        events.push(`-${name}`);
      }, signal);
    const open = async (name: string): Promise<void> => {
      gates.get(name)?.();
      await new Promise((resolve) => setImmediate(resolve));
    };
    const abort = new AbortController();
    const work = [job('a', 'shared'), job('b', 'shared'), job('x', 'exclusive'), job('c', 'shared')];
    const left = job('gone', 'exclusive', abort.signal);
    abort.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect(events).toEqual(['+a', '+b']);
    await open('a');
    await open('b');
    expect(events).toEqual(['+a', '+b', '-a', '-b', '+x']);
    await open('x');
    expect(events.slice(5)).toEqual(['-x', '+c']);
    await open('c');
    await Promise.all(work);
    await expect(queue.run('exclusive', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await queue.run('exclusive', () => Promise.resolve(1))).toBe(1);
  });
});
