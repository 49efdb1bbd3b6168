// What is running now, in the top bar; a click opens the drawer.
import { Button, Loader, RingProgress } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Activity, CircleHelp } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Operation } from '../../../contract/types';
import { query } from '../../client';
import { openOperation } from '../operations-drawer-store';
import classes from './shell.module.css';

/** The newest operations; hints and progress of events.watch keep them true. */
export const recentOperations = () => query.operations.list.queryOptions({ input: { limit: 200 } });

const ENDED: ReadonlySet<Operation['state']> = new Set(['succeeded', 'warnings', 'failed', 'cancelled']);

/** Still under way, or not known how it ended. */
export const isActive = ({ state }: Pick<Operation, 'state'>): boolean => !ENDED.has(state);

/** Share done from 0 to 1 by bytes, else by files; null when the total is not known. */
export function shareDone(progress: Operation['progress']): number | null {
  if (progress === null) return null;
  const { bytes_done: bytes, bytes_total: allBytes, files_done: files, files_total: allFiles } = progress;
  if (allBytes !== null && allBytes > 0) return Math.min(1, bytes / allBytes);
  if (allFiles !== null && allFiles > 0) return Math.min(1, files / allFiles);
  return null;
}

/** The average of the shares that are known. */
export function overallShare(operations: readonly Operation[]): number | null {
  const shares = operations.map(({ progress }) => shareDone(progress)).filter((share) => share !== null);
  return shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** Count and progress of what runs, or that a question waits. */
export function RunningOperations() {
  const { t } = useTranslation();
  const { data } = useQuery(recentOperations());
  const active = data?.operations.filter(isActive) ?? [];
  const asking = active.find(({ asks }) => asks !== null);
  const share = overallShare(active);
  const text = asking !== undefined ? t('bar.asks') : active.length > 0 ? t('bar.running', { count: active.length }) : t('bar.nothingRunning');
  const ring = share === null ? <Loader size={14} /> : <RingProgress size={18} thickness={3} sections={[{ value: share * 100, color: 'var(--app-accent)' }]} />;
  const icon = asking !== undefined ? <CircleHelp size={16} color="var(--app-warn)" aria-hidden /> : active.length > 0 ? ring : <Activity size={15} aria-hidden />;
  return (
    <Button variant="subtle" color="gray" size="compact-sm" className={classes['running']} data-asks={asking !== undefined || undefined} leftSection={icon} onClick={() => openOperation(asking?.id ?? null)} aria-label={text} aria-haspopup="dialog">
      <span className={classes['runningText']}>{text}</span>
    </Button>
  );
}
