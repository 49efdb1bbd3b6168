// Where a restore goes: the folder picker of the desktop, a name below the export folder in a browser, or a running instance.
import { Button, Group, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { FolderOpen } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Instance } from '../../../contract';
import { isDesktop, query } from '../../client';
import { ErrorMessage, visible } from '../../ui/error-message';
import { isFolderName, isRemotePath } from './group-snapshots';
import { useInstanceChoices } from './take-dialog';

/** What is chosen; `folder` is a whole path on the desktop and a name below the export folder in a browser. */
export interface Target {
  readonly kind: 'folder' | 'instance';
  readonly folder: string;
  readonly instanceId: number | null;
  readonly path: string;
}

/** The folder that restores from a browser stay below; null while the settings are not known. */
export const useExportFolder = (): string | null => {
  const { data } = useQuery(query.settings.get.queryOptions());
  if (data === undefined) return null;
  return data.settings.export_folder ?? `${data.data_folder.replace(/[\\/]+$/, '')}/exports`;
};

/** True when a restore can go there. */
export const isTarget = (target: Target, running: readonly Instance[]): boolean =>
  target.kind === 'folder' ? (isDesktop ? target.folder !== '' : isFolderName(target.folder)) : isRemotePath(target.path) && running.some(({ id }) => id === target.instanceId);

interface TargetProps {
  readonly target: Target;
  readonly running: readonly Instance[];
  readonly onChange: (target: Target) => void;
}

function FolderHere({ target, onChange }: Omit<TargetProps, 'running'>) {
  const { t } = useTranslation('snapshots');
  const below = useExportFolder();
  const pick = useMutation(query.shell.pickFolder.mutationOptions({ onSuccess: ({ folder }) => { if (folder !== null) onChange({ ...target, folder }); } }));
  if (!isDesktop) {
    return (
      <TextInput
        label={t('restoring.folder')} description={t('restoring.folder_below', { folder: below ?? '…' })} value={target.folder} onChange={(event) => onChange({ ...target, folder: event.currentTarget.value })}
        error={isFolderName(target.folder) ? null : t('restoring.bad_folder')} spellCheck={false} classNames={{ input: 'app-mono' }}
      />
    );
  }
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500}>{t('restoring.folder')}</Text>
      <Group gap="xs" wrap="nowrap">
        <Button data-autofocus size="xs" variant="default" leftSection={<FolderOpen size={14} aria-hidden />} loading={pick.isPending} onClick={() => pick.mutate(undefined)}>{t('restoring.pick')}</Button>
        <Text size="sm" className="app-mono" c={target.folder === '' ? 'dimmed' : undefined} truncate>{target.folder === '' ? t('restoring.no_folder') : visible(target.folder)}</Text>
      </Group>
      <Text size="xs" c="dimmed">{t('restoring.folder_hint')}</Text>
      {pick.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={pick.error} /></Text>}
    </Stack>
  );
}

/** The choice, and the fields of what was chosen. */
export function TargetFields({ target, running, onChange }: TargetProps) {
  const { t } = useTranslation('snapshots');
  const choices = useInstanceChoices(running);
  return (
    <>
      <SegmentedControl
        fullWidth aria-label={t('restoring.where')} value={target.kind} onChange={(kind) => onChange({ ...target, kind: kind === 'instance' ? 'instance' : 'folder' })}
        data={[{ value: 'folder', label: t('restoring.to_folder') }, { value: 'instance', label: t('restoring.to_instance') }]}
      />
      {target.kind === 'folder' ? <FolderHere target={target} onChange={onChange} /> : (
        <>
          {running.length === 0 ? <Text size="sm">{t('restoring.none_running')}</Text> : null}
          <Select label={t('restoring.instance')} data={choices} value={target.instanceId === null ? null : String(target.instanceId)} onChange={(id) => onChange({ ...target, instanceId: id === null ? null : Number(id) })} disabled={running.length === 0} />
          <TextInput label={t('restoring.path')} description={t('restoring.path_hint')} value={target.path} onChange={(event) => onChange({ ...target, path: event.currentTarget.value })} error={isRemotePath(target.path) ? null : t('restoring.bad_path')} spellCheck={false} classNames={{ input: 'app-mono' }} />
        </>
      )}
    </>
  );
}
