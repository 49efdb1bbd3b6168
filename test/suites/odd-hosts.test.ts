// Hosts that are not a GNU system with a shell, and commands of the user's on a host: on real servers, without restic.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManifestEntry } from '../../src/main/domain/snapshot-manifest';
import type { HostTarget, RemoteHost, WantedFile } from '../../src/main/domain/snapshot-ports';
import type { Prune } from '../../src/main/domain/source-rules';
import { OpenSsh } from '../../src/main/providers/ssh/open-ssh';
import { otherShellSettings } from '../support/other-shell';
import { busyboxApplets, busyboxSettings } from '../support/busybox';
import { startSshd, type Sshd } from '../support/sshd';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { fillTortureTree } from '../support/torture-tree';

const never = new AbortController().signal;
let folder: TempDir;
let ssh: OpenSsh;
const servers: Sshd[] = [];

const open = async (settings: readonly string[]): Promise<RemoteHost> => {
  const sshd = await startSshd({ settings, authorizedKeys: [await ssh.publicKey('user')] });
  servers.push(sshd);
  const target: HostTarget = { userId: 'user', instanceId: servers.length, host: sshd.host, port: sshd.port, user: sshd.user };
  return ssh.host(target);
};
const list = async (host: RemoteHost, directory: string, prune: readonly Prune[] = []): Promise<readonly ManifestEntry[]> => {
  const entries: ManifestEntry[] = [];
  await host.manifest(directory, prune, never, (entry) => void entries.push(entry), () => undefined);
  return entries;
};
const wantedOf = (entry: ManifestEntry): WantedFile => ({ path: entry.path, size: entry.size, mtimeSeconds: Math.floor(Number(entry.mtime)), copyMtime: Math.floor(Number(entry.mtime)) });

beforeAll(() => {
  folder = makeTempDir('dumont-odd-hosts');
  ssh = new OpenSsh({ folder: folder.at('ssh') });
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  folder.remove();
});

describe('a host with only busybox', () => {
  let gnu: RemoteHost;
  let busybox: RemoteHost;
  beforeAll(async () => {
    gnu = await open([]);
    busybox = await open(busyboxSettings(busyboxApplets(folder.at('applets'))));
    mkdirSync(folder.at('tree'));
    await fillTortureTree(folder.at('tree'));
  });

  it('is known by its tools', async () => {
    expect(await busybox.probe(folder.at('tree'), never)).toMatchObject({ tar: 'busybox', find: 'busybox', missing: [], dig: false, directory: true });
    expect(await gnu.probe(folder.at('tree'), never)).toMatchObject({ tar: 'gnu', find: 'gnu', missing: [], dig: true, directory: true });
  });

  it('lists the same as GNU find, name by name, and looks the same again', async () => {
    const sorted = (entries: readonly ManifestEntry[]): readonly ManifestEntry[] => [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
    const [theirs, ours] = [sorted(await list(gnu, folder.at('tree'))), sorted(await list(busybox, folder.at('tree')))];
    expect(ours.map(({ path }) => path)).toEqual(theirs.map(({ path }) => path));
    expect(ours).toEqual(theirs);
    const some = ours.filter(({ path }) => path.startsWith('links/') || path.startsWith('names/'));
    expect(sorted(await busybox.stat(folder.at('tree'), [...some.map(({ path }) => path), 'gone'], never))).toEqual(some);
    const pruned = (await list(busybox, folder.at('tree'), [{ kind: 'name', text: 'venv' }, { kind: 'path', text: 'deep' }])).map(({ path }) => path);
    expect(pruned).toEqual(expect.arrayContaining(['links/venv', 'deep']));
    expect(pruned.some((path) => path.startsWith('links/venv/') || path.startsWith('deep/'))).toBe(false);
  });

  it('sends files in parts, and what vanishes or shrinks meanwhile is named, the rest comes', async () => {
    const source = folder.at('moving');
    mkdirSync(source);
    const text = 'n'.repeat(200);
    for (let index = 0; index < 2000; index += 1) writeFileSync(`${source}/${index}-${text}`, `${index}`);
    writeFileSync(`${source}/a-shrinking`, Buffer.alloc(30_000_000, 1));
    const entries = (await list(busybox, source)).filter(({ type }) => type === 'f').sort((a, b) => (a.path < b.path ? -1 : 1));
    const into = { data: folder.at('into'), temporary: folder.at('into-tmp') };
    mkdirSync(into.data);
    mkdirSync(into.temporary);
    unlinkSync(`${source}/7-${text}`);
    unlinkSync(`${source}/1999-${text}`);
    let cut = false;
    const report = await busybox.fetch(source, entries.map(wantedOf), into, never, (bytes) => {
      if (cut || bytes < 100_000) return;
      cut = true;
      truncateSync(`${source}/a-shrinking`, 10);
    });
    expect(report.exitCode).toBe(1);
    const missing = new Set(report.missing);
    expect(missing.has(`7-${text}`) && missing.has(`1999-${text}`)).toBe(true);
    expect([...missing].filter((path) => path !== 'a-shrinking')).toHaveLength(2);
    for (const entry of entries) {
      if (missing.has(entry.path) || entry.path === 'a-shrinking') continue;
      expect(readFileSync(`${into.data}/${entry.path}`, 'utf8')).toBe(entry.path.slice(0, entry.path.indexOf('-')));
    }
    expect(report.hashes.size).toBe(report.files);
  });

  it('lacks what it lacks, by name', async () => {
    const bare = await open(busyboxSettings(busyboxApplets(folder.at('bare'), ['tar', 'stat', 'xargs'])));
    const probe = await bare.probe('/', never);
    // busybox's shell may run applets that are not on its PATH.
    expect(probe.missing.length === 0 || probe.missing.some((name) => /tar|stat|xargs/.test(name))).toBe(true);
  });
});

describe('a host that gives no shell', () => {
  it.each([['SFTP only', 'ForceCommand internal-sftp'], ['a message only', 'ForceCommand echo This account is currently not available.; exit 1']])('%s is refused with a name for what is missing', async (_name, line) => {
    await expect((await open([line])).probe('/', never)).rejects.toMatchObject({ code: 'remote_tool_missing', data: { missing: ['sh'] } });
  });
});

describe('a host whose login shell is of another family', () => {
  it('is asked through sh, for all that is asked', async () => {
    const place = folder.at("it's $(id) \\ odd!");
    mkdirSync(place);
    writeFileSync(`${place}/a'b`, 'content');
    const host = await open(otherShellSettings(folder.at('other-shell.cjs')));
    // Commands of the user's may be the first thing that is asked.
    const lines: string[] = [];
    expect(await host.command(place, `printf "%s\\n" "it's $PWD"; exit 3`, 20, never, (line) => lines.push(line))).toEqual({ exitCode: 3, timedOut: false });
    expect(lines).toEqual([`it's ${place}`]);
    await expect(list(host, place)).rejects.toMatchObject({ code: 'remote_failed' });
    expect(await host.probe(place, never)).toMatchObject({ tar: 'gnu', find: 'gnu', directory: true, missing: [] });
    expect((await list(host, place)).map(({ path }) => path)).toEqual(['', "a'b"]);
    const surveyed: string[] = [];
    const fresh = await open(otherShellSettings(folder.at('other-shell.cjs')));
    expect((await fresh.survey(place, [], never, ({ path }) => surveyed.push(path), () => undefined)).probe.directory).toBe(true);
    expect(surveyed).toEqual(['', "a'b"]);
  });
});

describe('commands of the user', () => {
  const run = async (host: RemoteHost, text: string, seconds = 20, signal = never): Promise<{ exitCode: number | null; timedOut: boolean; lines: string[] }> => {
    const lines: string[] = [];
    return { ...(await host.command(folder.at('tree'), text, seconds, signal, (line) => lines.push(line))), lines };
  };

  it.each([['GNU', 0], ['busybox', 1]])('run in the directory, with both outputs, and end with their code (%s)', async (_name, index) => {
    const host = ssh.host({ userId: 'user', instanceId: index + 1, host: servers[index]!.host, port: servers[index]!.port, user: servers[index]!.user });
    expect(await run(host, `pwd; echo "it's" >&2; printf '\\033[31mred\\033[0m'; exit 3`)).toEqual({ exitCode: 3, timedOut: false, lines: [folder.at('tree'), "it's", '\\u{1b}[31mred\\u{1b}[0m'] });
    expect(await run(host, 'true')).toEqual({ exitCode: 0, timedOut: false, lines: [] });
    expect(await run(host, 'cat; env | grep -c RESTIC_PASSWORD')).toMatchObject({ lines: ['0'] });
  });

  it.each([['GNU', 0], ['busybox', 1]])('are ended at their limit (%s)', async (_name, index) => {
    const host = ssh.host({ userId: 'user', instanceId: index + 1, host: servers[index]!.host, port: servers[index]!.port, user: servers[index]!.user });
    const mark = folder.at(`late-${index}`);
    const ended = await run(host, `echo begun; sleep 4; echo late > '${mark}'`, 1);
    expect(ended.timedOut).toBe(true);
    // Some shells say that what they ran was ended.
    expect(ended.lines[0]).toBe('begun');
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(existsSync(mark)).toBe(false);
  });

  it('that say too much are cut to lines of a length', async () => {
    const host = ssh.host({ userId: 'user', instanceId: 1, host: servers[0]!.host, port: servers[0]!.port, user: servers[0]!.user });
    const { lines } = await run(host, 'head -c 3000000 /dev/zero | tr "\\0" x; echo; echo end');
    expect(lines.at(-1)).toBe('end');
    expect(lines[0]!.length).toBeLessThan(400);
  });
});

describe('holes', () => {
  it('are dug on a GNU host without touching times', async () => {
    const host = ssh.host({ userId: 'user', instanceId: 1, host: servers[0]!.host, port: servers[0]!.port, user: servers[0]!.user });
    const file = folder.at('full');
    writeFileSync(file, Buffer.alloc(8_000_000));
    appendFileSync(file, 'end');
    execFileSync('touch', ['-d', '@1600000000.123456789', file]);
    await host.dig(folder.path, ['full'], never);
    expect(execFileSync('stat', ['-c', '%s %.9Y', file], { encoding: 'utf8' })).toBe('8000003 1600000000.123456789\n');
    expect(Number(execFileSync('stat', ['-c', '%b', file], { encoding: 'utf8' })) * 512).toBeLessThan(100_000);
  });
});
