// What the app costs: the size of its bundles, evaluating main, launching a window, memory; against the same of an empty program in the same run.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { _electron } from '@playwright/test';
import { electronFolder, launchDesktop } from '../support/electron-app';
import { descendants } from '../support/processes';
import { builtFile, cleanEnv, startHeadless, startSimulator } from '../support/run-app';
import { makeTempDir } from '../support/temp-dir';
import { withDisplay } from './display';
import { inTurns, median, milliseconds, ratio, timed, type Result } from './measure';

const kilobytes = (id: string, what: string, bytes: number, limit: number): Result => ({ id, what, value: bytes / 1000, unit: 'kB', limit, holds: bytes / 1000 <= limit });

/** Gzipped bytes of scripts in the renderer's assets. */
const packed = (names: readonly string[]): number => names.reduce((sum, name) => sum + gzipSync(readFileSync(path.join('dist', 'renderer', 'assets', name))).length, 0);

/** Bundle sizes: of the preload, of what the page loads at its start, and of all of it. */
export const benchSizes = (): Promise<readonly Result[]> => {
  const scripts = readdirSync(path.join('dist', 'renderer', 'assets')).filter((name) => name.endsWith('.js'));
  const page = readFileSync(builtFile('renderer', 'index.html'), 'utf8');
  return Promise.resolve([
    kilobytes('size-preload', 'preload, as it is', statSync(builtFile('preload', 'preload.cjs')).size, 30),
    kilobytes('size-page-start', 'scripts that the page loads at its start, gzipped', packed(scripts.filter((name) => page.includes(name))), 340),
    kilobytes('size-page-all', 'all scripts of the page, gzipped', packed(scripts), 600),
  ]);
};

/** Node that reads the whole main bundle and ends at an unknown flag, against Node that does nothing. */
export const benchMain = async (rounds: number): Promise<readonly Result[]> => {
  const run = (...args: readonly string[]) => (): Promise<number> => timed(() => spawnSync(process.execPath, args, { env: cleanEnv(), stdio: 'ignore' }));
  const taken = await inTurns(2 * rounds, run(builtFile('main', 'headless.js'), '--no-such-flag'), run('-e', '0'));
  return [ratio('main-evaluation', 'the headless main bundle read up to an unknown flag, against an empty Node process', median(taken.ours), median(taken.reference), 3), milliseconds('main-evaluation-ms', 'the same', median(taken.ours))];
};

const statusOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  } catch {
    return '';
  }
};

/** Resident memory of a process, and of those below it, MB. */
const memoryOf = (pid: number, below = true): number =>
  [pid, ...(below ? descendants(pid) : [])].reduce((sum, one) => sum + Number(/^VmRSS:\s+(\d+)/m.exec(statusOf(one))?.[1] ?? 0) / 1024, 0);

const blankMain = `const { app, BrowserWindow } = require('electron');
app.whenReady().then(() => new BrowserWindow({ webPreferences: { sandbox: true } }).loadURL('data:text/html,<button>ready</button>'));`;

interface Started {
  readonly pid: number;
  readonly ms: number;
  stop(): Promise<unknown>;
}

const startBlank = async (folder: string): Promise<Started> => {
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] = electronFolder().folder;
  const began = performance.now();
  const app = await _electron.launch({ args: [folder], env: cleanEnv() as Record<string, string> });
  await (await app.firstWindow()).getByRole('button').waitFor();
  return { pid: app.process().pid ?? 0, ms: performance.now() - began, stop: () => app.close() };
};

const startOurs = async (vastUrl: string): Promise<Started> => {
  const began = performance.now();
  const desktop = await launchDesktop({ vastUrl });
  await desktop.page.getByRole('button').first().waitFor();
  return { pid: desktop.app.process().pid ?? 0, ms: performance.now() - began, stop: () => desktop.stop() };
};

/** How long a started program takes to come to rest, milliseconds. */
const rest = 15_000;

/** Memory of a started program at rest, MB. */
const restingMemory = async (start: () => Promise<Started>): Promise<number> => {
  const started = await start();
  try {
    await delay(rest);
    return memoryOf(started.pid);
  } finally {
    await started.stop();
  }
};

/** The window on Electron against a blank window of the same Electron: launch to the first button, and memory at rest. */
export const benchWindow = async (rounds: number): Promise<readonly Result[]> => {
  if (process.platform !== 'linux') return [];
  const folder = makeTempDir('dumont-blank');
  writeFileSync(folder.at('package.json'), JSON.stringify({ name: 'blank', version: '1.0.0', main: 'main.cjs' }));
  writeFileSync(folder.at('main.cjs'), blankMain);
  const simulator = await startSimulator();
  const launched = async (start: () => Promise<Started>): Promise<number> => {
    const started = await start();
    await started.stop();
    return started.ms;
  };
  try {
    return await withDisplay(async () => {
      const taken = await inTurns(rounds, () => launched(() => startOurs(simulator.url)), () => launched(() => startBlank(folder.path)));
      const [reference, shown] = [await restingMemory(() => startBlank(folder.path)), await restingMemory(() => startOurs(simulator.url))];
      const version = electronFolder().version;
      return [
        ratio('launch', `launch to the first button on Electron ${version}, against a blank window of it`, median(taken.ours), median(taken.reference), 2.5),
        milliseconds('launch-ms', 'the same', median(taken.ours)),
        ratio('memory-window', `memory at rest, window open, ${shown.toFixed(0)} MB in all its processes, against the blank window's ${reference.toFixed(0)} MB`, shown, reference, 1.6),
      ];
    });
  } finally {
    await simulator.stop();
    folder.remove();
  }
};

/** The main process of the headless app at rest against an empty Node process. */
export const benchHeadless = async (): Promise<readonly Result[]> => {
  if (process.platform !== 'linux') return [];
  const simulator = await startSimulator();
  const app = await startHeadless({ vastUrl: simulator.url });
  const empty = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore', env: cleanEnv() });
  try {
    await delay(rest);
    const [ours, reference] = [memoryOf(app.program.pid, false), memoryOf(empty.pid ?? 0, false)];
    return [ratio('memory-headless', `memory of the headless main process at rest, ${ours.toFixed(0)} MB, against an empty Node's ${reference.toFixed(0)} MB`, ours, reference, 2)];
  } finally {
    empty.kill();
    await app.stop();
    await simulator.stop();
  }
};
