// Builds the four bundles into dist/, each only when its sources changed; quiet on success, the whole output on failure.
import './tools/node-version.mjs';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withLock } from './tools/lock.mjs';
import { at, isEntry, main, root, ScriptError, tell } from './tools/project.mjs';
import { run } from './tools/run.mjs';

/** What each bundle is made of, below the root; a change of any of it, or of `always`, builds it again. */
const bundles = { renderer: ['src/renderer', 'src/contract', 'resources'], main: ['src/main', 'src/contract', 'resources'], preload: ['src/preload', 'src/contract'], simulator: ['src/simulator'] };
const always = ['vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.base.json'];

const filesBelow = (name) => {
  const folder = at(name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/\.(test|spec)\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
};

const fingerprint = (mode) => {
  const hash = createHash('sha256');
  for (const file of [...always, ...bundles[mode].flatMap(filesBelow)]) hash.update(file).update('\0').update(readFileSync(at(file))).update('\0');
  return hash.digest('hex');
};

const stampOf = (mode) => at('dist', '.built', mode);

const isCurrent = (mode, print) => existsSync(at('dist', mode)) && existsSync(stampOf(mode)) && readFileSync(stampOf(mode), 'utf8') === print;

/** Builds beside the old bundle and swaps: a build that fails or is cut leaves the old one whole. */
const buildOne = async (mode, print) => {
  const next = at('dist', '.next', mode);
  await rm(next, { recursive: true, force: true });
  const vite = at('node_modules', 'vite', 'bin', 'vite.js');
  const env = { ...process.env, NODE_ENV: 'production' };
  const done = await run(process.execPath, [vite, 'build', '--mode', mode, '--outDir', next, '--emptyOutDir', '--logLevel', 'warn'], { cwd: root, env, limitMs: 300_000 });
  if (done.failure !== undefined) return { mode, failure: done.failure, output: done.output };
  await rm(stampOf(mode), { force: true });
  await rm(at('dist', mode), { recursive: true, force: true });
  await rename(next, at('dist', mode));
  await mkdir(path.dirname(stampOf(mode)), { recursive: true });
  await writeFile(stampOf(mode), print);
  return { mode };
};

/** Two at a time: the renderer takes as long as the other three together. */
const buildAll = async (prints) => {
  const inTurn = async (modes) => {
    const results = [];
    for (const mode of modes) results.push(await buildOne(mode, prints.get(mode)));
    return results;
  };
  const stale = [...prints.keys()];
  const lanes = [stale.filter((mode) => mode === 'renderer'), stale.filter((mode) => mode !== 'renderer')];
  return (await Promise.all(lanes.map(inTurn))).flat();
};

const staleBundles = (force, only) => {
  const prints = new Map(only.map((mode) => [mode, fingerprint(mode)]));
  for (const [mode, print] of prints) if (!force && isCurrent(mode, print)) prints.delete(mode);
  return prints;
};

/**
 * Builds what is out of date.
 * @param {{ force?: boolean, only?: readonly string[] }} [options] `force` builds even what is current; `only` some of the four.
 * @returns {Promise<readonly string[]>} The bundles that were built. Throws `ScriptError` with the whole output of those that failed.
 */
export const ensureBuilt = async ({ force = false, only = Object.keys(bundles) } = {}) => {
  if (staleBundles(force, only).size === 0) return [];
  return withLock('build', async () => {
    const prints = staleBundles(force, only);
    if (prints.size === 0) return [];
    tell(`Building ${[...prints.keys()].join(', ')}`);
    const results = await buildAll(prints);
    const failed = results.filter((one) => one.failure !== undefined);
    if (failed.length > 0) {
      const outputs = failed.map((one) => `--- ${one.mode} (${one.failure})\n${one.output.trimEnd()}`);
      throw new ScriptError([`Could not build ${failed.map((one) => one.mode).join(', ')}:`, ...outputs].join('\n'));
    }
    return results.map((one) => one.mode);
  });
};

if (isEntry(import.meta.url)) {
  await main(async (args) => {
    const built = await ensureBuilt({ force: args.includes('--force') });
    if (built.length === 0) tell('Nothing changed since the last build (--force builds anyway)');
  });
}
