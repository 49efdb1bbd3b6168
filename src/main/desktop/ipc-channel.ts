// The IPC end in main: every message is checked for who sent it before the contract sees it.
import { ipcMain, type BrowserWindow, type IpcMainEvent, type WebContents } from 'electron';
import type { Log } from '../domain/ports';
import type { IpcChannel } from '../transports/ipc';
import { isOurs } from './origin';
import { isTrusted, type Sender } from './sender';

const channel = 'dumont:rpc';

function senderOf(event: IpcMainEvent, windows: () => readonly BrowserWindow[]): Sender {
  const frame = event.senderFrame;
  return {
    frameUrl: frame?.url ?? null,
    isTopFrame: frame !== null && frame.parent === null,
    isOurWindow: windows().some((window) => !window.isDestroyed() && window.webContents.id === event.sender.id),
  };
}

/** The channel over which transports/ipc.ts serves the contract to the windows of this app. */
export function ipcChannel(windows: () => readonly BrowserWindow[], log: Log): IpcChannel & { watch(contents: WebContents): void } {
  const gone = new Set<(senderId: number) => void>();
  return {
    onMessage(callback) {
      ipcMain.on(channel, (event, data: unknown) => {
        const sender = senderOf(event, windows);
        if (isTrusted(sender)) callback(event.sender.id, data);
        else log.warn('ipc.refused', { url: sender.frameUrl, top_frame: sender.isTopFrame, our_window: sender.isOurWindow });
      });
    },
    onGone(callback) {
      gone.add(callback);
    },
    send(senderId, data) {
      const window = windows().find((candidate) => !candidate.isDestroyed() && candidate.webContents.id === senderId);
      if (window !== undefined && isOurs(window.webContents.getURL())) window.webContents.send(channel, data);
    },
    /** A page that reloads, crashes or goes ends its streams. */
    watch(contents) {
      const id = contents.id;
      const tell = (): void => gone.forEach((callback) => callback(id));
      contents.on('did-start-navigation', (details) => {
        if (details.isMainFrame && !details.isSameDocument) tell();
      });
      contents.on('render-process-gone', tell);
      contents.on('destroyed', tell);
    },
  };
}
