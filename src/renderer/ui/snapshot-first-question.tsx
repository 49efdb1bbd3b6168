// The question of a pause or destroy whose snapshot failed or has warnings: go on all the same, or keep the instance.
import { Button, Group, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Operation } from '../../contract/types';
import { api, query } from '../client';
import { ErrorMessage, visible } from './error-message';
import { queryClient } from './query-client';
import classes from './states.module.css';

/** What the question is called. Of an operation with warnings, which the question shows, a snapshot may be there. */
export const snapshotFirstTitle = ({ warnings }: Pick<Operation, 'warnings'>) => (warnings.length > 0 ? 'snapshotFirst.titleWarnings' : 'snapshotFirst.title');

/** Asked until it is answered; nothing is done to the instance meanwhile. */
export function SnapshotFirstQuestion({ operation }: Readonly<{ operation: Operation }>) {
  const { t } = useTranslation();
  const isDestroy = operation.kind === 'destroy';
  const warned = operation.warnings.length > 0;
  const title = t(snapshotFirstTitle(operation));
  const answer = useMutation({
    mutationFn: (word: 'proceed' | 'keep') => api.operations.answer({ id: operation.id, answer: word }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: query.operations.key() }),
  });
  return (
    <section aria-label={title} className={classes['question']} role="alert">
      <Text fw={640} size="sm">{title}</Text>
      {[...new Set(operation.warnings)].map((warning) => <Text key={warning} size="xs" className="app-mono">{visible(warning)}</Text>)}
      <Text size="sm">{isDestroy ? t(warned ? 'snapshotFirst.destroyWarnings' : 'snapshotFirst.destroy') : t('snapshotFirst.pause')}</Text>
      {answer.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={answer.error} /></Text>}
      <Group gap="xs" mt={6}>
        <Button size="xs" loading={answer.isPending} onClick={() => answer.mutate('keep')}>{t('snapshotFirst.keep')}</Button>
        <Button size="xs" variant="default" c="var(--app-bad)" loading={answer.isPending} onClick={() => answer.mutate('proceed')}>{isDestroy ? t(warned ? 'snapshotFirst.proceedDestroyWarnings' : 'snapshotFirst.proceedDestroy') : t('snapshotFirst.proceedPause')}</Button>
      </Group>
    </section>
  );
}
