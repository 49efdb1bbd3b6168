// One snapshot on the timeline of its instance: when, how it went, what it holds.
// oxlint-disable jsx-a11y/no-noninteractive-element-interactions -- the context menu repeats what the buttons offer; keys reach it from what is in focus inside.
import { ActionIcon, Badge, Button, Tooltip } from '@mantine/core';
import { CircleAlert, CircleCheck, CircleHelp, Clock, FolderOpen, Pin, RotateCcw, ShieldCheck, Trash2, TriangleAlert, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Snapshot, SnapshotResult } from '../../../contract';
import { visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { ProofStamp } from '../../ui/proof-stamp';
import { askToDelete, useRowMenu, type RowAction } from '../../ui/row-menu';
import { RelativeTime } from '../../ui/relative-time';
import { navigate, routeHash } from '../../ui/route';
import { Warnings } from './operation-strip';
import { usePin } from './use-snapshots';
import classes from './snapshots.module.css';

const icons: Readonly<Record<SnapshotResult, LucideIcon>> = { ok: CircleCheck, warnings: TriangleAlert, failed: CircleAlert, verifying: Clock, unknown: CircleHelp };

export interface SnapshotRowProps {
  readonly snapshot: Snapshot;
  readonly onRestore: (snapshot: Snapshot) => void;
  readonly onRehearse: (snapshot: Snapshot) => void;
  readonly onDelete: (snapshot: Snapshot) => void;
}

function Result({ snapshot, opened, onToggle }: Readonly<{ snapshot: Snapshot; opened: boolean; onToggle: () => void }>) {
  const { t } = useTranslation('snapshots');
  const Icon = icons[snapshot.result];
  return (
    <>
      <Tooltip label={t(`explain.${snapshot.result}`)}>
        <span className={classes['result']} data-result={snapshot.result}><Icon size={14} aria-hidden />{t(`result.${snapshot.result}`)}</span>
      </Tooltip>
      {snapshot.warnings.length === 0 ? null : <Button size="compact-xs" variant="subtle" color="amber" aria-expanded={opened} onClick={onToggle}>{t('warnings', { count: snapshot.warnings.length })}</Button>}
    </>
  );
}

/** A row of the timeline. */
export function SnapshotRow({ snapshot, onRestore, onRehearse, onDelete }: SnapshotRowProps) {
  const { t } = useTranslation('snapshots');
  const format = useFormat();
  const [opened, setOpened] = useState(false);
  const pin = usePin();
  const time = format.dateTime(snapshot.time);
  const togglePin = (): void => pin.mutate({ snapshot_id: snapshot.id, pinned: !snapshot.pinned });
  const context = useRowMenu();
  const actions: readonly RowAction[] = [
    { id: 'browse', label: t('action.browse'), icon: FolderOpen, onClick: () => navigate('snapshots', snapshot.id) },
    { id: 'restore', label: t('action.restore'), icon: RotateCcw, disabled: snapshot.result === 'failed', onClick: () => onRestore(snapshot) },
    { id: 'rehearse', label: t('action.rehearse'), icon: ShieldCheck, onClick: () => onRehearse(snapshot) },
    { id: 'pin', label: snapshot.pinned ? t('action.unpin') : t('action.pin'), icon: Pin, onClick: togglePin },
    { id: 'delete', label: t('action.delete'), icon: Trash2, danger: true, onClick: () => onDelete(snapshot) },
  ];
  return (
    <li onContextMenu={(event) => context.open(event, time, actions)} onKeyDown={(event) => askToDelete(event, actions)} className={classes['row']} data-result={snapshot.result} data-rehearsed={snapshot.proof.state} data-snapshot={snapshot.short_id}>
      <div className={classes['rowMain']}>
        <div className={classes['when']}>
          <strong className="app-number">{time}</strong>
          <span className="app-dim"><RelativeTime at={snapshot.time} /></span>
        </div>
        <div className={classes['what']}>
          <div className={classes['line']}><Result snapshot={snapshot} opened={opened} onToggle={() => setOpened(!opened)} /><ProofStamp stamp={snapshot.proof} /></div>
          <div className={classes['line']}>
            <span className="app-number">{format.bytes(snapshot.size_bytes)}</span>
            {snapshot.file_count === null ? null : <span className="app-number">{t('files', { count: snapshot.file_count, number: format.number(snapshot.file_count) })}</span>}
            <span className={`app-mono ${classes['path'] ?? ''}`}>{snapshot.paths.map(visible).join(', ')}</span>
            {snapshot.tags.map((tag) => <Badge key={tag} size="sm" variant="light" color="gray" tt="none">{visible(tag)}</Badge>)}
            <span className="app-mono app-dim">{snapshot.short_id}</span>
          </div>
        </div>
        <div className={classes['rowActions']}>
          <Button size="xs" variant="default" component="a" href={routeHash('snapshots', snapshot.id)} leftSection={<FolderOpen size={13} aria-hidden />} aria-label={t('action.browse_name', { time })}>{t('action.browse')}</Button>
          <Button size="xs" variant="default" leftSection={<RotateCcw size={13} aria-hidden />} aria-label={t('action.restore_name', { time })} disabled={snapshot.result === 'failed'} onClick={() => onRestore(snapshot)}>{t('action.restore')}</Button>
          <Tooltip label={t('action.rehearse')}><ActionIcon size={30} aria-label={t('action.rehearse_name', { time })} onClick={() => onRehearse(snapshot)}><ShieldCheck size={15} aria-hidden /></ActionIcon></Tooltip>
          <Tooltip label={snapshot.pinned ? t('action.unpin') : t('action.pin')}><ActionIcon size={30} aria-pressed={snapshot.pinned} color={snapshot.pinned ? 'amber' : undefined} loading={pin.isPending} aria-label={t('action.pin_name', { time })} onClick={togglePin}><Pin size={15} aria-hidden fill={snapshot.pinned ? 'currentColor' : 'none'} /></ActionIcon></Tooltip>
          <Tooltip label={t('action.delete')}><ActionIcon size={30} aria-label={t('action.delete_name', { time })} onClick={() => onDelete(snapshot)}><Trash2 size={15} aria-hidden /></ActionIcon></Tooltip>
        </div>
      </div>
      {context.menu}
      {opened ? <Warnings warnings={snapshot.warnings} most={200} /> : null}
    </li>
  );
}
