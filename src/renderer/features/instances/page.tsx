// The instances page: what is rented, what it costs now, and what can be done about it.
import { ActionIcon, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { RotateCw, Server } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Instance } from '../../../contract';
import { useFormat } from '../../ui/format';
import { Money } from '../../ui/money';
import { RelativeTime } from '../../ui/relative-time';
import { navigate, useRoute } from '../../ui/route';
import { recentOperations } from '../../ui/shell/running-operations';
import { EmptyState, LoadingState, QueryView, StaleNote } from '../../ui/states';
import { InstanceCard, type InstanceDialog } from './instance-card';
import { DestroyDialog, RenameDialog } from './instance-dialogs';
import { dayDigits, inOrder, operationOf, totalsOf } from './instance-state';
import { LogsDrawer } from './logs-drawer';
import { useAskVast, useInstances } from './use-instances';
import classes from './instances.module.css';

interface Listed {
  readonly instances: readonly Instance[];
  readonly as_of: string;
  readonly stale: boolean;
}

function Totals({ instances }: Readonly<{ instances: readonly Instance[] }>) {
  const { t } = useTranslation('instances');
  const format = useFormat();
  const totals = totalsOf(instances);
  return (
    <dl className={classes['totals']} aria-label={t('totals.label')}>
      <div><dt>{t('totals.now')}</dt><dd><Money amount={totals.now} per="hour" /></dd></div>
      <div><dt>{t('totals.paused_only')}</dt><dd>{t('totals.per_day', { price: format.money(totals.pausedDay, dayDigits(totals.pausedDay)) })}</dd></div>
      <div><dt className="app-hidden">{t('title')}</dt><dd>{t('totals.running', { count: totals.running })} <span className="app-dim">{t('totals.of', { total: instances.length })}</span></dd></div>
    </dl>
  );
}

function Cards({ listed }: Readonly<{ listed: Listed }>) {
  const { t } = useTranslation('instances');
  const route = useRoute();
  const operations = useQuery(recentOperations()).data?.operations ?? [];
  const [dialog, setDialog] = useState<{ readonly kind: InstanceDialog; readonly id: number } | null>(null);
  const ordered = useMemo(() => inOrder(listed.instances), [listed.instances]);
  const about = dialog === null ? undefined : listed.instances.find(({ id }) => id === dialog.id);
  const close = (): void => setDialog(null);
  if (ordered.length === 0) return <EmptyState icon={Server} title={t('empty.title')} why={t('empty.why')} action={{ label: t('empty.action'), onClick: () => navigate('offers') }} />;
  return (
    <>
      <div className={classes['cards']}>
        {ordered.map((instance) => (
          <InstanceCard
            key={instance.id} instance={instance} operation={operationOf(instance, operations)} asOf={listed.as_of} chosen={route.id === String(instance.id)}
            onDialog={(kind, { id }) => setDialog({ kind, id })}
          />
        ))}
      </div>
      {about !== undefined && dialog?.kind === 'destroy' ? <DestroyDialog instance={about} onClose={close} /> : null}
      {about !== undefined && dialog?.kind === 'rename' ? <RenameDialog instance={about} onClose={close} /> : null}
      {about !== undefined && dialog?.kind === 'logs' ? <LogsDrawer instance={about} onClose={close} /> : null}
    </>
  );
}

/** `#/instances`, `#/instances/ID` with that one in focus. */
export function InstancesPage() {
  const { t } = useTranslation('instances');
  const result = useInstances();
  const ask = useAskVast();
  const listed = result.data;
  return (
    <div className={classes['page']}>
      <div className={classes['top']}>
        <h1>{t('title')}</h1>
        {listed === undefined || listed.instances.length === 0 ? null : <Totals instances={listed.instances} />}
        <div className={classes['topEnd']}>
          {listed === undefined ? null : <Text size="xs" c="dimmed"><RelativeTime at={listed.as_of} /></Text>}
          <Tooltip label={t('refresh')}><ActionIcon variant="default" size="lg" aria-label={t('refresh')} loading={ask.isPending} onClick={() => ask.mutate()}><RotateCw size={15} aria-hidden /></ActionIcon></Tooltip>
        </div>
      </div>
      {ask.error === null ? null : <StaleNote at={listed?.as_of ?? null} error={ask.error} onRetry={() => ask.mutate()} />}
      {listed?.stale === true && ask.error === null ? <StaleNote at={listed.as_of} onRetry={() => ask.mutate()} /> : null}
      <QueryView result={result} loading={<LoadingState rows={3} height={150} />}>{(data) => <Cards listed={data} />}</QueryView>
    </div>
  );
}
