// The thin mirror and batches with real parts: stubs stand in for big files and restore bit-exact, a first run goes on where it broke off, and a stub is never stored as content.
import { createHash } from 'node:crypto';
import { appendFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { captureBudget } from '../../src/main/domain/capture-ports';
import type { RemoteHosts, ResticRepository } from '../../src/main/domain/snapshot-ports';
import { newestRestic, resticEnds } from '../support/restics';
import { caller, errorOf, listing, random, startRig, type Rig } from './snapshots-rig';

/** The mirror's copy of the workspace. */
const mirrorOf = (rig: Rig): string => {
  const mirrors = path.join(rig.dataFolder, 'users', caller.userId, 'mirrors');
  return path.join(mirrors, readdirSync(mirrors)[0] ?? '', 'tree', rig.workspace);
};

const isStub = (file: string): boolean => lstatSync(file).blocks * 512 < lstatSync(file).size;

const restored = async (rig: Rig, id: string): Promise<string[]> => {
  const target = rig.folder.at(`restored-${id.slice(0, 8)}`);
  await rig.snapshots.restore(caller, { snapshot_id: id, folder: target, verify: true, wait: true });
  return listing(target);
};

/** Counts files and bytes that were asked of the host, and can break fetches off. */
const counting = (): { readonly asked: string[]; failAt: number; bytes: number; wrap(hosts: RemoteHosts): RemoteHosts } => {
  const state = {
    asked: [] as string[], failAt: Infinity, bytes: 0,
    wrap: (hosts: RemoteHosts): RemoteHosts => ({
      tool: () => hosts.tool(), publicKey: (userId) => hosts.publicKey(userId), forget: (userId, id) => hosts.forget(userId, id), trust: (...args) => hosts.trust(...args),
      host: (...args) => {
        const host = hosts.host(...args);
        const fetch: typeof host.fetch = async (directory, files, ...rest) => {
          if ((state.failAt -= 1) < 0) throw new Error('The app was killed');
          const report = await host.fetch(directory, files, ...rest);
          state.asked.push(...files.map((file) => file.path));
          state.bytes += report.bytes;
          return report;
        };
        return new Proxy(host, { get: (target, key) => (key === 'fetch' ? fetch : (Reflect.get(target, key) as () => unknown).bind(target)) });
      },
    }),
  };
  return state;
};

const withRig = async (options: Parameters<typeof startRig>[1], work: (rig: Rig) => Promise<void>, file = newestRestic().file): Promise<void> => {
  const rig = await startRig(file, options);
  try {
    await work(rig);
    rig.check();
  } finally {
    await rig.stop();
  }
};

// With no file named by restic, the guard compares with the parent, as it does in trees of more than 50,000 files.
for (const [{ version, file }, named] of resticEnds().flatMap((restic) => [[restic, captureBudget.named], [restic, 0]] as const)) {
  describe(`restic ${version}, ${named > 0 ? 'which names the files' : 'compared with the parent'}`, () => {
    it('takes stubs over from snapshot to snapshot, and restores what they stand for', async () => {
      const wire = counting();
      await withRig({ budget: { bytes: 5_000_000, files: 100, named }, wrapHosts: (hosts) => wire.wrap(hosts) }, async (rig) => {
        mkdirSync(`${rig.workspace}/sub`);
        for (let at = 0; at < 5; at += 1) writeFileSync(`${rig.workspace}/sub/big-${at}`, random(2_000_000 + at));
        writeFileSync(`${rig.workspace}/small`, 'one\n');
        // Killed in the middle of a first run: two partial snapshots of it are there, and none is shown.
        wire.failAt = 2;
        await expect(rig.take()).rejects.toThrow('The app was killed');
        expect(readdirSync(path.join(rig.repository, 'snapshots'))).toHaveLength(1);
        expect(await rig.snapshots.list(caller)).toMatchObject({ count: 0 });
        expect(isStub(`${mirrorOf(rig)}/sub/big-0`)).toBe(true);
        wire.failAt = Infinity;
        const first = await rig.take();
        expect([...wire.asked].sort()).toEqual(['small', 'sub/big-0', 'sub/big-1', 'sub/big-2', 'sub/big-3', 'sub/big-4']);
        expect(readdirSync(path.join(rig.repository, 'snapshots'))).toEqual([first.id]);
        expect(await restored(rig, first.id)).toEqual(listing(rig.workspace));
        let last = first.id;
        const changes = [() => appendFileSync(`${rig.workspace}/small`, 'two\n'), () => appendFileSync(`${rig.workspace}/sub/big-1`, 'more\n'), () => rmSync(`${rig.workspace}/sub/big-2`)];
        for (const change of changes) {
          change();
          wire.asked.length = 0;
          last = (await rig.take()).id;
          expect(wire.asked.length).toBeLessThan(2);
        }
        expect(await restored(rig, last)).toEqual(listing(rig.workspace));
        for (const name of readdirSync(`${mirrorOf(rig)}/sub`)) expect(isStub(`${mirrorOf(rig)}/sub/${name}`)).toBe(true);
      }, file);
    });
  });
}

describe('a mirror', () => {
  it('keeps real files where the file system has no holes', async () => {
    await withRig({ holes: false, budget: { ...captureBudget, bytes: 3_000_000, files: 100 } }, async (rig) => {
      for (let at = 0; at < 3; at += 1) writeFileSync(`${rig.workspace}/big-${at}`, random(2_000_000));
      const first = await rig.take();
      const copies = readdirSync(mirrorOf(rig)).map((name) => readFileSync(path.join(mirrorOf(rig), name)));
      expect(copies.map((bytes) => createHash('sha256').update(bytes).digest('hex'))).toEqual(Array.from({ length: 3 }, () => createHash('sha256').update(random(2_000_000)).digest('hex')));
      writeFileSync(`${rig.workspace}/small`, 'x');
      expect(await rig.take()).toMatchObject({ result: 'ok', files_new: 1 });
      expect(readdirSync(path.join(rig.repository, 'snapshots'))).toHaveLength(2);
      expect(await restored(rig, first.id)).toHaveLength(3);
    });
  });

  it('is filled again when the snapshot that its stubs stand on was deleted, here or by another restic', async () => {
    const wire = counting();
    await withRig({ wrapHosts: (hosts) => wire.wrap(hosts) }, async (rig) => {
      writeFileSync(`${rig.workspace}/big`, random(2_000_000));
      writeFileSync(`${rig.workspace}/small`, 'x');
      const first = await rig.take();
      rig.byHand(['forget', first.id, '--prune']);
      wire.asked.length = 0;
      const second = await rig.take();
      expect(wire.asked).toEqual(['big']);
      expect(await restored(rig, second.id)).toEqual(listing(rig.workspace));
      await rig.snapshots.remove(caller, second.id);
      rig.byHand(['prune']);
      wire.asked.length = 0;
      const third = await rig.take();
      expect(wire.asked).toEqual(['big']);
      expect(await restored(rig, third.id)).toEqual(listing(rig.workspace));
    });
  });

  it('is looked at again, file by file, when restic finds a copy otherwise than the last snapshot left it', async () => {
    const wire = counting();
    await withRig({ wrapHosts: (hosts) => wire.wrap(hosts) }, async (rig) => {
      for (const name of ['touched', 'gone', 'changed', 'same']) writeFileSync(`${rig.workspace}/${name}`, name);
      await rig.take();
      utimesSync(`${mirrorOf(rig)}/touched`, 1, 1);
      rmSync(`${mirrorOf(rig)}/gone`);
      appendFileSync(`${rig.workspace}/changed`, ' more');
      wire.asked.length = 0;
      const second = await rig.take();
      expect(second).toMatchObject({ result: 'ok', files_new: 0, files_changed: 2, files_unmodified: 3 });
      expect([...wire.asked].sort()).toEqual(['changed', 'gone', 'touched']);
      expect(readdirSync(path.join(rig.repository, 'snapshots'))).toHaveLength(2);
      expect(await restored(rig, second.id)).toEqual(listing(rig.workspace));
    });
  });

  it.each([captureBudget.named, 0])('never gives a stub as content: the guard forgets such a snapshot (up to %s files are named)', async (named) => {
    let spoil: ((folder: string) => void) | null = null;
    const wrapRestic = (restic: ResticRepository): ResticRepository =>
      new Proxy(restic, {
        get: (target, key) => {
          if (key !== 'backup') return (Reflect.get(target, key) as (...args: unknown[]) => unknown).bind(target);
          return (...args: Parameters<ResticRepository['backup']>) => {
            spoil?.(path.join(args[1].folder, args[1].targets[0] ?? ''));
            return target.backup(...args);
          };
        },
      });
    await withRig({ wrapRestic, budget: { ...captureBudget, named } }, async (rig) => {
      writeFileSync(`${rig.workspace}/big`, random(2_000_000));
      writeFileSync(`${rig.workspace}/small`, 'x');
      await rig.take();
      const spoilers = [
        (folder: string): void => utimesSync(`${folder}/big`, 1, 1),
        (folder: string): void => rmSync(`${folder}/big`),
      ];
      for (const [turn, one] of spoilers.entries()) {
        appendFileSync(`${rig.workspace}/small`, 'y');
        spoil = one;
        expect(await errorOf(rig.take())).toMatchObject({ code: 'guard_failed' });
        expect(readdirSync(path.join(rig.repository, 'snapshots'))).toHaveLength(1 + turn);
        spoil = null;
        expect(await rig.take()).toMatchObject({ result: 'ok' });
      }
      const [newest] = (await rig.snapshots.list(caller)).snapshots;
      expect(await restored(rig, newest?.id ?? '')).toEqual(listing(rig.workspace));
    });
  });
});
