// The life of the one window: opened, remembered, hidden to the tray, brought back.
import { Notification, app, screen, type BrowserWindow, type Session } from 'electron';
import { isOurs, startUrl } from './origin';
import type { Preferences, ShellPreferences } from './preferences';
import { createWindow } from './window';
import { wordsOf, type Language } from './words';

export interface MainWindowOptions {
  readonly preload: string;
  readonly icon: string;
  readonly session: Session;
  readonly preferences: Preferences;
  /** Whether closing hides it; false where there is no tray. */
  readonly closesToTray: () => boolean;
  readonly language: () => Language;
  readonly onCreated: (window: BrowserWindow) => void;
}

/** Where the window was, if any screen still shows that place. */
function placeOf(preferences: Preferences): ShellPreferences['bounds'] {
  const bounds = preferences.get('bounds');
  const { x, y } = bounds;
  if (x === undefined || y === undefined) return bounds;
  const visible = screen.getAllDisplays().some(({ workArea }) => x >= workArea.x - 50 && y >= workArea.y - 50 && x < workArea.x + workArea.width - 100 && y < workArea.y + workArea.height - 100);
  return visible ? bounds : { width: bounds.width, height: bounds.height, maximized: bounds.maximized };
}

/** Keeps at most one window. */
export class MainWindow {
  readonly #options: MainWindowOptions;
  #window: BrowserWindow | null = null;
  #quitting = false;

  constructor(options: MainWindowOptions) {
    this.#options = options;
    // After whoever may hold the quit up, see quit.ts.
    app.on('before-quit', (event) => {
      this.#quitting = !event.defaultPrevented;
    });
  }

  get preferences(): Preferences {
    return this.#options.preferences;
  }

  get(): BrowserWindow | null {
    return this.#window !== null && !this.#window.isDestroyed() ? this.#window : null;
  }

  all(): readonly BrowserWindow[] {
    const window = this.get();
    return window === null ? [] : [window];
  }

  /** Shows it, making it when needed, at this place of the app (`#/instances`), or where it was. */
  open(route = ''): void {
    const window = this.get();
    if (window === null) {
      this.#create(route);
      return;
    }
    // The same address again would load the page anew.
    if (route !== '' && window.webContents.getURL() !== `${startUrl}${route}`) void window.loadURL(`${startUrl}${route}`);
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  #create(route: string): void {
    const { preload, icon, session, preferences, onCreated } = this.#options;
    const window = createWindow({ preload, icon, session, bounds: placeOf(preferences), show: true, route });
    this.#window = window;
    onCreated(window);
    window.on('close', (event) => this.#onClose(event, window));
    window.on('closed', () => {
      this.#window = null;
    });
    this.#bringBack(window);
  }

  /** A page that crashed is loaded again, and so is ours where another took its place: Chromium asks nobody before about:blank. */
  #bringBack(window: BrowserWindow): void {
    const contents = window.webContents;
    const crashes: number[] = [];
    contents.on('render-process-gone', (_event, details) => {
      const now = Date.now();
      crashes.push(now);
      // A page that crashes at every start is left alone after the third time in a minute.
      if (details.reason !== 'clean-exit' && crashes.filter((at) => now - at < 60_000).length <= 3) void contents.loadURL(startUrl);
    });
    contents.on('did-navigate', (_event, url) => {
      if (!isOurs(url)) void contents.loadURL(startUrl);
    });
  }

  #onClose(event: { preventDefault(): void }, window: BrowserWindow): void {
    this.#options.preferences.set('bounds', { ...window.getNormalBounds(), maximized: window.isMaximized() });
    if (this.#quitting) return;
    if (!this.#options.closesToTray()) {
      if (process.platform === 'darwin') return;
      // The quit may be held up: the window must still be there then.
      event.preventDefault();
      app.quit();
      return;
    }
    event.preventDefault();
    window.hide();
    this.#explainTray();
  }

  /** Once: closing did not end the app. */
  #explainTray(): void {
    if (this.#options.preferences.get('trayExplained') || !Notification.isSupported()) return;
    this.#options.preferences.set('trayExplained', true);
    const words = wordsOf(this.#options.language());
    new Notification({ title: words.trayNoteTitle, body: words.trayNote }).show();
  }
}
