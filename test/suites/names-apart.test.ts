// A mirror on a disk that takes names for one that differ only in case: over a real sshd and restic; only what the disk says is made up.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAppError } from '../../src/main/domain/app-error';
import { newestRestic } from '../support/restics';
import { caller, fillAlikeTree, listing, random, startRig, type Rig } from './snapshots-rig';

describe('a disk that folds names', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(newestRestic().file, { sameName: (one, other) => one.toLowerCase() === other.toLowerCase() });
  }, 120_000);
  afterAll(async () => await rig.stop());

  const put = (name: string, content: string | Buffer): void => writeFileSync(`${rig.workspace}/${name}`, content);
  /** No two names of a directory of the mirror differ only in case. */
  const expectApart = (): void => {
    const tree = path.join(rig.dataFolder, 'users', caller.userId, 'mirrors');
    const names = readdirSync(tree, { recursive: true }).map((name) => String(name));
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
  };
  const expectRestored = async (id: string): Promise<void> => {
    const target = rig.folder.at(`restored-${id.slice(0, 8)}`);
    expect(await rig.snapshots.restore(caller, { snapshot_id: id, folder: target, verify: true, wait: true })).toMatchObject({ success: true, errors: [] });
    expect(listing(target)).toEqual(listing(rig.workspace));
  };

  it('keeps names that differ only in case apart, from snapshot to snapshot', async () => {
    fillAlikeTree(rig.workspace);
    const first = await rig.take();
    expect(first).toMatchObject({ result: 'ok', file_count: 4 });
    expectApart();
    await expectRestored(first.id);

    put('README', 'large\n');
    put('src/model.bin', random(1_500_000).fill(7, 0, 1000));
    const second = await rig.take();
    expect(second).toMatchObject({ result: 'ok', file_count: 5 });
    expectApart();
    await expectRestored(second.id);

    rmSync(`${rig.workspace}/src/Model.bin`);
    rmSync(`${rig.workspace}/SRC`, { recursive: true });
    const third = await rig.take();
    // Nobody got another name: nothing was new.
    expect(third).toMatchObject({ result: 'ok', file_count: 3, files_new: 0 });
    await expectRestored(third.id);
    expect(await rig.take()).toMatchObject({ unchanged: true });
    rig.check();
  }, 240_000);

  it('shows each of them as it is', async () => {
    const { snapshots } = await rig.snapshots.list(caller);
    const id = snapshots[0]?.id ?? '';
    const text = async (name: string): Promise<unknown> => {
      for (;;) {
        try {
          return await rig.files.preview(caller, { id, path: name });
        } catch (error) {
          if (!isAppError(error, 'snapshot_not_indexed')) throw error;
          await rig.operations.settled(15_000);
        }
      }
    };
    expect(await text('README')).toMatchObject({ kind: 'text', text: 'large\n' });
    expect(await text('readme')).toMatchObject({ kind: 'text', text: 'small\n' });
    expect(readFileSync(`${rig.workspace}/readme`, 'utf8')).toBe('small\n');
  });
});
