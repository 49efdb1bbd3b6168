// A restore to an instance gives back the same tree: over a tree of everything that is hard to keep, on real servers, with the oldest and the newest restic, and with hosts that have only busybox.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { busyboxApplets, busyboxSettings } from '../support/busybox';
import { newestRestic, restics } from '../support/restics';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { account, fillTortureTree } from '../support/torture-tree';
import { caller, startRig, type Rig } from './snapshots-rig';

const oldest = restics()[0]!;
const versions = [oldest, newestRestic()].filter((one, index, all) => all.findIndex(({ version }) => version === one.version) === index);

describe.each(versions)('with restic $version', ({ file }) => {
  let applets: TempDir;
  let rig: Rig;
  let id = '';
  beforeAll(async () => {
    applets = makeTempDir('dumont-applets');
    rig = await startRig(file, { others: [busyboxSettings(busyboxApplets(applets.at('bin'))), []] });
    await fillTortureTree(rig.workspace);
    ({ id } = await rig.take());
  });
  afterAll(async () => {
    await rig.stop();
    applets.remove();
  });

  const restore = async (instance: number, name: string, snapshot = id): Promise<string> => {
    const target = path.join(rig.folder.at('host'), name);
    expect(await rig.snapshots.restore(caller, { snapshot_id: snapshot, instance_id: instance, target_path: target, verify: true, wait: true })).toMatchObject({ success: true, errors: [] });
    return target;
  };

  it('the tree comes back the same, to the instance it is from and to another', async () => {
    const wanted = account(rig.workspace);
    expect(wanted.filter((line) => line.includes('sparse')).length).toBeGreaterThan(0);
    expect(account(await restore(7, 'same'))).toEqual(wanted);
    expect(account(await restore(9, 'another'))).toEqual(wanted);
    // Over what is there: files that were changed are as they were.
    writeFileSync(path.join(rig.folder.at('host'), 'same', 'links', 'one'), 'changed');
    execFileSync('rm', ['-rf', path.join(rig.folder.at('host'), 'same', 'names')]);
    expect(account(await restore(7, 'same'))).toEqual(wanted);
  });

  it('on a host with only busybox all but parts of seconds, times and owners of links, and holes', async () => {
    const allowed = { wholeSeconds: true, linkFacts: false, holes: false };
    expect(account(await restore(8, 'busybox'), allowed)).toEqual(account(rig.workspace, allowed));
  });

  it('from a host with only busybox, and on to one with GNU tools, it is the same in everything', async () => {
    const taken = await rig.take({ instance: 8 });
    expect(taken).toMatchObject({ result: 'ok', unchanged: false });
    expect(account(await restore(9, 'from-busybox', taken.id))).toEqual(account(rig.workspace));
    expect(await rig.take({ instance: 8 })).toMatchObject({ unchanged: true });
    rig.check();
  });

  it('a chosen folder comes with its pipes and links', async () => {
    const target = path.join(rig.folder.at('host'), 'some');
    await rig.snapshots.restore(caller, { snapshot_id: id, instance_id: 7, target_path: target, paths: ['links', 'special/pipe', 'modes/dir-555'], verify: true, wait: true });
    const chosen = (lines: readonly string[]): readonly string[] => lines.filter((line) => /^\["\/(?:links|special\/pipe|modes\/dir-555)/.test(line));
    expect(chosen(account(target))).toEqual(chosen(account(rig.workspace)));
  });

  it('the sidecar says which files had holes', async () => {
    const said = rig.bytesByHand(['dump', id, '/.dumont-manifest.v1.jsonl.gz']);
    const listed = gunzipSync(said).toString('utf8').split('\n').filter((line) => line.includes('"sparse":true')).join('\n');
    expect(listed).toContain('"path":"sizes/sparse"');
  });
});
