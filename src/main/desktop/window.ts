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

/** A loaded page is shown after this long, milliseconds, also when nobody says that it was painted. */
const paintPatience = 1000;

/** Chromium does not always say that it painted a window that is not seen: on a busy computer such a window stayed hidden for ever. */
function showOnce(window: BrowserWindow, maximized: boolean): void {
  let shown = false;
  const show = (): void => {
    if (shown || window.isDestroyed()) return;
    shown = true;
    if (maximized) window.maximize();
    window.show();
  };
  window.once('ready-to-show', show);
  window.webContents.once('did-stop-loading', () => setTimeout(show, paintPatience));
}

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
  showOnce(window, maximized === true);
  void window.loadURL(options.address);
  return window;
}
