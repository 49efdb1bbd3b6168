// The whole way of a snapshot, on a real OpenSSH server and every restic that was unpacked: taken, taken again, restored here and to the host, deleted.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, chmodSync, linkSync, lutimesSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sidecarName } from '../../src/main/domain/sidecar';
import { readSidecar } from '../../src/main/domain/sidecar-read';
import { restics } from '../support/restics';
import { caller, listing, startRig, type Rig } from './snapshots-rig';

const bytes = (folder: string, name: readonly number[]): Buffer => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]);

const sha256 = (file: string | Buffer): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Every file of a snapshot's sidecar with the hash that it says, by original name. */
const hashesOf = async (rig: Rig, id: string): Promise<Map<string, string>> => {
  const lines = gunzipSync(rig.bytesByHand(['dump', id, `/${sidecarName}`])).toString('utf8').split('\n');
  const { entries } = await readSidecar((async function* each() { yield* lines; })());
  return new Map(entries.filter((entry) => entry.type === 'f').map((entry) => [entry.path, entry.sha256]));
};

/** A small project with everything that is hard to keep. */
const fill = (at: string): void => {
  mkdirSync(`${at}/venv/bin`, { recursive: true });
  mkdirSync(`${at}/venv/lib`, { recursive: true });
  mkdirSync(`${at}/empty`, { mode: 0o750 });
  mkdirSync(`${at}/deep/${'d'.repeat(100)}/${'e'.repeat(100)}`, { recursive: true });
  symlinkSync('/usr/bin/env', `${at}/venv/bin/python`);
  symlinkSync('../lib', `${at}/venv/bin/lib-link`);
  symlinkSync('does/not/exist', `${at}/dangling`);
  writeFileSync(`${at}/venv/bin/run`, '#!/bin/sh\n"$(dirname "$0")/python" echo it runs\n', { mode: 0o755 });
  writeFileSync(`${at}/a.txt`, 'one\n');
  writeFileSync(`${at}/größe 大.txt`, 'unicode\n');
  writeFileSync(`${at}/-rf * $(touch x) 'q" [a]`, 'shell\n');
  writeFileSync(`${at}/100%41.txt`, 'percent\n');
  writeFileSync(`${at}/line\nbreak`, 'newline\n');
  writeFileSync(bytes(at, [0x62, 0xff, 0xfe, 0x2e, 0x62]), 'not utf-8\n');
  writeFileSync(`${at}/deep/${'d'.repeat(100)}/${'e'.repeat(100)}/${'f'.repeat(100)}.bin`, 'long\n');
  writeFileSync(`${at}/empty-file`, '');
  writeFileSync(`${at}/big.bin`, Buffer.alloc(3_000_000, 'dumont'));
  writeFileSync(`${at}/first`, 'same inode\n');
  linkSync(`${at}/first`, `${at}/second`);
  linkSync(`${at}/first`, `${at}/venv/third`);
  writeFileSync(`${at}/secret`, 'private\n', { mode: 0o600 });
  writeFileSync(`${at}/suid`, 'x\n');
  chmodSync(`${at}/suid`, 0o4755);
  execFileSync('mkfifo', [`${at}/pipe`]);
  utimesSync(`${at}/a.txt`, 1_600_000_000.123_456, 1_600_000_000.123_456);
  lutimesSync(`${at}/dangling`, 1_500_000_000, 1_500_000_000);
  utimesSync(`${at}/empty`, 1_400_000_000, 1_400_000_000);
};

for (const { version, file } of restics()) {
  describe(`restic ${version}`, () => {
    let rig: Rig;
    let first: Awaited<ReturnType<Rig['take']>>;

    beforeAll(async () => {
      rig = await startRig(file);
      fill(rig.workspace);
      first = await rig.take({ tags: ['auto-backup'] });
    });
    afterAll(async () => await rig.stop());

    it('takes a first snapshot of everything', () => {
      expect(first).toMatchObject({ result: 'ok', unchanged: false, tags: ['auto-backup'], paths: [rig.workspace], instance_id: 7, label: 'my box', warnings: [] });
      expect(first.id).toMatch(/^[0-9a-f]{64}$/);
      expect(first.file_count).toBe(15);
      expect(first.files_new).toBe(16);
    });

    it('keeps the SHA-256 of every file in the sidecar, of later names of one file too', async () => {
      const kept = await hashesOf(rig, first.id);
      expect(kept.size).toBe(15);
      for (const [name, hash] of kept) expect(hash).toBe(sha256(Buffer.from(`${rig.workspace}/${name}`, 'latin1')));
    });

    it('does not start restic when nothing changed', async () => {
      const again = await rig.take();
      expect(again).toMatchObject({ snapshot_id: first.snapshot_id, unchanged: true, data_added: 0 });
      expect(readdirSync(path.join(rig.repository, 'snapshots'))).toHaveLength(1);
    });

    it('restores into a new folder: contents, names, links, modes and times as they were', async () => {
      const target = rig.folder.at('restored');
      const result = await rig.snapshots.restore(caller, { snapshot_id: first.short_id, folder: target, verify: true, wait: true });
      expect(result).toMatchObject({ success: true, files_restored: 15, errors: [], target_path: target });
      expect(listing(target)).toEqual(listing(rig.workspace).filter((line) => !line.includes('/pipe')));
      expect(execFileSync(`${target}/venv/bin/run`, { encoding: 'utf8' })).toBe('it runs\n');
    });

    it('restores to the host: owners and special bits too', async () => {
      const target = rig.folder.at('host', 'other place');
      const result = await rig.snapshots.restore(caller, { snapshot_id: first.id, instance_id: 7, target_path: target, verify: true, wait: true });
      expect(result).toMatchObject({ success: true, files_restored: 15, errors: [] });
      const all = { owners: true, setuid: true };
      expect(listing(target, all)).toEqual(listing(rig.workspace, all).filter((line) => !line.includes('/pipe')));
    });

    it('restores chosen paths only, here and there', async () => {
      const paths = ['venv/bin', './-rf * $(touch x) \'q" [a]', 'dangling'];
      const here = rig.folder.at('chosen');
      expect(await rig.snapshots.restore(caller, { snapshot_id: first.id, folder: here, paths, verify: false, wait: true })).toMatchObject({ success: true, files_restored: 2 });
      const there = rig.folder.at('host', 'chosen');
      expect(await rig.snapshots.restore(caller, { snapshot_id: first.id, instance_id: 7, target_path: there, paths, verify: true, wait: true })).toMatchObject({ success: true, files_restored: 2 });
      const expected = listing(rig.workspace, { directoryTimes: false }).filter((line) => /\/venv\/bin|\/-rf|\/dangling|\/venv$/.test(line));
      expect(listing(here, { directoryTimes: false }).map((line) => line.replace(/^d \d+/, 'd'))).toEqual(expected.map((line) => line.replace(/^d \d+/, 'd')));
      expect(listing(there, { directoryTimes: false })).toEqual(expected);
      await expect(rig.snapshots.restore(caller, { snapshot_id: first.id, folder: rig.folder.at('none'), paths: ['nothing'], verify: false, wait: true })).rejects.toMatchObject({ code: 'not_found' });
    });

    it('restores more chosen files than the arguments of a command can name', async () => {
      const source = rig.folder.at('host', 'many');
      mkdirSync(`${source}/inside`, { recursive: true });
      const name = (at: number): string => `inside/${String(at).padStart(4, '0')}-[${'n'.repeat(190)}]*`;
      for (let at = 0; at < 1200; at += 1) writeFileSync(`${source}/${name(at)}`, '');
      const { id } = await rig.take({ source });
      // Every second one, so that no beginning of their names stands for many, and a range.
      const chosen = [...Array(1200).keys()].filter((at) => at < 100 || at % 2 === 0).map(name);
      const target = rig.folder.at('many');
      expect(await rig.snapshots.restore(caller, { snapshot_id: id, folder: target, paths: chosen, verify: false, wait: true })).toMatchObject({ success: true, files_restored: chosen.length, errors: [] });
      expect(readdirSync(`${target}/inside`).map((file) => `inside/${file}`).sort()).toEqual(chosen);
      await rig.snapshots.remove(caller, id);
    });

    it('sends and stores what changed, and notices a change that kept size and time', async () => {
      appendFileSync(`${rig.workspace}/a.txt`, 'two\n');
      rmSync(`${rig.workspace}/secret`);
      rmSync(`${rig.workspace}/dangling`);
      mkdirSync(`${rig.workspace}/dangling/in`, { recursive: true });
      writeFileSync(`${rig.workspace}/dangling/in/new`, 'new\n');
      const then = 1_700_000_000;
      utimesSync(`${rig.workspace}/suid`, then, then);
      const second = await rig.take();
      expect(second).toMatchObject({ result: 'ok', unchanged: false, files_new: 1 });
      writeFileSync(`${rig.workspace}/suid`, 'y\n');
      utimesSync(`${rig.workspace}/suid`, then, then);
      const third = await rig.take();
      expect(third.files_changed).toBe(2);
      const target = rig.folder.at('third');
      await rig.snapshots.restore(caller, { snapshot_id: third.id, folder: target, verify: true, wait: true });
      expect(listing(target)).toEqual(listing(rig.workspace).filter((line) => !line.includes('/pipe')));
      expect(readFileSync(`${target}/suid`, 'utf8')).toBe('y\n');
      for (const [name, hash] of await hashesOf(rig, third.id)) expect(hash).toBe(sha256(Buffer.from(`${rig.workspace}/${name}`, 'latin1')));
      rig.check();
    });

    it('lists, and deletes for good; the next one builds on what is left', async () => {
      const { snapshots, count } = await rig.snapshots.list(caller, { instance_id: 7 });
      expect(count).toBe(3);
      const newest = snapshots[0]!;
      expect(await rig.snapshots.remove(caller, newest.id)).toEqual({ success: true, snapshot_id: newest.id });
      expect((await rig.snapshots.list(caller)).count).toBe(2);
      expect(rig.byHand(['snapshots'])).not.toContain(newest.short_id);
      const after = await rig.take();
      expect(after).toMatchObject({ result: 'ok', unchanged: false });
      await expect(rig.snapshots.remove({ ...caller, userId: 'user-2' }, after.id)).rejects.toMatchObject({ code: 'not_found' });
      rig.check();
    });

    it('shows the repository, and makes a recovery key that opens it', async () => {
      expect(await rig.repositories.overview(caller)).toMatchObject({ state: 'ready', path: rig.repository, snapshot_count: 3, restic: { version }, recovery_key: false });
      const { recovery_key: key } = await rig.repositories.recoveryKey(caller);
      expect(key).toMatch(/^(?:[0-9A-Z]{4}-){7}[0-9A-Z]{4}$/);
      const listed = execFileSync(file, ['--no-cache', '-r', rig.repository, 'snapshots'], { input: `${key}\n`, encoding: 'utf8' });
      expect(listed).toContain('3 snapshots');
      expect((await rig.repositories.overview(caller)).recovery_key).toBe(true);
    });
  });
}
