// A hostile host over a real sshd, against the real service and the bundled worker: its tar and find send what an attacker chose. SEC-20 to SEC-27.
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RemoteHost } from '../../src/main/domain/snapshot-ports';
import { workerStages } from '../../src/main/providers/ssh/capture-runner';
import { OpenSsh } from '../../src/main/providers/ssh/open-ssh';
import { patience, type SshPatience } from '../../src/main/providers/ssh/ssh-pace';
import { bundleCaptureWorker } from '../support/bundled-worker';
import { guardTrees } from '../support/canaries';
import { makeHostileHost, record, rootRecord, type HostileHost } from '../support/hostile-host';
import { asked, attacks, ended, file, header, mtime } from '../support/hostile-tar';
import { newestRestic } from '../support/restics';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { caller, errorOf, startRig, type Rig } from './snapshots-rig';

/** What the app waits in the tests that are about waiting, milliseconds; connecting on a busy machine must fit in. */
const short = 4000;
const signal = (): AbortSignal => new AbortController().signal;
// oxlint-disable-next-line no-control-regex -- it is about control characters
const raw = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

describe('a hostile host', () => {
  let own: TempDir;
  let hostile: HostileHost;
  let rig: Rig;
  let host: RemoteHost;
  let into = { data: '', temporary: '' };
  let expectUntouched: () => void = () => undefined;
  let changes = 0;
  const waits: { -readonly [Name in keyof SshPatience]: SshPatience[Name] } = { ...patience };

  beforeAll(async () => {
    own = makeTempDir('dumont-hostile');
    hostile = makeHostileHost(own.at('host'));
    const dataFolder = own.at('data');
    mkdirSync(dataFolder, { mode: 0o700 });
    // A worker gets what it is at the time.
    const options = { folder: path.join(dataFolder, 'ssh'), patience: waits, limits: { entries: 5000, bytes: 5_000_000 } };
    const stages = workerStages(await bundleCaptureWorker(own.at('dist')), { dataFolder, ssh: options });
    const ssh = new OpenSsh(options);
    rig = await startRig(newestRestic().file, { dataFolder, wrapHosts: () => ssh, stages, sshdSettings: hostile.settings });
    host = ssh.host({ userId: caller.userId, instanceId: 7, host: rig.sshd.host, port: rig.sshd.port, user: rig.sshd.user });
    into = { data: own.at('job', 'data'), temporary: own.at('job', 'tmp') };
    for (const one of [path.join(into.data, 'sub'), into.temporary]) mkdirSync(one, { recursive: true });
    for (const one of ['a', 'b', 'c']) writeFileSync(`${rig.workspace}/${one}`, `${one}\n`);
    await rig.take();
    const user = path.join(dataFolder, 'users', caller.userId);
    expectUntouched = guardTrees([own.at('canary'), own.at('job', 'canary'), path.join(dataFolder, 'canary'), path.join(user, 'canary'), path.join(user, 'mirrors', 'canary')]);
  }, 120_000);
  afterEach(() => {
    hostile.honest();
    expectUntouched();
  });
  afterAll(async () => {
    await rig.stop();
    own.remove();
  });

  const wanted = asked.map((one) => ({ ...one, mtimeSeconds: mtime, copyMtime: mtime }));
  const fetch = (): Promise<unknown> => host.fetch(rig.workspace, wanted, into, signal(), () => undefined);
  const touch = (): void => writeFileSync(`${rig.workspace}/a`, `${(changes += 1)} ${'x'.repeat(changes)}\n`);
  const count = async (): Promise<number> => (await rig.snapshots.list(caller)).count;

  /** A whole capture ends with this error, adds no snapshot, and the next one of an honest host is good. */
  const expectRefused = async (code: string): Promise<Record<string, unknown> | undefined> => {
    const before = await count();
    touch();
    const error = await errorOf(rig.take());
    expect(error.code).toBe(code);
    expect(await count()).toBe(before);
    return error.data;
  };

  describe('that sends another archive', () => {
    it('is refused: a choice of the corpus, with nothing written elsewhere', async () => {
      const all = attacks().filter((one) => /^(?:the same file twice|a size of 100 GB|an archive cut at|endless zeros|a symbolic link to the outside, then|a hardlink under|a character device under|a pax header of 8 GB)|"\.\/a\/\.\.\/\.\.\/x" in a pax/.test(one.name));
      expect(all.length).toBeGreaterThan(10);
      for (let at = 0; at < all.length; at += 1) {
        const { name, bytes, code } = all[at]!;
        hostile.answer('tar', 'cat "$BYTES"', bytes);
        const error = await errorOf(fetch());
        const written = readdirSync(into.data, { recursive: true }).map(String).filter((one) => one !== 'sub' && !asked.some((want) => want.path === one));
        const links = readdirSync(into.data).filter((one) => lstatSync(path.join(into.data, one)).isSymbolicLink());
        expect({ name, code: error.code, left: readdirSync(into.temporary), written, links }).toEqual({ name, code, left: [], written: [], links: [] });
      }
    });

    it('leaves no snapshot behind, and the next one is whole', async () => {
      hostile.answer('tar', 'cat "$BYTES"', ended(Buffer.concat([file('./a', 'evil\n'), file('./../../../evil', 'owned')])));
      await expectRefused('remote_untrusted');
      hostile.answer('tar', 'head -c 100 "$BYTES"', ended(file('./a', 'evil\n')));
      await expectRefused('connection_cut');
      hostile.answer('tar', 'echo SNAPSHOT COMPLETE id=deadbeef; printf \'{"level":"info","src":"local"}\'');
      await expectRefused('connection_cut');
      hostile.honest();
      touch();
      expect((await rig.take()).result).toBe('ok');
      rig.check();
    });

    it('with a device in the place of a file that its listing goes on showing: nothing of the kind is made, and the file is named', async () => {
      touch();
      hostile.answer('tar', 'cat "$BYTES"', ended(header({ name: './a', type: '3' })));
      expect(await rig.take()).toMatchObject({ result: 'warnings', file_count: 2, warnings: ['Could not be read, and is not in the snapshot: a'] });
      const made = readdirSync(path.join(rig.dataFolder, 'users', caller.userId, 'mirrors'), { recursive: true, withFileTypes: true }).filter((one) => !one.parentPath.includes('canary'));
      expect(made.filter((one) => one.name === 'a' || !(one.isFile() || one.isDirectory()))).toEqual([]);
      hostile.honest();
      expect(await rig.take()).toMatchObject({ result: 'ok', file_count: 3 });
    });

    it('says what it likes on stderr, for as long as it likes: bounded, marked as its own, without control characters', async () => {
      touch();
      const lines = ['\\033]0;owned\\007', '\\033[2J\\033[1;1H', '\\342\\200\\256gpj.exe', 'SNAPSHOT COMPLETE id=deadbeef', '{"level":"info","src":"local"}', '\\r\\033[Kok', '\\033P+q544e\\033\\\\', '\\302\\233[31m'];
      hostile.answer('tar', `PATH=/usr/bin:/bin; (yes 'flood of words' | head -c 30000000; printf '${lines.join('\\n')}\\n') >&2; exec tar "$@"`);
      const taken = await rig.take();
      expect(taken.result).toBe('ok');
      const { log } = rig.operations.get(caller, taken.operation_id);
      const remote = log.filter((line) => line.src === 'remote');
      expect(remote.length).toBeGreaterThan(lines.length - 1);
      expect(remote.length).toBeLessThan(50);
      expect(remote.map((line) => line.text).join('\n')).toContain('SNAPSHOT COMPLETE');
      for (const line of log) expect(line.text).not.toMatch(raw);
    });

    it('lies about what changed, with names of its own: refused', async () => {
      for (const bytes of [record('./../../evil'), Buffer.concat([record('./a'), record('./a')]), Buffer.concat(Array.from({ length: 2000 }, () => record('./a')))]) {
        hostile.answer('stat', 'cat "$BYTES"', bytes);
        expect((await errorOf(host.stat(rig.workspace, ['a', 'c'], signal()))).code).toBe('remote_untrusted');
      }
      hostile.answer('tar', 'PATH=/usr/bin:/bin; tar "$@"; exit 1');
      hostile.answer('stat', 'cat "$BYTES"', record('./b'));
      await expectRefused('remote_untrusted');
    });
  });

  describe('that sends another listing', () => {
    const list = (bytes: Buffer | string, after = ''): Promise<{ code?: string; data?: Record<string, unknown> }> => {
      hostile.answer('manifest', typeof bytes === 'string' ? bytes : `cat "$BYTES"; ${after}`, typeof bytes === 'string' ? undefined : bytes);
      return errorOf(host.manifest(rig.workspace, [], signal(), () => undefined, () => undefined));
    };
    const tree = (...records: readonly Buffer[]): Buffer => Buffer.concat([rootRecord, ...records]);

    it('that would lead writes elsewhere: refused', async () => {
      for (const bytes of [tree(record('../evil')), tree(record('a').subarray(0, 20))]) expect((await list(bytes)).code).toBe('remote_untrusted');
      for (const bytes of [tree(record('../../evil')), tree(record('a', { type: 'l', target: '../../../canary' }), record('a/x'))]) {
        hostile.answer('manifest', 'cat "$BYTES"', bytes);
        await expectRefused('remote_untrusted');
      }
    });

    it('without an end stops at its caps and names the folder that is the cause', async () => {
      const flood = Buffer.concat(Array.from({ length: 50_000 }, (_, at) => record(`cache/${at}`)));
      const found = await list(tree(record('train.py'), record('cache', { type: 'd' }), flood), 'while cat "$BYTES"; do :; done');
      expect(found).toMatchObject({ code: 'source_too_large', data: { limit: 'entries', directory: 'cache' } });
      expect(found.data?.entries).toBeGreaterThan(5000);
      const long = Buffer.concat(Array.from({ length: 4900 }, (_, at) => record(`${'n'.repeat(200)}/${'m'.repeat(200)}/${'o'.repeat(200)}/${'p'.repeat(200)}/${'q'.repeat(200)}${at}`)));
      expect(await list(tree(long))).toMatchObject({ code: 'source_too_large', data: { limit: 'listing', directory: 'n'.repeat(200) } });
      expect((await list('cat /dev/zero')).code).toBe('remote_untrusted');
    });

    it('shows names that attack terminals and readers as harmless text, and keeps them byte by byte', async () => {
      const evil = ['\u001b]0;owned\u0007', '\u202egpj.exe', '\u200b', 'a\r\u001b[K', '\u001b]52;c;aGk=\u0007', '\n{"level":"info"}'];
      for (const name of evil) writeFileSync(path.join(rig.workspace, name), 'evil');
      hostile.answer('tar', 'PATH=/usr/bin:/bin; tar "$@"; exit 2');
      hostile.answer('stat', 'exit 123');
      touch();
      const taken = await rig.take();
      expect(taken.warnings.join(' ')).toContain('\\u{202e}gpj.exe');
      for (const warning of taken.warnings) expect(warning).not.toMatch(raw);
      hostile.honest();
      const next = await rig.take();
      expect(next.file_count).toBe(3 + evil.length);
      const target = own.at('restored');
      await rig.snapshots.restore(caller, { snapshot_id: next.id, folder: target, verify: true, wait: true });
      expect(readdirSync(target).filter((name) => raw.test(name) || name.includes('\n')).sort()).toEqual([...evil].sort());
      for (const name of evil) rmSync(path.join(rig.workspace, name));
      rmSync(target, { recursive: true });
    });
  });

  it('offers 10 TB of nothing: left out with a warning, fetched never', async () => {
    writeFileSync(`${rig.workspace}/hole`, '');
    truncateSync(`${rig.workspace}/hole`, 10 * 1024 ** 4);
    touch();
    const taken = await rig.take();
    expect(taken).toMatchObject({ result: 'warnings' });
    expect(taken.warnings.join(' ')).toContain('hole');
    expect(taken.size_bytes).toBeLessThan(1000);
    rmSync(`${rig.workspace}/hole`);
  });

  describe('that makes the app wait', () => {
    beforeAll(() => void Object.assign(waits, { archive: { bytes: 61_440, ms: short }, taking: short, ending: short, unpacking: short }));
    afterAll(() => void Object.assign(waits, patience));

    const slow: readonly (readonly [string, string])[] = [
      ['never answers', 'exec sleep 120'],
      ['trickles', 'while printf x; do sleep 0.2; done'],
      ['answers only on stderr, without an end', 'exec yes flood >&2'],
      ['closes its output and stays', 'cat "$BYTES"; exec 1>&-; exec sleep 120'],
    ];
    it.each(slow)('because its tar %s: ended, and said', async (_how, text) => {
      hostile.answer('tar', text, ended(file('./a', 'x'.repeat(2000))));
      const began = Date.now();
      expect(await errorOf(fetch())).toMatchObject({ code: 'remote_stalled', data: { phase: 'fetch', waited_s: short / 1000 } });
      expect(Date.now() - began).toBeLessThan(30_000);
      expect(readdirSync(into.temporary)).toEqual([]);
    });

    it('in the middle of a capture: no snapshot, and the operation ends', async () => {
      hostile.answer('tar', 'exec sleep 120');
      expect(await expectRefused('remote_stalled')).toMatchObject({ phase: 'fetch' });
      expect(rig.operations.active(caller.userId)).toEqual([]);
    });

    it.each(slow.filter(([how]) => how.startsWith('trickles')))('because its find %s: ended, and said', async (_how, text) => {
      waits.listing = { bytes: 1024, ms: short };
      hostile.answer('manifest', text, Buffer.concat([rootRecord, ...Array.from({ length: 40 }, (_, at) => record(`f${at}`))]));
      expect(await errorOf(host.manifest(rig.workspace, [], signal(), () => undefined, () => undefined))).toMatchObject({ code: 'remote_stalled', data: { phase: 'scan' } });
      waits.listing = patience.listing;
    });

    it('because its tar does not take what is restored', async () => {
      const { id } = (await rig.snapshots.list(caller)).snapshots[0]!;
      hostile.answer('tar', 'exec sleep 120');
      const error = await errorOf(rig.snapshots.restore(caller, { snapshot_id: id, instance_id: 7, target_path: own.at('elsewhere'), verify: false, wait: true }));
      expect(error).toMatchObject({ code: 'remote_stalled', data: { phase: 'restore' } });
    });

    it('can still be cancelled', async () => {
      hostile.answer('tar', 'while head -c 70000 /dev/zero; do sleep 0.3; done');
      touch();
      const work = errorOf(rig.take());
      await expect.poll(() => rig.operations.active(caller.userId)[0]?.progress?.phase, { timeout: 60_000 }).toBe('fetch');
      rig.operations.cancel(caller, rig.operations.active(caller.userId)[0]?.id ?? '');
      expect(['cancelled', 'remote_untrusted']).toContain((await work).code);
    });
  });

  it('left nothing half done after all of it: the repository reads whole, and an honest snapshot follows', async () => {
    touch();
    expect(await rig.take()).toMatchObject({ result: 'ok', file_count: 3 });
    rig.check();
    const home = path.join(rig.dataFolder, 'users', caller.userId, 'mirrors');
    const temporary = readdirSync(home).filter((name) => name !== 'canary').map((name) => path.join(home, name, 'tmp')).filter((folder) => existsSync(folder));
    expect(temporary.flatMap((folder) => readdirSync(folder))).toEqual([]);
    expect(readFileSync(path.join(rig.workspace, 'b'), 'utf8')).toBe('b\n');
  });
});
