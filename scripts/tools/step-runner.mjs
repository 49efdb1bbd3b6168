// Runs the steps of `npm test` one by one: terse while they run, a log each, the whole output of those that failed, a table at the end.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at, root } from './project.mjs';
import { run } from './run.mjs';

/** Where logs and reports go; ignored by git. */
export const resultsDir = at('test-results');

const say = (text) => process.stdout.write(`${text}\n`);
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
// Colours and cursor movements of the tools have no place in a log.
// oxlint-disable-next-line no-control-regex
const plain = (text) => text.replace(/\u001B\[[0-9;?]*[A-Za-z]/g, '');
const heartbeat = 30_000;

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

/**
 * Runs one step.
 * @param {object} step Of `test-steps.mjs`.
 * @param {{ env: NodeJS.ProcessEnv, limitMs: number, folder?: string }} options `limitMs` caps the step's own limit.
 * @returns {Promise<{ name: string, passed: number, failed: number, skipped: number, ms: number, problem: string | undefined, reportFile: string }>}
 */
export const runStep = async (step, { env, limitMs, folder = resultsDir }) => {
  mkdirSync(folder, { recursive: true });
  const reportFile = path.join(folder, `${step.name}.json`);
  const logFile = path.join(folder, `${step.name}.log`);
  rmSync(reportFile, { force: true });
  say(`▸ ${step.name}`);
  const began = Date.now();
  const alive = watch(began);
  const [command, ...args] = step.command(reportFile);
  const stepEnv = { ...env, ...step.env?.(reportFile, path.join(folder, `${step.name}-files`)) };
  const done = await run(command, args, { cwd: root, env: stepEnv, limitMs: Math.max(1000, Math.min(step.limitMs, limitMs)), onText: alive.onText });
  alive.stop();
  const output = plain(done.output);
  writeFileSync(logFile, output);
  const read = step.count(reportFile, done.failure);
  const counts = read ?? { passed: 0, failed: 1, skipped: 0 };
  let problem = done.failure ?? (counts.failed > 0 ? 'failed' : undefined);
  if (read === undefined) problem = `${done.failure ?? 'ended'}, without a report`;
  else if (counts.passed + counts.failed === 0) [problem, counts.failed] = ['no test ran', 1];
  const ms = Date.now() - began;
  if (problem !== undefined) say(`${output.trimEnd()}\n  ✗ ${step.name}: ${problem} (log: ${path.relative(root, logFile)})`);
  say(`  ${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''} in ${seconds(ms)}`);
  return { name: step.name, ...counts, ms, problem, reportFile };
};

/** Columns padded to their widest cell; the first is left-aligned, the rest right-aligned, the last left-aligned. */
export const table = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const pad = (cell, column, last) => (column === 0 || column === last ? cell.padEnd(widths[column]) : cell.padStart(widths[column]));
  return rows.map((row) => row.map((cell, column) => pad(cell, column, row.length - 1)).join('  ').trimEnd()).join('\n');
};

/** How many failed tests are named after the table, and how much of each; the whole stands in the step's log. */
const named = { tests: 20, characters: 400 };

const failuresOf = ({ name, failures = [] }) => failures.map((one) => `✗ ${name}: ${plain(one).replace(/\s+/g, ' ').slice(0, named.characters)}`);

/** The closing table, the tests that failed, what it ran on, and the last line `N passed, N failed`. */
export const summary = (results, facts) => {
  const rows = results.map((one) => [one.name, String(one.passed), String(one.failed), String(one.skipped), seconds(one.ms), one.problem ?? 'ok']);
  const sum = (key) => results.reduce((total, one) => total + one[key], 0);
  const all = ['all', String(sum('passed')), String(sum('failed')), String(sum('skipped')), seconds(sum('ms')), ''];
  say(`\n${table([['step', 'passed', 'failed', 'skipped', 'time', ''], ...rows, all])}\n`);
  for (const failure of results.flatMap(failuresOf).slice(0, named.tests)) say(failure);
  for (const fact of facts) say(fact);
  say(`${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') === 0 ? 0 : 1;
};
