// The sheet of shortcuts, made from the one list of commands.
import { Kbd, Modal, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { keysFor, pageCommands, windowKeys, type PageCommand } from '../../../contract/commands';
import { isDesktop } from '../../client';
import { isMac, keyNames } from '../keyboard';

interface Line {
  readonly keys: readonly string[];
  readonly what: string;
}

function Lines({ title, lines }: Readonly<{ title: string; lines: readonly Line[] }>) {
  return (
    <>
      <Text component="h3" fw={640} size="sm" mt="md" mb={4}>{title}</Text>
      <Table withRowBorders={false} verticalSpacing={3}>
        <Table.Tbody>
          {lines.map(({ keys, what }) => (
            <Table.Tr key={what}>
              <Table.Td w={170}><span style={{ display: 'inline-flex', flexWrap: 'wrap', gap: 10 }}>{keys.map((one) => <span key={one} style={{ display: 'inline-flex', gap: 3 }}>{keyNames(one).map((name) => <Kbd key={name} size="xs">{name}</Kbd>)}</span>)}</span></Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

/** The list of shortcuts. */
export function ShortcutSheet({ opened, onClose }: Readonly<{ opened: boolean; onClose: () => void }>) {
  const { t } = useTranslation();
  const here = (command: PageCommand): boolean => command.windowOnly !== true || isDesktop;
  const commands = pageCommands.filter(here).map((command) => ({ keys: keysFor(command, isMac), what: t(`shortcuts.command.${command.id}`) }));
  const onWindow = windowKeys.map(({ id, keys: [keys] }) => ({ keys: [keys], what: t(`shortcuts.window.${id}`) }));
  // A Mac has no key for a context menu.
  const everywhere: readonly Line[] = [{ keys: ['Esc'], what: t('shortcuts.close') }, ...(isMac ? [] : [{ keys: ['Shift+F10'], what: t('shortcuts.menu') }])];
  const tables: readonly Line[] = [
    { keys: ['↑', '↓', '←', '→'], what: t('shortcuts.move') },
    { keys: ['PgUp', 'PgDn'], what: t('shortcuts.page') },
    { keys: ['Home', 'End', 'CmdOrCtrl+Home', 'CmdOrCtrl+End'], what: t('shortcuts.ends') },
    { keys: ['Enter'], what: t('shortcuts.open') },
    { keys: ['Space', 'Shift+Space', 'Shift+↑'], what: t('shortcuts.choose') },
    { keys: ['Delete'], what: t('shortcuts.delete') },
  ];
  return (
    <Modal opened={opened} onClose={onClose} size="lg" title={<Text fw={640} size="lg">{t('shortcuts.title')}</Text>} closeButtonProps={{ 'aria-label': t('close') }}>
      <Lines title={t('shortcuts.everywhere')} lines={[...commands, ...(isDesktop ? onWindow : []), ...everywhere]} />
      <Lines title={t('shortcuts.tables')} lines={tables} />
    </Modal>
  );
}
