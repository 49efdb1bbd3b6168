// Taking a snapshot: of which running instance, of which folder, with which tags.
import { Button, Group, Modal, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Instance } from '../../../contract';
import { ErrorMessage, visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { isRemotePath, isTag } from './group-snapshots';
import { useGroupName } from './snapshot-group';
import { useTake } from './use-snapshots';

export interface TakeDialogProps {
  readonly running: readonly Instance[];
  /** The one to begin with; else the first that runs. */
  readonly instanceId: number | null;
  readonly onClose: () => void;
}

/** Names of running instances for a choice; two of the same name are told apart by their number. */
export const useInstanceChoices = (running: readonly Instance[]): readonly { value: string; label: string }[] => {
  const name = useGroupName();
  return running.map(({ id, label }) => ({ value: String(id), label: `${name({ label, instanceId: id })} · ${id}` }));
};

function Traffic({ price }: Readonly<{ price: number | null }>) {
  const { t } = useTranslation('snapshots');
  const format = useFormat();
  return <Text size="xs" c="dimmed">{price === null ? t('taking.traffic_unknown') : price === 0 ? t('taking.traffic_free') : t('taking.traffic', { price: format.money(price) })}</Text>;
}

/** The dialog; the snapshot goes on after it closes. */
export function TakeDialog({ running, instanceId, onClose }: TakeDialogProps) {
  const { t } = useTranslation(['snapshots', 'common']);
  const choices = useInstanceChoices(running);
  const [chosen, setChosen] = useState<number | null>(instanceId);
  const [typedPath, setPath] = useState<string | null>(null);
  const [tags, setTags] = useState<string[]>([]);
  const take = useTake(onClose);
  const instance = running.find(({ id }) => id === chosen) ?? (chosen === null ? running[0] : undefined) ?? null;
  const path = typedPath ?? instance?.data_directory ?? '/workspace';
  const badPath = !isRemotePath(path);
  const badTag = tags.some((tag) => !isTag(tag));
  const start = (): void => {
    if (instance !== null && !badPath && !badTag) take.mutate({ instance_id: instance.id, source_path: path, tags, wait: false });
  };
  return (
    <Modal opened onClose={onClose} title={<Text fw={640} size="lg">{t('taking.title')}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <form onSubmit={(event) => { event.preventDefault(); start(); }}>
        <Stack gap="md">
          {running.length === 0 ? <Text size="sm">{t('taking.none_running')}</Text> : null}
          <Select label={t('taking.instance')} data={choices} value={instance === null ? null : String(instance.id)} onChange={(id) => { setChosen(Number(id)); setPath(null); }} disabled={running.length === 0} />
          <TextInput data-autofocus label={t('taking.path')} description={instance === null ? undefined : t('taking.path_hint', { path: visible(instance.data_directory) })} value={path} onChange={(event) => setPath(event.currentTarget.value)} error={badPath ? t('taking.bad_path') : null} spellCheck={false} classNames={{ input: 'app-mono' }} />
          <TagsInput label={t('taking.tags')} description={t('taking.tags_hint')} value={tags} onChange={setTags} maxTags={20} splitChars={[',']} error={badTag ? t('taking.bad_tag') : null} />
          {instance === null ? null : <Traffic price={instance.inet_up_cost} />}
          {take.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={take.error} /></Text>}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" disabled={instance === null || badPath || badTag} loading={take.isPending}>{t('taking.start')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
