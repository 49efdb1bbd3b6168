// Makes a checkout ready to run: installs packages when the lock file changed, builds when sources changed, and does nothing when nothing changed.
import './tools/node-version.mjs';
import { existsSync } from 'node:fs';
import { ensureBuilt } from './build.mjs';
import { withLock } from './tools/lock.mjs';
import { at, isEntry, main, readJson, root, ScriptError, tell } from './tools/project.mjs';
import { npm } from './tools/run.mjs';

/**
 * Whether node_modules is what the lock file asks for, by npm's own record of what it installed.
 * Packages for other platforms are in the lock file only.
 */
const isInstalled = () => {
  const wanted = readJson(at('package-lock.json'))?.packages;
  const record = readJson(at('node_modules', '.package-lock.json'))?.packages;
  if (wanted === undefined) throw new ScriptError('package-lock.json is missing or damaged');
  if (record === undefined) return false;
  for (const [name, { version, optional, devOptional, integrity }] of Object.entries(wanted)) {
    if (name === '') continue;
    const have = record[name];
    if (have === undefined ? optional !== true && devOptional !== true : have.version !== version || have.integrity !== integrity) return false;
  }
  return Object.keys(record).every((name) => wanted[name] !== undefined);
};

/** Runs `npm ci` when node_modules is not what the lock file asks for; no package's script runs. */
export const ensureInstalled = async () => {
  if (isInstalled()) return false;
  return withLock('install', async () => {
    if (isInstalled()) return false;
    tell(existsSync(at('node_modules')) ? 'Installing packages (the lock file changed)' : 'Installing packages (about half a minute, once)');
    const done = await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, limitMs: 900_000 });
    if (done.failure !== undefined) throw new ScriptError(`npm ci failed (${done.failure}):\n${done.output.trimEnd()}`);
    if (!isInstalled()) throw new ScriptError('npm ci ended well, but node_modules is not what package-lock.json asks for');
    return true;
  });
};

/** Packages and bundles, in this order. Throws `ScriptError` with the reason. */
export const setUp = async () => {
  await ensureInstalled();
  await ensureBuilt();
};

if (isEntry(import.meta.url)) await main(setUp);
