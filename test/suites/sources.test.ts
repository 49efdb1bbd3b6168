// How a source is captured: what is left out, commands before and after, limits, previews; on a real server with a real restic.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceOptionsChange, SourcePreview } from '../../src/contract';
import type { Caller } from '../../src/main/domain/ports';
import { newestRestic } from '../support/restics';
import { caller, errorOf, random, startRig, type Rig } from './snapshots-rig';

let rig: Rig;
const put = (options: SourceOptionsChange, by: Caller = caller) => rig.sources.put(by, { instance_id: 7, source_path: rig.workspace, options });
const file = (name: string, content: string | Buffer): void => {
  mkdirSync(`${rig.workspace}/${name}`.replace(/\/[^/]*$/, ''), { recursive: true });
  writeFileSync(`${rig.workspace}/${name}`, content);
};
/** Files of a snapshot, relative to the directory. */
const held = (id: string): string[] =>
  rig.byHand(['ls', '--json', id]).split('\n').flatMap((line) => {
    const node = line.startsWith('{') ? (JSON.parse(line) as { type?: string; path?: string }) : {};
    const root = `/${rig.workspace.slice(1)}/`;
    return node.type === 'file' && node.path?.startsWith(root) === true ? [node.path.slice(root.length)] : [];
  }).sort();
const logOf = (id: string): string => rig.operations.get(caller, id).log.map(({ src, text }) => `${src}: ${text}`).join('\n');

beforeAll(async () => {
  rig = await startRig(newestRestic().file);
  file('train.py', 'print(1)\n');
  file('data/a.bin', random(200_000));
  file('data/b.tmp', 'temporary');
  file('__pycache__/train.pyc', 'x'.repeat(5000));
  file('web/node_modules/left/pad.js', 'y'.repeat(3000));
  file('.hf_home/hub/blob', random(50_000));
  file('.hf_home/token', 'secret');
});
afterAll(async () => await rig.stop());

describe('what is left out', () => {
  it('does not come, goes when it is left out later, and comes back when it is not; the guard agrees each time', async () => {
    const first = await rig.take();
    expect(held(first.id)).toEqual(['.hf_home/token', 'data/a.bin', 'data/b.tmp', 'train.py']);
    expect(logOf(first.operation_id)).toMatch(/Left out \(node_modules\): 1 folders with all that is in them/);
    file('.dumontignore', '*.tmp\n# a comment\n');
    await put({ exclude: ['/train.py'] });
    const second = await rig.take();
    expect(second).toMatchObject({ result: 'ok', unchanged: false });
    expect(held(second.id)).toEqual(['.dumontignore', '.hf_home/token', 'data/a.bin']);
    expect(logOf(second.operation_id)).toContain('.dumontignore: 1 patterns');
    await put({ exclude: ['!*.tmp', '!node_modules/'], presets: { pycache: false } });
    const third = await rig.take();
    expect(third).toMatchObject({ result: 'ok' });
    expect(held(third.id)).toEqual(['.dumontignore', '.hf_home/token', '__pycache__/train.pyc', 'data/a.bin', 'data/b.tmp', 'train.py', 'web/node_modules/left/pad.js']);
    await put({ exclude: [], presets: { pycache: true }, max_file_bytes: 100_000, ignore_file: false });
    const fourth = await rig.take();
    expect(held(fourth.id)).toEqual(['.dumontignore', '.hf_home/token', 'data/b.tmp', 'train.py']);
    expect(logOf(fourth.operation_id)).toContain('Larger than 100000 bytes: data/a.bin');
    await put({ max_file_bytes: null, ignore_file: true, max_fetch_bytes: 150_000 });
    const asked = rig.sshd.log().split('Starting session').length;
    expect(await errorOf(rig.take())).toMatchObject({ code: 'fetch_too_large', data: { bytes: 200_000, limit_bytes: 150_000, files: 1, largest: 'data/a.bin' } });
    // It was listed in one session, and another may have been made ahead; nothing was fetched.
    expect(readdirSync(rig.dataFolder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('a.bin'))).toEqual([]);
    expect(rig.sshd.log().split('Starting session').length - asked).toBeLessThanOrEqual(2);
    await put({ max_fetch_bytes: null });
    expect(await rig.take()).toMatchObject({ result: 'ok' });
    rig.check();
  });

  it('sockets are not even recorded', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(`${rig.workspace}/app.sock`, resolve));
    const taken = await rig.take();
    expect(taken.result).toBe('ok');
    expect(gunzipSync(rig.bytesByHand(['dump', taken.id, '/.dumont-manifest.v1.jsonl.gz'])).toString('utf8')).not.toContain('app.sock');
    server.close();
  });
});

describe('a preview', () => {
  const look = async (options: SourceOptionsChange = {}): Promise<SourcePreview> => (await rig.sources.preview(caller, { instance_id: 7, source_path: rig.workspace, options, wait: true })) as SourcePreview;

  it('says what would be fetched, what is left out and why, and what it costs', async () => {
    file('data/new.bin', random(300_000));
    const preview = await look();
    expect(preview).toMatchObject({ path: rig.workspace, fetch: { files: 1, bytes: 300_000 }, dollars_per_gb: 0.0018, total: { files: 9 }, kept: { files: 5 } });
    expect(preview.dollars).toBeCloseTo(300_000 * 1e-9 * 0.0018, 12);
    expect(preview.rate?.from).toBe('instance');
    expect(preview.left_out.map(({ reasons, files }) => `${reasons.join(' ')}: ${files}`).sort()).toEqual(['huggingface: 1', 'node_modules: 1', 'patterns: 1', 'pycache: 1']);
    expect(preview.directories[0]).toMatchObject({ name: 'data', fetch_bytes: 300_000, left_out_bytes: 9 });
    expect(preview.largest[0]).toMatchObject({ path: 'data/new.bin', fetch: true, reasons: [] });
    expect(preview.largest.find(({ path }) => path === '.hf_home/hub/blob')?.reasons).toEqual(['huggingface']);
    const without = await look({ presets: { huggingface: false } });
    expect(without.fetch).toEqual({ files: 2, bytes: 350_000 });
    expect(rig.sources.list(caller).sources[0]?.options.presets.huggingface).toBe(true);
    unlinkSync(`${rig.workspace}/data/new.bin`);
  });

  it('that is not waited for can be asked for, by its owner only', async () => {
    const { operation_id: id } = await rig.sources.preview(caller, { instance_id: 7, source_path: rig.workspace, options: { bandwidth_kib_s: 64 }, wait: false });
    await expect.poll(() => rig.operations.get(caller, id).state, { timeout: 20_000 }).toBe('succeeded');
    expect(rig.sources.previewed(caller, id)).toMatchObject({ operation_id: id, fetch: { files: 0, bytes: 0 }, rate: { bytes_s: 65_536, from: 'limit' } });
    expect(() => rig.sources.previewed({ ...caller, userId: 'user-2' }, id)).toThrow(expect.objectContaining({ code: 'not_found' }) as Error);
    expect(await errorOf(rig.sources.preview(caller, { instance_id: 7, source_path: '/no/such/place', options: {}, wait: true }))).toMatchObject({ code: 'source_missing' });
  });
});

describe('commands before and after', () => {
  it('are set in the window only', async () => {
    const http: Caller = { ...caller, transport: 'http' };
    expect(await errorOf(put({ before: { command: 'id', timeout_s: 5 } }, http))).toMatchObject({ code: 'forbidden', data: { reason: 'options.before' } });
    expect(await errorOf(put({ after: { command: 'id', timeout_s: 5 } }, http))).toMatchObject({ code: 'forbidden' });
    await put({ before: { command: 'true', timeout_s: 5 } });
    expect(await put({ before: { command: 'true', timeout_s: 5 }, low_priority: false }, http)).toMatchObject({ options: { low_priority: false } });
    expect(await errorOf(put({ before: null }, http))).toMatchObject({ code: 'forbidden' });
  });

  it('run around the capture: what the first makes is in the snapshot, and what they say is in the log as the host\'s', async () => {
    const mark = rig.folder.at('after-ran');
    await put({ before: { command: 'echo dumping; date +%N > dump.sql', timeout_s: 20 }, after: { command: `touch '${mark}'; echo done >&2`, timeout_s: 20 } });
    const taken = await rig.take();
    expect(held(taken.id)).toContain('dump.sql');
    expect(logOf(taken.operation_id)).toMatch(/remote: dumping[^]*remote: done/);
    expect(existsSync(mark)).toBe(true);
  });

  it('a first one that fails or takes too long stops it with a reason, and the second runs all the same', async () => {
    const mark = rig.folder.at('after-ran-again');
    const count = (await rig.snapshots.list(caller)).count;
    await put({ before: { command: 'echo no >&2; exit 7', timeout_s: 20 }, after: { command: `echo x >> '${mark}'`, timeout_s: 20 } });
    expect(await errorOf(rig.take())).toMatchObject({ code: 'hook_failed', data: { hook: 'before', exit_code: 7, timed_out: false } });
    await put({ before: { command: 'sleep 30', timeout_s: 1 } });
    expect(await errorOf(rig.take())).toMatchObject({ code: 'hook_failed', data: { timed_out: true } });
    expect(readFileSync(mark, 'utf8')).toBe('x\nx\n');
    expect((await rig.snapshots.list(caller)).count).toBe(count);
  });

  it('a second one that fails is a warning; it also runs after a cancel', async () => {
    await put({ before: null, after: { command: 'exit 3', timeout_s: 20 } });
    file('changed', 'x');
    const taken = await rig.take();
    expect(rig.operations.get(caller, taken.operation_id)).toMatchObject({ state: 'warnings', warnings: [expect.stringContaining('ended with code 3') as string] });
    expect(taken.result).toBe('ok');
    const mark = rig.folder.at('after-cancel');
    await put({ before: { command: 'sleep 20', timeout_s: 60 }, after: { command: `touch '${mark}'`, timeout_s: 20 } });
    const { operation_id: id } = await rig.snapshots.create(caller, { instance_id: 7, source_path: rig.workspace, tags: [], wait: false });
    await expect.poll(() => rig.operations.get(caller, id).progress?.phase, { timeout: 20_000 }).toBe('before');
    rig.operations.cancel(caller, id);
    await expect.poll(() => rig.operations.get(caller, id).state, { timeout: 30_000 }).toBe('cancelled');
    expect(existsSync(mark)).toBe(true);
    await put({ before: null, after: null });
  });
});

describe('a command after that was never run, because the app ended in between', () => {
  const mark = (): string => rig.folder.at('owed');
  const ranSoOften = (): number => (existsSync(mark()) ? readFileSync(mark(), 'utf8').length : 0);

  it('is kept from before the first command is sent until the second was run, and run once at the next look', async () => {
    await put({ before: { command: 'sleep 20', timeout_s: 60 }, after: { command: `printf x >> '${mark()}'`, timeout_s: 20 } });
    const { operation_id: id } = await rig.snapshots.create(caller, { instance_id: 7, source_path: rig.workspace, tags: [], wait: false });
    await expect.poll(() => rig.operations.get(caller, id).progress?.phase, { timeout: 20_000 }).toBe('before');
    const [owed] = rig.store.owed.list(caller.userId);
    expect(owed).toMatchObject({ instanceId: 7, directory: rig.workspace, timeoutS: 20, operationId: id, account: 'mark' });
    const { signal } = new AbortController();
    rig.owed.look(caller, Date.now(), signal);
    rig.operations.cancel(caller, id);
    await expect.poll(() => rig.operations.get(caller, id).state, { timeout: 30_000 }).toBe('cancelled');
    expect([rig.store.owed.list(caller.userId), ranSoOften()]).toEqual([[], 1]);
    // As a killed app leaves it; its options may have changed since.
    rig.store.owed.put(owed!);
    await put({ before: null, after: null });
    rig.owed.look(caller, Date.now(), signal);
    const [running] = rig.operations.active(caller.userId);
    expect(running).toMatchObject({ kind: 'command_after', instance_id: 7, title: `my box: ${rig.workspace}` });
    rig.owed.look(caller, Date.now(), signal);
    await expect.poll(() => rig.operations.get(caller, running!.id).state, { timeout: 20_000 }).toBe('succeeded');
    rig.owed.look(caller, Date.now(), signal);
    expect([rig.operations.active(caller.userId), rig.store.owed.list(caller.userId), ranSoOften()]).toEqual([[], [], 2]);
    expect(logOf(running!.id)).toContain('was not run then');
  });

  it('comes before the commands of the next snapshot of the folder, and its failure is a warning there', async () => {
    rig.store.owed.put({ userId: caller.userId, instanceId: 7, directory: rig.workspace, command: 'echo first; exit 4', timeoutS: 20, operationId: 'gone', account: null, since: 0 });
    await put({ before: { command: 'echo second', timeout_s: 20 }, after: { command: 'echo third', timeout_s: 20 } });
    const taken = await rig.take();
    expect(logOf(taken.operation_id)).toMatch(/remote: first[^]*remote: second[^]*remote: third/);
    expect(rig.operations.get(caller, taken.operation_id).warnings).toEqual([expect.stringContaining('ended with code 4') as string]);
    expect(rig.store.owed.list(caller.userId)).toEqual([]);
    await put({ before: null, after: null });
  });
});

describe('limits', () => {
  it('what is fetched comes no faster than asked for, and the rate is remembered', async () => {
    await put({ bandwidth_kib_s: 1024 });
    file('big.bin', random(2_500_000));
    const began = performance.now();
    await rig.take();
    expect(performance.now() - began).toBeGreaterThan(1800);
    const rate = rig.sources.list(caller).sources[0]?.fetch_rate ?? 0;
    expect(rate).toBeGreaterThan(300_000);
    expect(rate).toBeLessThan(1.5e6);
  });
});

describe('a folder that nobody has named', () => {
  it('is where the instance says its data are; when it is not there, the log says what to do', async () => {
    renameSync(rig.workspace, `${rig.workspace}-away`);
    const begun = await rig.snapshots.create(caller, { instance_id: 7, tags: [], wait: false });
    await expect.poll(() => rig.operations.get(caller, begun.operation_id).state, { timeout: 30_000 }).toBe('failed');
    renameSync(`${rig.workspace}-away`, rig.workspace);
    expect(rig.operations.get(caller, begun.operation_id).error).toMatchObject({ code: 'source_missing', data: { path: rig.workspace } });
    expect(logOf(begun.operation_id)).toContain('take a snapshot of that folder once');
  });
});

describe('moving to another instance', () => {
  it('keeps the source and its history; two of one folder are refused', async () => {
    const [source] = rig.sources.list(caller).sources;
    expect(await rig.sources.move(caller, { id: source!.id, instance_id: 7 })).toMatchObject({ id: source!.id, instance_id: 7 });
    rig.store.sources.insert({ ...rig.store.sources.get(source!.id)!, id: '00000000-0000-4000-8000-000000000001', instanceId: 70 });
    expect(await errorOf(rig.sources.move(caller, { id: '00000000-0000-4000-8000-000000000001', instance_id: 7 }))).toMatchObject({ code: 'source_taken', data: { source_id: source!.id } });
    expect(() => rig.sources.get({ ...caller, userId: 'user-2' }, source!.id)).toThrow(expect.objectContaining({ code: 'not_found' }) as Error);
  });
});
