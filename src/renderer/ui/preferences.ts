// Language and theme: kept by main once signed in, and in localStorage so that the sign-in page already has them.
import { create } from 'zustand';
import type { Settings } from '../../contract/types';

export type LanguageChoice = Settings['language'];
export type ThemeChoice = Settings['theme'];
/** A language that there are words in. */
export type Language = Exclude<LanguageChoice, 'system'>;

interface Preferences {
  readonly language: LanguageChoice;
  readonly theme: ThemeChoice;
  /** Chosen before signing in, so that the user's settings do not know it yet. */
  readonly unsaved: boolean;
}

const KEY = 'dumont.preferences';

function read(): Preferences {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>;
    return {
      language: kept.language === 'pt-BR' || kept.language === 'en' ? kept.language : 'system',
      theme: kept.theme === 'light' || kept.theme === 'dark' ? kept.theme : 'system',
      unsaved: kept.unsaved === true,
    };
  } catch {
    return { language: 'system', theme: 'system', unsaved: false };
  }
}

/** The choices of this page. */
export const usePreferences = create<Preferences>(() => read());

/** Changes a choice at once; whoever is signed in also saves it with settings.put. */
export function setPreferences(change: Readonly<Partial<Preferences>>): void {
  usePreferences.setState(change);
  try {
    localStorage.setItem(KEY, JSON.stringify(usePreferences.getState()));
  } catch {
    // A browser may forbid storage; the choice then lasts as long as the page.
  }
}

/** The language behind a choice: the system's when it is one of ours, else English. */
export function languageOf(choice: LanguageChoice, system: readonly string[]): Language {
  if (choice !== 'system') return choice;
  const first = system.find((tag) => /^(?:pt|en)\b/i.test(tag));
  return first !== undefined && /^pt/i.test(first) ? 'pt-BR' : 'en';
}
