// The guard, files that move under the reader, and where secrets must not be: with real parts.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { IndexDraft } from '../../src/main/domain/file-index-port';
import type { RemoteHosts, ResticRepository } from '../../src/main/domain/snapshot-ports';
import { ThreadedIndex } from '../../src/main/providers/index/index-threads';
import { newestRestic } from '../support/restics';
import { caller, errorOf, random, startRig } from './snapshots-rig';

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
    const drafts = vi.spyOn(ThreadedIndex.prototype, 'draft');
    try {
      writeFileSync(`${rig.workspace}/untouched`, 'good\n');
      writeFileSync(`${rig.workspace}/changing`, '1\n');
      const first = await rig.take();
      writeFileSync(`${rig.workspace}/changing`, '22\n');
      spoil = true;
      expect(await errorOf(rig.take())).toMatchObject({ code: 'guard_failed', data: { detail: expect.stringContaining('untouched') as string } });
      spoil = false;
      // Nor does the index of files hold it, nor that of the first attempt, which trusted the copy.
      const begun = drafts.mock.results.slice(1).map(({ value }) => value as IndexDraft);
      expect(await Promise.all(begun.map((draft) => draft.name('f'.repeat(64))))).toEqual([false, false]);
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
      tool: () => hosts.tool(), publicKey: (userId) => hosts.publicKey(userId), forget: (userId, id) => hosts.forget(userId, id), trust: (...args) => hosts.trust(...args),
      host: (target) => {
        const host = hosts.host(target);
        return {
          probe: (...args) => host.probe(...args), survey: (...args) => host.survey(...args), manifest: (...args) => host.manifest(...args), stat: (...args) => host.stat(...args), restore: (...args) => host.restore(...args),
          dig: (...args) => host.dig(...args), prepare: (...args) => host.prepare(...args), release: () => host.release(), command: (...args) => host.command(...args),
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
      const { recovery_key: key } = await rig.repositories.recoveryKey(caller);
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
