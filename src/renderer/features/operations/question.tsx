// The question that an operation waits with: an instance that is still loading, and what it has cost.
import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Instance, Operation } from '../../../contract/types';
import { api, query } from '../../client';
import { ConfirmDialog } from '../../ui/confirm-dialog';
import { ErrorMessage } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { queryClient } from '../../ui/query-client';
import { useNow } from '../../ui/relative-time';
import { secondsTaken } from './words';
import classes from './operations.module.css';

/** Dollars that an instance has cost since the operation began, at what it costs now. */
export const costSoFar = (operation: Pick<Operation, 'created_at' | 'ended_at'>, instance: Pick<Instance, 'cost_per_hour'>, now: number): number =>
  (secondsTaken(operation, now) / 3600) * instance.cost_per_hour;

/** Wait on, or destroy what is loading. */
export function Question({ operation }: Readonly<{ operation: Operation }>) {
  const { t } = useTranslation('operations');
  const format = useFormat();
  const now = useNow(5_000);
  const [destroying, setDestroying] = useState(false);
  const { instance_id: id } = operation;
  const instance = useQuery(query.instances.get.queryOptions({ input: { id: id ?? 1 }, enabled: id !== null })).data;
  const answer = useMutation({
    mutationFn: (word: 'wait' | 'destroy') => api.operations.answer({ id: operation.id, answer: word }),
    onSuccess: () => { setDestroying(false); return queryClient.invalidateQueries({ queryKey: query.operations.key() }); },
  });
  const time = format.duration(secondsTaken(operation, now));
  const cost = instance === undefined ? null : format.money(costSoFar(operation, instance, now));
  return (
    <section aria-label={t('question.title')} className={classes['question']}>
      <Text fw={640} size="sm">{t('question.title')}</Text>
      <Text size="sm">{cost === null ? t('question.time', { time }) : t('question.cost', { time, cost, rate: format.perHour(instance?.cost_per_hour) })}</Text>
      {answer.error === null || destroying ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={answer.error} /></Text>}
      <Group gap="xs" mt={6}>
        <Button size="xs" loading={answer.isPending && !destroying} onClick={() => answer.mutate('wait')}>{t('question.wait')}</Button>
        <Button size="xs" variant="default" c="var(--app-bad)" onClick={() => setDestroying(true)}>{t('question.destroy')}</Button>
      </Group>
      <ConfirmDialog opened={destroying} danger title={t('question.destroyTitle')} action={t('question.destroy')} busy={answer.isPending} error={answer.error} onConfirm={() => answer.mutate('destroy')} onClose={() => setDestroying(false)}>
        {t('question.destroyWhy')}
      </ConfirmDialog>
    </section>
  );
}
