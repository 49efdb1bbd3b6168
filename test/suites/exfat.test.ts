// A disk that takes names for one that differ only in case, and has no links: what is captured there, and what is restored to it. Over a real sshd and restic; the disk is real where `DUMONT_EXFAT` names one.
import type * as fs from 'node:fs';
import type * as promises from 'node:fs/promises';
import { linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ResticRepository } from '../../src/main/domain/snapshot-ports';
import type * as Exfat from '../support/exfat';
import { makeExfatDir, mergeAlike } from '../support/exfat';
import { newestRestic } from '../support/restics';
import { caller, fillAlikeTree, listing, random, startRig, type Rig } from './snapshots-rig';

vi.mock('node:fs', async (load) => (await vi.importActual<typeof Exfat>('../support/exfat')).throughLens(await load<typeof fs>(), false));
vi.mock('node:fs/promises', async (load) => (await vi.importActual<typeof Exfat>('../support/exfat')).throughLens(await load<typeof promises>(), true));

const disk = makeExfatDir();
mkdirSync(disk.path, { recursive: true });
afterAll(() => disk.remove());

it('is such a disk', () => {
  writeFileSync(`${disk.path}/Name`, 'x');
  expect(lstatSync(`${disk.path}/nAME`).size).toBe(1);
  expect(() => linkSync(`${disk.path}/Name`, `${disk.path}/other`)).toThrow(/EPERM|ENOSYS|ENOTSUP/);
  expect(() => symlinkSync('Name', `${disk.path}/other`)).toThrow(/EPERM|ENOSYS|ENOTSUP/);
  rmSync(`${disk.path}/NAME`);
  expect(readdirSync(disk.path)).toEqual([]);
});

describe('a mirror there', () => {
  let rig: Rig;
  beforeAll(async () => {
    // The guard asks for the comparison with the parent, which names links too.
    rig = await startRig(newestRestic().file, { dataFolder: path.join(disk.path, 'data'), others: [[]], budget: { bytes: 10e9, files: 50_000, named: 0 } });
  }, 120_000);
  afterAll(async () => await rig.stop());

  const put = (name: string, content: string | Buffer): void => writeFileSync(`${rig.workspace}/${name}`, content);
  let restores = 0;
  const expectRestored = async (id: string): Promise<void> => {
    const target = path.join(rig.folder.at('host'), `restored-${(restores += 1)}`);
    expect(await rig.snapshots.restore(caller, { snapshot_id: id, instance_id: 8, target_path: target, verify: true, wait: true })).toMatchObject({ success: true, errors: [] });
    expect(listing(target)).toEqual(listing(rig.workspace));
  };

  it('keeps names apart that differ only in case', async () => {
    fillAlikeTree(rig.workspace);
    symlinkSync('readme', `${rig.workspace}/link`);
    await expectRestored((await rig.take()).id);
    put('README', 'large\n');
    put('src/model.bin', random(1_500_000).fill(7, 0, 1000));
    await expectRestored((await rig.take()).id);
    expect(await rig.take()).toMatchObject({ unchanged: true });
  }, 240_000);

  it('takes a new spelling for a new name', async () => {
    mkdirSync(`${rig.workspace}/Data/Inner`, { recursive: true });
    put('Data/Inner/one', 'one\n');
    put('Data/big', random(2_000_000));
    put('Notes', 'notes\n');
    symlinkSync('Notes', `${rig.workspace}/Data/to`);
    await expectRestored((await rig.take()).id);
    renameSync(`${rig.workspace}/Data`, `${rig.workspace}/data`);
    renameSync(`${rig.workspace}/Notes`, `${rig.workspace}/notes`);
    await expectRestored((await rig.take()).id);
    put('data/more', 'more\n');
    rmSync(`${rig.workspace}/data/to`);
    await expectRestored((await rig.take()).id);
    expect(await rig.take()).toMatchObject({ unchanged: true });
    rig.check();
  }, 240_000);
});

describe('a restore to it', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(newestRestic().file, {
      wrapRestic: (restic) =>
        new Proxy(restic, {
          get: (target, key) => {
            const method = (Reflect.get(target, key) as (...args: unknown[]) => unknown).bind(target);
            if (key !== 'restore') return method;
            return async (...args: Parameters<ResticRepository['restore']>) => {
              const errors = await target.restore(...args);
              mergeAlike(args[1].folder);
              return errors;
            };
          },
        }),
    });
  }, 120_000);
  afterAll(async () => await rig.stop());

  it('loses nothing: of names that are one there each has a file, and names of one file have one each', async () => {
    const files: Record<string, string> = { readme: 'small\n', README: 'large\n', 'src/a': 'a', 'SRC/a': 'b', 'SRC/b': 'only here', 'src/sub/x': '1', 'SRC/Sub/X': '2', one: 'same', plain: 'plain' };
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(`${rig.workspace}/${name}`), { recursive: true });
      writeFileSync(`${rig.workspace}/${name}`, content);
    }
    linkSync(`${rig.workspace}/one`, `${rig.workspace}/two`);
    const { id } = await rig.take();
    for (const [at, paths] of [undefined, ['src', 'SRC/a', 'readme', 'two']].entries()) {
      const folder = path.join(disk.path, `out-${at}`);
      const answer = await rig.snapshots.restore(caller, { snapshot_id: id, folder, verify: true, wait: true, ...(paths === undefined ? {} : { paths }) });
      const chosen = (name: string): boolean => paths === undefined || paths.some((one) => name === one || name.startsWith(`${one}/`));
      const wanted = [...Object.entries(files), ['two', 'same'] as const].filter(([name]) => chosen(name));
      expect(answer).toMatchObject({ success: true, errors: [], files_restored: wanted.length });
      const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map((one) => [path.join(path.relative(folder, one.parentPath), one.name).replaceAll(/%~[0-9a-f]{24}/g, ''), readFileSync(path.join(one.parentPath, one.name), 'utf8')]);
      const unordered = (pairs: readonly (readonly (string | undefined)[])[]): readonly string[] => pairs.map((pair) => JSON.stringify(pair)).sort();
      expect(unordered(found)).toEqual(unordered(wanted));
    }
  }, 240_000);
});
