// What the palette offers: sections, instances with what can be done to them, snapshots, and choices; each with its keys where it has some.
import { Kbd } from '@mantine/core';
import type { SpotlightActionGroupData } from '@mantine/spotlight';
import { useQuery } from '@tanstack/react-query';
import { Activity, Archive, CalendarPlus, Camera, FolderOpen, Keyboard, Languages, Moon, Pause, Play, RotateCw, Server, Sun, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { PageCommandId } from '../../../contract/commands';
import { pausable } from '../../../contract/pausable';
import { api, errorOf, isDesktop, query } from '../../client';
import { useErrorWords, visible } from '../error-message';
import { useFormat } from '../format';
import { notify } from '../notify';
import { openOperation } from '../operations-drawer-store';
import { choosePreferences } from '../preferences-sync';
import { useWhyNot } from '../reach';
import { navigate, sections } from '../route';
import { keysOf, runCommand, type Overlays } from './commands';
import { sectionIcons } from './navigation';

type Action = SpotlightActionGroupData['actions'][number];

const ICON = 16;
/** The newest; older ones are found in their section. */
const MOST_SNAPSHOTS = 30;

const entry = (id: string, Icon: LucideIcon, label: string, onClick: () => void, more: { readonly description?: string; readonly keys?: string } = {}): Action => ({
  id, label, onClick, leftSection: <Icon size={ICON} aria-hidden />, ...(more.description === undefined ? {} : { description: more.description }), ...(more.keys === undefined || more.keys === '' ? {} : { rightSection: <Kbd size="xs">{more.keys}</Kbd> }),
});

/** Going to an instance, and what its state allows. */
function useInstanceEntries(): Action[] {
  const { t } = useTranslation();
  const words = useErrorWords();
  const whyNot = useWhyNot();
  const { data } = useQuery(query.instances.list.queryOptions());
  const ask = (verb: 'pause' | 'resume', id: number): void => {
    const asked = whyNot === null ? api.instances[verb]({ id }) : Promise.reject(new Error(whyNot));
    asked.then(({ operation_id: operation }) => openOperation(operation)).catch((error: unknown) => notify({ title: whyNot ?? words(error).what, tone: errorOf(error).code === 'unknown' ? 'warn' : 'bad' }));
  };
  return (data?.instances ?? []).flatMap((instance) => {
    const { id, gpu_name: gpu, state, operation_id: busy } = instance;
    const label = visible(instance.label ?? String(id));
    const actions = [entry(`instance-${id}`, Server, label, () => navigate('instances', id), { description: `${gpu} · ${id}` })];
    if (state === 'stopped' && busy === null) actions.push(entry(`resume-${id}`, Play, t('palette.resume', { label }), () => ask('resume', id)));
    if (pausable.has(state) && busy === null) actions.push(entry(`pause-${id}`, Pause, t('palette.pause', { label }), () => ask('pause', id)));
    if (state === 'running') actions.push(entry(`snapshot-${id}`, Camera, t('palette.snapshot', { label }), () => navigate('snapshots', null, { take: String(id) })));
    return actions;
  });
}

function useSnapshotEntries(): Action[] {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery(query.snapshots.list.queryOptions({ input: {} }));
  return (data?.snapshots ?? []).slice(0, MOST_SNAPSHOTS).map(({ id, short_id: short, label, hostname, time, paths }) =>
    entry(`browse-${id}`, Archive, t('palette.browse', { label: visible(label ?? hostname), time: format.dateTime(time) }), () => navigate('snapshots', id), { description: `${paths.map(visible).join(', ')} · ${short}` }));
}

function useChoices(overlays: Overlays): Action[] {
  const { t } = useTranslation();
  const { data } = useQuery(query.settings.get.queryOptions());
  const choose = (change: Parameters<typeof choosePreferences>[0]) => { choosePreferences(change).catch(() => undefined); };
  const command = (id: PageCommandId, icon: LucideIcon) => entry(id, icon, t(`shortcuts.command.${id}`), () => void runCommand(id, overlays), { keys: keysOf(id) });
  const exports = data?.settings.export_folder ?? null;
  return [
    command('running', Activity),
    command('refresh', RotateCw),
    command('sheet', Keyboard),
    entry('new_schedule', CalendarPlus, t('palette.newSchedule'), () => navigate('schedules', null, { new: '1' })),
    ...(isDesktop && exports !== null ? [entry('exports', FolderOpen, t('palette.exports'), () => { api.shell.openFolder({ folder: exports }).catch(() => notify({ title: exports, tone: 'warn' })); })] : []),
    entry('light', Sun, `${t('bar.theme')}: ${t('theme.light')}`, () => choose({ theme: 'light' })),
    entry('dark', Moon, `${t('bar.theme')}: ${t('theme.dark')}`, () => choose({ theme: 'dark' })),
    entry('pt', Languages, `${t('bar.language')}: ${t('language.pt-BR')}`, () => choose({ language: 'pt-BR' })),
    entry('en', Languages, `${t('bar.language')}: ${t('language.en')}`, () => choose({ language: 'en' })),
  ];
}

/** Everything that can be gone to or done from anywhere. */
export function usePaletteActions(overlays: Overlays): SpotlightActionGroupData[] {
  const { t } = useTranslation();
  const places = sections.map((section) => entry(section, sectionIcons[section], t(`nav.${section}`), () => navigate(section), { keys: keysOf(section) }));
  const groups = [
    { group: t('nav.label'), actions: places },
    { group: t('nav.instances'), actions: useInstanceEntries() },
    { group: t('palette.choices'), actions: useChoices(overlays) },
    { group: t('nav.snapshots'), actions: useSnapshotEntries() },
  ];
  return groups.filter(({ actions }) => actions.length > 0);
}
