// The palette behind Ctrl/Cmd+K: sections, instances and choices by name, with their shortcuts. Loaded when it is first asked for.
import '@mantine/spotlight/styles.layer.css';
import { Kbd } from '@mantine/core';
import { Spotlight, spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useQuery } from '@tanstack/react-query';
import { Activity, Languages, Moon, Search, Server, Sun } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { query } from '../../client';
import { visible } from '../error-message';
import { openOperation } from '../operations-drawer-store';
import { choosePreferences } from '../preferences-sync';
import { navigate, sections } from '../route';
import { modifier, sectionIcons } from './navigation';

const ICON = 16;

/** Everything that can be gone to or done from anywhere. */
function useActions(): SpotlightActionGroupData[] {
  const { t } = useTranslation();
  const { data } = useQuery(query.instances.list.queryOptions({ enabled: false }));
  const choose = (change: Parameters<typeof choosePreferences>[0]) => { choosePreferences(change).catch(() => undefined); };
  const places = sections.map((section, index) => {
    const Icon = sectionIcons[section];
    return { id: section, label: t(`nav.${section}`), leftSection: <Icon size={ICON} aria-hidden />, rightSection: <Kbd size="xs">{`${modifier} ${index + 1}`}</Kbd>, onClick: () => navigate(section) };
  });
  const instances = (data?.instances ?? []).map(({ id, label, gpu_name: gpu }) => ({ id: `instance-${id}`, label: visible(label ?? String(id)), description: `${gpu} · ${id}`, leftSection: <Server size={ICON} aria-hidden />, onClick: () => navigate('instances', id) }));
  const choices = [
    { id: 'running', label: t('palette.running'), leftSection: <Activity size={ICON} aria-hidden />, onClick: () => openOperation() },
    { id: 'light', label: `${t('bar.theme')}: ${t('theme.light')}`, leftSection: <Sun size={ICON} aria-hidden />, onClick: () => choose({ theme: 'light' }) },
    { id: 'dark', label: `${t('bar.theme')}: ${t('theme.dark')}`, leftSection: <Moon size={ICON} aria-hidden />, onClick: () => choose({ theme: 'dark' }) },
    { id: 'pt', label: `${t('bar.language')}: ${t('language.pt-BR')}`, leftSection: <Languages size={ICON} aria-hidden />, onClick: () => choose({ language: 'pt-BR' }) },
    { id: 'en', label: `${t('bar.language')}: ${t('language.en')}`, leftSection: <Languages size={ICON} aria-hidden />, onClick: () => choose({ language: 'en' }) },
  ];
  const groups = [{ group: t('nav.label'), actions: places }, { group: t('nav.instances'), actions: instances }, { group: t('palette.choices'), actions: choices }];
  return groups.filter(({ actions }) => actions.length > 0);
}

/** Opens whenever `asked` counts up. */
export function Palette({ asked }: Readonly<{ asked: number }>) {
  const { t } = useTranslation();
  const actions = useActions();
  useEffect(() => { if (asked > 0) spotlight.open(); }, [asked]);
  return (
    <Spotlight
      actions={actions}
      shortcut={null}
      nothingFound={t('palette.nothing')}
      scrollable
      title={t('palette.search')}
      classNames={{ header: 'app-hidden' }}
      maxHeight={420}
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      searchProps={{ leftSection: <Search size={17} aria-hidden />, placeholder: t('palette.search'), 'aria-label': t('palette.search') }}
    />
  );
}
