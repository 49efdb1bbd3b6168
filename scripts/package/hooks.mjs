// electron-builder's hooks: the modules are laid out already; between packing and signing come the fuses.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setFuses } from './fuses.mjs';

const programOf = ({ appOutDir, electronPlatformName, packager }) => {
  const name = packager.appInfo.productFilename;
  if (electronPlatformName === 'darwin') return path.join(appOutDir, `${name}.app`);
  return path.join(appOutDir, electronPlatformName === 'win32' ? `${name}.exe` : packager.executableName);
};

const resourcesOf = ({ appOutDir, electronPlatformName, packager }) =>
  electronPlatformName === 'darwin' ? path.join(appOutDir, `${packager.appInfo.productFilename}.app`, 'Contents', 'Resources') : path.join(appOutDir, 'resources');

/** False: node_modules is neither rebuilt nor searched, since the stage holds what is shipped. */
export const beforeBuild = () => false;

/** Removes what a development Electron brings along and sets the fuses. */
export const afterPack = async (context) => {
  await rm(path.join(resourcesOf(context), 'default_app.asar'), { force: true });
  await rm(path.join(context.appOutDir, 'version'), { force: true });
  await setFuses(programOf(context));
};
