// What is being done to an instance now: its progress, cancel where that is possible, and the question of one that loads too long.
import { Button, Group, Loader, Progress, Text } from '@mantine/core';
import { CircleHelp } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Instance, Operation } from '../../../contract';
import { ErrorMessage } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { useNow } from '../../ui/relative-time';
import { routeHash } from '../../ui/route';
import { shareDone } from '../../ui/shell/running-operations';
import { SnapshotFirstQuestion } from '../../ui/snapshot-first-question';
import { useOperationActions } from './use-instances';
import classes from './instances.module.css';

interface Props {
  readonly instance: Instance;
  readonly operation: Operation;
}

function Question({ instance, operation }: Props) {
  const { t } = useTranslation('instances');
  const format = useFormat();
  const now = useNow(15_000);
  const { answer } = useOperationActions();
  const seconds = (now - Date.parse(operation.created_at)) / 1000;
  const isFailed = instance.state === 'failed';
  const reply = (word: 'wait' | 'destroy') => () => answer.mutate({ id: operation.id, answer: word });
  return (
    <div className={classes['question']} role="alert">
      <CircleHelp size={18} aria-hidden />
      <div>
        <Text fw={640} size="sm">{isFailed ? t('asks.failed') : t('asks.title')}</Text>
        <Text size="sm">{isFailed ? t('asks.failed_text') : t('asks.text', { time: format.duration(seconds), price: format.money((seconds / 3600) * instance.storage_total_cost) })}</Text>
        {answer.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={answer.error} /></Text>}
        <Group gap="xs" mt="xs">
          <Button size="xs" variant="default" onClick={reply('wait')} loading={answer.isPending}>{t('asks.wait')}</Button>
          <Button size="xs" color="red" onClick={reply('destroy')} loading={answer.isPending}>{t('asks.destroy')}</Button>
        </Group>
      </div>
    </div>
  );
}

function Amount({ operation }: Readonly<{ operation: Operation }>) {
  const { t } = useTranslation('instances');
  const format = useFormat();
  const { progress } = operation;
  if (progress === null || progress.bytes_done === 0) return null;
  const done = format.bytes(progress.bytes_done);
  return <span className="app-dim">{progress.bytes_total === null ? t('operation.so_far', { done }) : t('operation.progress', { done, total: format.bytes(progress.bytes_total) })}</span>;
}

/** The strip below an instance while an operation is under way. */
export function InstanceOperation({ instance, operation }: Props) {
  const { t } = useTranslation('instances');
  const { cancel } = useOperationActions();
  if (operation.asks === 'still_loading') return <Question instance={instance} operation={operation} />;
  if (operation.asks === 'snapshot_first_failed') return <SnapshotFirstQuestion operation={operation} />;
  const share = shareDone(operation.progress);
  const isFirst = operation.progress?.phase === 'snapshot_first' && operation.kind !== 'snapshot';
  const stopping = operation.state === 'cancelling';
  return (
    <div className={classes['operation']} data-testid="instance-operation">
      <Group gap="xs" wrap="nowrap">
        <Loader size={13} />
        <Text size="sm" aria-live="polite">{stopping ? t('operation.cancelling') : isFirst ? t('operation.snapshot_first') : t(`operation.${operation.kind}`)}</Text>
        <Text size="sm" className="app-number"><Amount operation={operation} /></Text>
      </Group>
      {operation.state === 'unknown' ? <Text size="xs" c="dimmed">{t('operation.looking')}</Text> : null}
      <Group gap="xs">
        <Button size="compact-xs" variant="subtle" component="a" href={routeHash('operations', operation.id)}>{t('operation.open')}</Button>
        {operation.cancellable && !stopping ? <Button size="compact-xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate({ id: operation.id })}>{t('operation.cancel')}</Button> : null}
      </Group>
      {share === null ? null : <Progress className={classes['operationBar']} value={share * 100} size={3} aria-label={t(`operation.${operation.kind}`)} />}
    </div>
  );
}
