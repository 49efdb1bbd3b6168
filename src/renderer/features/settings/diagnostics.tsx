// The diagnostic report: read it first, then copy or save it. Nothing is sent anywhere.
import { Button, Code, Group, Modal, ScrollArea, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Download, FileText } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { query } from '../../client';
import { CopyButton } from '../../ui/copy-button';
import { navigate, useRoute } from '../../ui/route';
import { saveFile } from '../../ui/save-file';
import { QueryView } from '../../ui/states';
import { Row } from './section';

function Report() {
  const { t } = useTranslation('settings');
  const report = useQuery(query.system.diagnostics.queryOptions({ gcTime: 0, staleTime: Infinity }));
  return (
    <QueryView result={report}>
      {({ text, file_name: name }) => (
        <Stack>
          <Text size="sm">{t('diagnostics.read')}</Text>
          <ScrollArea h="50vh" type="auto" viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': t('diagnostics.title') }}><Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{text}</Code></ScrollArea>
          <Group justify="flex-end">
            <CopyButton value={text} what={t('diagnostics.what')} withText />
            <Button leftSection={<Download size={14} aria-hidden />} onClick={() => saveFile(new Blob([text], { type: 'text/plain' }), name)}>{t('diagnostics.save')}</Button>
          </Group>
        </Stack>
      )}
    </QueryView>
  );
}

/** A row of the settings that opens it as `#/settings?report=1`, where the Help menu leads to too. */
export function DiagnosticsRow() {
  const { t } = useTranslation(['settings', 'common']);
  const opened = useRoute().params['report'] !== undefined;
  const open = (): void => navigate('settings', null, { report: '1' });
  const close = (): void => navigate('settings');
  return (
    <Row title={t('settings:diagnostics.title')} why={t('settings:diagnostics.why')}>
      <Button variant="default" leftSection={<FileText size={14} aria-hidden />} onClick={open}>{t('settings:diagnostics.open')}</Button>
      <Modal opened={opened} onClose={close} size="xl" title={<Text fw={640} size="lg">{t('settings:diagnostics.title')}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }}>{opened ? <Report /> : null}</Modal>
    </Row>
  );
}
