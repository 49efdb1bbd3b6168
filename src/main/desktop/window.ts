// The one window factory of the app.
import { BrowserWindow, nativeTheme, type Session } from 'electron';
import { guardNavigation } from './navigation';
import { smallestWindow, type WindowBounds } from './window-place';

/** What every page of ours runs with. Written out although these are Electron's defaults: a test compares it. */
export const secureWebPreferences = Object.freeze({
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  webviewTag: false,
  spellcheck: false,
  navigateOnDragDrop: false,
});

/** A hidden window that shows itself once there is something to see. */
export function createWindow(options: { readonly preload: string; readonly session: Session; readonly icon: string; readonly bounds: WindowBounds; readonly address: string }): BrowserWindow {
  const { width, height, x, y, maximized } = options.bounds;
  const window = new BrowserWindow({
    title: 'Dumont Cloud',
    width,
    height,
    ...(x !== undefined && y !== undefined ? { x, y } : {}),
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    show: false,
    icon: options.icon,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#0f141b' : '#f6f8fa',
    autoHideMenuBar: true,
    webPreferences: { ...secureWebPreferences, session: options.session, preload: options.preload },
  });
  guardNavigation(window.webContents);
  window.on('page-title-updated', (event) => event.preventDefault());
  window.once('ready-to-show', () => {
    if (maximized === true) window.maximize();
    window.show();
  });
  void window.loadURL(options.address);
  return window;
}
