// The shell's own preferences (window place, close to tray before sign-in): small, and never anything of a user.
import Store from 'electron-store';
import type { WindowBounds } from './window';

export interface ShellPreferences {
  readonly bounds: WindowBounds;
  /** The note that closing leaves the app in the tray was shown. */
  readonly trayExplained: boolean;
  /** The note that this desktop has no tray was shown. */
  readonly noTrayExplained: boolean;
  /** Ids of failures whose mark in the tray was looked at. */
  readonly seen: readonly string[];
  /** For the tray while nobody is signed in: the last spend that was known. */
  readonly lastSpend: { readonly perHour: number; readonly at: number } | null;
}

const defaults: ShellPreferences = { bounds: { width: 1280, height: 820 }, trayExplained: false, noTrayExplained: false, seen: [], lastSpend: null };

export interface Preferences {
  get<Name extends keyof ShellPreferences>(name: Name): ShellPreferences[Name];
  set<Name extends keyof ShellPreferences>(name: Name, value: ShellPreferences[Name]): void;
}

/** Opens the file in this folder; a damaged one is put aside and the defaults hold. */
export function openPreferences(folder: string): Preferences {
  const store = new Store<ShellPreferences>({ cwd: folder, name: 'shell', defaults, clearInvalidConfig: true, configFileMode: 0o600 });
  return {
    get: (name) => store.get(name),
    set: (name, value) => {
      try {
        store.set(name, value);
      } catch {
        // A full disk costs the window's place, nothing else.
      }
    },
  };
}
