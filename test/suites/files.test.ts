// What is in the snapshots, on a real OpenSSH server, with the oldest restic and the newest: indexed at the capture and from the repository, previewed, downloaded, foreign ones too.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SnapshotFolderPage } from '../../src/contract';
import type { Download } from '../../src/main/domain/services';
import { ThreadedIndex } from '../../src/main/providers/index/index-threads';
import { restics } from '../support/restics';
import { caller, errorOf, random, startRig, type Rig } from './snapshots-rig';

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const odd = Buffer.from([0x62, 0xff, 0x2e, 0x74]);

const fill = (at: string): void => {
  mkdirSync(`${at}/runs/7/logs`, { recursive: true });
  writeFileSync(`${at}/runs/7/logs/train.log`, 'epoch 1\nloss \u001b[31m0.5\u001b[0m\n');
  writeFileSync(`${at}/plot`, png);
  writeFileSync(`${at}/page.html`, '<script>alert(1)</script>');
  writeFileSync(`${at}/weights.bin`, Buffer.concat([Buffer.from([0]), random(700_000)]));
  writeFileSync(`${at}/long.txt`, 'a line of text\n'.repeat(40_000));
  writeFileSync(`${at}/empty`, '');
  writeFileSync(Buffer.concat([Buffer.from(`${at}/`), odd]), 'odd name\n');
  writeFileSync(`${at}/100% "sure" [1].txt`, 'typed\n', { mode: 0o750 });
  symlinkSync('runs/7', `${at}/latest`);
};

const read = async ({ content }: Download): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
};

/** The oldest and the newest: they differ in all that matters here, and the suite stays short. */
const ends = [restics()[0], restics().at(-1)].flatMap((one, at, both) => (one === undefined || (at === 1 && one.version === both[0]?.version) ? [] : [one]));

for (const { version, file } of ends) {
  describe(`restic ${version}`, () => {
    let rig: Rig;
    let first: string;
    let second: string;

    const list = (id: string, more: object = {}): Promise<SnapshotFolderPage> => rig.files.list(caller, { id, filter: '', sort: 'name', descending: false, offset: 0, limit: 200, ...more });
    /** Asks until the snapshot has been read. */
    const indexed = async (id: string): Promise<SnapshotFolderPage> => {
      for (;;) {
        const error = await errorOf(list(id));
        if (error.code === undefined) return await list(id);
        expect(error).toMatchObject({ code: 'snapshot_not_indexed' });
        const { operation_id: operation } = error.data as { operation_id: string };
        for await (const event of rig.operations.follow(caller, operation)) if (event.type === 'operation') expect(event.operation.kind).toBe('index');
      }
    };

    const added = vi.spyOn(ThreadedIndex.prototype, 'add');
    beforeAll(async () => {
      added.mockClear();
      rig = await startRig(file);
      fill(rig.workspace);
      first = (await rig.take()).id;
      // What it holds is read beside the mirror, which the next one changes: waits for what is being added, here and below.
      await list(first);
      writeFileSync(`${rig.workspace}/runs/7/logs/train.log`, 'epoch 2, and longer\n');
      rmSync(`${rig.workspace}/page.html`);
      writeFileSync(`${rig.workspace}/new.txt`, 'new\n');
      second = (await rig.take()).id;
      await list(second);
    });
    afterAll(async () => await rig.stop());

    it('knows what a snapshot holds as soon as it was taken, without asking restic', async () => {
      // Only before there was an index: the second was read while it was made.
      expect(added.mock.calls.map(([, { id }]) => id)).toEqual([first]);
      const page = await list(first);
      expect(rig.operations.list(caller, { limit: 100 }).operations.filter(({ kind }) => kind === 'index')).toEqual([]);
      expect(page.rows.map(({ name }) => name)).toEqual(['runs/7/logs', '100% "sure" [1].txt', String.raw`b%FF.t`, 'empty', 'latest', 'long.txt', 'page.html', 'plot', 'weights.bin']);
      expect(page).toMatchObject({ total: 9, folder: { type: 'dir', path: '', files: 8, entries: 9 } });
      expect(page.rows.find(({ name }) => name === 'latest')).toMatchObject({ type: 'symlink', target: 'runs/7' });
    });

    it('finds a file over all snapshots, its states, and what changed between two', async () => {
      const found = await rig.files.search(caller, { q: 'TRAIN.l', limit: 10 });
      expect(found).toMatchObject({ total: 1, unread: 0, operation_id: null, results: [{ path: 'runs/7/logs/train.log', snapshot_id: second, versions: 2, snapshots: 2 }] });
      const { versions } = await rig.files.versions(caller, { id: first, path: 'runs/7/logs/train.log' });
      expect(versions.map(({ size, snapshot_ids: ids }) => [size, ids])).toEqual([[20, [second]], [26, [first]]]);
      const diff = await rig.files.diff(caller, { id: first, other: second, offset: 0, limit: 100 });
      expect(diff.changes.filter(({ file: { type } }) => type === 'file').map(({ change, file: { path: at }, size_before: before, size_after: after }) => [change, at, before, after])).toEqual([
        ['added', 'new.txt', null, 4], ['removed', 'page.html', 25, null], ['changed', 'runs/7/logs/train.log', 26, 20],
      ]);
      expect(diff).toMatchObject({ added: { files: 1, bytes: 4 }, removed: { files: 1, bytes: 25 }, changed: { files: 1, bytes: 20 } });
    });

    it('shows text and images without a restore, and nothing else', async () => {
      const preview = (at: string, id = first) => rig.files.preview(caller, { id, path: at });
      expect(await preview('runs/7/logs/train.log')).toMatchObject({ kind: 'text', text: `epoch 1\nloss ${String.raw`\u{1b}[31m0.5\u{1b}[0m`}\n`, truncated: false });
      expect(await preview('page.html')).toMatchObject({ kind: 'text', text: '<script>alert(1)</script>' });
      expect(await preview('plot')).toMatchObject({ kind: 'image', media_type: 'image/png' });
      expect((await rig.files.image(caller, { id: first, path: 'plot' })).bytes).toEqual(png);
      expect(await errorOf(rig.files.image(caller, { id: first, path: 'page.html' }))).toMatchObject({ code: 'not_found', data: { kind: 'image' } });
      expect(await preview('weights.bin')).toMatchObject({ kind: 'none', reason: 'binary' });
      expect(await preview('empty')).toMatchObject({ kind: 'none', reason: 'empty' });
      expect(await preview('runs')).toMatchObject({ kind: 'none', reason: 'not_a_file' });
      const long = await preview('long.txt');
      expect(long).toMatchObject({ kind: 'text', truncated: true });
      expect(long.kind === 'text' ? long.text.length : 0).toBe(256 * 1024);
      expect(await errorOf(preview('no/such'))).toMatchObject({ code: 'not_found', data: { kind: 'path' } });
      expect(await errorOf(preview('../x'))).toMatchObject({ code: 'invalid_input' });
      rig.byHand(['unlock']);
      expect(rig.byHand(['list', 'locks', '--no-lock']).split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line))).toEqual([]);
    });

    it('sends one file as it is, whatever its name, and a selection as an archive with the original names', async () => {
      expect(await read(await rig.files.download(caller, { id: first, path: 'weights.bin' }))).toEqual(readFileSync(`${rig.workspace}/weights.bin`));
      expect(await read(await rig.files.download(caller, { id: first, path: '100% "sure" [1].txt' }))).toEqual(Buffer.from('typed\n'));
      expect(await read(await rig.files.download(caller, { id: first, path64: odd.toString('base64') }))).toEqual(Buffer.from('odd name\n'));
      const tar = await read(await rig.files.archive(caller, { id: first, paths: ['runs/7', '100% "sure" [1].txt'], paths64: [odd.toString('base64')] }));
      const names = execFileSync('tar', ['-tf', '-', '--quoting-style=escape'], { input: tar, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
      expect(names.split('\n').filter((name) => name !== '').map((name) => name.replace(/^\.\//, '')).sort()).toEqual(['100% "sure" [1].txt', String.raw`b\377.t`, 'runs/7/', 'runs/7/logs/', 'runs/7/logs/train.log']);
    });

    it('restores a selection by its bytes too', async () => {
      const target = rig.folder.at(`by-bytes-${version}`);
      await rig.snapshots.restore(caller, { snapshot_id: first, folder: target, paths: ['plot'], paths64: [odd.toString('base64')], verify: false, wait: true });
      expect(readFileSync(Buffer.concat([Buffer.from(`${target}/`), odd]), 'utf8')).toBe('odd name\n');
      expect(readFileSync(`${target}/plot`)).toEqual(png);
    });

    it('reads everything again when the index is lost, from the sidecars', async () => {
      const before = [await list(first), await list(second)];
      rmSync(path.join(rig.dataFolder, 'users', caller.userId, 'index.sqlite'));
      const found = await rig.files.search(caller, { q: 'train', limit: 10 });
      expect(found).toMatchObject({ total: 0, unread: 2 });
      expect(found.operation_id).not.toBeNull();
      expect([await indexed(first), await indexed(second)]).toEqual(before);
      expect((await rig.files.versions(caller, { id: second, path: 'runs/7/logs/train.log' })).count).toBe(2);
    });

    it('reads a snapshot that restic made by hand, and forgets one that restic removed', async () => {
      const foreign = rig.folder.at(`foreign-${version}`);
      mkdirSync(path.join(foreign, 'work'), { recursive: true });
      writeFileSync(path.join(foreign, 'work', 'by hand.txt'), 'by hand\n');
      execFileSync(file, ['--no-cache', '-r', rig.repository, 'backup', 'work'], { cwd: foreign, env: { ...process.env, RESTIC_PASSWORD: rig.secrets.get(`${caller.userId}:repository-password`) ?? '' } });
      const stranger = (await rig.snapshots.list(caller)).snapshots.find(({ instance_id: id }) => id === null);
      const id = stranger?.id ?? '';
      expect((await indexed(id)).rows.map(({ name }) => name)).toEqual(['work']);
      expect(await rig.files.preview(caller, { id, path: 'work/by hand.txt' })).toMatchObject({ kind: 'text', text: 'by hand\n' });
      expect(await read(await rig.files.download(caller, { id, path: 'work/by hand.txt' }))).toEqual(Buffer.from('by hand\n'));
      expect(await errorOf(rig.files.diff(caller, { id, other: first, offset: 0, limit: 10 }))).toMatchObject({ code: 'different_sources' });
      rig.byHand(['forget', id]);
      await rig.files.search(caller, { q: 'x', limit: 10 });
      expect((await rig.files.search(caller, { q: 'by hand', limit: 10 })).total).toBe(0);
    });

    it('forgets a snapshot that was deleted', async () => {
      await rig.snapshots.remove(caller, second);
      await rig.files.search(caller, { q: 'x', limit: 10 });
      expect((await rig.files.search(caller, { q: 'new.txt', limit: 10 })).total).toBe(0);
      expect(await errorOf(list(second))).toMatchObject({ code: 'not_found' });
      expect((await list(first)).total).toBe(9);
    });
  });
}
