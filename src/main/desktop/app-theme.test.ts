// The app's theme and the panel's: choosing one for the app leaves the tray's icon as the system's panel wants it.
import { describe, expect, it } from 'vitest';
import { AppTheme, type NativeTheme } from './app-theme';

/** As Electron does it: the chosen theme is what `shouldUseDarkColors` says, and each change is told. */
const native = (systemIsDark: boolean, panelIsDark?: boolean): NativeTheme & { systemBecomes(dark: boolean): void } => {
  const listeners: (() => void)[] = [];
  const tell = (): void => listeners.forEach((listener) => listener());
  let source: NativeTheme['themeSource'] = 'system';
  let system = systemIsDark;
  return {
    get themeSource() { return source; },
    set themeSource(theme) { source = theme; tell(); },
    get shouldUseDarkColors() { return source === 'system' ? system : source === 'dark'; },
    ...(panelIsDark === undefined ? {} : { shouldUseDarkColorsForSystemIntegratedUI: panelIsDark }),
    on: (_event, listener) => listeners.push(listener),
    systemBecomes: (dark) => { system = dark; tell(); },
  };
};

describe('theme of the app', () => {
  it('is what was chosen; the panel of Linux stays as the system has it', () => {
    const system = native(false, true);
    const theme = new AppTheme(system, 'linux');
    theme.choose('dark');
    expect([system.themeSource, system.shouldUseDarkColors, theme.isPanelDark]).toEqual(['dark', true, false]);
    theme.choose('light');
    expect([system.shouldUseDarkColors, theme.isPanelDark]).toEqual([false, false]);
  });
  it('follows the system where that was chosen, and the panel does', () => {
    const system = native(false);
    const theme = new AppTheme(system, 'linux');
    system.systemBecomes(true);
    expect(theme.isPanelDark).toBe(true);
    theme.choose('light');
    expect(theme.isPanelDark).toBe(true);
    system.systemBecomes(false);
    theme.choose('system');
    expect([system.shouldUseDarkColors, theme.isPanelDark]).toEqual([false, false]);
  });
  it('asks Windows and macOS for the panel where Electron knows it, else remembers', () => {
    const known = new AppTheme(native(false, true), 'win32');
    expect(known.isPanelDark).toBe(true);
    const unknown = new AppTheme(native(true), 'win32');
    unknown.choose('light');
    expect(unknown.isPanelDark).toBe(true);
  });
});
