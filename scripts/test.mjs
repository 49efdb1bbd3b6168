// `npm test [-- [--strict] STEP...]`: installs or names what the tests need, sets up, runs every step (or the named ones) and ends with a table and `N passed, N failed`. With --strict no file is run a second time.
import './tools/node-version.mjs';
import { randomInt } from 'node:crypto';
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './setup.mjs';
import { chooseElectron, electronLabel } from './tools/electron.mjs';
import { main, ScriptError, tell, toolsDir } from './tools/project.mjs';
import { ensureRequirements, missingLibraries } from './tools/requirements.mjs';
import { ensureRestics, unpackedRestics, wantedVersions } from './tools/restic.mjs';
import { run, which } from './tools/run.mjs';
import { runStep, summary } from './tools/step-runner.mjs';
import { steps } from './tools/test-steps.mjs';

/** Nothing runs for ever. */
const runLimit = 60 * 60_000;

const timed = async (results, name, body) => {
  const began = Date.now();
  let problem;
  try {
    problem = await body();
  } catch (error) {
    problem = error instanceof ScriptError ? error.message : String(error.stack ?? error);
  }
  if (problem !== undefined) process.stdout.write(`${problem}\n  ✗ ${name}\n`);
  results.push({ name, passed: problem === undefined ? 1 : 0, failed: problem === undefined ? 0 : 1, skipped: 0, ms: Date.now() - began, problem: problem === undefined ? undefined : problem.split('\n')[0].replace(/:$/, '').slice(0, 100) });
};

/** Elsewhere than on Debian, the restic on PATH stands in for the unpacked versions. */
const adoptRestic = async () => {
  const onPath = which('restic');
  if (unpackedRestics().length > 0 || onPath === undefined) return;
  const version = /^restic (\d+\.\d+\.\d+)/.exec((await run(onPath, ['version'], { limitMs: 30_000 })).stdout)?.[1];
  if (version === undefined) return;
  mkdirSync(path.join(toolsDir, 'restic', version), { recursive: true });
  cpSync(onPath, path.join(toolsDir, 'restic', version, 'restic'), { dereference: true });
};

const resticFacts = async () => {
  const rows = await ensureRestics(wantedVersions);
  await adoptRestic();
  const here = unpackedRestics().map((one) => one.version);
  const missing = rows.filter((row) => row.file === undefined).map((row) => `restic ${row.wanted}: ${row.problem}`);
  const older = rows.find((row) => row.wanted !== 'newest' && row.file !== undefined && row.version === rows.at(-1).version);
  if (older !== undefined) missing.push(`restic newest: Debian serves none newer than ${older.version} at the moment`);
  return [`restic ${here.length === 0 ? 'none' : here.join(', ')}`, ...missing];
};

const chromiumFact = async () => {
  const file = process.env.CHROMIUM ?? which('chromium') ?? which('chromium-browser') ?? which('google-chrome');
  const said = file === undefined ? undefined : await run(file, ['--version', '--no-sandbox'], { limitMs: 30_000 });
  return /Chrom\S* [\d.]+/.exec(said?.output ?? '')?.[0] ?? 'no Chromium';
};

/** Set-up of what the chosen steps need; facts are lines for the table's foot. */
const prepare = async (needs, results, facts, env) => {
  if (needs.has('system')) await timed(results, 'system', ensureRequirements);
  if (results.some((one) => one.failed > 0)) return false;
  await timed(results, 'packages', async () => void (await ensureInstalled()));
  if (results.some((one) => one.failed > 0)) return false;
  if (needs.has('restic')) facts.push(...(await resticFacts()));
  if (needs.has('electron')) {
    await timed(results, 'electron binary', async () => {
      const chosen = await chooseElectron({ registry: process.env.DUMONT_ELECTRON === 'registry' ? 'only' : 'allowed' });
      if (!chosen.ok) return chosen.reason;
      const missing = await missingLibraries(chosen.executable);
      if (missing.length > 0) return `${electronLabel(chosen)} lacks shared libraries: ${missing.join(', ')}`;
      env.ELECTRON_OVERRIDE_DIST_PATH = chosen.folder;
      facts.push(electronLabel(chosen));
      return undefined;
    });
  }
  if (needs.has('system')) facts.push(await chromiumFact());
  if (needs.has('build')) await timed(results, 'build', async () => void (await ensureBuilt()));
  return true;
};

const chooseSteps = (names) => {
  const unknown = names.filter((name) => name !== 'setup' && !steps.some((step) => step.name === name));
  if (unknown.length > 0) throw new ScriptError(`No such step: ${unknown.join(', ')}. There are: setup, ${steps.map((step) => step.name).join(', ')}`, 2);
  const chosen = steps.filter((step) => (names.length === 0 ? (step.when?.() ?? true) : names.includes(step.name)));
  const needs = new Set(chosen.flatMap((step) => step.needs));
  if (names.length === 0 || names.includes('setup')) for (const need of ['system', 'restic', 'electron', 'build']) needs.add(need);
  return { chosen, needs };
};

await main(async (argv) => {
  const strict = argv.includes('--strict');
  const names = argv.filter((name) => name !== '--strict');
  const { chosen, needs } = chooseSteps(names);
  const began = Date.now();
  const results = [];
  const facts = [`Node ${process.versions.node} on ${process.platform} ${process.arch}`];
  const env = { ...process.env, CI: '1', NO_COLOR: '1', FORCE_COLOR: '0' };
  for (const name of Object.keys(env)) if (/^(DUMONT_(?!PLAYWRIGHT)|NODE_ENV$|NODE_OPTIONS$|ELECTRON_RUN_AS_NODE$)/.test(name)) delete env[name];
  // A second run of a file must see the tree that the first one saw.
  env.DUMONT_TREE_SEED = process.env.DUMONT_TREE_SEED ?? String(randomInt(1e9));
  const ready = await prepare(needs, results, facts, env);
  if (!ready) tell('The steps were not run: set-up failed');
  for (const step of ready ? chosen : []) results.push(await runStep(step, { env, strict, limitMs: runLimit - (Date.now() - began) }));
  return summary(results, [...facts, `Took ${((Date.now() - began) / 60_000).toFixed(1)} minutes`]);
});
