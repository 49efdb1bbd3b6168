// A lying SSH server against the app's own OpenSSH calls: it breaks the protocol, floods, hangs, asks for things, and changes its key (SEC-21 to SEC-23).
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import type { ServerChannel } from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RemoteHost } from '../../src/main/domain/snapshot-ports';
import { OpenSsh } from '../../src/main/providers/ssh/open-ssh';
import { patience, type SshPatience } from '../../src/main/providers/ssh/ssh-pace';
import { makeHostKey } from '../../src/simulator/ssh-host';
import { guardTrees } from '../support/canaries';
import { record, rootRecord } from '../support/hostile-host';
import { asked, ended, honest, mtime } from '../support/hostile-tar';
import { startLyingSsh, type Lies, type LyingSsh } from '../support/lying-ssh';
import { makeTempDir } from '../support/temp-dir';
import { errorOf } from './snapshots-rig';

/** Milliseconds the app waits in the tests that are about waiting. */
const short = 4000;
const signal = (): AbortSignal => new AbortController().signal;
const user = 'user-1';

describe('a lying SSH server', () => {
  const folder = makeTempDir('dumont-lying');
  const into = { data: folder.at('job', 'data'), temporary: folder.at('job', 'tmp') };
  const waits: { -readonly [Name in keyof SshPatience]: SshPatience[Name] } = { ...patience };
  const keys = [makeHostKey(), makeHostKey()] as const;
  const ssh = new OpenSsh({ folder: folder.at('ssh'), patience: waits });
  let server: LyingSsh;
  let expectUntouched: () => void = () => undefined;
  let instance = 100;

  beforeAll(() => {
    for (const one of [`${into.data}/sub`, into.temporary]) mkdirSync(one, { recursive: true });
    expectUntouched = guardTrees([folder.at('canary'), folder.at('job', 'canary')]);
  });
  afterEach(async () => {
    Object.assign(waits, patience);
    await server.stop();
    expectUntouched();
    if (readdirSync(into.temporary).length > 0) throw new Error('Something half done was left');
  });
  afterAll(() => folder.remove());

  const start = async (lies: Lies, id = (instance += 1), key: string = keys[0]): Promise<RemoteHost> => {
    server = await startLyingSsh(key, lies);
    return ssh.host({ userId: user, instanceId: id, host: '127.0.0.1', port: server.port, user: 'root' });
  };
  const fetch = (host: RemoteHost): Promise<{ code?: string; data?: Record<string, unknown>; files?: number }> =>
    host.fetch('/workspace', asked.map((one) => ({ ...one, mtimeSeconds: mtime, copyMtime: mtime })), into, signal(), () => undefined).catch((error: unknown) => error as { code: string });
  const manifest = async (host: RemoteHost): Promise<readonly string[]> => {
    const paths: string[] = [];
    await host.manifest('/workspace', [], signal(), (entry) => void paths.push(entry.path), () => undefined);
    return paths;
  };
  const says = (bytes: Buffer, then: (channel: ServerChannel) => void) => (channel: ServerChannel): void => void channel.write(bytes, () => then(channel));
  const ending = (code: number) => (channel: ServerChannel): void => {
    channel.exit(code);
    channel.end();
  };

  it('that answers as it should is believed', async () => {
    expect(await fetch(await start({ exec: says(ended(honest()), ending(0)) }))).toMatchObject({ files: asked.length, exitCode: 0, missing: [] });
  });

  it.each<readonly [string, (channel: ServerChannel) => void, string]>([
    ['a whole archive without an exit code', says(ended(honest()), (channel) => channel.end()), 'connection_cut'],
    ['a whole archive, then a signal', says(ended(honest()), (channel) => { channel.exit('KILL', false, 'killed'); channel.end(); }), 'connection_cut'],
    ['half an archive with exit code 0', says(ended(honest()).subarray(0, 900), ending(0)), 'connection_cut'],
    ['nothing with exit code 0', ending(0), 'connection_cut'],
    ['a whole archive with exit code 3', says(ended(honest()), ending(3)), 'remote_failed'],
    ['an archive on stderr', (channel) => { channel.stderr.write(ended(honest())); ending(0)(channel); }, 'connection_cut'],
    ['an archive, then zeros without an end', (channel) => { channel.write(ended(honest())); const more = (): void => { while (!channel.destroyed && channel.write(Buffer.alloc(65_536))); }; channel.on('drain', more); more(); }, 'remote_untrusted'],
  ])('that sends %s', async (_what, exec, code) => {
    expect((await fetch(await start({ exec }))).code).toBe(code);
  });

  it('that refuses to run anything, or cuts before it answers', async () => {
    expect((await fetch(await start({}))).code).toMatch(/^(?:ssh_unreachable|connection_cut)$/);
    await server.stop();
    expect((await fetch(await start({ onReady: (connection) => connection.end() }))).code).toMatch(/^(?:ssh_unreachable|connection_cut)$/);
  });

  it.each<readonly [string, Lies]>([
    ['the request to run a command', { ignoreExec: true }],
    ['an attempt to sign in', { ignoreAuth: true }],
    ['a command', { exec: () => undefined }],
    ['anything: it says not even who it is', { raw: () => undefined }],
    ['who it is: it sends lines without an end', { raw: (socket) => { const more = (): void => { while (!socket.destroyed && socket.write('welcome to this machine\r\n'.repeat(100))); }; socket.on('drain', more); more(); } }],
  ])('that never answers %s: ended', async (_what, lies) => {
    waits.archive = { bytes: 61_440, ms: short };
    const began = Date.now();
    expect((await fetch(await start(lies))).code).toMatch(/^(?:remote_stalled|ssh_unreachable)$/);
    expect(Date.now() - began).toBeLessThan(30_000);
  });

  it('that greets with a flood, and with what a terminal would obey: not shown', async () => {
    const host = await start({ banner: `\u001b]0;owned\u0007${'flood '.repeat(20_000)}`, exec: says(Buffer.from('nothing'), ending(3)) });
    const error = await errorOf(host.probe('/workspace', signal()));
    expect(error.code).toBe('remote_failed');
    expect(JSON.stringify(error.data)).not.toContain('flood');
    expect(String(error.data?.['detail'])).not.toContain('\u001b');
  });

  it('that says more before a listing than a probe may, or ends in the middle of one', async () => {
    const probe = Buffer.from('find=gnu\ntar=gnu\nxargs=yes\ndir=yes\n');
    const survey = (host: RemoteHost): Promise<{ code?: string; listing?: unknown }> =>
      host.survey('/workspace', [], signal(), () => undefined, () => undefined).catch((error: unknown) => error as { code: string });
    expect((await survey(await start({ exec: says(Buffer.alloc(200_000, 'a=b\n'), ending(0)) }))).code).toBe('remote_untrusted');
    expect((await survey(await start({ exec: says(Buffer.concat([probe, Buffer.from('listing:\n'), rootRecord, record('a').subarray(0, 20)]), ending(0)) }))).code).toBe('remote_untrusted');
    expect((await survey(await start({ exec: says(Buffer.concat([probe, Buffer.from('listing:\n'), rootRecord, record('../a')]), ending(0)) }))).code).toBe('remote_untrusted');
    const ended = Buffer.concat([probe, Buffer.from('listing:\n'), rootRecord, record('a'), Buffer.from('end\0\0\0')]);
    for (const more of ['', 'unasked', 'x'.repeat(100_000)]) expect(await survey(await start({ exec: says(Buffer.concat([ended, Buffer.from(more)]), ending(0)) }))).toMatchObject({ listing: { notes: [] } });
    expect(await survey(await start({ exec: says(probe, ending(0)) }))).toMatchObject({ listing: null });
    expect(await survey(await start({ exec: says(Buffer.concat([probe, Buffer.from('listing:\n'), rootRecord, record('a')]), ending(0)) }))).toMatchObject({ listing: { notes: [] } });
  });

  it('that sends a listing faster than it is looked through waits', async () => {
    const many = Buffer.concat([rootRecord, ...Array.from({ length: 20_000 }, (_, at) => record(`file-${at}`))]);
    const host = await start({ exec: says(many, ending(0)) });
    let [taken, counted, pieces, looking] = [0, 0, 0, false];
    const take = (): void => {
      expect(looking).toBe(false);
      taken += 1;
    };
    await host.manifest('/workspace', [], signal(), take, async (count) => {
      [counted, looking] = [count, true];
      pieces += 1;
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      looking = false;
    });
    expect([taken, counted]).toEqual([20_001, 20_001]);
    expect(pieces).toBeGreaterThan(3);
    // What goes wrong while it is looked through ends it.
    await server.stop();
    const other = await start({ exec: says(many, ending(0)) });
    await expect(other.manifest('/workspace', [], signal(), () => undefined, () => Promise.reject(new Error('looked enough')))).rejects.toThrow('looked enough');
  });

  it('that asks for channels of its own gets none, and changes nothing', async () => {
    const answers: string[] = [];
    const host = await start({
      onReady: (connection) => {
        connection.forwardOut('127.0.0.1', 22, '127.0.0.1', 22, (error) => answers.push(error === undefined ? 'forwarded' : 'refused'));
        connection.x11('127.0.0.1', 6000, (error) => answers.push(error === undefined ? 'x11' : 'refused'));
        connection.openssh_forwardOutStreamLocal('/tmp/x', (error) => answers.push(error === undefined ? 'socket' : 'refused'));
      },
      exec: (channel) => void setTimeout(() => says(Buffer.concat([rootRecord, record('a')]), ending(0))(channel), 300),
    });
    expect(await manifest(host)).toEqual(['', 'a']);
    expect(answers).toEqual(['refused', 'refused', 'refused']);
  });

  it('with another key than before is left before anybody signs in; another instance at the same address may have its own', async () => {
    const first = await start({ exec: says(Buffer.concat([rootRecord, record('a')]), ending(0)) }, 7);
    await manifest(first);
    await server.stop();
    const known = readFileSync(folder.at('ssh', user, 'known_hosts'), 'utf8');
    const other = await start({ exec: ending(0) }, 7, keys[1]);
    expect(await errorOf(manifest(other))).toMatchObject({ code: 'host_key_changed', data: { known: expect.stringMatching(/^SHA256:/) as string, found: expect.stringMatching(/^SHA256:/) as string } });
    expect(server.seen).toMatchObject({ auth: [], commands: [] });
    expect(readFileSync(folder.at('ssh', user, 'known_hosts'), 'utf8')).toBe(known);
    const neighbour = ssh.host({ userId: user, instanceId: 8, host: '127.0.0.1', port: server.port, user: 'root' });
    expect((await errorOf(manifest(neighbour))).code).toBe('remote_failed');
    expect(server.seen.commands).toHaveLength(1);
  });
});
