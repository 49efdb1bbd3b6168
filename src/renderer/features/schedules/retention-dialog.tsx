// What is kept of a folder: the numbers, and the list of what they would remove, which is confirmed before anything is removed.
import { Badge, Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RetentionPlan, RetentionPolicy } from '../../../contract';
import { ErrorMessage } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { useApply, usePlan, useSetRetention } from './use-schedules';
import classes from './schedules.module.css';

export const policyFields = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'within_days'] as const satisfies readonly (keyof RetentionPolicy)[];

/** What a folder without a policy begins with. */
const firstPolicy: RetentionPolicy = { last: 3, hourly: 0, daily: 7, weekly: 4, monthly: 6, within_days: 0 };

const reasons = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'within', 'pinned', 'foreign'] as const;
/** Rows of each list that are shown. */
const most = 60;

function PlanList({ plan, which }: Readonly<{ plan: RetentionPlan; which: 'keep' | 'remove' }>) {
  const { t } = useTranslation('schedules');
  const format = useFormat();
  const rows = plan[which];
  return (
    <section aria-label={t(`retention.${which}`, { count: rows.length })} className={classes['plan']} data-which={which}>
      <Text size="sm" fw={640}>{t(`retention.${which}`, { count: rows.length })}</Text>
      <ol className={classes['planRows']}>
        {rows.slice(0, most).map((row) => (
          <li key={row.id}>
            <span className="app-number">{format.dateTime(row.time)}</span>
            {row.reasons.map((reason) => { const known = reasons.find((one) => one === reason); return known === undefined ? null : <Badge key={reason} size="xs" variant="light" color="gray" tt="none">{t(`retention.reason.${known}`)}</Badge>; })}
          </li>
        ))}
      </ol>
      {rows.length > most ? <Text size="xs" c="dimmed">{t('retention.more', { count: rows.length - most })}</Text> : null}
    </section>
  );
}

export interface RetentionDialogProps {
  readonly sourceId: string;
  readonly name: string;
  readonly policy: RetentionPolicy | null;
  readonly onClose: () => void;
}

export function RetentionDialog({ sourceId, name, policy, onClose }: RetentionDialogProps) {
  const { t } = useTranslation(['schedules', 'common']);
  const [values, setValues] = useState<RetentionPolicy>(policy ?? firstPolicy);
  const keep = useSetRetention();
  const plan = usePlan();
  const apply = useApply(onClose);
  const shown = plan.data ?? null;
  const set = (field: keyof RetentionPolicy, value: number): void => { setValues({ ...values, [field]: Number.isInteger(value) && value >= 0 ? value : 0 }); plan.reset(); };
  const look = (): void => keep.mutate({ source_id: sourceId, policy: values }, { onSuccess: () => plan.mutate({ source_id: sourceId }) });
  const none = (): void => keep.mutate({ source_id: sourceId, policy: null }, { onSuccess: onClose });
  const error = apply.error ?? plan.error ?? keep.error;
  return (
    <Modal opened onClose={onClose} size="lg" title={<Text fw={640} size="lg">{t('retention.title', { name })}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <Stack gap="md">
        <Text size="sm">{t('retention.why')}</Text>
        <div className={classes['policy']}>
          {policyFields.map((field) => <NumberInput key={field} label={t(`retention.field.${field}`)} min={0} max={10_000} value={values[field]} onChange={(value) => set(field, Number(value))} />)}
        </div>
        <Text size="xs" c="dimmed">{t('retention.always')}</Text>
        {shown === null ? null : <div className={classes['plans']}><PlanList plan={shown} which="remove" /><PlanList plan={shown} which="keep" /></div>}
        {error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={error} /></Text>}
        <Group justify="space-between" gap="xs">
          {policy === null ? <span /> : <Button variant="subtle" color="gray" loading={keep.isPending} onClick={none}>{t('retention.keep_all')}</Button>}
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            {shown === null
              ? <Button loading={keep.isPending || plan.isPending} onClick={look}>{t('retention.look')}</Button>
              : <Button color={shown.remove.length > 0 ? 'red' : undefined} loading={apply.isPending} onClick={() => apply.mutate({ source_id: sourceId, token: shown.token })}>{shown.remove.length > 0 ? t('retention.remove_now', { count: shown.remove.length }) : t('retention.start')}</Button>}
          </Group>
        </Group>
      </Stack>
    </Modal>
  );
}
