// Rehearsals with real parts: what is restored is compared with what was captured, whatever the mirror says; the stamp tells; nothing is left behind.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended } from '../../src/main/domain/schedule-jobs';
import { waitGone } from '../support/processes';
import { newestRestic, resticEnds } from '../support/restics';
import { caller, errorOf, random, startRig, type Rig } from './snapshots-rig';

const scratch = (rig: Rig): string[] => {
  const home = path.join(rig.dataFolder, 'users', caller.userId, 'rehearsals');
  return existsSync(home) ? readdirSync(home) : [];
};
const stamp = async (rig: Rig, id: string) => (await rig.snapshots.list(caller)).snapshots.find((one) => one.id === id)?.proof;
const safety = async (rig: Rig) => await rig.proofs.safety(caller, 7);

const fill = (folder: string): void => {
  mkdirSync(`${folder}/data/deep`, { recursive: true });
  mkdirSync(`${folder}/empty`);
  for (let at = 0; at < 30; at += 1) writeFileSync(`${folder}/data/img_${String(at).padStart(3, '0')}`, random(1000 + at));
  writeFileSync(`${folder}/data/deep/[odd] *?.txt`, 'odd');
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/data/bad`), Buffer.from([0xff])]), 'raw');
  writeFileSync(`${folder}/data/größe %.txt`, 'x');
  writeFileSync(`${folder}/model.pt`, random(40_000));
  writeFileSync(`${folder}/nothing`, '');
  symlinkSync('/usr/bin/env', `${folder}/env`);
};

for (const { version, file } of resticEnds()) {
  describe(`a rehearsal, restic ${version}`, () => {
    let rig: Rig;
    let id = '';
    beforeAll(async () => {
      rig = await startRig(file);
      fill(rig.workspace);
      id = (await rig.take()).id;
    });
    afterAll(async () => await rig.stop());

    it('before one, nothing is proven, and destroying asks', async () => {
      expect(await stamp(rig, id)).toEqual({ state: 'none', at: null, coverage: 0, weak: false });
      expect(await safety(rig)).toMatchObject({ verdict: 'unproven', asks: true, max_age_days: 7, sources: [{ path: rig.workspace, snapshot: { id }, proof: null }] });
    });

    it('goes in parts within its budget, each where the last one ended, until all was covered; what is larger is read in passing', async () => {
      Object.assign(rig.settings, { rehearsal_budget_gb: 0.000_012 });
      const files: number[] = [];
      let state = await stamp(rig, id);
      for (let round = 0; state?.state !== 'proven' && round < 10; round += 1) {
        const proof = await rig.proofs.rehearse(caller, id, true);
        expect(proof).toMatchObject({ kind: 'part', result: 'ok', weak: false, total_files: 35 });
        expect(proof.bytes <= 12_000 || proof.files === 1).toBe(true);
        files.push(proof.files);
        state = await stamp(rig, id);
        expect(await safety(rig)).toMatchObject(state?.state === 'part' ? { verdict: 'part', asks: true } : { verdict: 'proven' });
      }
      expect(state).toMatchObject({ state: 'proven', coverage: 1 });
      expect(files.reduce((sum, one) => sum + one, 0)).toBe(35);
      expect(files.length).toBeGreaterThan(3);
      expect(await safety(rig)).toMatchObject({ verdict: 'proven', asks: false });
      Object.assign(rig.settings, { rehearsal_budget_gb: 10 });
      expect(scratch(rig)).toEqual([]);
    });

    it('takes a whole one, without the mirror, and says so', async () => {
      rmSync(path.join(rig.dataFolder, 'users', caller.userId, 'mirrors'), { recursive: true });
      const proof = await rig.proofs.rehearse(caller, id.slice(0, 8), true);
      expect(proof).toMatchObject({ kind: 'full', result: 'ok', files: 35, total_files: 35, weak: false, problems: [], command: 'none', snapshot_id: id });
      expect(await stamp(rig, id)).toMatchObject({ state: 'proven', coverage: 1, at: proof.at });
      expect(rig.proofs.listed(caller, { snapshot_id: id, limit: 1 })).toMatchObject({ count: 1, proofs: [{ id: proof.id }] });
      expect(scratch(rig)).toEqual([]);
    });

    it('is worth nothing once its repository is gone, or another restic has removed the snapshot', async () => {
      expect(await safety(rig)).toMatchObject({ verdict: 'proven', asks: false });
      renameSync(rig.repository, `${rig.repository}.away`);
      expect(await safety(rig)).toMatchObject({ verdict: 'unreadable', asks: true });
      renameSync(`${rig.repository}.away`, rig.repository);
      expect(await safety(rig)).toMatchObject({ verdict: 'proven', asks: false });
      rig.byHand(['forget', id]);
      expect(await safety(rig)).toMatchObject({ verdict: 'no_snapshot', asks: true });
    });
  });
}

describe('a rehearsal that fails', () => {
  let rig: Rig;
  let id = '';
  beforeAll(async () => {
    rig = await startRig(newestRestic().file);
    fill(rig.workspace);
    id = (await rig.take()).id;
  });
  afterAll(async () => await rig.stop());

  /** Another snapshot with the same list of files, made from a tree that was changed meanwhile. */
  const forged = (change: (folder: string) => void): string => {
    const folder = rig.folder.at('forged');
    rig.byHand(['restore', id, `--target=${folder}`]);
    change(path.join(folder, rig.workspace.slice(1)));
    const before = new Set((JSON.parse(rig.byHand(['snapshots', '--json'])) as { id: string }[]).map((one) => one.id));
    execFileSync(newestRestic().file, ['--no-cache', '-r', rig.repository, 'backup', '--quiet', '.'], { cwd: folder, env: { ...process.env, RESTIC_PASSWORD: rig.secrets.get(`${caller.userId}:repository-password`) ?? '' } });
    rmSync(folder, { recursive: true });
    const made = (JSON.parse(rig.byHand(['snapshots', '--json'])) as { id: string }[]).find((one) => !before.has(one.id));
    return made?.id ?? '';
  };

  it.each<readonly [string, (folder: string) => void, RegExp]>([
    ['another content of the same size', (folder) => writeFileSync(`${folder}/model.pt`, random(40_000).reverse()), /Another content: model\.pt/],
    ['a file that is longer', (folder) => appendFileSync(`${folder}/model.pt`, 'x'), /40001 bytes instead of 40000: model\.pt/],
    ['a file that is missing', (folder) => rmSync(`${folder}/data/img_007`), /Missing: data\/img_007/],
    ['another link', (folder) => { rmSync(`${folder}/env`); symlinkSync('/etc/passwd', `${folder}/env`); }, /Another link: env/],
    ['a link instead of a file', (folder) => { rmSync(`${folder}/model.pt`); symlinkSync('data/img_001', `${folder}/model.pt`); }, /No longer a file: model\.pt/],
    ['a file that nobody captured', (folder) => writeFileSync(`${folder}/data/stranger`, 'x'), /Not in the list: data\/stranger/],
  ])('because of %s', async (_what, change, words) => {
    const other = forged(change);
    const error = await errorOf(rig.proofs.rehearse(caller, other, true));
    expect(error).toMatchObject({ code: 'proof_failed', data: { snapshot_id: other, problem_count: 1 } });
    expect(String(error.data?.['problems'])).toMatch(words);
    expect(await stamp(rig, other)).toMatchObject({ state: 'failed', coverage: 0 });
    expect(scratch(rig)).toEqual([]);
  });

  it('because the repository is damaged: the snapshot is marked, its source fetched whole the next time', async () => {
    expect((await rig.proofs.rehearse(caller, id, true)).result).toBe('ok');
    const packs = readdirSync(path.join(rig.repository, 'data'), { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    const largest = packs.map((one) => path.join(one.parentPath, one.name)).sort((a, b) => readFileSync(b).length - readFileSync(a).length)[0] ?? '';
    const whole = readFileSync(largest);
    execFileSync('chmod', ['u+w', largest]);
    const broken = Buffer.from(whole);
    for (let at = 1000; at < broken.length - 1000; at += 97) broken[at] = (broken[at] ?? 0) ^ 0x55;
    writeFileSync(largest, broken);
    const error = await errorOf(rig.proofs.rehearse(caller, id, true));
    expect(error.code).toBe('proof_failed');
    expect(await stamp(rig, id)).toMatchObject({ state: 'failed' });
    expect(await safety(rig)).toMatchObject({ verdict: 'failed', asks: true });
    expect(rig.store.sources.list(caller.userId)[0]?.needsFullFetch).toBe(true);
    expect(rig.operations.list(caller, { limit: 1 }).operations[0]).toMatchObject({ kind: 'rehearse', state: 'failed', snapshot_id: id, error: { code: 'proof_failed' } });
    writeFileSync(largest, whole);
    expect(await rig.proofs.rehearse(caller, id, true)).toMatchObject({ result: 'ok' });
    expect(await stamp(rig, id)).toMatchObject({ state: 'proven' });
    expect(scratch(rig)).toEqual([]);
  });

  it('says nothing about the snapshot when it was cancelled, or the disk lacks room', async () => {
    const before = rig.proofs.listed(caller, { limit: 500 }).count;
    const { operation_id: running } = (await rig.proofs.rehearse(caller, id, false)) as { operation_id: string };
    rig.operations.cancel(caller, running);
    expect(await ended(rig.operations, caller, running)).toMatchObject({ state: 'cancelled' });
    expect(rig.proofs.listed(caller, { limit: 500 }).count).toBe(before);
    expect(scratch(rig)).toEqual([]);
    const full = await startRig(newestRestic().file, { rehearsal: { folders: { clear: () => Promise.resolve(), open: () => Promise.resolve(rig.folder.at('full')), discard: () => Promise.resolve(), space: () => Promise.resolve({ free: 100, total: 1000 }) } } });
    writeFileSync(`${full.workspace}/a`, random(2000));
    const { id: other } = await full.take();
    expect(await errorOf(full.proofs.rehearse(caller, other, true))).toMatchObject({ code: 'disk_full' });
    expect(await stamp(full, other)).toMatchObject({ state: 'none' });
    await full.stop();
  });
});

describe("the user's own check", () => {
  let rig: Rig;
  let id = '';
  const check = async (command: string, minutes = 10) => {
    Object.assign(rig.settings, { rehearsal_command: command, rehearsal_command_minutes: minutes });
    const result = await rig.proofs.rehearse(caller, id, true).catch((error: unknown) => error as { code: string; data: { problems: string[] } });
    const { operations } = rig.operations.list(caller, { limit: 1 });
    return { result, log: rig.operations.get(caller, operations[0]?.id ?? '').log };
  };
  beforeAll(async () => {
    rig = await startRig(newestRestic().file);
    writeFileSync(`${rig.workspace}/config.json`, '{"a":1}');
    id = (await rig.take()).id;
  });
  afterAll(async () => await rig.stop());

  it('runs in what was restored, with nothing of the app around it', async () => {
    process.env['DUMONT_TEST_CANARY'] = 'canary-of-the-environment';
    const { result, log } = await check('cat config.json; echo; env; pwd; echo "\\033[2Jbell"');
    delete process.env['DUMONT_TEST_CANARY'];
    expect(result).toMatchObject({ result: 'ok', command: 'ok' });
    const said = log.map((line) => line.text).join('\n');
    expect(said).toContain('rehearsals');
    expect(said).not.toContain('canary-of-the-environment');
    expect(said).not.toContain('\u001b');
    expect(log.filter((line) => line.src === 'remote').length).toBeGreaterThan(2);
  });

  it('fails the rehearsal with its exit code, and blames neither source nor repository', async () => {
    const { result } = await check('echo no good >&2; exit 3');
    expect(result).toMatchObject({ code: 'proof_failed', data: { problems: ['Your check ended with code 3.'] } });
    expect(rig.proofs.listed(caller, { limit: 1 }).proofs[0]).toMatchObject({ result: 'failed', command: 'failed' });
    expect(rig.store.sources.list(caller.userId)[0]?.needsFullFetch).toBe(false);
    expect(await stamp(rig, id)).toMatchObject({ state: 'failed' });
  });

  it('is ended with all it started when its time is over', async () => {
    const pids = rig.folder.at('pids');
    const { result } = await check(`sleep 600 & echo $! > ${pids}; sleep 600`, 0.05);
    expect(result).toMatchObject({ code: 'proof_failed', data: { problems: [expect.stringContaining('did not end') as string] } });
    const pid = Number(readFileSync(pids, 'utf8'));
    expect(await waitGone([pid], 5000)).toEqual([]);
    expect(scratch(rig)).toEqual([]);
  });
});
