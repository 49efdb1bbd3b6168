// Sets up the words: one file per feature and language, only the chosen language is loaded.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { languageOf, usePreferences, type Language } from '../ui/preferences';

/** One namespace per feature, besides the shared words and the errors. */
export const namespaces = ['common', 'errors', 'session', 'offers', 'instances', 'snapshots', 'files', 'schedules', 'operations', 'settings', 'notices'] as const;

const loaders: Readonly<Record<Language, () => Promise<{ words: Record<string, object> }>>> = {
  en: () => import('./words-en'),
  'pt-BR': () => import('./words-pt-br'),
};

async function switchTo(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'common')) {
    const { words } = await loaders[language]();
    for (const [namespace, texts] of Object.entries(words)) i18next.addResourceBundle(language, namespace, texts);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

const current = (): Language => languageOf(usePreferences.getState().language, navigator.languages);

/** Loads the chosen language and follows later choices. */
export async function startI18n(): Promise<void> {
  const lng = current();
  const { words } = await loaders[lng]();
  await i18next.use(initReactI18next).init({
    lng,
    fallbackLng: false,
    ns: namespaces,
    defaultNS: 'common',
    resources: { [lng]: words },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = lng;
  usePreferences.subscribe((now, before) => {
    if (now.language !== before.language) void switchTo(current());
  });
}
