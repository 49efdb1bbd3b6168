// The steps of `npm test`: what each runs, what it needs, how long it may take, and how its report is read. One without `tests` passes or fails as a whole.
import { existsSync, readdirSync } from 'node:fs';
import { at } from './project.mjs';
import { playwrightTests, vitestTests } from './test-reports.mjs';

const node = process.execPath;
const minute = 60_000;

const hasFiles = (folder, pattern) => existsSync(at(folder)) && readdirSync(at(folder), { recursive: true }).some((name) => pattern.test(String(name)));

const vitest = (name, projects, limitMs, more = {}) => ({
  name,
  needs: ['system', 'restic'],
  limitMs,
  command: (reportFile, files) => [node, at('node_modules', 'vitest', 'vitest.mjs'), 'run', ...files, ...projects.flatMap((project) => ['--project', project]), '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`],
  tests: vitestTests,
  ...more,
});

/** Playwright takes names of files as patterns. */
const exactly = (file) => `/${file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;

const playwright = (name, project, limitMs, before, needs) => ({
  name,
  needs,
  limitMs,
  // Playwright stops by itself a little earlier, so that what ran until then is still counted and explained.
  command: (reportFile, files) => [...before, node, at('node_modules', '@playwright', 'test', 'cli.js'), 'test', ...files.map(exactly), '--config', at('test', 'playwright.config.ts'), '--project', project, `--global-timeout=${limitMs - minute / 2}`],
  env: (reportFile, folder) => ({ DUMONT_PLAYWRIGHT_REPORT: reportFile, DUMONT_PLAYWRIGHT_OUTPUT: folder }),
  tests: playwrightTests,
  again: true,
});

/** Runs a program on a display that nobody sees. */
const display = process.platform === 'linux' ? ['xvfb-run', '-a', '-s', '-screen 0 1440x900x24'] : [];

/** The command of the Electron specs, also for `npm run flake`. */
export const electronStep = playwright('electron', 'electron', 12 * minute, display, ['system', 'build', 'electron', 'restic']);

/**
 * All steps after set-up, in order. `again`: its tests drive real processes, and files that failed are run a second time (docs/adr/0021-second-run.md).
 */
export const steps = [
  { name: 'types', needs: [], limitMs: 5 * minute, command: () => [node, at('node_modules', 'typescript', 'bin', 'tsc'), '-b', '--pretty', 'false'] },
  { name: 'lint', needs: [], limitMs: 5 * minute, command: () => [node, at('scripts', 'lint.mjs')] },
  { name: 'openapi', needs: [], limitMs: 2 * minute, command: () => [node, at('scripts', 'openapi.mjs'), '--check'] },
  vitest('unit', ['unit', 'ui'], 8 * minute),
  vitest('contract', ['contract'], 8 * minute, { needs: ['system', 'build', 'restic'] }),
  vitest('suites', ['suites'], 25 * minute, { needs: ['system', 'build', 'restic'], again: true }),
  vitest('faults', ['faults'], 12 * minute, { needs: ['system', 'build', 'restic'], again: true, when: () => hasFiles('test/faults', /\.test\.ts$/) }),
  playwright('browser', 'browser', 20 * minute, [], ['system', 'build', 'restic']),
  electronStep,
  // Packing offline works on Linux only.
  { ...playwright('package', 'package', 5 * minute, display, ['system', 'build', 'electron', 'restic']), when: () => process.platform === 'linux' },
];
