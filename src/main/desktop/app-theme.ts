// The theme of the app's own window and dialogs, and beside it what the system's panel is drawn in. No Electron: its nativeTheme is given.
import type { Settings } from '../../contract';

/** What is used of Electron's. */
export interface NativeTheme {
  themeSource: Settings['theme'];
  readonly shouldUseDarkColors: boolean;
  /** Not in every version of Electron, and of use on Windows and macOS only. */
  readonly shouldUseDarkColorsForSystemIntegratedUI?: boolean;
  on(event: 'updated', listener: () => void): unknown;
}

/**
 * Chooses the theme.
 *
 * A theme that is chosen hides the system's own from `shouldUseDarkColors`; so that one is remembered from before, and again whenever the
 * app follows the system. Made before anybody else listens to `updated`, so that they read what is right.
 */
export class AppTheme {
  readonly #native: NativeTheme;
  readonly #platform: NodeJS.Platform;
  #systemIsDark: boolean;

  constructor(native: NativeTheme, platform: NodeJS.Platform) {
    this.#native = native;
    this.#platform = platform;
    this.#systemIsDark = native.shouldUseDarkColors;
    native.on('updated', () => this.#look());
  }

  /** For the panel that shows the tray. */
  get isPanelDark(): boolean {
    const { shouldUseDarkColorsForSystemIntegratedUI: isDark } = this.#native;
    return this.#platform === 'linux' ? this.#systemIsDark : (isDark ?? this.#systemIsDark);
  }

  /** For window frames, native dialogs, and pages that follow the system. */
  choose(theme: Settings['theme']): void {
    this.#look();
    if (this.#native.themeSource !== theme) this.#native.themeSource = theme;
  }

  #look(): void {
    if (this.#native.themeSource === 'system') this.#systemIsDark = this.#native.shouldUseDarkColors;
  }
}
