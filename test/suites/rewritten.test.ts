// Snapshots that were given a new id by hand, `restic tag` and `restic rewrite`: what is known of them stays, unless their contents changed.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/contract';
import { newestRestic, resticEnds } from '../support/restics';
import { caller, listing, random, startRig, type Rig } from './snapshots-rig';

for (const { version, file } of resticEnds()) {
  describe(`a snapshot rewritten by hand, restic ${version}`, () => {
    let rig: Rig;
    let first: string;

    beforeAll(async () => {
      rig = await startRig(file);
      mkdirSync(`${rig.workspace}/sub`);
      writeFileSync(`${rig.workspace}/weights.bin`, random(1_500_000));
      writeFileSync(`${rig.workspace}/sub/note`, 'one\n');
      first = (await rig.take({ tags: ['mine'] })).snapshot_id;
      rig.store.snapshots.update(first, { result: 'warnings', warnings: ['/socket was left out'], pinned: true });
      await rig.proofs.rehearse(caller, first, true);
    });
    afterAll(async () => await rig.stop());

    /** By the newest restic, which knows all commands. */
    const byHand = (...args: readonly string[]): string =>
      execFileSync(newestRestic().file, ['--no-cache', '-r', rig.repository, ...args], { env: { ...process.env, RESTIC_PASSWORD: rig.secrets.get(`${caller.userId}:repository-password`) ?? '' }, encoding: 'utf8' });
    const ids = (): readonly string[] => (JSON.parse(byHand('snapshots', '--json')) as readonly { readonly id: string }[]).map(({ id }) => id);
    /** A list does not wait long for restic to say what the new ones are. */
    const all = async (): Promise<readonly Snapshot[]> => {
      let list: readonly Snapshot[] = [];
      await expect.poll(async () => {
        list = (await rig.snapshots.list(caller)).snapshots;
        return list.map(({ id }) => id);
      }, { timeout: 30_000 }).toEqual(expect.arrayContaining([...ids()]));
      return list;
    };
    /** A list asks restic in the background what the new snapshots are. */
    const identified = async (): Promise<void> => {
      await expect.poll(async () => {
        await all();
        return rig.store.snapshots.list(caller.userId).every((row) => typeof row.tree === 'string');
      }, { timeout: 30_000 }).toBe(true);
    };

    it('with other tags keeps its result, its warnings, its pin and its proof, and has the new tags', async () => {
      await identified();
      byHand('tag', '--add', 'by-hand', '--remove', 'mine', first);
      const [id] = ids();
      expect(id).not.toBe(first);
      const [one, ...more] = await all();
      expect(more).toEqual([]);
      expect(one).toMatchObject({ id, instance_id: 7, label: 'my box', result: 'warnings', warnings: ['/socket was left out'], pinned: true, tags: ['by-hand'], proof: { state: 'proven', coverage: 1 } });
      expect(await rig.proofs.safety(caller, 7)).toMatchObject({ verdict: 'proven', sources: [{ snapshot: { id } }] });
    });

    it('a second time too, before anything has asked', async () => {
      byHand('tag', '--add', 'again', ids()[0] ?? '');
      expect(await rig.proofs.safety(caller, 7)).toMatchObject({ verdict: 'proven', asks: false, sources: [{ snapshot: { id: ids()[0] } }] });
      expect((await all()).map(({ id, tags }) => [id, [...tags].sort()])).toEqual([[ids()[0], ['again', 'by-hand']]]);
    });

    it('comes back whole, also by the id that it had', async () => {
      const folder = rig.folder.at('whole');
      expect(await rig.snapshots.restore(caller, { snapshot_id: first.slice(0, 8), folder, verify: true, wait: true })).toMatchObject({ success: true, errors: [] });
      expect(listing(folder)).toEqual(listing(rig.workspace));
    });

    it('with other tags, and then rewritten as it is, before anything has looked', async () => {
      byHand('tag', '--add', 'unseen', ids()[0] ?? '');
      byHand('rewrite', '--forget', '--new-host', 'elsewhere', ids()[0] ?? '');
      const [one, ...more] = await all();
      expect(more).toEqual([]);
      expect(one).toMatchObject({ id: ids()[0], result: 'warnings', pinned: true, proof: { state: 'proven', coverage: 1 } });
      expect([...(one?.tags ?? [])].sort()).toEqual(['again', 'by-hand', 'unseen']);
      byHand('tag', '--remove', 'unseen', ids()[0] ?? '');
      expect(await rig.proofs.safety(caller, 7)).toMatchObject({ verdict: 'proven', sources: [{ snapshot: { id: ids()[0] } }] });
    });

    it('is still what the next capture builds on: only what changed is fetched', async () => {
      byHand('tag', '--add', 'third', ids()[0] ?? '');
      appendFileSync(`${rig.workspace}/sub/note`, 'two\n');
      const second = await rig.take();
      // The sidecar is the other one.
      expect(second).toMatchObject({ files_new: 0, files_changed: 2, files_unmodified: 1 });
      await expect.poll(() => rig.store.operations.log(second.operation_id, 100).map(({ text }) => text).join('\n')).toMatch(/^1 files to fetch, 8 bytes;/m);
      await identified();
    });

    it('without one of its files is another: unknown and not proven', async () => {
      const [newest] = await all();
      await rig.proofs.rehearse(caller, newest?.id ?? '', true);
      const before = new Set(ids());
      byHand('rewrite', '--forget', '--exclude', 'weights.bin', newest?.id ?? '');
      const id = ids().find((one) => !before.has(one));
      expect(id).toBeDefined();
      const list = await all();
      expect(list.find((one) => one.id === id)).toMatchObject({ result: 'unknown', proof: { state: 'none' } });
      expect(list.find((one) => one.id === newest?.id)).toMatchObject({ result: 'unknown', proof: { state: 'none' } });
    });
  });
}
