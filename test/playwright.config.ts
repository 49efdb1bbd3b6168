// Playwright's three projects: `browser` drives the headless app in Chromium, `electron` the desktop app on a real Electron, `package` the packed app.
import { existsSync } from 'node:fs';
import { defineConfig, type ReporterDescription } from '@playwright/test';

const chromium = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) => existsSync(file));

/** No sandbox as root in a test machine; the rest keeps Chromium from talking to anyone. */
const chromiumArgs = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];

/** File of the JSON report, from which `npm test` reads its counts. */
const report: ReporterDescription[] = process.env.DUMONT_PLAYWRIGHT_REPORT === undefined ? [] : [['json', { outputFile: process.env.DUMONT_PLAYWRIGHT_REPORT }]];

export default defineConfig({
  outputDir: process.env.DUMONT_PLAYWRIGHT_OUTPUT ?? '../test-results/playwright',
  // Long enough for restic's keys on two busy cores; only what fails waits so long.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  retries: 0,
  // Specs of the window share one display, where only one window has the focus; in the browser each worker has an app of its own.
  workers: 2,
  fullyParallel: false,
  reporter: [['line'], ...report],
  // A trace of every step costs more than the steps: `DUMONT_PLAYWRIGHT_TRACE=1` keeps those of failures.
  use: { trace: process.env.DUMONT_PLAYWRIGHT_TRACE === '1' ? 'retain-on-failure' : 'off', screenshot: 'only-on-failure', video: 'off', locale: 'en-US' },
  projects: [
    { name: 'browser', testDir: 'e2e', workers: 2, use: { launchOptions: { executablePath: chromium, args: chromiumArgs } } },
    { name: 'electron', testDir: 'electron', workers: 1 },
    { name: 'package', testDir: 'package' },
  ],
});
