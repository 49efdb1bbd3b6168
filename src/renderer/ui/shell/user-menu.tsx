// Who is signed in, theme, language, shortcuts, signing out.
import { ActionIcon, Menu } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { CircleUser, Keyboard, LogOut } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, errorOf, query } from '../../client';
import { ConfirmDialog } from '../confirm-dialog';
import { usePreferences, type LanguageChoice, type ThemeChoice } from '../preferences';
import { choosePreferences } from '../preferences-sync';
import { useSession } from '../session-store';
import { isActive, recentOperations } from './running-operations';

const THEMES: readonly ThemeChoice[] = ['system', 'light', 'dark'];
const LANGUAGES: readonly LanguageChoice[] = ['system', 'pt-BR', 'en'];

/** Ends the session here and in main. A page that main cannot be reached from forgets its token all the same. */
export async function signOut(): Promise<void> {
  try {
    await api.auth.logout();
  } catch (error) {
    if (errorOf(error).code === 'unauthorized') return;
  }
  useSession.getState().signOut('signed_out');
}

/** The menu at the right end of the top bar. */
export function UserMenu({ onShortcuts }: Readonly<{ onShortcuts: () => void }>) {
  const { t } = useTranslation();
  const { user } = useSession();
  const { language, theme } = usePreferences();
  const cache = useQueryClient();
  const [asking, setAsking] = useState(false);
  const choose = (change: Parameters<typeof choosePreferences>[0]) => { choosePreferences(change).catch(() => cache.invalidateQueries({ queryKey: query.settings.get.key() })); };
  const leave = () => {
    const running = cache.getQueryData(recentOperations().queryKey)?.operations.some(isActive) ?? false;
    if (running) setAsking(true);
    else void signOut();
  };
  return (
    <>
      <Menu position="bottom-end" width={250}>
        <Menu.Target>
          <ActionIcon size="lg" aria-label={`${t('bar.account')}: ${user ?? ''}`}><CircleUser size={19} strokeWidth={1.7} aria-hidden /></ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{user}</Menu.Label>
          <Menu.Divider />
          <Menu.Label>{t('bar.theme')}</Menu.Label>
          <Menu.RadioGroup value={theme} onChange={(value) => choose({ theme: value as ThemeChoice })}>
            {THEMES.map((choice) => <Menu.RadioItem key={choice} value={choice}>{t(`theme.${choice}`)}</Menu.RadioItem>)}
          </Menu.RadioGroup>
          <Menu.Divider />
          <Menu.Label>{t('bar.language')}</Menu.Label>
          <Menu.RadioGroup value={language} onChange={(value) => choose({ language: value as LanguageChoice })}>
            {LANGUAGES.map((choice) => <Menu.RadioItem key={choice} value={choice}>{t(`language.${choice}`)}</Menu.RadioItem>)}
          </Menu.RadioGroup>
          <Menu.Divider />
          <Menu.Item leftSection={<Keyboard size={14} aria-hidden />} onClick={onShortcuts}>{t('bar.shortcuts')}</Menu.Item>
          <Menu.Item leftSection={<LogOut size={14} aria-hidden />} onClick={leave}>{t('bar.signOut')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog opened={asking} title={t('signOutAsk.title')} action={t('signOutAsk.action')} onConfirm={() => { setAsking(false); void signOut(); }} onClose={() => setAsking(false)}>
        {t('signOutAsk.body')}
      </ConfirmDialog>
    </>
  );
}
