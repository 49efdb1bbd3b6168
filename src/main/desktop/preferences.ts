// The shell's own preferences (window place, theme and language before sign-in): small, and never anything of a user.
import { readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import Store from 'electron-store';
import * as z from 'zod';

/** Each with what holds where the file has nothing, or nothing of this form. */
const forms = {
  bounds: z.object({ width: z.number(), height: z.number(), x: z.number().optional(), y: z.number().optional(), maximized: z.boolean().optional() }).catch({ width: 1280, height: 820 }),
  /** What the last signed-in user chose, for the time before anybody signs in. */
  theme: z.enum(['system', 'light', 'dark']).catch('system'),
  language: z.enum(['system', 'pt-BR', 'en']).catch('system'),
  /** Factor of the page's size. */
  zoom: z.number().catch(1),
  /** The note that closing leaves the app in the tray was shown. */
  trayExplained: z.boolean().catch(false),
  /** The note that this desktop has no tray was shown. */
  noTrayExplained: z.boolean().catch(false),
  /** Ids of failures whose mark in the tray was looked at. */
  seen: z.array(z.string()).readonly().catch([]),
  /** For the tray while nobody is signed in: the last spend that was known, $/h, and when, in milliseconds since the epoch. */
  lastSpend: z.object({ perHour: z.number(), at: z.number() }).nullable().catch(null),
} as const;

export type ShellPreferences = { readonly [Name in keyof typeof forms]: z.output<(typeof forms)[Name]> };

export interface Preferences {
  /** The file could not be read and was put aside. */
  readonly damaged: boolean;
  get<Name extends keyof ShellPreferences>(name: Name): ShellPreferences[Name];
  set<Name extends keyof ShellPreferences>(name: Name, value: ShellPreferences[Name]): void;
}

const name = 'shell';

/** Puts a file that is no JSON object aside, so that nothing of it is lost; true when it did. */
function putAside(folder: string): boolean {
  const file = path.join(folder, `${name}.json`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return false;
  }
  try {
    if (z.looseObject({}).safeParse(JSON.parse(text)).success) return false;
  } catch {
    // No JSON: put aside below.
  }
  try {
    renameSync(file, path.join(folder, `${name}.damaged.json`));
  } catch {
    // A folder that cannot be written to: the store below begins anew in memory.
  }
  return true;
}

/** The last language, read only: for a start that failed, whose folder may be another copy's or not readable at all. */
export function lastLanguage(folder: string): ShellPreferences['language'] {
  try {
    return z.looseObject({ language: forms.language }).parse(JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8'))).language;
  } catch {
    return 'system';
  }
}

/** Opens the file in this folder; a damaged one is put aside and the defaults hold. */
export function openPreferences(folder: string): Preferences {
  const damaged = putAside(folder);
  const store = new Store<Record<string, unknown>>({ cwd: folder, name, clearInvalidConfig: true, configFileMode: 0o600 });
  return {
    damaged,
    get: (name) => forms[name].parse(store.get(name)) as ShellPreferences[typeof name],
    set: (name, value) => {
      try {
        store.set(name, value);
      } catch {
        // A full disk costs the window's place, nothing else.
      }
    },
  };
}
