// One operation in full: what it is, how far it is or how it ended, its question, its warnings, its log, and cancel.
import { Button, Group, List, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Operation } from '../../../contract/types';
import { api, query } from '../../client';
import { CopyButton } from '../../ui/copy-button';
import { draggedOut } from '../../ui/drag-out';
import { ErrorMessage, useErrorWords, visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { HostKeyChanged } from '../../ui/host-key-changed';
import { queryClient } from '../../ui/query-client';
import { useNow } from '../../ui/relative-time';
import { isActive } from '../../ui/shell/running-operations';
import { SnapshotFirstQuestion } from '../../ui/snapshot-first-question';
import { ErrorState, LoadingState } from '../../ui/states';
import { LogView } from './log-view';
import { ProgressLine, StateMark } from './progress-line';
import { Question } from './question';
import { useFollow } from './use-follow';
import { secondsTaken } from './words';
import classes from './operations.module.css';

function Ending({ operation }: Readonly<{ operation: Operation }>) {
  const { t } = useTranslation('operations');
  const words = useErrorWords();
  const { error, warnings } = operation;
  const { what, kept, advice } = error === null ? { what: '', kept: '', advice: '' } : words(error);
  return (
    <>
      {error === null || operation.state === 'cancelled' ? null : (
        <div role="alert" className={classes['ending']} data-tone="bad">
          <Text fw={640} size="sm">{what}</Text>
          <Text size="sm">{[kept, advice].filter((part) => part !== '').join(' ')}</Text>
        </div>
      )}
      {operation.state === 'unknown' ? <div className={classes['ending']} data-tone="warn"><Text size="sm">{t('unknownWhy')}</Text></div> : null}
      {warnings.length === 0 ? null : (
        <div className={classes['ending']} data-tone="warn">
          <Text fw={640} size="sm">{t('warnings', { count: warnings.length })}</Text>
          <List size="xs" className={classes['warnings']}>{warnings.map((warning) => <List.Item key={warning}><bdi>{visible(warning)}</bdi></List.Item>)}</List>
        </div>
      )}
    </>
  );
}

function Cancel({ operation }: Readonly<{ operation: Operation }>) {
  const { t } = useTranslation('operations');
  const cancel = useMutation({
    mutationFn: () => api.operations.cancel({ id: operation.id }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: query.operations.key() }),
  });
  if (!isActive(operation) || !operation.cancellable) return null;
  return (
    <>
      <Button size="xs" variant="default" loading={cancel.isPending || operation.state === 'cancelling'} onClick={() => cancel.mutate()}>{t('cancel')}</Button>
      {cancel.error === null ? null : <Text size="xs" c="var(--app-bad)"><ErrorMessage error={cancel.error} /></Text>}
    </>
  );
}

/** The operation with this id, live while it runs. `known` is what a list already says of it. */
export function OperationDetail({ id, known }: Readonly<{ id: string; known: Operation | null }>) {
  const { t } = useTranslation('operations');
  const format = useFormat();
  const now = useNow(1_000);
  const { operation: followed, log, error } = useFollow(id, known !== null && !isActive(known));
  const operation = newer(followed, known);
  if (operation === null) return error === null ? <LoadingState rows={4} /> : <ErrorState error={error} />;
  const text = log.map((line) => `${line.at} ${line.src} ${line.level} ${line.text}`).join('\n');
  return (
    <article className={classes['detail']} aria-label={operation.title} data-testid="operation">
      <header>
        <Text size="xs" c="dimmed">{t(`kind.${operation.kind}`)}</Text>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Text component="h2" fw={650} size="lg" m={0} style={{ overflowWrap: 'anywhere' }}><bdi>{visible(operation.title)}</bdi></Text>
          <Cancel operation={operation} />
        </Group>
        <Group gap="sm" mt={4}>
          <StateMark operation={operation} />
          <Text size="xs" c="dimmed">{t('began', { time: format.dateTime(operation.created_at) })} · {t('took', { time: format.duration(secondsTaken(operation, now)) })}</Text>
        </Group>
      </header>
      <ProgressLine operation={operation} />
      {operation.asks === 'still_loading' ? <Question operation={operation} /> : null}
      {operation.asks === 'snapshot_first_failed' ? <SnapshotFirstQuestion operation={operation} /> : null}
      <Ending operation={operation} />
      <HostKeyChanged operation={operation} />
      <div className={classes['logHead']} {...draggedOut({ what: 'operation', id: operation.id })}>
        <Text component="h3" size="xs" fw={640} m={0}>{t('log.title')}</Text>
        {log.length === 0 ? null : <CopyButton value={text} what={t('log.title')} />}
      </div>
      <LogView lines={log} />
    </article>
  );
}

/** The followed one knows progress first; an ended one is never made running again. */
function newer(followed: Operation | null, known: Operation | null): Operation | null {
  if (followed === null || (known !== null && known.ended_at !== null)) return known ?? followed;
  return followed;
}
