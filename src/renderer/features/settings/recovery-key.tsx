// Makes the recovery key of the repository: asks for the password, shows the key once.
import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Printer } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, query } from '../../client';
import { CopyButton } from '../../ui/copy-button';
import { ErrorMessage } from '../../ui/error-message';
import { queryClient } from '../../ui/query-client';
import classes from './settings.module.css';

function ShownKey({ recoveryKey, repository, onClose }: Readonly<{ recoveryKey: string; repository: string; onClose: () => void }>) {
  const { t } = useTranslation('settings');
  return (
    <Stack gap="md">
      <Text size="sm">{t('recovery.once')}</Text>
      <code className={classes['key']} data-testid="recovery-key">{recoveryKey}</code>
      <Text size="xs" c="dimmed">{t('recovery.how', { repository })}</Text>
      <Group justify="space-between">
        <Group gap="xs">
          <CopyButton value={recoveryKey} what={t('recovery.key')} withText />
          <Button size="xs" variant="default" leftSection={<Printer size={14} aria-hidden />} onClick={() => window.print()}>{t('recovery.print')}</Button>
        </Group>
        <Button onClick={onClose}>{t('recovery.kept')}</Button>
      </Group>
    </Stack>
  );
}

/** The button, and the dialog behind it. */
export function RecoveryKey() {
  const { t } = useTranslation(['settings', 'common']);
  const [opened, setOpened] = useState(false);
  const [password, setPassword] = useState('');
  const repository = useQuery(query.snapshots.repository.queryOptions());
  const make = useMutation({
    mutationFn: () => api.settings.recoveryKey({ password }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: query.snapshots.repository.key() }),
    onSettled: () => setPassword(''),
  });
  const close = () => { setOpened(false); make.reset(); };
  const made = repository.data?.recovery_key === true;
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>{t(made ? 'settings:recovery.again' : 'settings:recovery.make')}</Button>
      <Modal opened={opened} onClose={close} closeOnClickOutside={make.data === undefined} title={<Text fw={640} size="lg">{t('settings:recovery.title')}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }}>
        {make.data === undefined ? (
          <form onSubmit={(event) => { event.preventDefault(); if (!make.isPending) make.mutate(); }}>
            <Stack gap="md">
              <Text size="sm">{t('settings:recovery.ask')}</Text>
              <PasswordInput data-autofocus label={t('settings:recovery.password')} name="password" autoComplete="current-password" required withAsterisk={false} value={password} onChange={(event) => setPassword(event.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': t('settings:recovery.show') }} />
              {make.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={make.error} /></Text>}
              <Group justify="flex-end" gap="xs">
                <Button variant="default" onClick={close}>{t('common:cancel')}</Button>
                <Button type="submit" loading={make.isPending} disabled={password === ''}>{t('settings:recovery.make')}</Button>
              </Group>
            </Stack>
          </form>
        ) : <ShownKey recoveryKey={make.data.recovery_key} repository={make.data.repository} onClose={close} />}
      </Modal>
    </>
  );
}
