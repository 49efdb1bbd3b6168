// What a start was asked for, as paths and values: flags and environment parsed once, for both entries.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { helpText, parseFlags } from './flags.mjs';

/** The port of the local API where none is asked for. */
export const defaultPort = 8767;
/** Vast.ai itself. */
export const vastUrl = 'https://console.vast.ai';

export interface AppConfig {
  readonly version: string;
  readonly demo: boolean;
  /** Start in the tray, without the window. */
  readonly hidden: boolean;
  /** TCP port to listen on, 0 = any free one; null = only if a setting asks for it (desktop). */
  readonly port: number | null;
  readonly dataFolder: string;
  /** Null in demo: the simulator says where it is. */
  readonly vastUrl: string | null;
  /** Asked for by flag or variable; else settings and PATH decide. */
  readonly resticPath: string | null;
  /** The user's own check of what a rehearsal restored, where the settings have none. */
  readonly rehearsalCommand: string | null;
  /** Commands on the instance around each snapshot of a source that has none of its own; only the window and flags may set such. */
  readonly hooks: { readonly before: string | null; readonly after: string | null };
  /** Built files beside this one. */
  readonly files: {
    readonly renderer: string;
    readonly simulator: string;
    readonly keychainHelper: string;
    readonly captureWorker: string;
    readonly preload: string;
  };
}

export type ConfigRead =
  | { readonly kind: 'config'; readonly config: AppConfig }
  /** To be printed on stdout; exit code 0. */
  | { readonly kind: 'help'; readonly text: string }
  /** One line for stderr; exit code 2. */
  | { readonly kind: 'wrong'; readonly message: string };

/** What is read of the surroundings; a test gives its own. */
export interface Surroundings {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly workingFolder: string;
  /** Electron takes switches of its own and listens only when asked. */
  readonly desktop: boolean;
}

/** The folder that holds package.json and dist, from wherever this file was bundled to. */
function appRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) {
    const above = path.dirname(folder);
    if (above === folder) throw new Error('package.json of the app was not found');
    folder = above;
  }
  return folder;
}

/** Where each system keeps the data of applications. */
export function defaultDataFolder({ platform, env, home }: Pick<Surroundings, 'platform' | 'env' | 'home'>): string {
  const { posix, win32 } = path;
  if (platform === 'win32') return win32.join(env['LOCALAPPDATA'] ?? win32.join(home, 'AppData', 'Local'), 'Dumont Cloud');
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'Dumont Cloud');
  const base = env['XDG_DATA_HOME'];
  return posix.join(base !== undefined && posix.isAbsolute(base) ? base : posix.join(home, '.local', 'share'), 'dumont-cloud');
}

function filesIn(root: string): AppConfig['files'] {
  const at = (...parts: string[]): string => path.join(root, 'dist', ...parts);
  return {
    renderer: at('renderer'),
    simulator: at('simulator', 'simulator.js'),
    keychainHelper: at('main', 'keychain-helper.js'),
    captureWorker: at('main', 'capture-worker.js'),
    preload: at('preload', 'preload.cjs'),
  };
}

/** Reads flags and variables. The demo's data are a world of their own: never in the folder of real ones. */
export function readConfig(from: Surroundings): ConfigRead {
  const parsed = parseFlags(from.argv, from.env, { electron: from.desktop });
  if (!parsed.ok) return { kind: 'wrong', message: parsed.message };
  const { flags } = parsed;
  if (flags.help) return { kind: 'help', text: helpText(from.desktop ? 'dumont-cloud' : 'npm start --') };
  if (flags.demo && flags.vastUrl !== undefined) return { kind: 'wrong', message: '--demo brings its own simulated Vast.ai: leave out --vast-url' };
  const root = appRoot();
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  const folder = flags.dataDir === undefined ? defaultDataFolder(from) : path.resolve(from.workingFolder, flags.dataDir);
  return {
    kind: 'config',
    config: {
      version,
      demo: flags.demo,
      hidden: flags.hidden,
      port: flags.port ?? (from.desktop ? null : defaultPort),
      dataFolder: flags.demo ? path.join(folder, 'demo') : folder,
      vastUrl: flags.demo ? null : (flags.vastUrl ?? vastUrl),
      resticPath: flags.restic === undefined ? null : path.resolve(from.workingFolder, flags.restic),
      rehearsalCommand: flags.rehearsalCommand ?? null,
      hooks: { before: flags.beforeSnapshot ?? null, after: flags.afterSnapshot ?? null },
      files: filesIn(root),
    },
  };
}

/** The real surroundings of this process. Electron's own first argument, the app folder, is not one of ours. */
export function surroundings(desktop: boolean, argv: readonly string[] = process.argv.slice(2)): Surroundings {
  return { argv, env: process.env, platform: process.platform, home: homedir(), workingFolder: process.cwd(), desktop };
}
