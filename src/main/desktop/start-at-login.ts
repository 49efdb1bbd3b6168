// Whether the app starts, hidden in the tray, when the user signs in to the computer; asked of the system each time, never remembered here.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { app } from 'electron';
import { autostartEntry, isAutostart, mendedEntry } from './autostart-entry';
import { loginCommand, loginItem } from './login-item';

/** Linux has no call for it: a desktop entry in the autostart folder is the way there. */
const entryFile = (): string => path.join(process.env['XDG_CONFIG_HOME'] ?? path.join(homedir(), '.config'), 'autostart', 'dumont-cloud.desktop');

const command = (): readonly string[] => loginCommand({ env: process.env, execPath: process.execPath, appFolder: app.isPackaged ? null : app.getAppPath() });

const readEntry = (): Promise<string> => readFile(entryFile(), 'utf8').catch(() => '');

export async function startsAtLogin(): Promise<boolean> {
  if (process.platform !== 'linux') return app.getLoginItemSettings(loginItem(process.env)).openAtLogin;
  return isAutostart(await readEntry());
}

/** Gives what holds afterwards. */
export async function setStartAtLogin(enabled: boolean): Promise<boolean> {
  if (process.platform !== 'linux') app.setLoginItemSettings({ openAtLogin: enabled, ...loginItem(process.env) });
  else if (enabled) {
    await mkdir(path.dirname(entryFile()), { recursive: true });
    await writeFile(entryFile(), autostartEntry(command()));
  } else await rm(entryFile(), { force: true });
  return startsAtLogin();
}

/** At each start: an entry that would start another program, such as an AppImage of before an update, starts this one from now on. True when it was changed. */
export async function mendStartAtLogin(): Promise<boolean> {
  // A build of one's own must not take the place of what is installed.
  if (process.platform !== 'linux' || !app.isPackaged) return false;
  const mended = mendedEntry(await readEntry(), command());
  if (mended !== null) await writeFile(entryFile(), mended);
  return mended !== null;
}
