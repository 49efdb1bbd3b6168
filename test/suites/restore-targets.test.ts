// Where a restore may write, who sees which snapshot, and what is left of a run that ended in between.
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../src/main/domain/app-error';
import type { Caller } from '../../src/main/domain/ports';
import { newestRestic } from '../support/restics';
import { caller, startRig, type Rig } from './snapshots-rig';

const http: Caller = { ...caller, transport: 'http' };

describe('a restore', () => {
  let rig: Rig;
  let id = '';
  const restore = (by: Caller, folder: string): Promise<unknown> => rig.snapshots.restore(by, { snapshot_id: id, folder, verify: false, wait: true });

  beforeAll(async () => {
    rig = await startRig(newestRestic().file);
    writeFileSync(`${rig.workspace}/a`, 'a\n');
    ({ id } = await rig.take());
  });
  afterAll(async () => await rig.stop());

  it('never goes into a folder that holds something', async () => {
    const full = rig.folder.at('full');
    mkdirSync(full);
    writeFileSync(`${full}/mine`, 'mine');
    await expect(restore(caller, full)).rejects.toMatchObject({ code: 'target_not_empty', data: { path: full } });
    await expect(restore(caller, `${full}/mine`)).rejects.toMatchObject({ code: 'target_not_empty' });
    expect(readdirSync(full)).toEqual(['mine']);
    await expect(restore(caller, 'relative')).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it.runIf(process.platform === 'linux')('is refused where the disk cannot write the name of its folder, and ends', async () => {
    await expect(restore(caller, '/proc/dumont/here')).rejects.toMatchObject({ code: 'invalid_input', data: { issues: [{ path: 'folder' }] } });
  });

  it('leaves nothing in its folder when that cannot be noted, as on a full disk', async () => {
    const folder = rig.folder.at('not-noted');
    const { operations } = rig.store;
    const update = operations.update.bind(operations);
    const full = vi.spyOn(operations, 'update').mockImplementation((operation, change) => {
      if (change.context?.['scratch'] !== undefined) throw new AppError('disk_full', 'The disk is full. What was complete is kept.', { path: 'dumont.sqlite' });
      update(operation, change);
    });
    await expect(restore(caller, folder)).rejects.toMatchObject({ code: 'disk_full' });
    full.mockRestore();
    expect(readdirSync(folder)).toEqual([]);
    expect(await restore(caller, folder)).toMatchObject({ success: true });
  });

  it('gives back times before 1970', async () => {
    mkdirSync(`${rig.workspace}/old`);
    writeFileSync(`${rig.workspace}/old/file`, 'old\n');
    symlinkSync('file', `${rig.workspace}/old/link`);
    execFileSync('touch', ['-h', '-d', '1965-03-18T08:34:51.5Z', `${rig.workspace}/old/link`, `${rig.workspace}/old/file`, `${rig.workspace}/old`]);
    const taken = await rig.take();
    expect(taken).toMatchObject({ result: 'ok', warnings: [] });
    const folder = rig.folder.at('from-1965');
    await rig.snapshots.restore(caller, { snapshot_id: taken.id, folder, verify: true, wait: true });
    const times = (below: string): readonly number[] => ['old', 'old/file', 'old/link'].map((name) => lstatSync(`${below}/${name}`).mtimeMs);
    expect(times(folder)).toEqual(times(rig.workspace));
    rmSync(`${rig.workspace}/old`, { recursive: true });
  });

  it('over HTTP stays below the export folder, whatever lies there', async () => {
    const exports = rig.folder.at('exports');
    for (const outside of [rig.folder.at('elsewhere'), exports, `${exports}/../out`, `${exports}/a/../../out`, '../out']) {
      await expect(restore(http, outside)).rejects.toMatchObject({ code: expect.stringMatching(/target_forbidden|invalid_input/) as string });
    }
    mkdirSync(exports, { recursive: true });
    mkdirSync(rig.folder.at('out'));
    symlinkSync(rig.folder.at('out'), path.join(exports, 'link'));
    await expect(restore(http, path.join(exports, 'link', 'x'))).rejects.toMatchObject({ code: 'target_forbidden' });
    await expect(restore(http, path.join(exports, 'link'))).rejects.toMatchObject({ code: 'target_forbidden' });
    expect(readdirSync(rig.folder.at('out'))).toEqual([]);
    expect(existsSync(rig.folder.at('elsewhere'))).toBe(false);
    expect(await restore(http, 'named')).toMatchObject({ success: true, target_path: path.join(exports, 'named') });
    expect(readFileSync(path.join(exports, 'named', 'a'), 'utf8')).toBe('a\n');
    expect(await restore(http, path.join(exports, 'deep', 'er'))).toMatchObject({ success: true });
  });

  it('gives nobody the snapshots of another user', async () => {
    const stranger: Caller = { ...caller, userId: 'user-2' };
    expect((await rig.snapshots.list(stranger)).count).toBe(0);
    await expect(restore(stranger, rig.folder.at('stolen'))).rejects.toMatchObject({ code: 'not_found' });
    await expect(rig.snapshots.remove(stranger, id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(rig.snapshots.remove(caller, 'ffffffff')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is waited for only when that is wanted', async () => {
    const answer = await rig.snapshots.restore(caller, { snapshot_id: id, folder: rig.folder.at('later'), verify: false, wait: false });
    expect(Object.keys(answer)).toEqual(['operation_id']);
    expect(await rig.operations.settled(30_000)).toBe(true);
    expect(rig.operations.get(caller, answer.operation_id)).toMatchObject({ state: 'succeeded', kind: 'restore', snapshot_id: id });
  });

  it('of a snapshot that another program removed: it is marked, and the next capture does without it', async () => {
    writeFileSync(`${rig.workspace}/b`, 'b\n');
    const taken = await rig.take();
    rig.byHand(['forget', taken.id]);
    expect((await rig.snapshots.list(caller)).snapshots.find((one) => one.id === taken.id)).toMatchObject({ result: 'unknown' });
    const next = await rig.take();
    expect(next).toMatchObject({ unchanged: false, result: 'ok', file_count: 2 });
    expect(await rig.snapshots.remove(caller, taken.id)).toMatchObject({ success: true });
    rig.check();
  });
});

describe('two at once, and one that was never finished', () => {
  it('two captures of one folder follow one another', async () => {
    const rig = await startRig(newestRestic().file);
    try {
      writeFileSync(`${rig.workspace}/a`, 'a\n');
      const [one, two] = await Promise.all([rig.take(), rig.take()]);
      expect(one.unchanged).not.toBe(two.unchanged);
      expect(one.id).toBe(two.id);
    } finally {
      await rig.stop();
    }
  });

  it('a snapshot that nobody verified is hidden, and forgotten by the next capture; verified ones without a row and those of other programs are left alone', async () => {
    const rig = await startRig(newestRestic().file);
    try {
      writeFileSync(`${rig.workspace}/a`, 'a\n');
      const first = await rig.take();
      // As if the app had ended between restic and the guard.
      rig.store.snapshots.remove(caller.userId, first.id);
      rig.operations.end(first.operation_id, 'failed', null);
      writeFileSync(`${rig.workspace}/a`, 'b\n');
      // As if the repository had been taken away and imported again.
      const verified = await rig.take({ tags: ['verified'] });
      rig.store.snapshots.remove(caller.userId, verified.id);
      rig.byHand(['backup', '--tag', 'by-hand', rig.workspace]);
      // A list does not wait long for restic to say what strangers are.
      await expect.poll(async () => (await rig.snapshots.list(caller)).snapshots.map((one) => [one.result, one.tags]), { timeout: 30_000 }).toEqual([['unknown', ['by-hand']], ['unknown', ['verified']]]);
      const next = await rig.take();
      expect(next).toMatchObject({ result: 'ok', unchanged: false });
      const listed = (await rig.snapshots.list(caller)).snapshots;
      expect(listed.map((one) => [one.result, one.tags])).toEqual([['ok', []], ['unknown', ['by-hand']], ['unknown', ['verified']]]);
      expect(listed.map((one) => one.id)).not.toContain(first.id);
      expect(rig.byHand(['snapshots', '--json'])).not.toContain(first.id);
      rig.check();
    } finally {
      await rig.stop();
    }
  });
});
