// `npm run package -- [--linux|--win|--mac] [TARGET...] [--x64|--arm64] [--test]`: builds, stages and packs the app with electron-builder for one system and processor.
import './tools/node-version.mjs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './setup.mjs';
import { stage } from './package/stage.mjs';
import { chooseElectron, electronLabel, pinnedVersion } from './tools/electron.mjs';
import { at, isEntry, main, root, ScriptError, tell } from './tools/project.mjs';
import { run } from './tools/run.mjs';
import { withLock } from './tools/lock.mjs';

const systems = { '--linux': 'linux', '--win': 'win32', '--mac': 'darwin' };
const processors = { '--x64': 'x64', '--arm64': 'arm64' };

/** What was asked for; throws `ScriptError` with exit code 2. */
export const readArguments = (args) => {
  const asked = { platform: process.platform, arch: process.arch, targets: [], testOnly: false };
  for (const word of args) {
    if (systems[word] !== undefined) asked.platform = systems[word];
    else if (processors[word] !== undefined) asked.arch = processors[word];
    else if (word === '--test') asked.testOnly = true;
    else if (/^[A-Za-z][A-Za-z0-9.]*$/.test(word)) asked.targets.push(word);
    else throw new ScriptError(`${word} is not known. See docs/releasing.md`, 2);
  }
  return asked;
};

/**
 * Settings over electron-builder.yml. A test package is made over whichever Electron is here, without network; one for users over
 * the pinned Electron only, which electron-builder fetches and checks by itself.
 */
const electronSettings = async (testOnly) => {
  if (!testOnly) return { electronVersion: pinnedVersion() };
  const chosen = await chooseElectron({ registry: process.env.DUMONT_ELECTRON === 'registry' ? 'only' : 'allowed' });
  if (!chosen.ok) throw new ScriptError(chosen.reason);
  tell(`A test package over ${electronLabel(chosen)}`);
  return { electronVersion: chosen.version, electronDist: chosen.folder };
};

/**
 * Where newer versions come from, and the key that signs them: `DUMONT_UPDATE_PUBLIC_KEY` (PEM) with `DUMONT_RELEASE_REPOSITORY=owner/name`,
 * or with any address in `DUMONT_UPDATE_URL`. A build without them never asks for updates.
 */
export const updateSettings = (env = process.env) => {
  const { DUMONT_UPDATE_PUBLIC_KEY: key, DUMONT_RELEASE_REPOSITORY: repository, DUMONT_UPDATE_URL: address } = env;
  if (!key) return null;
  if (!address && !/^[\w.-]+\/[\w.-]+$/.test(repository ?? '')) throw new ScriptError(`DUMONT_RELEASE_REPOSITORY must be owner/name, not "${repository ?? ''}"`, 2);
  return { url: address || `https://github.com/${repository}/releases/latest/download`, key };
};

/**
 * Packs the app.
 * @param {ReturnType<typeof readArguments>} asked
 * @param {string} [output] Where the packages go.
 */
export const packApp = async ({ platform, arch, targets, testOnly }, output = at('dist', 'packages')) => {
  await ensureBuilt();
  const electron = await electronSettings(testOnly);
  await withLock('package', async () => {
    const updates = updateSettings();
    await stage({ platform, arch }, { testOnly, electron: electron.electronVersion, updates });
    await rm(output, { recursive: true, force: true });
    const file = at('dist', 'stage', 'electron-builder.json');
    const settings = { extends: at('electron-builder.yml'), ...electron, publish: updates === null ? null : { provider: 'generic', url: updates.url }, directories: { app: 'dist/stage/app', buildResources: 'resources', output } };
    await writeFile(file, JSON.stringify(settings));
    const system = Object.keys(systems).find((name) => systems[name] === platform);
    const args = [at('node_modules', 'electron-builder', 'cli.js'), system, ...targets, `--${arch}`, '--config', file, '--publish', 'never'];
    const done = await run(process.execPath, args, { cwd: root, limitMs: 1_800_000, onText: (text) => void (testOnly || process.stderr.write(text)) });
    await rm(path.join(output, 'builder-debug.yml'), { force: true });
    if (done.failure !== undefined) throw new ScriptError(`electron-builder ${done.failure}${testOnly ? `:\n${done.output.trimEnd()}` : ''}`);
  });
  tell(`Packed into ${path.relative(root, output)}`);
};

if (isEntry(import.meta.url)) {
  await main(async (args) => {
    const asked = readArguments(args);
    await ensureInstalled();
    await packApp(asked);
  });
}
