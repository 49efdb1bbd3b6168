// What vitest and Playwright wrote of a run, as one list of tests.
import path from 'node:path';

/**
 * @typedef {object} Test
 * @property {string} file As the tool takes it to run that file again; empty for an error outside any file.
 * @property {string} title
 * @property {'passed' | 'failed' | 'skipped'} outcome
 * @property {string | undefined} message What it said first, of those that failed.
 */

const joined = (titles) => titles.filter((title) => title !== '').join(' › ');

const outcomes = { passed: 'passed', failed: 'failed' };

/**
 * A file that could not be loaded or set up, or that had an error outside any test, is one failed test.
 * @returns {Test[] | undefined}
 */
export const vitestTests = (report) =>
  report?.testResults.flatMap(({ name: file, status, message, assertionResults }) => [
    ...(status === 'failed' && assertionResults.every((test) => test.status !== 'failed') ? [{ file, title: path.basename(file), outcome: 'failed', message }] : []),
    ...assertionResults.map((test) => ({ file, title: joined([path.basename(file), test.fullName]), outcome: outcomes[test.status] ?? 'skipped', message: test.failureMessages?.[0] })),
  ]);

/** Every spec of a Playwright report, with the titles above it. */
export const playwrightSpecs = (report) => {
  const walk = (suite, titles) => [
    ...(suite.specs ?? []).map((spec) => ({ titles: [...titles, spec.title], file: spec.file, ok: spec.ok, status: spec.tests[0]?.status, results: spec.tests.flatMap((test) => test.results) })),
    ...(suite.suites ?? []).flatMap((inner) => walk(inner, inner.title === inner.file ? titles : [...titles, inner.title])),
  ];
  return (report?.suites ?? []).flatMap((suite) => walk(suite, [suite.title]));
};

const outcomeOf = ({ ok, status }) => (status === 'skipped' ? 'skipped' : ok && status !== 'flaky' ? 'passed' : 'failed');

/** @returns {Test[] | undefined} */
export const playwrightTests = (report) =>
  report && [
    ...playwrightSpecs(report).map((spec) => ({ file: spec.file, title: joined(spec.titles), outcome: outcomeOf(spec), message: spec.results.flatMap((result) => result.errors ?? [])[0]?.message })),
    ...report.errors.map((error) => ({ file: '', title: '', outcome: 'failed', message: error.message })),
  ];

/** Titles hold the file's name too, but not its folder. */
const keyOf = ({ file, title }) => `${file}\n${title}`;

/** More than so many files: something is broken, not unsteady. */
const mostFilesAgain = 3;

/**
 * The files to run a second time; none when too many failed, or something failed outside any file.
 * @param {Test[]} tests
 */
export const filesAgain = (tests) => {
  const files = [...new Set(tests.filter((test) => test.outcome === 'failed').map((test) => test.file))];
  return files.length > mostFilesAgain || files.includes('') ? [] : files;
};

/**
 * What holds after a second run of some files: it counts for them as a whole. What failed in the first and passed in the second is `unsteady`.
 *
 * A test that failed and was not run again, or was skipped then, stays failed.
 * @param {Test[]} first
 * @param {Test[]} second
 * @returns {{ tests: Test[], unsteady: Test[] }}
 */
export const afterSecondRun = (first, second) => {
  const again = new Map(second.map((test) => [keyOf(test), test]));
  const passedNow = ({ file, title }) => {
    const test = again.get(keyOf({ file, title }));
    // A file that could not be set up has no test of its own name: it holds when all of its tests ran and none failed.
    if (test === undefined && title === path.basename(file)) return second.some((one) => one.file === file) && second.every((one) => one.file !== file || one.outcome === 'passed');
    return test?.outcome === 'passed';
  };
  const failed = first.filter((test) => test.outcome === 'failed');
  const files = new Set(failed.map((test) => test.file));
  const stillFailed = failed.filter((test) => !passedNow(test));
  const named = new Set(stillFailed.map(keyOf));
  const tests = [...first.filter((test) => !files.has(test.file)), ...stillFailed, ...second.filter((test) => !named.has(keyOf(test)))];
  return { tests, unsteady: failed.filter(passedNow) };
};
