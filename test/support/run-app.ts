// The built app without Electron, and the built simulator, as real processes on free ports with folders of their own.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { noKeyringEnv } from './keyring';
import { startProgram, stopCleanly, killTree, type Program } from './processes';
import { makeTempDir } from './temp-dir';

const root = path.resolve(import.meta.dirname, '../..');

/** Path of a built file; throws when set-up has not built it. */
export const builtFile = (...parts: readonly string[]): string => {
  const file = path.join(root, 'dist', ...parts);
  if (!existsSync(file)) throw new Error(`${path.relative(root, file)} is not built: run \`npm run setup\` first`);
  return file;
};

/** This process's environment without anything that would change how the app starts, and without the developer's own keychain. */
export const cleanEnv = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
  const kept = Object.entries(process.env).filter(([name]) => !/^(DUMONT_|ELECTRON_RUN_AS_NODE|NODE_OPTIONS|VITEST|NODE_ENV$|SSH_AUTH_SOCK|RESTIC_)/.test(name));
  return { ...Object.fromEntries(kept), ...noKeyringEnv, ...more };
};

/** A running simulator. */
export interface RunningSimulator {
  readonly url: string;
  readonly apiKey: string;
  readonly program: Program;
  stop(): Promise<void>;
}

/** Starts `dist/simulator/simulator.js` on a free port; `args` are more of its own flags. */
export const startSimulator = async (options: { readonly seed?: number; readonly args?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {}): Promise<RunningSimulator> => {
  const args = [builtFile('simulator', 'simulator.js'), '--port', '0', '--seed', String(options.seed ?? 1), ...(options.args ?? [])];
  const program = startProgram(process.execPath, args, { env: cleanEnv(options.env) });
  try {
    const line = await program.line(/^\{.*\}$/);
    const { url, api_key: apiKey } = JSON.parse(line[0]) as { url: string; api_key: string };
    return { url, apiKey, program, stop: () => stopCleanly(program) };
  } catch (error) {
    await killTree(program);
    throw error;
  }
};

/** How a headless app is started. */
export interface HeadlessOptions {
  /** Starts it with `--demo`. */
  readonly demo?: boolean;
  readonly vastUrl?: string;
  /** Kept afterwards; without it a temporary folder is made and removed. */
  readonly dataDir?: string;
  readonly restic?: string;
  /** Another copy of `dist/main/headless.js`. */
  readonly entry?: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** A running headless app. */
export interface RunningApp {
  /** Such as `http://127.0.0.1:41234`, without a trailing slash. */
  readonly url: string;
  readonly dataDir: string;
  /** The account that a demo prints, else undefined. */
  readonly demoAccount: { readonly email: string; readonly password: string } | undefined;
  readonly program: Program;
  stdout(): string;
  stderr(): string;
  /** Ends it by SIGTERM (or SIGINT) and throws unless that was clean: exit code 0 within 5 s, no child left. Removes a temporary data folder. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it and all below it by SIGKILL; the data folder stays until `stop` or the caller removes it. */
  kill(): Promise<void>;
}

/** Starts `dist/main/headless.js` on a free port and waits until it accepts requests. */
export const startHeadless = async (options: HeadlessOptions = {}): Promise<RunningApp> => {
  const folder = options.dataDir === undefined ? makeTempDir('dumont-data') : undefined;
  const dataDir = options.dataDir ?? folder?.path ?? '';
  const flags = ['--port', '0', '--data-dir', dataDir];
  if (options.demo === true) flags.push('--demo');
  if (options.vastUrl !== undefined) flags.push('--vast-url', options.vastUrl);
  if (options.restic !== undefined) flags.push('--restic', options.restic);
  const program = startProgram(process.execPath, [options.entry ?? builtFile('main', 'headless.js'), ...flags, ...(options.args ?? [])], { env: cleanEnv(options.env), cwd: root });
  try {
    const ready = await program.line(/^Dumont Cloud is ready at (http:\/\/127\.0\.0\.1:\d+)$/);
    const demo = options.demo === true ? await program.line(/^Demo account: (\S+) (\S+)$/) : undefined;
    return {
      url: ready[1] ?? '',
      dataDir,
      demoAccount: demo === undefined ? undefined : { email: demo[1] ?? '', password: demo[2] ?? '' },
      program,
      stdout: () => program.stdout(),
      stderr: () => program.stderr(),
      stop: async (signal) => {
        try {
          await stopCleanly(program, signal);
        } finally {
          folder?.remove();
        }
      },
      kill: () => killTree(program),
    };
  } catch (error) {
    await killTree(program);
    folder?.remove();
    throw error;
  }
};
