// Files that are dragged out of the window: written to a folder of our own at a path made here, gone with the app.
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { nativeImage, type BrowserWindow } from 'electron';

export interface DragOut {
  /** Hands the file to the system's drag, while the button is still down. */
  start(name: string, text: string): Promise<void>;
  /** Removes what was dragged: whoever took it has made a copy. */
  clear(): Promise<void>;
}

export function dragOut(folder: string, icon: string, window: () => BrowserWindow | null): DragOut {
  return {
    async start(name, text) {
      const place = path.join(folder, randomUUID());
      await mkdir(place, { recursive: true, mode: 0o700 });
      const file = path.join(place, path.basename(name));
      await writeFile(file, text, { mode: 0o600 });
      window()?.webContents.startDrag({ file, icon: nativeImage.createFromPath(icon) });
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  };
}
