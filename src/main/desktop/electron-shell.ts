// The Shell port on Electron: folder dialog, browser, file manager, start at login.
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { app, dialog, shell, type BrowserWindow } from 'electron';
import { AppError } from '../domain/app-error';
import type { Shell } from '../domain/ports';
import { externalLink } from './external-links';

/** Linux has no call for it: a desktop entry in the autostart folder is the way there. */
async function autostartOnLinux(enabled: boolean): Promise<boolean> {
  const folder = path.join(process.env['XDG_CONFIG_HOME'] ?? path.join(homedir(), '.config'), 'autostart');
  const file = path.join(folder, 'dumont-cloud.desktop');
  if (!enabled) {
    await rm(file, { force: true });
    return false;
  }
  await mkdir(folder, { recursive: true });
  const program = process.env['APPIMAGE'] ?? process.execPath;
  await writeFile(file, `[Desktop Entry]\nType=Application\nName=Dumont Cloud\nExec="${program.replaceAll(/["\\$`]/g, '\\$&')}"\nX-GNOME-Autostart-enabled=true\n`);
  return true;
}

/** What only this desktop can do. */
export function electronShell(window: () => BrowserWindow | null, chooseTitle: () => string): Shell {
  return {
    async pickFolder() {
      const parent = window();
      const options = { title: chooseTitle(), properties: ['openDirectory' as const, 'createDirectory' as const] };
      const answer = parent === null ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(parent, options);
      return answer.canceled ? null : (answer.filePaths[0] ?? null);
    },
    async openExternal(url) {
      const link = externalLink(url);
      if (link === null) throw new AppError('forbidden', 'This address is not on the list of pages that the app opens.', { reason: 'not_listed' });
      await shell.openExternal(link);
    },
    async openFolder(folder) {
      const found = path.isAbsolute(folder) ? await stat(folder).catch(() => null) : null;
      if (found === null || !found.isDirectory()) throw new AppError('not_found', 'This folder does not exist.', { kind: 'folder', id: folder });
      // Shown in its parent, never opened: a restored folder named X.app would be started by macOS.
      shell.showItemInFolder(folder);
    },
    async setStartAtLogin(enabled) {
      if (process.platform === 'linux') return autostartOnLinux(enabled);
      app.setLoginItemSettings({ openAtLogin: enabled });
      return app.getLoginItemSettings().openAtLogin;
    },
  };
}
