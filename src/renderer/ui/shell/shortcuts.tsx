// Keys that work everywhere, and the sheet that lists them.
import { Kbd, Modal, Table, Text } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { isDesktop } from '../../client';
import { queryClient } from '../query-client';
import { navigate, sections } from '../route';
import { modifier } from './navigation';

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));

/** The section that a key with Ctrl or Cmd leads to. */
export function sectionOfKey(key: string): (typeof sections)[number] | null {
  if (key === ',') return 'settings';
  return /^[1-9]$/.test(key) ? (sections[Number(key) - 1] ?? null) : null;
}

/** Ctrl/Cmd+K, Ctrl/Cmd+1.. to the sections, Ctrl/Cmd+comma, Ctrl/Cmd+F to the filter, Ctrl/Cmd+R in the window, `?` and F1. */
export function useShortcuts(showSheet: () => void, showPalette: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey) return;
      if (event.key === 'F1' || (event.key === '?' && !isTyping(event.target))) {
        event.preventDefault();
        showSheet();
        return;
      }
      if (!(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      const section = sectionOfKey(event.key);
      const filter = event.key === 'f' ? document.querySelector<HTMLElement>('main [data-filter]') : null;
      if (event.key === 'k') showPalette();
      else if (section !== null) navigate(section);
      else if (filter !== null) filter.focus();
      else if (event.key === 'r' && isDesktop) void queryClient.invalidateQueries();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [showSheet, showPalette]);
}

/** The list of shortcuts. */
export function ShortcutSheet({ opened, onClose }: Readonly<{ opened: boolean; onClose: () => void }>) {
  const { t } = useTranslation();
  const everywhere: readonly (readonly [string, string])[] = [
    [`${modifier} K`, t('palette.search')],
    [`${modifier} 1…${sections.length}`, t('shortcuts.sections')],
    [`${modifier} ,`, t('shortcuts.settings')],
    [`${modifier} F`, t('shortcuts.filter')],
    [isDesktop ? `${modifier} R` : 'F5', t('shortcuts.refresh')],
    ['Esc', t('shortcuts.close')],
    ['?  F1', t('shortcuts.sheet')],
  ];
  const tables: readonly (readonly [string, string])[] = [
    ['↑ ↓ ← →', t('shortcuts.move')],
    ['PgUp PgDn', t('shortcuts.page')],
    [`Home End ${modifier}`, t('shortcuts.ends')],
    ['Enter', t('shortcuts.open')],
  ];
  const list = (rows: typeof everywhere) => (
    <Table withRowBorders={false} verticalSpacing={4}>
      <Table.Tbody>
        {rows.map(([keys, what]) => (
          <Table.Tr key={what}><Table.Td w={150}><span style={{ display: 'inline-flex', gap: 4 }}>{keys.split(/\s+/).map((key) => <Kbd key={key} size="xs">{key}</Kbd>)}</span></Table.Td><Table.Td>{what}</Table.Td></Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
  return (
    <Modal opened={opened} onClose={onClose} title={<Text fw={640} size="lg">{t('shortcuts.title')}</Text>} closeButtonProps={{ 'aria-label': t('close') }}>
      {list(everywhere)}
      <Text fw={640} size="sm" mt="md" mb={4}>{t('shortcuts.tables')}</Text>
      {list(tables)}
    </Modal>
  );
}
