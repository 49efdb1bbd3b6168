// A copy of this checkout in a temporary folder, so that set-up and starts can be tested without touching what others run from here.
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { startProgram, type Program } from './processes';
import { cleanEnv } from './run-app';
import { makeTempDir, type TempDir } from './temp-dir';

const root = path.resolve(import.meta.dirname, '../..');

/** What set-up reads and a start runs; installed packages are linked, tools are left out. */
const copied = ['package.json', 'package-lock.json', 'vite.config.ts', 'tsconfig.base.json', 'scripts', 'src', 'resources', 'dist'];

/** A copy. */
export interface Checkout extends TempDir {
  /** Runs `scripts/start.mjs` of the copy: what `npm start --` runs. */
  start(args: readonly string[], env?: NodeJS.ProcessEnv): Program;
}

/** Copies the checkout as it is, built bundles included. */
export const copyCheckout = (): Checkout => {
  const folder = makeTempDir('dumont-checkout');
  for (const name of copied) cpSync(path.join(root, name), folder.at(name), { recursive: true, preserveTimestamps: true });
  symlinkSync(path.join(root, 'node_modules'), folder.at('node_modules'));
  return { ...folder, start: (args, env) => startProgram(process.execPath, [folder.at('scripts', 'start.mjs'), ...args], { cwd: folder.path, env: cleanEnv(env) }) };
};

/** A folder for PATH that holds links to these programs and nothing else. */
export const onlyPrograms = (folder: string, files: Readonly<Record<string, string>>): string => {
  mkdirSync(folder, { recursive: true });
  for (const [name, file] of Object.entries(files)) symlinkSync(file, path.join(folder, name));
  return folder;
};
