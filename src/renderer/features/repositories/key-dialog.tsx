// The recovery key of one repository: asks for the account's password, shows the key once.
import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../ui/copy-button';
import { ErrorMessage, visible } from '../../ui/error-message';
import { useChange } from './use-repositories';
import classes from './repositories.module.css';

/** The dialog; open while it is there. */
export function KeyDialog({ id, name, onClose }: Readonly<{ id: string; name: string; onClose: () => void }>) {
  const { t } = useTranslation(['repositories', 'common']);
  const [password, setPassword] = useState('');
  const { key } = useChange();
  const made = key.data;
  return (
    <Modal opened onClose={onClose} closeOnClickOutside={made === undefined} title={<Text fw={640} size="lg">{t('repositories:key.title', { name })}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {made === undefined ? (
        <form onSubmit={(event) => { event.preventDefault(); if (password !== '' && !key.isPending) key.mutate({ id, password }, { onSettled: () => setPassword('') }); }}>
          <Stack gap="sm">
            <Text size="sm">{t('repositories:key.why')}</Text>
            <PasswordInput data-autofocus label={t('repositories:password.account')} autoComplete="current-password" required withAsterisk={false} value={password} onChange={(event) => setPassword(event.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': t('repositories:add.show') }} />
            {key.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={key.error} /></Text>}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
              <Button type="submit" disabled={password === ''} loading={key.isPending}>{t('repositories:key.make')}</Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <Stack gap="sm">
          <Text size="sm">{t('repositories:key.once')}</Text>
          <code className={classes['key']} data-testid="recovery-key">{made.recovery_key}</code>
          <Text size="xs" c="dimmed">{t('repositories:key.how', { repository: visible(made.repository) })}</Text>
          <Group justify="space-between"><CopyButton value={made.recovery_key} what={t('repositories:key.what')} withText /><Button onClick={onClose}>{t('repositories:key.kept')}</Button></Group>
        </Stack>
      )}
    </Modal>
  );
}
