// The steps of `npm test`: what each runs, what it needs, how long it may take, and how its counts are read.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { at, readJson } from './project.mjs';

const node = process.execPath;
const minute = 60_000;

const hasFiles = (folder, pattern) => existsSync(at(folder)) && readdirSync(at(folder), { recursive: true }).some((name) => pattern.test(String(name)));

/** A step that passes or fails as a whole counts as one. */
const whole = (failure) => ({ passed: failure === undefined ? 1 : 0, failed: failure === undefined ? 0 : 1, skipped: 0 });

/** One line each: which test it was and what it said first. */
const failureLine = (titles, message) => `${titles.filter((title) => title !== '').join(' › ')}: ${message ?? 'no message'}`;

const vitestFailures = (report) =>
  report.testResults.flatMap((one) => [
    ...(one.status === 'failed' && one.assertionResults.every((test) => test.status !== 'failed') ? [failureLine([one.name], one.message)] : []),
    ...one.assertionResults.filter((test) => test.status === 'failed').map((test) => failureLine([path.basename(one.name), test.fullName], test.failureMessages?.[0])),
  ]);

/** Every spec of a Playwright report, with the titles above it. */
export const playwrightSpecs = (report) => {
  const walk = (suite, titles) => [
    ...(suite.specs ?? []).map((spec) => ({ titles: [...titles, spec.title], ok: spec.ok, results: spec.tests.flatMap((test) => test.results) })),
    ...(suite.suites ?? []).flatMap((inner) => walk(inner, inner.title === inner.file ? titles : [...titles, inner.title])),
  ];
  return (report?.suites ?? []).flatMap((suite) => walk(suite, [suite.title]));
};

const playwrightFailures = (report) => [
  ...playwrightSpecs(report).filter((spec) => !spec.ok).map(({ titles, results }) => failureLine(titles, results.flatMap((result) => result.errors ?? [])[0]?.message)),
  ...report.errors.map((error) => failureLine([], error.message)),
];

/** Vitest's report; a file that could not be loaded, or an error outside any test, counts as one failure. */
const vitestCounts = (report, failure) => {
  if (report === undefined) return undefined;
  const brokenFiles = report.testResults.filter((one) => one.status === 'failed' && one.assertionResults.every((test) => test.status !== 'failed')).length;
  const failed = report.numFailedTests + brokenFiles;
  return { passed: report.numPassedTests, failed: failed === 0 && failure !== undefined ? 1 : failed, skipped: report.numPendingTests + report.numTodoTests, failures: vitestFailures(report) };
};

/** Playwright's report; a flaky test counts as failed. */
const playwrightCounts = (report, failure) => {
  if (report === undefined) return undefined;
  const failed = report.stats.unexpected + report.stats.flaky + report.errors.length;
  return { passed: report.stats.expected, failed: failed === 0 && failure !== undefined ? 1 : failed, skipped: report.stats.skipped, failures: playwrightFailures(report) };
};

const vitest = (name, projects, limitMs, more = {}) => ({
  name,
  needs: ['system', 'restic'],
  limitMs,
  command: (reportFile) => [node, at('node_modules', 'vitest', 'vitest.mjs'), 'run', ...projects.flatMap((project) => ['--project', project]), '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`],
  count: (reportFile, failure) => vitestCounts(readJson(reportFile), failure),
  ...more,
});

const playwright = (name, project, limitMs, before, needs) => ({
  name,
  needs,
  limitMs,
  // Playwright stops by itself a little earlier, so that what ran until then is still counted and explained.
  command: () => [...before, node, at('node_modules', '@playwright', 'test', 'cli.js'), 'test', '--config', at('test', 'playwright.config.ts'), '--project', project, `--global-timeout=${limitMs - minute / 2}`],
  env: (reportFile, folder) => ({ DUMONT_PLAYWRIGHT_REPORT: reportFile, DUMONT_PLAYWRIGHT_OUTPUT: folder }),
  count: (reportFile, failure) => playwrightCounts(readJson(reportFile), failure),
});

/** Runs a program on a display that nobody sees. */
const display = process.platform === 'linux' ? ['xvfb-run', '-a', '-s', '-screen 0 1440x900x24'] : [];

/** The command of the Electron specs, also for `npm run flake`. */
export const electronStep = playwright('electron', 'electron', 12 * minute, display, ['system', 'build', 'electron', 'restic']);

/** All steps after set-up, in order. */
export const steps = [
  { name: 'types', needs: [], limitMs: 5 * minute, command: () => [node, at('node_modules', 'typescript', 'bin', 'tsc'), '-b', '--pretty', 'false'], count: (file, failure) => whole(failure) },
  { name: 'lint', needs: [], limitMs: 5 * minute, command: () => [node, at('scripts', 'lint.mjs')], count: (file, failure) => whole(failure) },
  { name: 'openapi', needs: [], limitMs: 2 * minute, command: () => [node, at('scripts', 'openapi.mjs'), '--check'], count: (file, failure) => whole(failure) },
  vitest('unit', ['unit', 'ui'], 8 * minute),
  vitest('contract', ['contract'], 8 * minute, { needs: ['system', 'build', 'restic'] }),
  vitest('suites', ['suites'], 25 * minute, { needs: ['system', 'build', 'restic'] }),
  vitest('faults', ['faults'], 12 * minute, { needs: ['system', 'build', 'restic'], when: () => hasFiles('test/faults', /\.test\.ts$/) }),
  playwright('browser', 'browser', 20 * minute, [], ['system', 'build', 'restic']),
  electronStep,
  // Packing offline works on Linux only.
  { ...playwright('package', 'package', 5 * minute, display, ['system', 'build', 'electron', 'restic']), when: () => process.platform === 'linux' },
];
