// Destroying, with what is lost, a second yes where nothing proves that it comes back, and the label typed; and renaming.
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Instance } from '../../../contract';
import { ConfirmDialog } from '../../ui/confirm-dialog';
import { ErrorMessage, visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { DestroySafety, needsYes, SnapshotFirstChoice, useSafety } from './destroy-safety';
import { useInstanceName } from './instance-card';
import { destroyFirst } from './instance-state';
import { useDestroy, useRelabel } from './use-instances';
import classes from './instances.module.css';

interface DialogProps {
  readonly instance: Instance;
  readonly onClose: () => void;
}

/** What is typed to destroy: the label, or the number where the label cannot be typed as it is shown (U+FFFD stands for what main replaced). */
export const typedName = ({ id, label }: Pick<Instance, 'id' | 'label'>): string =>
  label !== null && label.trim() !== '' && visible(label) === label && label.length <= 80 && !/[\n\t\ufffd]/.test(label) ? label : String(id);

/** Asks before destroying. */
export function DestroyDialog({ instance, onClose }: DialogProps) {
  const { t } = useTranslation('instances');
  const format = useFormat();
  const name = useInstanceName()(instance);
  const destroy = useDestroy(onClose);
  const safety = useSafety(instance.id);
  const [yes, setYes] = useState(false);
  /** Null while nobody chose: what is shown is what happens. */
  const [chosen, setChosen] = useState<boolean | null>(null);
  const coming = safety.data?.snapshot_first;
  const disk = instance.disk_usage === null ? format.gb(instance.disk_space) : t('fact.disk_used', { used: format.gb(instance.disk_usage), all: format.gb(instance.disk_space) });
  return (
    <ConfirmDialog opened danger title={t('destroy.title', { label: name })} action={t('destroy.action')} typed={typedName(instance)} ready={yes || !needsYes(safety)} busy={destroy.isPending} error={destroy.error} onConfirm={() => destroy.mutate({ id: instance.id, ...destroyFirst(coming, chosen) })} onClose={onClose}>
      <Stack gap="xs" className={classes['lost']}>
        <Text size="sm">{t('destroy.lost', { disk })}</Text>
        <DestroySafety safety={safety} yes={yes} onYes={setYes} />
        {coming === undefined ? null : <SnapshotFirstChoice coming={coming} state={instance.state} first={chosen ?? coming.destroy === 'taken'} onFirst={setChosen} />}
      </Stack>
    </ConfirmDialog>
  );
}

/** Changes the label. */
export function RenameDialog({ instance, onClose }: DialogProps) {
  const { t } = useTranslation(['instances', 'common']);
  const [label, setLabel] = useState(instance.label ?? '');
  const relabel = useRelabel(onClose);
  const trimmed = label.trim();
  const bad = trimmed.length === 0 || trimmed.length > 200;
  return (
    <Modal opened onClose={onClose} title={<Text fw={640} size="lg">{t('rename.title')}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <form onSubmit={(event) => { event.preventDefault(); if (!bad) relabel.mutate({ id: instance.id, label: trimmed }); }}>
        <Stack gap="md">
          <TextInput data-autofocus label={t('rename.label')} value={label} onChange={(event) => setLabel(event.currentTarget.value)} error={bad ? t('rename.bad') : null} />
          {relabel.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={relabel.error} /></Text>}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" disabled={bad} loading={relabel.isPending}>{t('rename.action')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
