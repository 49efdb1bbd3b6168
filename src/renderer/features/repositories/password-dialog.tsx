// Replaces a repository's password: asks for the account's, takes a chosen one or makes a random one.
import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from '../../ui/error-message';
import { notify } from '../../ui/notify';
import { useChange } from './use-repositories';

/** The dialog of one repository. */
export function PasswordDialog({ id, name, opened, onClose }: Readonly<{ id: string; name: string; opened: boolean; onClose: () => void }>) {
  const { t } = useTranslation(['repositories', 'common']);
  const [account, setAccount] = useState('');
  const [wanted, setWanted] = useState('');
  const { password } = useChange();
  const close = () => { setAccount(''); setWanted(''); password.reset(); onClose(); };
  const save = () => password.mutate({ id, password: account, ...(wanted === '' ? {} : { new_password: wanted }) }, { onSuccess: () => { notify({ title: t('repositories:password.done', { name }), tone: 'ok' }); close(); } });
  const toggle = { 'aria-label': t('repositories:add.show') };
  return (
    <Modal opened={opened} onClose={close} title={<Text fw={640} size="lg">{t('repositories:password.title')}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <form onSubmit={(event) => { event.preventDefault(); if (account !== '' && !password.isPending) save(); }}>
        <Stack gap="sm">
          <Text size="sm">{t('repositories:password.why')}</Text>
          <PasswordInput data-autofocus label={t('repositories:password.account')} autoComplete="current-password" required withAsterisk={false} value={account} onChange={(event) => setAccount(event.currentTarget.value)} visibilityToggleButtonProps={toggle} />
          <PasswordInput label={t('repositories:password.new')} description={t('repositories:password.new_why')} autoComplete="new-password" value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} visibilityToggleButtonProps={toggle} />
          {password.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={password.error} /></Text>}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>{t('common:cancel')}</Button>
            <Button type="submit" disabled={account === ''} loading={password.isPending}>{t('repositories:password.change')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
