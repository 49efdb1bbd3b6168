// What happens on a lock: a left one of ours is removed, somebody else's is waited for where it is worth it. On a made-up restic that writes down what it is asked.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RepositoryAccess } from '../../domain/snapshot-ports';
import { capsOf } from './restic-caps';
import { ResticCli } from './restic-cli';
import { ResticKeys } from './restic-keys';
import { staleAfter } from './restic-locks';
import { ResticMaintenance } from './restic-maintenance';
import { ResticPrograms } from './restic-program';
import { ResticRunner, type ResticJob } from './restic-run';
import { ResticUpkeep } from './restic-upkeep';

/** Locked while a file `lock` is beside it; one that waits finds the lock gone when there is a file `goes`. */
const script = (version: string): string => `#!/bin/sh
here=$(dirname "$0")
[ "$1" = version ] && { echo "restic ${version} compiled with go1.25"; exit 0; }
cat > /dev/null
echo "$*" >> "$here/asked"
case "$*" in
  *"list locks"*) [ -e "$here/lock" ] && echo ${'ab'.repeat(32)}; exit 0 ;;
  *"cat lock"*) cat "$here/lock"; exit 0 ;;
  *" unlock") rm "$here/lock"; exit 0 ;;
  *--retry-lock=*) [ -e "$here/goes" ] && rm "$here/lock" ;;
esac
if [ -e "$here/lock" ]; then echo "repository is already locked by PID 4711 on vm by root" >&2; exit 11; fi
`;

describe.skipIf(process.platform === 'win32')('a locked repository', () => {
  let folder: string;
  let runner: ResticRunner;
  const at = { id: 'default', location: '/repository', local: true, password: 'p', resticPath: null, env: {}, options: [] } satisfies RepositoryAccess;
  const locked = (change: { readonly hostname?: string; readonly age?: number }): void =>
    writeFileSync(path.join(folder, 'lock'), JSON.stringify({ time: new Date(Date.now() - (change.age ?? 0)).toISOString(), exclusive: true, hostname: change.hostname ?? hostname(), username: userInfo().username, pid: process.pid }));
  const asked = (): string[] => readFileSync(path.join(folder, 'asked'), 'utf8').trim().split('\n').map((line) => line.replace(/^--repo=\S+ --no-cache (--json )?/, ''));
  const use = (version: string): void => {
    const file = path.join(folder, 'restic');
    writeFileSync(file, script(version));
    chmodSync(file, 0o700);
    runner = new ResticRunner(new ResticPrograms({ program: file, find: () => Promise.resolve(null) }), { cacheFolder: null, lockPatience: 5000 });
  };

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'dumont-runner-'));
    use('0.18.0');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is freed of an old lock of ours whose number another program has now', async () => {
    locked({ age: staleAfter + 60_000 });
    await runner.run(at, { args: ['forget', 'x'] });
    expect(asked()).toEqual(['forget x', 'list locks --no-lock', `cat lock ${'ab'.repeat(32)} --no-lock`, 'unlock', 'forget x']);
  });

  it.each([['young', { age: 60_000 }], ["another computer's", { hostname: 'nas', age: staleAfter + 60_000 }]])('keeps a lock that is %s, and a command that does not wait ends at once', async (_what, lock) => {
    locked(lock);
    await expect(runner.run(at, { args: ['key', 'list'] })).rejects.toMatchObject({ code: 'repository_locked' });
    expect(existsSync(path.join(folder, 'lock'))).toBe(true);
    expect(asked().join('\n')).not.toMatch(/unlock|retry-lock/);
  });

  it("is waited for by what should not fail for somebody else's check", async () => {
    locked({ hostname: 'nas' });
    writeFileSync(path.join(folder, 'goes'), '');
    await runner.run(at, { args: ['backup', '--', '/x'], waitsForLock: true });
    expect([asked()[0], asked().at(-1)]).toEqual(['backup -- /x', '--retry-lock=5000ms --json backup -- /x']);
  });

  it('is still locked after the wait', async () => {
    locked({ hostname: 'nas' });
    await expect(runner.run(at, { args: ['prune'], waitsForLock: true })).rejects.toMatchObject({ code: 'repository_locked', data: { holder: 'root@vm (process 4711)' } });
    expect(asked().filter((line) => line.includes('prune'))).toHaveLength(2);
  });

  it('cannot be waited for by an old restic', async () => {
    use('0.15.2');
    locked({ hostname: 'nas' });
    await expect(runner.run(at, { args: ['prune'], waitsForLock: true })).rejects.toMatchObject({ code: 'repository_locked' });
    expect(asked().join('\n')).not.toContain('retry-lock');
  });
});

it('what writes for long, or needs the repository to itself, waits for locks; what is only looked at does not', async () => {
  const jobs = new Map<string, boolean>();
  const done = { exitCode: 0, stderr: '' };
  const runner = { caps: () => Promise.resolve(capsOf('0.18.0')), run: (_at: unknown, job: ResticJob) => Promise.resolve(void jobs.set(job.args[0] ?? '', job.waitsForLock === true)).then(() => done) } as Partial<ResticRunner> as ResticRunner;
  const cli = new ResticCli(new ResticPrograms({ program: null, find: () => Promise.resolve(null) }), runner);
  const care = new ResticMaintenance(runner, cli);
  const at = { id: 'default', location: '/repository', local: true, password: 'p', resticPath: null, env: {}, options: [] } satisfies RepositoryAccess;
  const signal = new AbortController().signal;
  const nothing = (): void => undefined;
  // None of them gets an answer here: it is about what was asked.
  await Promise.allSettled([
    cli.backup(at, { host: 'h', folder: '/', targets: ['x'], tags: [], operationTag: 'op:1', parentId: null }, signal, nothing), cli.forget(at, 'x'), cli.snapshots(at),
    care.prune(at, { maxRepackGb: 1 }, signal, nothing), care.check(at, 'none', signal, nothing), new ResticKeys(runner).remove(at, 'x'),
    new ResticUpkeep(runner).repair(at, tmpdir(), signal, { phase: nothing, log: nothing }),
  ]);
  expect(Object.fromEntries(jobs)).toEqual({ backup: true, forget: true, snapshots: false, prune: true, check: true, key: true, repair: true });
});
