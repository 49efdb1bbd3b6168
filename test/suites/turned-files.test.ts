// Files that are something else by the time they are fetched: named pipes, sockets, devices. Nothing waits for them, and the rest comes. Over a real sshd, on hosts with GNU and busybox.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { busyboxApplets, busyboxSettings } from '../support/busybox';
import { makeHostileHost } from '../support/hostile-host';
import { newestRestic } from '../support/restics';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { beforeFetches, caller, startRig, type Rig } from './snapshots-rig';

/** Leaves a socket of this name behind, as a program does that was killed. */
const makeSocket = async (file: string): Promise<void> => {
  const made = `${file}.made`;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(made, resolve));
  // A server takes its own name away when it ends.
  execFileSync('mv', [made, file]);
  await new Promise((resolve) => server.close(resolve));
};

let own: TempDir;
beforeAll(() => void (own = makeTempDir('dumont-turned')));
afterAll(() => own.remove());

describe.each([
  ['GNU', () => makeHostileHost(own.at('host')).settings],
  ['busybox', () => busyboxSettings(busyboxApplets(own.at('applets')))],
])('a host with %s', (kind, settings) => {
  let rig: Rig;
  let once: () => Promise<void> = () => Promise.resolve();
  beforeAll(async () => {
    const wrapHosts = beforeFetches(async () => {
      const run = once;
      once = () => Promise.resolve();
      await run();
    });
    rig = await startRig(newestRestic().file, { wrapHosts, sshdSettings: settings() });
  }, 120_000);
  afterEach(() => {
    rmSync(rig.workspace, { recursive: true, force: true });
    mkdirSync(rig.workspace);
  });
  afterAll(async () => await rig.stop());

  const turns: readonly (readonly [string, (file: string) => Promise<void> | void])[] = [
    ['pipe', (file) => void execFileSync('mkfifo', [file])],
    ['socket', makeSocket],
    ['endless', (file) => void execFileSync('mknod', [file, 'c', '1', '5'])],
    ['disk', (file) => void execFileSync('mknod', [file, 'b', '7', '250'])],
  ];

  it('whose files become pipes, sockets and devices: they are named, everything else comes', async () => {
    const names = turns.map(([name]) => name);
    for (const name of ['a', ...names, 'z']) writeFileSync(`${rig.workspace}/${name}`, `${name}\n`);
    // One of them was in a snapshot before, and so has a copy here.
    await rig.take();
    for (const name of ['a', ...names, 'z']) writeFileSync(`${rig.workspace}/${name}`, `${name} again\n`);
    once = async () => {
      for (const [name, turn] of turns) {
        rmSync(`${rig.workspace}/${name}`);
        await turn(`${rig.workspace}/${name}`);
      }
    };
    const taken = await rig.take();
    expect(taken).toMatchObject({ result: 'warnings', file_count: 2, warnings: [expect.stringMatching(/^Was replaced by something else while the snapshot was taken, and is not in the snapshot: /)] });
    expect((taken.warnings[0] ?? '').replace(/^.*: /, '').split(', ').sort()).toEqual([...names].sort());
    const target = own.at(`restored-${kind}`);
    await rig.snapshots.restore(caller, { snapshot_id: taken.id, folder: target, verify: true, wait: true });
    expect(readdirSync(target).map((name) => [name, readFileSync(`${target}/${name}`, 'utf8')])).toEqual([['a', 'a again\n'], ['z', 'z again\n']]);
    // Nothing of the kind was made here.
    const mirrors = path.join(rig.dataFolder, 'users', caller.userId, 'mirrors');
    expect(readdirSync(mirrors, { recursive: true, withFileTypes: true }).filter((one) => names.includes(one.name) || !(one.isFile() || one.isDirectory()))).toEqual([]);
    // The next one records them as what they are.
    expect(await rig.take()).toMatchObject({ result: 'ok', file_count: 2 });
    rig.check();
  }, 120_000);
});
