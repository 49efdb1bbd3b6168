// Snapshots that another restic client made in a repository of ours: listed as such, looked into, downloaded, and restored to a folder and to an instance.
import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Download } from '../../src/main/domain/services';
import { resticEnds } from '../support/restics';
import { caller, errorOf, listing, random, startRig, type Rig } from './snapshots-rig';

for (const { version, file } of resticEnds()) {
  describe(`a snapshot of another client, restic ${version}`, () => {
    let rig: Rig;
    let tree: string;
    let id: string;
    const within = '/foreign/tree';

    beforeAll(async () => {
      rig = await startRig(file);
      writeFileSync(`${rig.workspace}/ours`, 'ours\n');
      await rig.take();
      tree = rig.folder.at('foreign', 'tree');
      mkdirSync(`${tree}/sub/deep`, { recursive: true });
      writeFileSync(`${tree}/big.bin`, random(1_500_000));
      writeFileSync(`${tree}/sub/it's [a] name*`, 'odd\n', { mode: 0o600 });
      const odd = Buffer.concat([Buffer.from(`${tree}/sub/bad `), Buffer.from([0xff])]);
      writeFileSync(odd, 'not UTF-8\n');
      // restic's archives know times to the second only, rounded.
      utimesSync(odd, 1_600_000_000, 1_600_000_000);
      writeFileSync(`${tree}/sub/deep/run`, '#!/bin/sh\n');
      chmodSync(`${tree}/sub/deep/run`, 0o755);
      linkSync(`${tree}/big.bin`, `${tree}/same.bin`);
      symlinkSync('sub/deep/run', `${tree}/link`);
      symlinkSync('/nowhere', `${tree}/sub/dangling`);
      rig.byHand(['backup', '--host', 'another', tree]);
      id = (await rig.snapshots.list(caller)).snapshots.find((one) => one.result === 'unknown' || one.instance_id === null)?.id ?? '';
    });
    afterAll(async () => await rig.stop());

    /** Links to the same content are two files in restic's archives; times of links are not in them. */
    const plain = (lines: readonly string[]): readonly string[] => lines.map((line) => line.replace(/^(f \d+ \d+ )(\d+)\d{3} \d+ /, '$1$2 ').replace(/^l \d+ /, 'l ').replace(/^(d \d+) \d*/, '$1')).sort();
    const wanted = (): readonly string[] => plain(listing(tree));
    const tarOf = async ({ content }: Download): Promise<string> => {
      const folder = rig.folder.at(`tar-${readdirSync(rig.folder.path).length}`);
      mkdirSync(folder);
      const parts: Uint8Array[] = [];
      for await (const part of content) parts.push(part);
      execFileSync('tar', ['-xpf', '-'], { cwd: folder, input: Buffer.concat(parts) });
      return folder;
    };
    const below = (folder: string): string => `${folder}${rig.folder.path}${within}`;

    it('is listed, and is no snapshot of an instance', async () => {
      expect(id).toMatch(/^[0-9a-f]{64}$/);
      const { snapshots } = await rig.snapshots.list(caller);
      expect(snapshots.find((one) => one.id === id)).toMatchObject({ instance_id: null, proof: { state: 'none' } });
    });

    it('comes back whole in a folder here, with names, modes and links', async () => {
      const folder = rig.folder.at('whole');
      expect(await rig.snapshots.restore(caller, { snapshot_id: id, folder, verify: true, wait: true })).toMatchObject({ success: true, errors: [] });
      expect(plain(listing(below(folder)))).toEqual(wanted());
    });

    it('gives a chosen folder, and nothing else', async () => {
      const folder = rig.folder.at('part');
      const chosen = `${rig.folder.path}${within}/sub`.slice(1);
      expect(await rig.snapshots.restore(caller, { snapshot_id: id, folder, paths: [chosen], verify: false, wait: true })).toMatchObject({ success: true, files_restored: 2, errors: [] });
      expect(readdirSync(below(folder))).toEqual(['sub']);
      expect(plain(listing(`${below(folder)}/sub`))).toEqual(plain(listing(`${tree}/sub`)));
      expect(await errorOf(rig.snapshots.restore(caller, { snapshot_id: id, folder: rig.folder.at('none'), paths: ['nothing'], verify: false, wait: true }))).toMatchObject({ code: 'not_found' });
    });

    it('can be downloaded: one file, and all of it as an archive', async () => {
      await expect.poll(async () => (await errorOf(rig.files.list(caller, { id, path: '', filter: '', sort: 'name', descending: false, offset: 0, limit: 10 } as never))).code, { timeout: 60_000 }).toBeUndefined();
      const one = await rig.files.download(caller, { id, path: `${rig.folder.path}${within}/big.bin`.slice(1) });
      const parts: Uint8Array[] = [];
      for await (const part of one.content) parts.push(part);
      expect(Buffer.concat(parts).equals(random(1_500_000))).toBe(true);
      const folder = await tarOf(await rig.files.download(caller, { id, path: '' }));
      expect(plain(listing(below(folder)))).toEqual(wanted());
    });

    it('comes back on an instance, where it is said', async () => {
      const target = rig.folder.at('host', 'restored');
      expect(await errorOf(rig.snapshots.restore(caller, { snapshot_id: id, instance_id: 7, verify: false, wait: true }))).toMatchObject({ code: 'invalid_input' });
      expect(await rig.snapshots.restore(caller, { snapshot_id: id, instance_id: 7, target_path: target, verify: true, wait: true })).toMatchObject({ success: true, errors: [] });
      expect(plain(listing(below(target)))).toEqual(wanted());
    });

    it('is never proven, and never found wanting', async () => {
      expect(await errorOf(rig.proofs.rehearse(caller, id, true))).toMatchObject({ code: 'snapshot_foreign' });
      expect(rig.proofs.listed(caller, { limit: 9 }).count).toBe(0);
    });
  });
}
