// Taking a snapshot: of which running instance, of which folder, what is left out, with which tags, and what that would fetch.
import { Button, Group, Modal, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Instance, SourceOptions } from '../../../contract';
import { ErrorMessage, visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { RepositoryChoice } from '../../ui/repository-choice';
import { isRemotePath, isTag } from './group-snapshots';
import { useGroupName } from './snapshot-group';
import { PresetChoices } from './preset-choices';
import { PreviewPanel } from './preview-panel';
import { useTake } from './use-snapshots';
import { sourceOf, usePreview, usePutSource, useSources } from './use-sources';

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

interface LeaveOutProps {
  readonly options: SourceOptions;
  readonly onChange: (options: SourceOptions) => void;
  readonly place: { readonly instance_id: number; readonly source_path: string } | null;
}

/** What is left out, and what would be fetched; the presets are shown once there is something to try them on. */
function LeaveOut({ options, onChange, place }: LeaveOutProps) {
  const { t } = useTranslation('snapshots');
  const preview = usePreview();
  const [opened, setOpened] = useState(false);
  const shown = opened || preview.preview !== null;
  return (
    <>
      <PreviewPanel state={preview} options={options} onLook={place === null ? null : () => preview.start(place, options)} />
      {preview.preview === null ? (
        <Button variant="subtle" size="compact-sm" px={4} style={{ alignSelf: 'flex-start' }} aria-expanded={shown} onClick={() => setOpened(!opened)} leftSection={shown ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}>{t('source.presets')}</Button>
      ) : null}
      {shown ? <PresetChoices options={options} onChange={onChange} preview={preview.preview} /> : null}
    </>
  );
}

/** The options of a folder as they are set, and as they were changed here; `save` keeps a change. */
const useFolderOptions = (instance: Instance | null, path: string) => {
  const known = useSources().data;
  const put = usePutSource();
  const key = `${instance?.id ?? ''} ${path}`;
  const [changed, setChanged] = useState<{ readonly key: string; readonly options: SourceOptions } | null>(null);
  const own = changed?.key === key ? changed.options : null;
  return {
    options: own ?? sourceOf(known?.sources ?? [], instance?.id ?? null, path)?.options ?? known?.defaults ?? null,
    change: (options: SourceOptions): void => setChanged({ key, options }),
    save: async (): Promise<void> => {
      if (own !== null && instance !== null) await put.mutateAsync({ instance_id: instance.id, source_path: path, options: { presets: own.presets } });
    },
    saving: put.isPending,
    error: put.error,
  };
};

/** The dialog; the snapshot goes on after it closes. */
export function TakeDialog({ running, instanceId, onClose }: TakeDialogProps) {
  const { t } = useTranslation(['snapshots', 'common']);
  const choices = useInstanceChoices(running);
  const [chosen, setChosen] = useState<number | null>(instanceId);
  const [typedPath, setPath] = useState<string | null>(null);
  const [tags, setTags] = useState<string[]>([]);
  const [repository, setRepository] = useState<string | null>(null);
  const take = useTake(onClose);
  const instance = running.find(({ id }) => id === chosen) ?? (chosen === null ? running[0] : undefined) ?? null;
  const path = typedPath ?? instance?.data_directory ?? '/workspace';
  const badPath = !isRemotePath(path);
  const badTag = tags.some((tag) => !isTag(tag));
  const folder = useFolderOptions(instance, path);
  const ready = instance !== null && !badPath && !badTag;
  const start = async (): Promise<void> => {
    if (!ready) return;
    await folder.save();
    take.mutate({ instance_id: instance.id, source_path: path, tags, ...(repository === null ? {} : { repository_id: repository }), wait: false });
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={<Text fw={640} size="lg">{t('taking.title')}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <form onSubmit={(event) => { event.preventDefault(); start().catch(() => undefined); }}>
        <Stack gap="md">
          {running.length === 0 ? <Text size="sm">{t('taking.none_running')}</Text> : null}
          <Select label={t('taking.instance')} data={choices} value={instance === null ? null : String(instance.id)} onChange={(id) => { setChosen(Number(id)); setPath(null); }} disabled={running.length === 0} />
          <TextInput data-autofocus label={t('taking.path')} description={instance === null ? undefined : t('taking.path_hint', { path: visible(instance.data_directory) })} value={path} onChange={(event) => setPath(event.currentTarget.value)} error={badPath ? t('taking.bad_path') : null} spellCheck={false} classNames={{ input: 'app-mono' }} />
          <RepositoryChoice value={repository} onChange={setRepository} />
          <TagsInput label={t('taking.tags')} description={t('taking.tags_hint')} value={tags} onChange={setTags} maxTags={20} splitChars={[',']} error={badTag ? t('taking.bad_tag') : null} />
          {folder.options === null ? null : <LeaveOut key={`${instance?.id ?? ''} ${path}`} options={folder.options} onChange={folder.change} place={ready ? { instance_id: instance.id, source_path: path } : null} />}
          {instance === null ? null : <Traffic price={instance.inet_up_cost} />}
          {[folder.error, take.error].map((error, index) => (error === null ? null : <Text key={index === 0 ? 'options' : 'take'} size="sm" c="var(--app-bad)"><ErrorMessage error={error} /></Text>))}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" disabled={!ready} loading={folder.saving || take.isPending}>{t('taking.start')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
