// How reports become counts, and what a second run of the files that failed changes of them.
import { expect, it } from 'vitest';
import { afterSecondRun, filesAgain, playwrightTests, vitestTests } from './test-reports.mjs';

const test = (file, title, outcome, message) => ({ file, title, outcome, message });

const vitestReport = {
  testResults: [
    { name: '/r/a.test.ts', status: 'failed', message: '', assertionResults: [{ status: 'passed', fullName: 'one' }, { status: 'failed', fullName: 'two', failureMessages: ['not 2'] }, { status: 'pending', fullName: 'three' }] },
    { name: '/r/b.test.ts', status: 'failed', message: 'cannot be read', assertionResults: [{ status: 'skipped', fullName: 'four' }] },
  ],
};

it('reads a report of vitest: a file that could not be set up is a failed test', () => {
  expect(vitestTests(vitestReport)).toEqual([
    test('/r/a.test.ts', 'a.test.ts › one', 'passed'),
    test('/r/a.test.ts', 'a.test.ts › two', 'failed', 'not 2'),
    test('/r/a.test.ts', 'a.test.ts › three', 'skipped'),
    test('/r/b.test.ts', 'b.test.ts', 'failed', 'cannot be read'),
    test('/r/b.test.ts', 'b.test.ts › four', 'skipped'),
  ]);
  expect(vitestTests(undefined)).toBeUndefined();
});

it('reads a report of Playwright: an error outside any file is a failed test', () => {
  const spec = (title, ok, status, errors = []) => ({ title, ok, file: 'e2e/a.spec.ts', tests: [{ status, results: [{ errors }] }] });
  const report = {
    suites: [{ title: 'e2e/a.spec.ts', file: 'e2e/a.spec.ts', specs: [spec('one', true, 'expected'), spec('two', false, 'unexpected', [{ message: 'no' }])], suites: [{ title: 'group', file: 'e2e/a.spec.ts', specs: [spec('three', true, 'skipped'), spec('four', true, 'flaky')] }] }],
    errors: [{ message: 'no browser' }],
  };
  expect(playwrightTests(report)).toEqual([
    test('e2e/a.spec.ts', 'e2e/a.spec.ts › one', 'passed'),
    test('e2e/a.spec.ts', 'e2e/a.spec.ts › two', 'failed', 'no'),
    test('e2e/a.spec.ts', 'e2e/a.spec.ts › group › three', 'skipped'),
    test('e2e/a.spec.ts', 'e2e/a.spec.ts › group › four', 'failed'),
    test('', '', 'failed', 'no browser'),
  ]);
});

it('runs few files again, and none when something failed outside of them', () => {
  const failed = (...files) => files.map((file) => test(file, 't', 'failed'));
  expect(filesAgain([...failed('a', 'b', 'a'), test('c', 't', 'passed')])).toEqual(['a', 'b']);
  expect(filesAgain(failed('a', 'b', 'c', 'd'))).toEqual([]);
  expect(filesAgain(failed('a', ''))).toEqual([]);
});

it('counts a file as its second run, and names what passed only then', () => {
  const first = [test('a', 'one', 'passed'), test('a', 'two', 'failed', 'not 2'), test('b', 'b', 'failed', 'cannot be set up'), test('b', 'three', 'skipped'), test('c', 'four', 'passed')];
  const second = [test('a', 'one', 'passed'), test('a', 'two', 'passed'), test('b', 'three', 'passed')];
  const { tests, unsteady } = afterSecondRun(first, second);
  expect(tests.map(({ title, outcome }) => `${title} ${outcome}`)).toEqual(['four passed', 'one passed', 'two passed', 'three passed']);
  expect(unsteady.map(({ title }) => title)).toEqual(['two', 'b']);
});

it('leaves failed what fails again, is skipped then, or did not run', () => {
  const first = [test('a', 'one', 'failed', 'first'), test('a', 'two', 'failed'), test('a', 'three', 'failed'), test('b', 'b', 'failed')];
  const second = [test('a', 'one', 'failed', 'second'), test('a', 'two', 'skipped'), test('a', 'four', 'failed')];
  const { tests, unsteady } = afterSecondRun(first, second);
  expect(tests.map(({ title, outcome, message }) => [title, outcome, message])).toEqual([['one', 'failed', 'first'], ['two', 'failed', undefined], ['three', 'failed', undefined], ['b', 'failed', undefined], ['four', 'failed', undefined]]);
  expect(unsteady).toEqual([]);
  expect(afterSecondRun(first, []).tests).toHaveLength(4);
});
