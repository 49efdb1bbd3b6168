// Another name for a repository, and new credentials for its server: they are tried before they replace the old ones.
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryItem } from '../../../contract/types';
import { ErrorMessage } from '../../ui/error-message';
import { CredentialFields } from '../../ui/repositories/credential-fields';
import { placeKinds } from '../../ui/repositories/places';
import { useChange } from './use-repositories';

/** The dialog of one repository; open while it is there. */
export function EditDialog({ repository, onClose }: Readonly<{ repository: RepositoryItem; onClose: () => void }>) {
  const { t } = useTranslation(['repositories', 'common']);
  const [name, setName] = useState(repository.name);
  const [credentials, setCredentials] = useState<Readonly<Record<string, string>>>({});
  const { change } = useChange();
  const kind = placeKinds.find((one) => one === repository.kind) ?? 'local';
  const given = Object.fromEntries(Object.entries(credentials).filter(([, value]) => value !== ''));
  const renamed = name.trim() !== '' && name.trim() !== repository.name;
  const ready = renamed || Object.keys(given).length > 0;
  const save = () => change.mutate({ id: repository.id, ...(renamed ? { name: name.trim() } : {}), ...(Object.keys(given).length > 0 ? { credentials: given } : {}) }, { onSuccess: onClose });
  return (
    <Modal opened onClose={onClose} title={<Text fw={640} size="lg">{t(kind === 'local' ? 'repositories:edit.rename' : 'repositories:edit.title')}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <form onSubmit={(event) => { event.preventDefault(); if (ready && !change.isPending) save(); }}>
        <Stack gap="sm">
          <TextInput data-autofocus label={t('repositories:add.name')} placeholder={t('repositories:own')} maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} />
          {kind === 'local' ? null : <Text size="sm">{t('repositories:edit.why')}</Text>}
          <CredentialFields kind={kind} credentials={credentials} onChange={setCredentials} />
          {change.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={change.error} /></Text>}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" disabled={!ready} loading={change.isPending}>{t('repositories:edit.save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
