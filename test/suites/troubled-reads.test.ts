// Files that an honest host cannot give as they were listed: bad disks, files that grow while they are fetched, names that become one file, files that may not be read. Over a real sshd.
import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeHostileHost, type HostileHost } from '../support/hostile-host';
import { newestRestic } from '../support/restics';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { beforeFetches, caller, random, startRig, type Rig } from './snapshots-rig';

const real = 'PATH=/usr/bin:/bin; ';

describe('a host in trouble', () => {
  let own: TempDir;
  let host: HostileHost;
  let rig: Rig;
  let fetches = 0;
  /** Runs before each fetch, with its number. */
  let before: (fetch: number) => void = () => undefined;
  beforeAll(async () => {
    own = makeTempDir('dumont-troubled');
    host = makeHostileHost(own.at('host'));
    rig = await startRig(newestRestic().file, { wrapHosts: beforeFetches(() => before((fetches += 1))), sshdSettings: host.settings });
  }, 120_000);
  afterEach(() => {
    host.honest();
    before = () => undefined;
    fetches = 0;
    rmSync(rig.workspace, { recursive: true, force: true });
    mkdirSync(rig.workspace);
  });
  afterAll(async () => {
    await rig.stop();
    own.remove();
  });

  const put = (name: string, content: string | Buffer): void => writeFileSync(`${rig.workspace}/${name}`, content);
  const restored = async (id: string): Promise<(name: string) => string> => {
    const target = own.at(`restored-${id.slice(0, 8)}`);
    await rig.snapshots.restore(caller, { snapshot_id: id, folder: target, verify: true, wait: true });
    return (name) => (existsSync(`${target}/${name}`) ? readFileSync(`${target}/${name}`, 'latin1') : 'not there');
  };

  it('whose disk cannot be read: the file is asked for three times and named, and comes whole once it can be read', async () => {
    put('good', 'good\n');
    put('w\u00e9ights: 1', 'these are bytes that the disk has lost');
    // What GNU tar does on EIO: zeros up to the size of the header, a line, and 2.
    host.answer('tar', `${real}tar "$@" | sed 's/these are bytes that the disk has lost/'"$(printf '%038d' 0)"'/'; printf '%s\\n' 'tar: ./w\\303\\251ights: 1: Read error at byte 0, while reading 38 bytes: Input/output error' 'tar: Exiting with failure status due to previous errors' >&2; exit 2`);
    const taken = await rig.take();
    expect(fetches).toBe(3);
    expect(taken).toMatchObject({ result: 'warnings', file_count: 2, warnings: ['Could be read only in part, zeros stand for the rest: w\u00e9ights: 1'] });
    expect((await restored(taken.id))('good')).toBe('good\n');
    host.honest();
    const next = await rig.take();
    expect(next).toMatchObject({ result: 'ok', unchanged: false });
    expect((await restored(next.id))('w\u00e9ights: 1')).toBe('these are bytes that the disk has lost');
    rig.check();
  });

  it('that does not say which file it could not read: the snapshot is not called complete', async () => {
    put('a', 'a\n');
    host.answer('tar', `${real}tar "$@"; echo 'tar: Read error at byte 0, while reading 512 bytes: Input/output error' >&2; exit 2`);
    expect(await rig.take()).toMatchObject({ result: 'warnings', warnings: [expect.stringContaining('could not read everything')] });
  });

  it('where files grow far beyond their listing while they are fetched: all of them come, and what lies behind them in the archive', async () => {
    for (const name of ['a', 'checkpoint-1', 'm', 'checkpoint-2', 'z']) put(name, `${name}\n`);
    const large = [random(80_000_000), random(90_000_000)];
    before = (fetch) => {
      if (fetch === 1) large.forEach((content, at) => put(`checkpoint-${String(at + 1)}`, content));
    };
    const taken = await rig.take();
    expect(taken).toMatchObject({ result: 'ok', warnings: [], file_count: 5 });
    const read = await restored(taken.id);
    expect(['a', 'm', 'z'].map(read)).toEqual(['a\n', 'm\n', 'z\n']);
    expect([1, 2].map((at) => Buffer.from(read(`checkpoint-${String(at)}`), 'latin1').equals(large[at - 1] as Buffer))).toEqual([true, true]);
    rig.check();
  }, 120_000);

  it('where two names become one file meanwhile: both come', async () => {
    put('one', 'first\n');
    put('two', 'second\n');
    before = (fetch) => {
      if (fetch > 1) return;
      rmSync(`${rig.workspace}/two`);
      linkSync(`${rig.workspace}/one`, `${rig.workspace}/two`);
    };
    const taken = await rig.take();
    expect(taken).toMatchObject({ result: 'ok', file_count: 2 });
    expect(['one', 'two'].map(await restored(taken.id))).toEqual(['first\n', 'first\n']);
  });

  it('that replaces files by links and directories while they are fetched: they are what they are now, or named', async () => {
    put('kept', 'kept\n');
    put('linked', 'was a file\n');
    put('filled', 'was a file\n');
    put('name', 'several names\n');
    linkSync(`${rig.workspace}/name`, `${rig.workspace}/other`);
    const long = `/${'far/'.repeat(40)}`;
    before = (fetch) => {
      if (fetch > 1) return;
      for (const name of ['linked', 'filled', 'name']) rmSync(`${rig.workspace}/${name}`);
      symlinkSync(long, `${rig.workspace}/linked`);
      symlinkSync('other', `${rig.workspace}/name`);
      mkdirSync(`${rig.workspace}/filled`);
      put('filled/inside', 'later\n');
    };
    const taken = await rig.take();
    expect(taken).toMatchObject({ result: 'warnings', file_count: 2, warnings: ['Was replaced by something else while the snapshot was taken, and is not in the snapshot: filled'] });
    const target = own.at('replaced');
    await rig.snapshots.restore(caller, { snapshot_id: taken.id, folder: target, verify: true, wait: true });
    expect(readdirSync(target).sort()).toEqual(['kept', 'linked', 'name', 'other']);
    expect([readlinkSync(`${target}/linked`), readlinkSync(`${target}/name`), readFileSync(`${target}/other`, 'utf8')]).toEqual([long, 'other', 'several names\n']);
    // The next one has all of it.
    const next = await rig.take();
    expect(next).toMatchObject({ result: 'ok', file_count: 3 });
    expect((await restored(next.id))('filled/inside')).toBe('later\n');
    rig.check();
  });

  it('with another file system below the directory: it is said to be left out', async () => {
    put('kept', 'kept\n');
    mkdirSync(`${rig.workspace}/volume`);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', `${rig.workspace}/volume`]);
    try {
      put('volume/precious', 'precious\n');
      const taken = await rig.take();
      expect(taken).toMatchObject({ result: 'warnings', file_count: 1, warnings: ['On another file system, and not in the snapshot: volume'] });
      expect((await restored(taken.id))('volume/precious')).toBe('not there');
    } finally {
      execFileSync('umount', ['--lazy', `${rig.workspace}/volume`]);
    }
  });

  it('with paths that are longer here than the system takes: they are left out by name, the rest comes', async () => {
    put('kept', 'kept\n');
    // Each `%` is three bytes in the mirror.
    const deep = Array.from({ length: 17 }, () => '%'.repeat(80)).join('/');
    mkdirSync(`${rig.workspace}/${deep}`, { recursive: true });
    put(`${deep}/lost`, 'lost\n');
    const taken = await rig.take();
    expect(taken).toMatchObject({ result: 'warnings', file_count: 1, warnings: [expect.stringMatching(/^Too deep for this computer, and not in the snapshot: %%/)] });
    expect((await restored(taken.id))('kept')).toBe('kept\n');
    rig.check();
  });

  it('with folders below 128 others: what lies below is left out by name, the rest comes', async () => {
    put('kept', 'kept\n');
    const deep = Array.from({ length: 140 }, (_, at) => `${at % 10}`).join('/');
    const upTo = (levels: number): string => deep.split('/').slice(0, levels).join('/');
    mkdirSync(`${rig.workspace}/${deep}`, { recursive: true });
    put(`${deep}/lost`, 'lost\n');
    put(`${upTo(128)}/beside`, 'lost\n');
    put(`${upTo(127)}/last`, 'last\n');
    const taken = await rig.take();
    expect(taken).toMatchObject({ result: 'warnings', file_count: 2 });
    expect(taken.warnings.map((text) => text.replace('More than 128 folders deep, and not in the snapshot: ', '').split(', ').sort())).toEqual([[upTo(129), `${upTo(128)}/beside`]]);
    expect((await restored(taken.id))(`${upTo(127)}/last`)).toBe('last\n');
    expect(await rig.take()).toMatchObject({ unchanged: true, result: 'warnings' });
    rig.check();
  });

  it('that may not read a file: it is said to be unreadable, not deleted', async () => {
    put('mine', 'mine\n');
    put('theirs', 'theirs\n');
    // What GNU tar does for a user without the right to read it.
    host.answer('tar', `${real}grep -zv '^./theirs$' | tar "$@"; echo 'tar: ./theirs: Cannot open: Permission denied' >&2; exit 2`);
    const taken = await rig.take();
    expect(taken).toMatchObject({ result: 'warnings', file_count: 1, warnings: ['Could not be read, and is not in the snapshot: theirs'] });
    expect((await restored(taken.id))('mine')).toBe('mine\n');
    rig.check();
  });
});
