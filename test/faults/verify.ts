// What must hold after every point, whatever struck: nothing wrong, nothing half, nothing left behind, and the next run succeeds.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Snapshot } from '../../src/contract';
import { listing } from '../suites/snapshots-rig';
import type { Ended } from './jobs';
import { lacking } from './kept';
import type { Point } from './points';
import type { Running, World } from './world';

/** Takes a problem down. */
export type Note = (problem: string) => void;

/** What a run costs on the wire besides the files: sign-ins, the listing, headers of the archive; bytes. */
const overhead = (files: number): number => 130_000 + files * 1200;

/** How long the app may be busy by itself: with a lock, with its policy, milliseconds. */
const backgroundPatience = 10_000;

/** First lines that differ, for a person. */
export const difference = (got: readonly string[], wanted: readonly string[]): string => {
  const lacks = wanted.filter((line) => !got.includes(line));
  const has = got.filter((line) => !wanted.includes(line));
  return lacks.length + has.length === 0 ? '' : `lacks ${lacks.length} (${lacks.slice(0, 2).join(' | ')}), has ${has.length} that should not be (${has.slice(0, 2).join(' | ')})`;
};

const words: Readonly<Record<string, RegExp>> = {
  snapshot: /\bkept\b/i,
  rehearse: /\bkept\b/i,
  restore: /\bkept\b|nothing was (?:put|restored)|in place/i,
  delete_snapshot: /\bkept\b|still there|was removed|is gone/i,
  retention: /\bkept\b|were removed|nothing was removed/i,
  prune: /\bkept\b/i,
  check: /\bkept\b/i,
  repair: /\bkept\b/i,
};

/** The end of an operation that did not succeed names its reason and what was kept. */
export const checkEnd = (ended: Ended, note: Note): void => {
  if (ended.state === 'succeeded' || ended.state === 'warnings') return;
  const said = [ended.error?.message ?? '', ...ended.log.map((line) => line.text)].join('\n');
  if (ended.error === null) note(`ended ${ended.state} without an error`);
  else if (ended.error.code === 'internal') note(`ended with an internal error: ${said}`);
  if (words[ended.kind]?.test(said) === false) note(`its end does not say what was kept: ${ended.error?.code ?? ''} ${said.replaceAll('\n', ' / ')}`);
};

/** Command lines of living processes that name this folder; those of the app itself are left out while it runs. */
export const strays = (folder: string, own: number): readonly string[] =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== own && Number(name) !== process.pid).flatMap((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const program = path.basename(readlinkSync(`/proc/${pid}/exe`));
      return /^(?:restic|ssh|dash|sh)$/.test(program) && words.some((word) => word.includes(folder)) ? [`${pid} ${words.join(' ').slice(0, 160)}`] : [];
    } catch {
      return [];
    }
  });

/** None of our children lives on, after a moment. */
export const checkStrays = async (world: World, own: number, note: Note): Promise<void> => {
  let left: readonly string[] = [];
  // A process that is just becoming another program has no command line for a moment: none is believed the second time.
  let noneBefore = false;
  for (const end = Date.now() + 8000; Date.now() < end; await delay(100)) {
    left = strays(world.dataFolder, own);
    if (left.length === 0 && noneBefore) return;
    noneBefore = left.length === 0;
  }
  if (left.length > 0) note(`children live on: ${left.join(' ; ')}`);
};

/** No password or key lies in a file of ours, and no half-made file of a name that only lasts for a moment. */
export const checkSecrets = (world: World, secrets: readonly string[], note: Note): void => {
  for (const secret of secrets.filter((one) => one !== '')) {
    const found = spawnSync('grep', ['-rlaF', '-e', secret, world.dataFolder, world.folder.at('tmp')], { encoding: 'utf8' }).stdout.trim();
    if (found !== '') note(`a secret lies in ${found.replaceAll('\n', ', ')}`);
  }
  const left = execFileSync('find', [world.dataFolder, world.folder.at('tmp'), '(', '-name', 'dumont-key-*', '-o', '-name', '.dumont-restore-*', ')', '-print'], { encoding: 'utf8' }).trim();
  const rehearsals = path.join(world.userFolder, 'rehearsals');
  if (existsSync(rehearsals) && readdirSync(rehearsals).length > 0) note('a rehearsal left its folder behind');
  if (left !== '') note(`left behind: ${left.replaceAll('\n', ', ')}`);
};

const listed = async (running: Running): Promise<readonly Snapshot[]> => ((await running.rest.good('GET', '/api/v1/snapshots')) as { snapshots: Snapshot[] }).snapshots;

/** Restores a listed snapshot through the app and compares the whole tree. */
const checkTree = async (world: World, running: Running, id: string, folder: string, tree: readonly string[], note: Note): Promise<void> => {
  const reply = await running.rest.call('POST', '/api/v1/snapshots/restore', { snapshot_id: id, folder });
  if (reply.status !== 200 || reply.body['success'] !== true) return note(`${folder}: ${id.slice(0, 8)} does not restore: ${JSON.stringify(reply.body)}`);
  const wrong = difference(listing(String(reply.body['target_path'])), tree);
  if (wrong !== '') note(`${folder}: ${id.slice(0, 8)} is not what it claims: ${wrong}`);
};

/** Every listed snapshot is whole: those of the start by their id, which names its content; any other by restoring it. */
export const checkListed = async (world: World, running: Running, tree: readonly string[], deleted: boolean, note: Note): Promise<void> => {
  for (const one of await listed(running)) {
    if (one.result !== 'ok' && !(deleted && one.id === world.first.id)) note(`listed as ${one.result}: ${one.short_id} ${one.warnings.join(' ')}`);
    else if (one.result === 'ok' && one.id !== world.first.id && !world.trees.has(one.id)) await checkTree(world, running, one.id, 'listed', tree, note);
  }
};

/** The next run succeeds, fetches no more than what is lacking, and holds exactly what is on the host. */
export const checkNextRun = async (world: World, running: Running, point: Point, note: Note): Promise<void> => {
  world.sign(`${point.id}, afterwards`);
  const parent = point.phase.start === 'empty' || (await listed(running)).some((one) => one.id === world.newest[point.phase.start] && one.result === 'ok');
  const need = lacking(world.workspace, world.mirror, parent);
  const before = world.relay.bytesDown();
  const reply = await running.rest.call('POST', '/api/v1/snapshots', { instance_id: world.instanceId });
  if (reply.status !== 200) return note(`the next run fails: ${reply.status} ${JSON.stringify(reply.body)}`);
  const fetched = world.relay.bytesDown() - before;
  const most = need.bytes * 1.03 + overhead(need.files);
  if (fetched > most) note(`the next run fetched ${fetched} bytes where ${need.bytes} in ${need.files} files were lacking`);
  if (reply.body['result'] !== 'ok' || reply.body['unchanged'] === true) note(`the next run: ${JSON.stringify(reply.body)}`);
  await checkTree(world, running, String(reply.body['snapshot_id']), 'next', world.hostTree(), note);
};

/** Who has the locks, for a person. */
const holders = (world: World): readonly string[] =>
  world.byHand(['list', 'locks', '--no-lock']).trim().split('\n').map((id) => {
    const { pid, exclusive, time } = JSON.parse(world.byHand(['cat', 'lock', id, '--no-lock'])) as { pid: number; exclusive?: boolean; time: string };
    const command = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 200) : 'dead';
    return `${exclusive === true ? 'exclusive' : 'shared'} of ${time}, now ${new Date().toISOString()}: ${pid} ${command}`;
  });

/** An exclusive job of restic gets through, no lock is left, and restic itself finds nothing wrong. */
export const checkRepository = async (world: World, running: Running, note: Note): Promise<void> => {
  if ((await listed(running)).some((one) => one.id === world.first.id)) {
    const gone = await running.rest.call('DELETE', `/api/v1/snapshots/${world.first.id}`);
    if (gone.status !== 200) note(`the first snapshot cannot be deleted: ${JSON.stringify(gone.body)}`);
  }
  const look = async (): Promise<readonly [shown: readonly string[], kept: readonly string[]]> => [
    (await listed(running)).map((one) => one.id).sort(),
    // What restic was writing when it was killed keeps another name, which restic passes over.
    readdirSync(path.join(world.repository, 'snapshots')).filter((name) => /^[0-9a-f]{64}$/.test(name)).sort(),
  ];
  let [shown, kept] = await look();
  // The policy is looked at by itself after a snapshot: then rows go that a full disk kept.
  for (const end = Date.now() + backgroundPatience; shown.join() !== kept.join() && Date.now() < end; [shown, kept] = await look()) await delay(200);
  if (shown.join() !== kept.join()) note(`listed are ${shown.map((id) => id.slice(0, 8)).join()}, in the repository are ${kept.map((id) => id.slice(0, 8)).join()}`);
  // A restic that reads in the background, for the index or the sizes, has one for a moment.
  const locks = (): number => readdirSync(path.join(world.repository, 'locks')).filter((name) => /^[0-9a-f]{64}$/.test(name)).length;
  for (const end = Date.now() + backgroundPatience; locks() > 0 && Date.now() < end; await delay(100));
  if (locks() > 0) note(`locks are left: ${holders(world).join(' ; ')}`);
  try {
    // What the app does by itself after a snapshot, such as a policy, may hold the repository for a moment.
    world.byHand(['check', '--read-data', '--retry-lock=30s']);
  } catch (error) {
    note(`restic check --read-data: ${(error as { stderr?: string }).stderr ?? String(error)}`);
  }
};

/** Nothing but the first may be missing of what a start held, and that only by its policy; the newest restores exactly. */
export const checkSeveral = async (world: World, running: Running, job: 'retention' | 'prune' | 'check' | 'repair', note: Note): Promise<void> => {
  const there = new Set((await listed(running)).filter((one) => one.result === 'ok').map((one) => one.id));
  const missing = [...(job === 'retention' ? [] : [world.first.id]), ...world.trees.keys()].filter((id) => !there.has(id));
  if (missing.length > 0) note(`not listed any more: ${missing.map((id) => id.slice(0, 8)).join()}`);
  await checkTree(world, running, world.newest.several, 'newest', world.trees.get(world.newest.several) ?? [], note);
};

/** What was disturbed ends well when it is asked for again. */
export const checkAgain = async (world: World, running: Running, job: 'prune' | 'check' | 'repair', note: Note): Promise<void> => {
  const target = job === 'repair' ? '/api/v1/repositories/default/repair' : `/api/v1/maintenance/${job}`;
  const { operation_id: id } = await running.rest.good('POST', target, job === 'check' ? { read: 'all' } : {});
  const end = await running.rest.until(`/api/v1/operations/${String(id)}`, ({ body }) => body['ended_at'] !== null);
  if (end['state'] !== 'succeeded') note(`asked for again, the ${job} ends ${String(end['state'])}: ${JSON.stringify(end['error'])} ${JSON.stringify(end['warnings'])}`);
};

/** After a change of the password there is one key, and the one of the two that the app keeps opens the repository. */
export const checkKeys = async (world: World, running: Running, note: Note): Promise<void> => {
  await running.rest.good('GET', '/api/v1/repositories/default');
  const keys = (): readonly { current: boolean }[] => JSON.parse(world.byHand(['key', 'list', '--json'])) as { current: boolean }[];
  // A change that was cut is ended in the background after the sign-in, or by the next change.
  for (const end = Date.now() + backgroundPatience; keys().length > 1 && Date.now() < end; await delay(200));
  if (keys().length > 1) {
    const again = await running.rest.call('POST', '/api/v1/repositories/default/password', { password: world.password, new_password: world.nextPassword });
    if (again.status !== 200) note(`the password cannot be changed again: ${JSON.stringify(again.body)}`);
    if (keys().length > 1) note(`${keys().length} keys are left after the next change`);
  }
  // restic by hand held this process up: connections that the app closed meanwhile are noticed first.
  await delay(200);
};

/** A rehearsal that was disturbed has not found anything wrong with a snapshot that is right. */
export const checkProofs = async (running: Running, note: Note): Promise<void> => {
  const { proofs } = (await running.rest.good('GET', '/api/v1/proofs')) as { proofs: { result: string; problems: readonly string[] }[] };
  for (const one of proofs) if (one.result !== 'ok') note(`a rehearsal says ${one.result}: ${one.problems.join(' ')}`);
};

/** After a restore: what it filled is whole or untouched, and asking again gives it whole. */
export const checkRestored = async (world: World, running: Running, job: 'restore-folder' | 'restore-host', ended: Ended | null, note: Note): Promise<void> => {
  const good = ended?.state === 'succeeded';
  const target = job === 'restore-folder' ? world.folderTarget : world.hostTarget;
  if (good) {
    const wrong = difference(listing(target), world.first.tree);
    if (wrong !== '') note(`the restore says it succeeded: ${wrong}`);
    return;
  }
  const left = existsSync(target) ? readdirSync(target) : [];
  // Within the moment in which everything is put in place: it says that a part is there, and nothing is put over it.
  if (job === 'restore-folder' && left.length > 0 && /A part of the files is in place/.test(ended?.error?.message ?? '')) return;
  if (job === 'restore-folder' && left.length > 0) note(`a restore that ended ${ended?.state ?? 'nowhere'} left ${left.join(', ')}`);
  const where = job === 'restore-folder' ? { folder: 'point' } : { instance_id: world.instanceId, target_path: target };
  const again = await running.rest.call('POST', '/api/v1/snapshots/restore', { snapshot_id: world.first.id, ...where });
  if (again.status !== 200 || again.body['success'] !== true) return note(`restoring again fails: ${JSON.stringify(again.body)}`);
  const wrong = difference(listing(target), world.first.tree);
  if (wrong !== '') note(`restored again: ${wrong}`);
};
