// A new repository, or one that exists and is taken over: the kind of place, where it is, what its server wants.
import { Button, Group, Modal, PasswordInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { FolderOpen } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isDesktop } from '../../client';
import { ErrorMessage } from '../error-message';
import { notify } from '../notify';
import { CredentialFields } from './credential-fields';
import { examples, placeKinds, type PlaceKind } from './places';
import { useRefresh } from './use-repositories';

export type AddMode = 'create' | 'import';

interface Draft {
  readonly kind: PlaceKind;
  readonly name: string;
  readonly location: string;
  readonly credentials: Readonly<Record<string, string>>;
  readonly password: string;
  readonly makeDefault: boolean;
}

const empty: Draft = { kind: 'local', name: '', location: '', credentials: {}, password: '', makeDefault: false };

/** Sends a draft; gives how many snapshots of ours and of others an import found. */
const send = async (mode: AddMode, draft: Draft): Promise<{ readonly own: number; readonly foreign: number } | null> => {
  const place = { name: draft.name.trim(), location: draft.location.trim(), credentials: draft.credentials, make_default: draft.makeDefault };
  if (mode === 'create') {
    await api.repositories.create({ ...place, ...(draft.password === '' ? {} : { password: draft.password }) });
    return null;
  }
  const answer = await api.repositories.import({ ...place, password: draft.password, wait: true });
  return 'own' in answer ? answer : null;
};

function PlaceFields({ mode, draft, change }: Readonly<{ mode: AddMode; draft: Draft; change: (part: Partial<Draft>) => void }>) {
  const { t } = useTranslation('repositories');
  const pick = async () => {
    const { folder } = await api.shell.pickFolder();
    if (folder !== null) change({ location: folder });
  };
  const kinds = placeKinds.map((value) => ({ value, label: t(`kind.${value}`) }));
  return (
    <>
      <Select label={t('add.kind')} data={kinds} value={draft.kind} allowDeselect={false} onChange={(kind) => change({ kind: kinds.find(({ value }) => value === kind)?.value ?? 'local', location: '', credentials: {} })} />
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <TextInput flex={1} label={t(draft.kind === 'local' ? 'add.folder' : 'add.location')} description={t(mode === 'import' && (draft.kind === 'local' || draft.kind === 's3') ? `hint.import.${draft.kind}` : `hint.${draft.kind}`)} placeholder={examples[draft.kind]} required withAsterisk={false} spellCheck={false} autoComplete="off" value={draft.location} onChange={(event) => change({ location: event.currentTarget.value })} />
        {draft.kind === 'local' && isDesktop ? <Button variant="default" leftSection={<FolderOpen size={14} aria-hidden />} onClick={() => void pick()}>{t('add.choose')}</Button> : null}
      </Group>
      <CredentialFields kind={draft.kind} credentials={draft.credentials} onChange={(credentials) => change({ credentials })} />
    </>
  );
}

function AddForm({ mode, makeDefault, onClose }: Readonly<{ mode: AddMode; makeDefault: boolean; onClose: () => void }>) {
  const { t } = useTranslation(['repositories', 'common']);
  const [draft, setDraft] = useState<Draft>({ ...empty, makeDefault });
  const refresh = useRefresh();
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const work = useMutation({
    mutationFn: () => send(mode, draft),
    onSuccess: async (found) => {
      notify({ title: t(mode === 'create' ? 'repositories:add.made' : 'repositories:add.imported', { name: draft.name }), message: found === null ? '' : t('repositories:add.found', { own: found.own, foreign: found.foreign }), tone: 'ok' });
      onClose();
      await refresh();
    },
  });
  const ready = draft.name.trim() !== '' && draft.location.trim() !== '' && (mode === 'create' || draft.password !== '');
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (ready && !work.isPending) work.mutate(); }}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">{t(`repositories:add.why.${mode}`)}</Text>
        <TextInput data-autofocus label={t('repositories:add.name')} required withAsterisk={false} maxLength={100} value={draft.name} onChange={(event) => change({ name: event.currentTarget.value })} />
        <PlaceFields mode={mode} draft={draft} change={change} />
        <PasswordInput label={t('repositories:add.password')} description={t(`repositories:add.password_why.${mode}`)} autoComplete="new-password" required={mode === 'import'} withAsterisk={false} value={draft.password} onChange={(event) => change({ password: event.currentTarget.value })} visibilityToggleButtonProps={{ 'aria-label': t('repositories:add.show') }} />
        <Switch label={t('repositories:add.default')} checked={draft.makeDefault} onChange={(event) => change({ makeDefault: event.currentTarget.checked })} />
        {work.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={work.error} /></Text>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
          <Button type="submit" disabled={!ready} loading={work.isPending}>{t(`repositories:add.${mode}`)}</Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The dialog; null: closed. `makeDefault`: what is offered for new snapshots. */
export function AddDialog({ mode, makeDefault = false, onClose }: Readonly<{ mode: AddMode | null; makeDefault?: boolean; onClose: () => void }>) {
  const { t } = useTranslation(['repositories', 'common']);
  return (
    <Modal stackId="add-repository" opened={mode !== null} onClose={onClose} size={560} title={<Text fw={640} size="lg">{t(mode === 'import' ? 'repositories:add.title_import' : 'repositories:add.title_create')}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {mode === null ? null : <AddForm mode={mode} makeDefault={makeDefault} onClose={onClose} />}
    </Modal>
  );
}
