// Settings of one source: what is left out of a folder, its limits and commands, with a preview of the effect.
import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Source, SourceOptions } from '../../../contract';
import { ErrorMessage, visible } from '../../ui/error-message';
import { PresetChoices } from './preset-choices';
import { PreviewPanel } from './preview-panel';
import { SourceFields } from './source-fields';
import { usePreview, usePutSource } from './use-sources';

export interface SourceDialogProps {
  /** Of one instance; at least one. */
  readonly sources: readonly Source[];
  readonly runs: boolean;
  readonly onClose: () => void;
}

function Settings({ source, runs, onClose }: Readonly<{ source: Source; runs: boolean; onClose: () => void }>) {
  const { t } = useTranslation(['snapshots', 'common']);
  const [options, setOptions] = useState<SourceOptions>(source.options);
  const preview = usePreview();
  const put = usePutSource(onClose);
  const place = { instance_id: source.instance_id, source_path: source.path };
  const save = (): void => put.mutate({ ...place, options });
  return (
    <form onSubmit={(event) => { event.preventDefault(); save(); }}>
      <Stack gap="md">
        <PresetChoices options={options} onChange={setOptions} preview={preview.preview} />
        <PreviewPanel state={preview} options={options} onLook={runs ? () => preview.start(place, options) : null} />
        {runs ? null : <Text size="xs" c="dimmed">{t('preview.not_running')}</Text>}
        <SourceFields options={options} onChange={setOptions} />
        {put.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={put.error} /></Text>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
          <Button type="submit" loading={put.isPending}>{t('source.save')}</Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The dialog; an instance with several captured folders chooses one first. */
export function SourceDialog({ sources, runs, onClose }: SourceDialogProps) {
  const { t } = useTranslation(['snapshots', 'common']);
  const [id, setId] = useState(sources[0]?.id ?? null);
  const source = sources.find((one) => one.id === id) ?? sources[0];
  return (
    <Modal opened onClose={onClose} size="lg" title={<Text fw={640} size="lg">{t('source.title', { path: visible(source?.path ?? '') })}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {sources.length > 1 ? <Select mb="md" label={t('source.which')} data={sources.map((one) => ({ value: one.id, label: visible(one.path) }))} value={source?.id ?? null} onChange={setId} allowDeselect={false} /> : null}
      {source === undefined ? null : <Settings key={source.id} source={source} runs={runs} onClose={onClose} />}
    </Modal>
  );
}
