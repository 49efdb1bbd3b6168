// What the system is told to start at login, and whether it was the system that started the app. Pure.

/** Which program runs: its packed form decides what can be started again. */
export interface Program {
  readonly env: NodeJS.ProcessEnv;
  /** The running program. */
  readonly execPath: string;
  /** Of an unpacked build, which is Electron with the app's folder as its first argument; else null. */
  readonly appFolder: string | null;
}

/** The command of a start at login on Linux; an AppImage runs from a place that is gone with it. */
export const loginCommand = ({ env, execPath, appFolder }: Program): readonly string[] => [env['APPIMAGE'] ?? execPath, ...(appFolder === null ? [] : [appFolder]), '--hidden'];

/** Electron's login item elsewhere; a portable Windows program runs from a folder that is gone with it, and names its own file. */
export function loginItem(env: NodeJS.ProcessEnv): { readonly args: string[]; readonly path?: string } {
  const file = env['PORTABLE_EXECUTABLE_FILE'];
  return { args: ['--hidden'], ...(file === undefined ? {} : { path: file }) };
}

/** Whether a start stays in the tray. macOS gives its login items no arguments and says instead that it was the login. */
export const startsHidden = (asked: boolean, platform: NodeJS.Platform, wasOpenedAtLogin: () => boolean): boolean => asked || (platform === 'darwin' && wasOpenedAtLogin());
