// The Shell port on Electron: folder dialog, browser, file manager, start at login.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { dialog, shell, type BrowserWindow } from 'electron';
import { AppError } from '../domain/app-error';
import type { Shell } from '../domain/ports';
import { externalLink } from './external-links';
import type { DragOut } from './drag-out';
import type { OpenedFiles } from './opened-files';
import type { PageCommands } from './page-commands';
import { setStartAtLogin, startsAtLogin } from './start-at-login';
import type { Updates } from './updates';

/** What only this desktop can do. */
export function electronShell(window: () => BrowserWindow | null, chooseTitle: () => string, commands: PageCommands, updates: Updates, drag: DragOut, opened: Pick<OpenedFiles, 'read'>): Shell {
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
    setStartAtLogin,
    startsAtLogin,
    dragOut: (name, text) => drag.start(name, text),
    openedFile: (number) => opened.read(number),
    commands: (signal) => commands.watch(signal),
    updates: () => updates.state,
    update: (step) => updates.step(step),
  };
}
