// The choice of language, before and after signing in.
import { SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { choosePreferences } from './preferences-sync';
import type { Language } from './preferences';

const LANGUAGES = [{ value: 'pt-BR', label: 'Português' }, { value: 'en', label: 'English' }] as const;

/** Two languages, each in its own words. */
export function LanguageChoice({ size = 'xs' }: Readonly<{ size?: 'xs' | 'sm' }>) {
  const { t, i18n } = useTranslation();
  return (
    <SegmentedControl
      size={size}
      aria-label={t('bar.language')}
      data={LANGUAGES.map(({ value, label }) => ({ value, label: <span lang={value}>{label}</span> }))}
      value={i18n.language}
      onChange={(language) => { choosePreferences({ language: language as Language }).catch(() => undefined); }}
    />
  );
}
