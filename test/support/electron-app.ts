// The built desktop app on a real Electron, driven by Playwright, with a data folder of its own.
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import { descendants, isAlive, waitGone } from './processes';
import { builtFile, cleanEnv } from './run-app';
import { makeTempDir, type TempDir } from './temp-dir';

const root = path.resolve(import.meta.dirname, '../..');

/** The Electron that specs run on: the folder in ELECTRON_OVERRIDE_DIST_PATH, else the package's own binary, else the one assembled from the registry. */
export const electronFolder = (): { readonly folder: string; readonly version: string } => {
  const candidates = [process.env.ELECTRON_OVERRIDE_DIST_PATH, path.join(root, 'node_modules/electron/dist'), path.join(root, '.tools/electron-33.2.1')];
  const folder = candidates.find((one) => one !== undefined && existsSync(path.join(one, 'version')));
  if (folder === undefined) throw new Error('No Electron is here: run `npm test -- electron`, which fetches one');
  return { folder, version: readFileSync(path.join(folder, 'version'), 'utf8').trim().replace(/^v/, '') };
};

/** The program in that folder, for starts without Playwright. */
export const electronProgram = (): string => {
  const names: Partial<Record<NodeJS.Platform, string>> = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };
  return path.join(electronFolder().folder, names[process.platform] ?? 'electron');
};

/** How the desktop app is started. */
export interface DesktopOptions {
  readonly demo?: boolean;
  readonly vastUrl?: string;
  /** Kept afterwards; without it a temporary folder is made and removed. */
  readonly dataDir?: string;
  readonly args?: readonly string[];
  /** Laid over the clean environment, such as `keyring.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** A packed app's own program instead of an Electron with the built folder; `ready` does not wait for the spec then. */
  readonly program?: string;
}

/** The app on Electron. */
export interface DesktopApp {
  readonly app: ElectronApplication;
  /** Its first window. */
  readonly page: Page;
  readonly dataDir: string;
  readonly electronVersion: string;
  stdout(): string;
  stderr(): string;
  /** Quits it, checks that nothing of it is left after 5 s, and removes a temporary data folder. Fine after the app has quit by itself. */
  stop(): Promise<void>;
}

/**
 * Main's garbage collector sometimes takes the promise of an evaluation before its answer was sent (in 2 of 20 runs, in a spec that
 * closes its window). The question is then asked again, so what specs evaluate must bear being done twice.
 */
const patient = (app: ElectronApplication): ElectronApplication => {
  const evaluate = app.evaluate.bind(app) as (...args: unknown[]) => Promise<unknown>;
  const again = async (...args: unknown[]): Promise<unknown> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await evaluate(...args);
      } catch (error) {
        if (attempt === 3 || !(error instanceof Error) || !error.message.includes('promise was garbage collected')) throw error;
      }
    }
  };
  return Object.assign(app, { evaluate: again });
};

/** Of an app that was started hidden: asking it anything is a mistake of the spec. */
const noPage = {} as Page;

let told = false;

const launch = async (flags: readonly string[], env: NodeJS.ProcessEnv, program: string | undefined): Promise<ElectronApplication> => {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) throw new Error('No display: run the specs by `npm test -- electron`, or under `xvfb-run -a`');
  const clean = Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  if (program !== undefined) return patient(await _electron.launch({ executablePath: program, args: [...flags], cwd: path.dirname(program), env: clean, timeout: 30_000 }));
  const { folder, version } = electronFolder();
  if (!told) process.stdout.write(`Specs run on Electron ${version} (${path.relative(root, folder)})\n`);
  told = true;
  // Without `executablePath` Playwright asks the electron package, which honours this variable, and `ready` waits until the spec is connected.
  process.env.ELECTRON_OVERRIDE_DIST_PATH = folder;
  return patient(await _electron.launch({ args: [root, ...flags], cwd: root, env: clean, timeout: 30_000 }));
};

/** `main` was taken at the start: Playwright forgets the process of an app that has quit. */
const quit = async (app: ElectronApplication, main: ChildProcess, pids: readonly number[]): Promise<void> => {
  if (main.exitCode === null && main.signalCode === null) {
    // A spec is over whatever it left running: to the question before quitting the answer is "cancel them".
    const answered = app.evaluate(({ dialog }) => {
      dialog.showMessageBox = () => Promise.resolve({ response: 1, checkboxChecked: false });
    });
    const ended = new Promise((resolve) => main.once('exit', resolve));
    await Promise.race([answered.catch(() => undefined).then(() => app.close()), ended]);
  }
  const left = await waitGone(pids, 5000);
  for (const pid of left) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  if (left.length > 0) throw new Error(`${left.length} of ${pids.length} processes of the app were left running after quit`);
};

/** A home folder of its own for an app, so that it meets nothing of who runs the tests. */
export const homeEnvironment = (home: TempDir): NodeJS.ProcessEnv => {
  mkdirSync(home.at('run'), { mode: 0o700 });
  return { HOME: home.path, XDG_CONFIG_HOME: home.at('config'), XDG_DATA_HOME: home.at('share'), XDG_CACHE_HOME: home.at('cache'), XDG_RUNTIME_DIR: home.at('run') };
};

/** Starts the built app and waits for its first window's page; `page` may still be loading. With `--hidden` there is none. */
export const launchDesktop = async (options: DesktopOptions = {}): Promise<DesktopApp> => {
  builtFile('main', 'main.js');
  const folder = options.dataDir === undefined ? makeTempDir('dumont-data') : undefined;
  const home = makeTempDir('dumont-home');
  const dataDir = options.dataDir ?? folder?.path ?? '';
  const flags = ['--data-dir', dataDir];
  if (options.demo === true) flags.push('--demo');
  if (options.vastUrl !== undefined) flags.push('--vast-url', options.vastUrl);
  const output = { out: '', err: '' };
  let app: ElectronApplication | undefined;
  let started: ChildProcess | undefined;
  const clean = (): void => {
    folder?.remove();
    home.remove();
  };
  try {
    app = await launch([...flags, ...(options.args ?? [])], cleanEnv({ ...homeEnvironment(home), ...options.env }), options.program);
    const main = app.process();
    started = main;
    main.stdout?.on('data', (data: Buffer) => (output.out += data.toString()));
    main.stderr?.on('data', (data: Buffer) => (output.err += data.toString()));
    const running = app;
    const hidden = options.args?.includes('--hidden') === true;
    const page = hidden ? noPage : await app.firstWindow({ timeout: 30_000 });
    const stop = async (): Promise<void> => {
      const pids = main.pid === undefined ? [] : [main.pid, ...descendants(main.pid)];
      try {
        await quit(running, main, pids);
      } finally {
        clean();
      }
    };
    return { app, page, dataDir, electronVersion: electronFolder().version, stdout: () => output.out, stderr: () => output.err, stop };
  } catch (error) {
    started?.kill('SIGKILL');
    clean();
    const said = output.err === '' ? '' : `\n--- stderr\n${output.err}`;
    throw new Error(`The desktop app did not open its window: ${error instanceof Error ? error.message : String(error)}${said}`, { cause: error });
  }
};
