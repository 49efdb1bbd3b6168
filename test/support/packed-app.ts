// The packed app: made once by the step's set-up, looked at as files, started as users start it, and driven by Playwright in a copy that differs in one fuse.
import { cpSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '../..');

/** Where `npm run package -- --linux dir --test` leaves it. */
export const packedFolder = path.join(root, 'dist', 'packages', 'linux-unpacked');
export const packedProgram = path.join(packedFolder, 'dumont-cloud');
export const packedAsar = path.join(packedFolder, 'resources', 'app.asar');

/** Paths of all files below a folder, with forward slashes. */
export const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();

/** The same package with the one fuse set that lets Playwright in; its other files are links to the packed ones. */
export const drivenCopy = async (): Promise<string> => {
  const copy = path.join(root, 'dist', 'packages', 'driven');
  const program = path.join(copy, 'dumont-cloud');
  rmSync(copy, { recursive: true, force: true });
  for (const name of filesBelow(packedFolder)) {
    const target = path.join(copy, name);
    mkdirSync(path.dirname(target), { recursive: true });
    if (name !== 'dumont-cloud') linkSync(path.join(packedFolder, name), target);
  }
  cpSync(packedProgram, program);
  // By its address: scripts are no part of the TypeScript project of the tests.
  const { setFuses } = (await import(pathToFileURL(path.join(root, 'scripts/package/fuses.mjs')).href)) as { setFuses: (program: string, changes: Record<string, boolean>) => Promise<void> };
  await setFuses(program, { nodeCliInspect: true });
  return program;
};
