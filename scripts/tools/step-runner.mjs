// Runs the steps of `npm test` one by one: terse while they run, a log each, the whole output of those that failed, a table at the end.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at, readJson, root } from './project.mjs';
import { run } from './run.mjs';
import { afterSecondRun, filesAgain } from './test-reports.mjs';

/** Where logs and reports go; ignored by git. */
export const resultsDir = at('test-results');

const say = (text) => process.stdout.write(`${text}\n`);
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
// Colours and cursor movements of the tools have no place in a log.
// oxlint-disable-next-line no-control-regex
const plain = (text) => text.replace(/\u001B\[[0-9;?]*[A-Za-z]/g, '');
const heartbeat = 30_000;

/** Which test it was and what it said first. */
const lineOf = ({ title, message }) => `${title}: ${message ?? 'no message'}`;

/** Says every half minute that a step is alive, with its latest line. */
const watch = (began) => {
  let last = '';
  const timer = setInterval(() => say(`    ${seconds(Date.now() - began)}  ${last.slice(0, 110)}`), heartbeat);
  return {
    onText: (text) => {
      last = plain(text).trim().split(/[\r\n]+/).findLast((line) => /\w/.test(line))?.trim() ?? last;
    },
    stop: () => clearInterval(timer),
  };
};

/** Runs a step's command, on all of its files or on some. `tests` is undefined where the step has none, or left no report. */
const runOnce = async (step, name, { env, limitMs, folder, files = [] }) => {
  const reportFile = path.join(folder, `${name}.json`);
  const logFile = path.join(folder, `${name}.log`);
  rmSync(reportFile, { force: true });
  const alive = watch(Date.now());
  const [command, ...args] = step.command(reportFile, files);
  const stepEnv = { ...env, ...step.env?.(reportFile, path.join(folder, `${name}-files`)) };
  const { failure, output } = await run(command, args, { cwd: root, env: stepEnv, limitMs: Math.max(1000, Math.min(step.limitMs, limitMs)), onText: alive.onText });
  alive.stop();
  writeFileSync(logFile, plain(output));
  return { failure, output: plain(output), tests: step.tests?.(readJson(reportFile)), reportFile, logFile };
};

const tell = (name, { output, logFile }, problem) => say(`${output.trimEnd()}\n  ✗ ${name}: ${problem} (log: ${path.relative(root, logFile)})`);

/** One that ended badly although none of its tests failed has failed too. */
const countOf = (step, { failure, tests }) => {
  if (step.tests === undefined) return { passed: failure === undefined ? 1 : 0, failed: failure === undefined ? 0 : 1, skipped: 0, problem: failure };
  if (tests === undefined) return { passed: 0, failed: 1, skipped: 0, problem: `${failure ?? 'ended'}, without a report` };
  const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map((outcome) => tests.filter((test) => test.outcome === outcome).length);
  if (passed + failed === 0) return { passed, failed: 1, skipped, problem: 'no test ran' };
  return { passed, failed: failed === 0 && failure !== undefined ? 1 : failed, skipped, problem: failure ?? (failed > 0 ? 'failed' : undefined) };
};

/** The files that failed, once more. What passes now counts as passed, and is named as unsteady. */
const runAgain = async (step, first, options) => {
  const files = step.again === true && first.tests !== undefined && !options.strict ? filesAgain(first.tests) : [];
  if (files.length === 0) return { ...first, unsteady: [] };
  tell(step.name, first, 'failed, and these files are run once more');
  const second = await runOnce(step, `${step.name}-again`, { ...options, files });
  const { tests, unsteady } = afterSecondRun(first.tests, second.tests ?? []);
  return { ...second, tests, unsteady };
};

/**
 * Runs one step; files of steps that say `again` are run a second time when they failed, unless `strict`.
 * @param {object} step Of `test-steps.mjs`.
 * @param {{ env: NodeJS.ProcessEnv, limitMs: number, folder?: string, strict?: boolean }} options `limitMs` caps the step's own limit.
 * @returns {Promise<{ name: string, passed: number, failed: number, skipped: number, ms: number, problem: string | undefined, reportFile: string, failures: string[], unsteady: string[] }>} `unsteady` passed only in the second run.
 */
export const runStep = async (step, { env, limitMs, folder = resultsDir, strict = false }) => {
  mkdirSync(folder, { recursive: true });
  say(`▸ ${step.name}`);
  const began = Date.now();
  const first = await runOnce(step, step.name, { env, limitMs, folder });
  const last = await runAgain(step, first, { env, limitMs: limitMs - (Date.now() - began), folder, strict });
  const { problem, ...counts } = countOf(step, last);
  const ms = Date.now() - began;
  if (problem !== undefined) tell(step.name, last, problem);
  say(`  ${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''} in ${seconds(ms)}`);
  const failures = (last.tests ?? []).filter((test) => test.outcome === 'failed').map(lineOf);
  return { name: step.name, ...counts, ms, problem, reportFile: first.reportFile, failures, unsteady: last.unsteady.map(lineOf) };
};

/** Columns padded to their widest cell; the first is left-aligned, the rest right-aligned, the last left-aligned. */
export const table = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const pad = (cell, column, last) => (column === 0 || column === last ? cell.padEnd(widths[column]) : cell.padStart(widths[column]));
  return rows.map((row) => row.map((cell, column) => pad(cell, column, row.length - 1)).join('  ').trimEnd()).join('\n');
};

/** How many failed tests are named after the table, and how much of each; the whole stands in the step's log. */
const named = { tests: 20, characters: 400 };

const linesOf = (mark, name, lines = []) => lines.map((one) => `${mark} ${name}: ${plain(one).replace(/\s+/g, ' ').slice(0, named.characters)}`);

/** The closing table, the tests that failed and those that passed only in the second run, what it ran on, and the last line `N passed, N failed`. */
export const summary = (results, facts) => {
  const rows = results.map((one) => [one.name, String(one.passed), String(one.failed), String(one.skipped), seconds(one.ms), one.problem ?? (one.unsteady?.length > 0 ? `ok, ${one.unsteady.length} only in the second run` : 'ok')]);
  const sum = (key) => results.reduce((total, one) => total + one[key], 0);
  const all = ['all', String(sum('passed')), String(sum('failed')), String(sum('skipped')), seconds(sum('ms')), ''];
  say(`\n${table([['step', 'passed', 'failed', 'skipped', 'time', ''], ...rows, all])}\n`);
  for (const line of results.flatMap(({ name, failures }) => linesOf('✗', name, failures)).slice(0, named.tests)) say(line);
  for (const line of results.flatMap(({ name, unsteady }) => linesOf('⚠ only in the second run,', name, unsteady))) say(line);
  for (const fact of facts) say(fact);
  say(`${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') === 0 ? 0 : 1;
};
