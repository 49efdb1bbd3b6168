// Above the list: which snapshot, where in it, a filter, and what to do with what is chosen.
import { Anchor, Button, CloseButton, Group, Select, TextInput } from '@mantine/core';
import { ArrowLeft, Download, Filter, RotateCcw } from 'lucide-react';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { Snapshot, SnapshotFile } from '../../../contract';
import { isDesktop } from '../../client';
import { ErrorMessage, visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { navigate, routeHash } from '../../ui/route';
import { crumbsOf, rootKey, type FileKey } from './address';
import { useDownload } from './use-files';
import classes from './files.module.css';

/** What a snapshot is called. */
export const useSnapshotName = (): ((snapshot: Snapshot) => string) => {
  const { t } = useTranslation('files');
  return ({ label, instance_id: id, hostname }) => (label !== null && label.trim() !== '' ? visible(label) : id === null ? visible(hostname) : t('instance', { id }));
};

export function Title({ snapshot, siblings, other }: Readonly<{ snapshot: Snapshot; siblings: readonly Snapshot[]; other: string | null }>) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const name = useSnapshotName()(snapshot);
  const choices = siblings.map(({ id, time, short_id: short }) => ({ value: id, label: `${format.dateTime(time)} · ${short}` }));
  return (
    <div className={classes['top']}>
      <Anchor href={routeHash('snapshots')} className={classes['back']}><ArrowLeft size={14} aria-hidden />{t('back')}</Anchor>
      <h1>{name} <span className="app-dim app-number">{format.dateTime(snapshot.time)}</span></h1>
      <Select
        className={classes['compare']} size="xs" clearable allowDeselect aria-label={t('compare')} placeholder={siblings.length === 0 ? t('compare_none') : t('compare')} disabled={siblings.length === 0}
        data={choices} value={other} onChange={(id) => navigate('snapshots', snapshot.id, id === null ? undefined : { with: id })}
      />
    </div>
  );
}

export function Breadcrumb({ snapshot, at }: Readonly<{ snapshot: Snapshot; at: FileKey }>) {
  const { t } = useTranslation('files');
  const crumbs = [{ key: rootKey, name: snapshot.paths.join(', ') }, ...crumbsOf(at)];
  return (
    <nav className={classes['crumbs']} aria-label={t('where')}>
      <ol>
        {crumbs.map(({ key, name }, index) => (
          <li key={key}>{index === crumbs.length - 1 ? <span aria-current="location">{visible(name)}</span> : <Anchor href={routeHash('snapshots', snapshot.id, { at: key })}>{visible(name)}</Anchor>}</li>
        ))}
      </ol>
    </nav>
  );
}

export interface ToolsProps {
  readonly snapshot: Snapshot;
  readonly filter: string;
  readonly onFilter: (text: string) => void;
  readonly input: RefObject<HTMLInputElement | null>;
  readonly chosen: readonly SnapshotFile[];
  /** What is asked for: the same files, as fewer names. */
  readonly wanted: readonly SnapshotFile[];
  readonly onClear: () => void;
  readonly onRestore: () => void;
}

export function Tools({ snapshot, filter, onFilter, input, chosen, wanted, onClear, onRestore }: ToolsProps) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const download = useDownload(snapshot.id);
  const bytes = chosen.reduce((sum, { size }) => sum + size, 0);
  return (
    <Group gap="xs" className={classes['tools']}>
      <TextInput
        ref={input} size="xs" className={classes['filter']} leftSection={<Filter size={13} aria-hidden />} placeholder={t('filter')} aria-label={t('filter')} value={filter} spellCheck={false}
        onChange={(event) => onFilter(event.currentTarget.value)} onKeyDown={(event) => { if (event.key === 'Escape') onFilter(''); }}
        rightSection={filter === '' ? null : <CloseButton size="xs" aria-label={t('filter_clear')} onClick={() => onFilter('')} />}
      />
      {chosen.length === 0 ? null : (
        <Group gap={6} className={classes['chosen']} aria-live="polite">
          <span className="app-number">{t('chosen', { count: chosen.length, size: format.bytes(bytes) })}</span>
          <Button size="compact-sm" leftSection={<RotateCcw size={13} aria-hidden />} onClick={onRestore}>{t('restore')}</Button>
          {isDesktop ? null : <Button size="compact-sm" variant="default" leftSection={<Download size={13} aria-hidden />} loading={download.isPending} onClick={() => download.mutate(wanted)}>{t('download')}</Button>}
          <CloseButton size="sm" aria-label={t('chosen_clear')} onClick={onClear} />
        </Group>
      )}
      {download.error === null ? null : <ErrorMessage error={download.error} />}
    </Group>
  );
}
