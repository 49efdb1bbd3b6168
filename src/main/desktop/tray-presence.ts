// Whether anything shows a tray. Windows and macOS always do; a Linux desktop may have none, and Electron does not say so.
import { runProgram } from '../providers/process/execa';

/** The name that a panel with a tray owns on the session bus (freedesktop's StatusNotifierItem). */
const watcher = 'org.kde.StatusNotifierWatcher';
/** Whichever of them is installed. */
const askers: readonly (readonly [string, readonly string[]])[] = [
  ['dbus-send', ['--session', '--print-reply=literal', '--dest=org.freedesktop.DBus', '/', 'org.freedesktop.DBus.NameHasOwner', `string:${watcher}`]],
  ['gdbus', ['call', '--session', '--dest', 'org.freedesktop.DBus', '--object-path', '/', '--method', 'org.freedesktop.DBus.NameHasOwner', watcher]],
  ['busctl', ['--user', 'call', 'org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'NameHasOwner', 's', watcher]],
];
const askLimitMs = 2_000;
/** Panels come and go rarely, ms. */
const askAgainMs = 60_000;

/** True or false when a session bus answered; null when there is none to ask. */
export async function askForTray(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): Promise<boolean | null> {
  if (platform !== 'linux') return true;
  for (const [program, args] of askers) {
    const { stdout, failed } = await runProgram(program, args, { env, timeout: askLimitMs });
    if (!failed && /\btrue\b/.test(stdout)) return true;
    if (!failed && /\bfalse\b/.test(stdout)) return false;
  }
  return null;
}

/**
 * What was answered last.
 *
 * Only a session bus that answers "nobody" counts as no tray: without a bus an old-fashioned panel may still show one.
 */
export class TrayPresence {
  #answer: boolean | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly now: () => number,
    private readonly ask = (): Promise<boolean | null> => askForTray(process.platform, process.env),
  ) {}

  get isMissing(): boolean {
    return this.#answer === false;
  }

  /** Asks, unless that was done a moment ago. */
  async look(): Promise<void> {
    if (this.now() - this.#askedAt < askAgainMs) return;
    this.#askedAt = this.now();
    this.#answer = await this.ask().catch(() => null);
  }
}
