// A schedule's file that the system gave the app to open: why it is not taken, or what it would set up, in the editor. See [Note: Opened files].
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { OpenedFile } from '../../../contract';
import { isDesktop, query } from '../../client';
import { ErrorMessage, visible } from '../../ui/error-message';
import { ScheduleEditor } from './editor';

function Refusal({ name, problem, error, onClose }: Readonly<{ name: string; problem: OpenedFile['problem']; error: unknown; onClose: () => void }>) {
  const { t } = useTranslation(['schedules', 'common']);
  return (
    <Modal opened onClose={onClose} title={<Text fw={640} size="lg">{t('file.refused')}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <Stack gap="md">
        {name === '' ? null : <Text size="sm" className="app-mono" style={{ overflowWrap: 'anywhere' }}>{visible(name)}</Text>}
        <Text size="sm">{problem === null ? <ErrorMessage error={error} /> : t(`file.problem.${problem}`)}</Text>
        <Group justify="flex-end"><Button onClick={onClose}>{t('common:close')}</Button></Group>
      </Stack>
    </Modal>
  );
}

/** `number` comes from the address; main knows which file it is. Nothing is set up before the user saves. */
export function OpenedSchedule({ number, onClose }: Readonly<{ number: number; onClose: () => void }>) {
  // Asked once: what is shown is what is saved.
  const { data, error } = useQuery(query.shell.openedFile.queryOptions({ input: { number }, enabled: isDesktop, retry: false, staleTime: Number.POSITIVE_INFINITY, gcTime: 0 }));
  if (data !== undefined && data.schedule !== null) return <ScheduleEditor schedule={null} instanceId={null} path={null} file={{ name: data.name, schedule: data.schedule }} onClose={onClose} />;
  if (data === undefined && error === null) return null;
  return <Refusal name={data?.name ?? ''} problem={data?.problem ?? null} error={error} onClose={onClose} />;
}
