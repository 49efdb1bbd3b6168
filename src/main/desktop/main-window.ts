// The life of the one window: opened, remembered, hidden to the tray, brought back.
import { app, autoUpdater, dialog, screen, type BrowserWindow, type Session } from 'electron';
import { noteWays } from './note-ways';
import { isPage, startUrl } from './origin';
import type { Preferences } from './preferences';
import { explainTray } from './tray-notes';
import { createWindow } from './window';
import { knownZoom, placeOn, zoomed } from './window-place';
import { windowWordsOf } from './window-words';
import type { Language } from './words';

/** What the page says once, after it has loaded: see renderer/ui/start-notices.ts. */
export type StartNotice = 'crashed' | 'preferences';

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

/** Crashes within this many milliseconds count together. */
const crashesWithin = 60_000;
/** After so many the page is no longer loaded without asking. */
const mostCrashes = 3;

const placeOf = (route: string): string => `${startUrl}${route}`;

/** Keeps at most one window. */
export class MainWindow {
  readonly #options: MainWindowOptions;
  #window: BrowserWindow | null = null;
  #quitting = false;
  #crashes: readonly number[] = [];
  /** To be said by the next page that is loaded. */
  #notice: StartNotice | null;

  constructor(options: MainWindowOptions) {
    this.#options = options;
    this.#notice = options.preferences.damaged ? 'preferences' : null;
    // After whoever may hold the quit up, see quit.ts.
    app.on('before-quit', (event) => {
      this.#quitting = !event.defaultPrevented;
    });
    // On macOS an update closes the windows before it quits: one that only hid itself would hold it up for ever.
    autoUpdater.on('before-quit-for-update', () => {
      this.#quitting = true;
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
    if (route !== '' && window.webContents.getURL() !== placeOf(route)) void window.loadURL(placeOf(route));
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  /** One step larger or smaller, or back to 100 % (`by` 0); remembered. */
  zoom(by: -1 | 0 | 1): void {
    this.#options.preferences.set('zoom', zoomed(this.#options.preferences.get('zoom'), by));
    this.#applyZoom();
  }

  #applyZoom(): void {
    this.get()?.webContents.setZoomFactor(knownZoom(this.#options.preferences.get('zoom')));
  }

  /** For a page that is loaded whole: what it says once, and the last language, which it has nowhere before somebody signs in. */
  #address(route: string, notice: StartNotice | null): string {
    const language = this.#options.preferences.get('language');
    const said = new URLSearchParams({ ...(notice === null ? {} : { notice }), ...(language === 'system' ? {} : { language }) }).toString();
    return `${startUrl}${said === '' ? '' : `?${said}`}${route}`;
  }

  #takeNotice(): StartNotice | null {
    const notice = this.#notice;
    this.#notice = null;
    return notice;
  }

  #create(route: string): void {
    const { preload, icon, session, preferences, onCreated } = this.#options;
    const bounds = placeOn(screen.getAllDisplays().map(({ workArea }) => workArea), preferences.get('bounds'));
    const window = createWindow({ preload, icon, session, bounds, address: this.#address(route, this.#takeNotice()) });
    this.#window = window;
    onCreated(window);
    window.on('close', (event) => this.#onClose(event, window));
    window.on('closed', () => {
      this.#window = null;
    });
    // Chromium forgets the factor with each load; the wheel with Ctrl asks here instead of zooming by itself.
    window.webContents.on('did-finish-load', () => this.#applyZoom());
    window.webContents.on('zoom-changed', (_event, direction) => this.zoom(direction === 'in' ? 1 : -1));
    this.#bringBack(window);
  }

  /** A page that crashed is loaded again where it was, and so is ours where another took its place: Chromium asks nobody before about:blank. */
  #bringBack(window: BrowserWindow): void {
    const contents = window.webContents;
    contents.on('render-process-gone', (_event, details) => {
      if (details.reason === 'clean-exit') return;
      const now = Date.now();
      this.#crashes = [...this.#crashes.filter((at) => now - at < crashesWithin), now];
      const { hash } = new URL(isPage(contents.getURL()) ? contents.getURL() : startUrl);
      if (this.#crashes.length <= mostCrashes) void contents.loadURL(this.#address(hash, 'crashed'));
      else void this.#askAfterCrashes(window);
    });
    contents.on('did-navigate', (_event, url) => {
      if (!isPage(url)) void contents.loadURL(startUrl);
    });
  }

  async #askAfterCrashes(window: BrowserWindow): Promise<void> {
    const words = windowWordsOf(this.#options.language());
    const { response } = await dialog.showMessageBox({ type: 'error', title: 'Dumont Cloud', message: words.crashing, detail: words.crashingWhy, buttons: [words.again, words.quit], defaultId: 0, cancelId: 0, noLink: true });
    if (response === 1) app.quit();
    else if (!window.isDestroyed()) void window.loadURL(this.#address('', 'crashed'));
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
    void explainTray(this.#options.preferences, noteWays(), this.#options.language());
  }
}
