// Whether the app starts, hidden in the tray, when the user signs in to the computer; asked of the system each time, never remembered here.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { app } from 'electron';
import { autostartEntry, isAutostart } from './autostart-entry';

/** Linux has no call for it: a desktop entry in the autostart folder is the way there. */
const entryFile = (): string => path.join(process.env['XDG_CONFIG_HOME'] ?? path.join(homedir(), '.config'), 'autostart', 'dumont-cloud.desktop');

/** An unpacked build is Electron with the app's folder as its first argument. */
const program = (): readonly string[] => [process.env['APPIMAGE'] ?? process.execPath, ...(app.isPackaged ? [] : [app.getAppPath()]), '--hidden'];

const loginItem = { args: ['--hidden'] };

export async function startsAtLogin(): Promise<boolean> {
  if (process.platform !== 'linux') return app.getLoginItemSettings(loginItem).openAtLogin;
  return isAutostart(await readFile(entryFile(), 'utf8').catch(() => ''));
}

/** Gives what holds afterwards. */
export async function setStartAtLogin(enabled: boolean): Promise<boolean> {
  if (process.platform !== 'linux') app.setLoginItemSettings({ openAtLogin: enabled, ...loginItem });
  else if (enabled) {
    await mkdir(path.dirname(entryFile()), { recursive: true });
    await writeFile(entryFile(), autostartEntry(program()));
  } else await rm(entryFile(), { force: true });
  return startsAtLogin();
}
