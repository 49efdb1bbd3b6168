// Finds restic, and on Debian unpacks versions of it into the tools folder as an ordinary user, touching nothing of the system.
import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { archiveSource } from './debian-archive.mjs';
import { withLock } from './lock.mjs';
import { readJson, tell, toolsDir } from './project.mjs';
import { run, which } from './run.mjs';

const resticDir = path.join(toolsDir, 'restic');
const noteFile = path.join(resticDir, 'served.json');
/** After a failed look-up the archive is asked again after this many milliseconds. */
const retryAfter = 3_600_000;

/** What the tests run: Debian 12's, Debian 13's and the newest that Debian has. */
export const wantedVersions = Object.freeze(['0.14', '0.18', 'newest']);

const compare = (a, b) => a.localeCompare(b, 'en', { numeric: true });

const isA = (version, wanted) => version === wanted || version.startsWith(`${wanted}.`);

/** Versions unpacked so far: `{ version, file }`, oldest first. */
export const unpackedRestics = () => {
  if (!existsSync(resticDir)) return [];
  return readdirSync(resticDir)
    .filter((name) => /^\d+\.\d+\.\d+$/.test(name) && existsSync(path.join(resticDir, name, 'restic')))
    .sort(compare)
    .map((version) => ({ version, file: path.join(resticDir, version, 'restic') }));
};

/** A private apt: own sources, lists and cache, through the environment. */
const privateApt = async (work, source) => {
  const suites = [...new Set([source.codename, 'bookworm', 'trixie', 'sid'])];
  const options = source.signedBy === undefined ? '' : `[signed-by=${source.signedBy}] `;
  await writeFile(path.join(work, 'sources.list'), suites.map((suite) => `deb ${options}${source.uri} ${suite} main\n`).join(''));
  await mkdir(path.join(work, 'lists', 'partial'), { recursive: true });
  await mkdir(path.join(work, 'cache', 'archives', 'partial'), { recursive: true });
  const settings = {
    'Dir::Etc::sourcelist': path.join(work, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': path.join(work, 'lists'),
    'Dir::Cache': path.join(work, 'cache'),
    'Acquire::Languages': 'none',
    // Mirrors and containers of some age, and clocks that are wrong: the signature is still checked, only its date is not.
    'Acquire::Check-Valid-Until': 'false',
    'Acquire::Check-Date': 'false',
    'Acquire::Retries': '1',
    'Acquire::http::Timeout': '15',
    'Acquire::https::Timeout': '15',
  };
  if (process.getuid?.() === 0) settings['APT::Sandbox::User'] = 'root';
  const file = path.join(work, 'apt.conf');
  await writeFile(file, Object.entries(settings).map(([key, value]) => `${key} "${value}";\n`).join(''));
  return { ...process.env, APT_CONFIG: file, LC_ALL: 'C' };
};

/** Debian versions on offer, newest first, as `{ full, upstream }`. */
const listServed = async (env) => {
  const update = await run('apt-get', ['update', '-q'], { env, limitMs: 180_000 });
  const listed = await run('apt-cache', ['madison', 'restic'], { env, limitMs: 60_000 });
  const fulls = [...new Set(listed.stdout.split('\n').map((line) => line.split('|')[1]?.trim()).filter((one) => one !== undefined && one !== ''))];
  if (fulls.length === 0) throw new Error(`Debian's archive offers no restic (${update.failure ?? listed.failure ?? 'empty list'})`);
  return fulls.map((full) => ({ full, upstream: /^(?:\d+:)?(\d+(?:\.\d+)+)/.exec(full)?.[1] ?? full })).sort((a, b) => compare(b.full, a.full));
};

/** Downloads one Debian package and keeps the program under the version that it says itself. */
const unpack = async (work, env, full) => {
  const folder = await mkdtemp(path.join(work, 'package-'));
  const step = async (command, args) => {
    const done = await run(command, args, { cwd: folder, env, limitMs: 300_000 });
    if (done.failure !== undefined) throw new Error(`restic ${full}: ${command} ${done.failure}`);
  };
  await step('apt-get', ['download', '-q', `restic=${full}`]);
  await step('dpkg-deb', ['-x', (await readdir(folder)).find((name) => name.endsWith('.deb')) ?? 'restic.deb', path.join(folder, 'tree')]);
  const program = path.join(folder, 'tree', 'usr', 'bin', 'restic');
  const said = await run(program, ['version'], { limitMs: 30_000 });
  const version = /^restic (\d+\.\d+\.\d+)/.exec(said.stdout)?.[1];
  if (version === undefined) throw new Error(`restic ${full} does not run here (${said.failure ?? 'no version'})`);
  const home = path.join(resticDir, version);
  await mkdir(home, { recursive: true });
  await copyFile(program, path.join(home, 'restic.new'));
  await rename(path.join(home, 'restic.new'), path.join(home, 'restic'));
  return version;
};

const fetchAll = async (source, wanted) => {
  await mkdir(resticDir, { recursive: true });
  const work = await mkdtemp(path.join(resticDir, 'work-'));
  const got = {};
  try {
    const env = await privateApt(work, source);
    const served = await listServed(env);
    for (const name of wanted) {
      const match = name === 'newest' ? served[0] : served.find((one) => isA(one.upstream, name));
      try {
        if (match !== undefined) got[name] = unpackedRestics().find((one) => one.version === match.upstream)?.version ?? (await unpack(work, env, match.full));
      } catch (error) {
        tell(error.message);
      }
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return got;
};

/** What earlier runs found: version by wish, when each wish was last asked for (ms), and why the archive gave nothing. */
const readNote = () => ({ versions: {}, asked: {}, ...readJson(noteFile) });

const haveFor = (name, note) => {
  const version = note.versions[name];
  const here = unpackedRestics();
  return here.find((one) => one.version === version) ?? (name === 'newest' ? undefined : here.findLast((one) => isA(one.version, name)));
};

const ask = async (source, missing) => {
  if (missing.length === 0) return;
  tell(`Unpacking restic ${missing.join(', ')} from Debian's archive into the tools folder (once)`);
  const note = { ...readNote(), problem: undefined };
  try {
    Object.assign(note.versions, await fetchAll(source, missing));
  } catch (error) {
    note.problem = error.message;
  }
  for (const name of missing) note.asked[name] = Date.now();
  await mkdir(resticDir, { recursive: true });
  await writeFile(noteFile, JSON.stringify(note));
};

/**
 * Unpacks the wished versions of restic where they are not here yet. Cached: a second call touches no network.
 * @param {readonly string[]} wanted Of `wantedVersions`.
 * @returns {Promise<readonly { wanted: string, version?: string, file?: string, problem?: string }[]>} One row per wish; a version that is not served is a row with a problem.
 */
export const ensureRestics = async (wanted) => {
  const rows = () => wanted.map((name) => ({ wanted: name, ...haveFor(name, readNote()) }));
  const source = archiveSource();
  const missing = () => rows().filter((row) => row.file === undefined && Date.now() - (readNote().asked[row.wanted] ?? 0) > retryAfter).map((row) => row.wanted);
  if (source !== undefined && missing().length > 0) await withLock('restic', () => ask(source, missing()));
  const problem = source === undefined ? 'set-up unpacks restic on Debian only' : (readNote().problem ?? 'no longer served by Debian');
  return rows().map((row) => (row.file === undefined ? { ...row, problem } : row));
};

/**
 * The restic that a start should use: PATH's, else the newest unpacked one, else Debian's newest, unpacked now.
 * @returns {Promise<{ file: string, unpacked: boolean } | { problem: string }>}
 */
export const findRestic = async (env = process.env) => {
  const onPath = which('restic', env);
  if (onPath !== undefined) return { file: onPath, unpacked: false };
  const here = unpackedRestics().at(-1) ?? (await ensureRestics(['newest']))[0];
  return here.file === undefined ? { problem: here.problem } : { file: here.file, unpacked: true };
};
