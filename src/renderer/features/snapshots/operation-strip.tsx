// A snapshot, restore or deletion under way or just ended: what it does, how far it is, how it ended.
import { Button, CloseButton, Group, Loader, Progress, Text } from '@mantine/core';
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Operation } from '../../../contract';
import { ErrorMessage, visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { routeHash } from '../../ui/route';
import { isActive, shareDone } from '../../ui/shell/running-operations';
import { dismiss, useCancel } from './use-snapshots';
import classes from './snapshots.module.css';

/** How many named files are shown at once. */
const shownWarnings = 5;

/** Bytes, files and phase of an operation in words. */
export function Amounts({ operation }: Readonly<{ operation: Operation }>) {
  const { t } = useTranslation('snapshots');
  const format = useFormat();
  const { progress } = operation;
  if (progress === null) return null;
  const phase = t(`phase.${progress.phase}` as 'phase.fetch', { defaultValue: '' });
  const done = format.bytes(progress.bytes_done);
  const bytes = progress.bytes_done === 0 && progress.bytes_total === null ? '' : progress.bytes_total === null ? t('operation.so_far', { done }) : t('operation.progress', { done, total: format.bytes(progress.bytes_total) });
  const files = progress.files_done === 0 ? '' : t('files', { count: progress.files_done, number: format.number(progress.files_done) });
  return <span className="app-dim app-number">{[phase, bytes, files].filter((part) => part !== '').join(' · ')}</span>;
}

/** Files that a snapshot or restore could not do, each named. */
export function Warnings({ warnings, most = shownWarnings }: Readonly<{ warnings: readonly string[]; most?: number }>) {
  const { t } = useTranslation('snapshots');
  if (warnings.length === 0) return null;
  return (
    <ul className={classes['warnings']}>
      {warnings.slice(0, most).map((warning) => <li key={warning} className="app-mono">{visible(warning)}</li>)}
      {warnings.length > most ? <li className="app-dim">{t('warnings_more', { count: warnings.length - most })}</li> : null}
    </ul>
  );
}

const icons = { succeeded: CircleCheck, warnings: TriangleAlert, failed: CircleAlert, cancelled: CircleAlert } as const;

/** One strip. */
export function OperationStrip({ operation }: Readonly<{ operation: Operation }>) {
  const { t } = useTranslation('snapshots');
  const cancel = useCancel();
  const active = isActive(operation);
  const { state } = operation;
  const kind = operation.kind === 'snapshot' || operation.kind === 'restore' || operation.kind === 'rehearse' ? operation.kind : 'delete_snapshot';
  const title = t(`operation.${kind}`, { title: visible(operation.title) });
  const share = shareDone(operation.progress);
  const Icon = icons[state as keyof typeof icons] ?? CircleAlert;
  return (
    <div className={classes['strip']} data-state={state} data-testid="snapshot-operation">
      <Group gap={8} wrap="nowrap" align="flex-start">
        {active ? <Loader size={14} mt={3} /> : <Icon size={16} aria-hidden />}
        <div className={classes['stripText']}>
          <Text size="sm" fw={600} aria-live="polite">{title}{active ? '' : `: ${t(`operation.${state as keyof typeof icons}`)}`}</Text>
          {active ? <Text size="xs">{state === 'cancelling' ? t('operation.cancelling') : <Amounts operation={operation} />}</Text> : null}
          {operation.error === null ? null : <Text size="sm"><ErrorMessage error={operation.error} /></Text>}
          <Warnings warnings={operation.warnings} />
        </div>
        <Group gap={6} wrap="nowrap" ml="auto">
          <Button size="compact-xs" variant="subtle" component="a" href={routeHash('operations', operation.id)}>{t('operation.open')}</Button>
          {active && operation.cancellable && state !== 'cancelling' ? <Button size="compact-xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate({ id: operation.id })}>{t('operation.cancel')}</Button> : null}
          {active ? null : <CloseButton size="sm" aria-label={t('operation.dismiss')} onClick={() => dismiss(operation.id)} />}
        </Group>
      </Group>
      {active && share !== null ? <Progress className={classes['stripBar']} value={share * 100} size={3} aria-label={title} /> : null}
    </div>
  );
}
