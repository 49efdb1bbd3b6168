// Lays out what a package of the app carries, file by file: bundles without maps, the modules that stay outside them, restic, notices, the SBOM.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at, readJson } from '../tools/project.mjs';
import { layRestic } from './bundled-restic.mjs';
import { writeNotices, writeSbom } from './notices.mjs';
import { layModules, shippedPackages } from './shipped-packages.mjs';

/** Where the layout stands; electron-builder.yml names the same folders. */
export const stageFolder = at('dist', 'stage');

/** Beside the bundles: the window's icon and the tray's. */
const resources = ['resources/icons', 'resources/tray'];

/** What deb and rpm name as the app's page; electron-builder makes neither without one. */
const homepage = 'https://dumont.cloud';

/**
 * The manifest inside the package: what Electron, the app and deb and rpm read of it, no scripts and no dependencies. `desktopName` is
 * the desktop entry that deb and rpm install: by it a Linux desktop knows whose windows and notifications these are.
 */
export const manifest = () => {
  const { name, productName, version, description, license, type, main } = readJson(at('package.json'));
  return { name, productName, version, description, license, homepage, author: 'Dumont Cloud', desktopName: `${name}.desktop`, type, main };
};

const layApp = (folder, updates) => {
  mkdirSync(folder, { recursive: true });
  for (const bundle of ['main', 'preload', 'renderer', 'simulator']) {
    cpSync(at('dist', bundle), path.join(folder, 'dist', bundle), { recursive: true, filter: (file) => !file.endsWith('.map') });
  }
  // The headless entry is for Node, which a package has not.
  rmSync(path.join(folder, 'dist/main/headless.js'), { force: true });
  // The drawings that pictures are made from stay at home.
  for (const name of resources) cpSync(at(name), path.join(folder, name), { recursive: true, filter: (file) => !file.endsWith('.svg') });
  if (updates !== null) writeFileSync(path.join(folder, 'resources', 'update.json'), JSON.stringify(updates));
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
};

/**
 * Fills the stage anew from the built bundles.
 * @param {{ platform: string, arch: string }} target In Node's words.
 * @param {{ testOnly: boolean, electron: string, updates: { url: string, key: string } | null }} how See `layRestic`; `electron` is the version that the SBOM names; `updates` where newer versions come from.
 */
export const stage = async (target, { testOnly, electron, updates }) => {
  rmSync(stageFolder, { recursive: true, force: true });
  const packages = shippedPackages(target);
  const extra = path.join(stageFolder, 'extra');
  layApp(path.join(stageFolder, 'app'), updates);
  await layModules(path.join(stageFolder, 'modules'), target, path.join(stageFolder, 'work'));
  rmSync(path.join(stageFolder, 'work'), { recursive: true, force: true });
  const restic = await layRestic(path.join(extra, 'restic'), target, { testOnly });
  writeNotices(path.join(extra, 'THIRD-PARTY-NOTICES.txt'), packages, restic);
  writeSbom(path.join(extra, 'sbom.cdx.json'), packages, { electron, restic });
  cpSync(at('LICENSE'), path.join(extra, 'LICENSE.txt'));
};
