// Language and theme: kept by main once signed in, and in localStorage so that the sign-in page already has them. The window's storage ends
// with the app: there the address names the last language, and the system's theme is the last one's.
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

const known = (language: string | null | undefined): LanguageChoice | null => (language === 'pt-BR' || language === 'en' ? language : null);

/** What a page begins with: `stored` is what localStorage has, `search` the address's query. */
export function choicesAtStart(stored: string | null, search: string): Preferences {
  const language = known(new URLSearchParams(search).get('language')) ?? 'system';
  try {
    const kept = JSON.parse(stored ?? '{}') as Partial<Preferences>;
    return {
      language: stored === null ? language : (known(kept.language) ?? 'system'),
      theme: kept.theme === 'light' || kept.theme === 'dark' ? kept.theme : 'system',
      unsaved: kept.unsaved === true,
    };
  } catch {
    return { language, theme: 'system', unsaved: false };
  }
}

function read(): Preferences {
  try {
    return choicesAtStart(localStorage.getItem(KEY), window.location.search);
  } catch {
    return choicesAtStart(null, window.location.search);
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
