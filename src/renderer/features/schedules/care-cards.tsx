// What is kept of each folder, and care of the repository: freeing space, checking, and when each was done last.
import { Button, Text } from '@mantine/core';
import { Filter, Recycle, ShieldCheck, type LucideIcon } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { RetentionPolicy, RetentionView, Source, Upkeep, UpkeepRun } from '../../../contract';
import { ErrorMessage, visible } from '../../ui/error-message';
import { RelativeTime } from '../../ui/relative-time';
import { routeHash } from '../../ui/route';
import { QueryView } from '../../ui/states';
import { policyFields, RetentionDialog } from './retention-dialog';
import { useCheck, usePrune, useRetention, useSources, useUpkeep } from './use-schedules';
import classes from './schedules.module.css';

/** A policy in words: `last 3, daily 7, weekly 4`. */
export const usePolicyWords = (): ((policy: RetentionPolicy | null) => string) => {
  const { t } = useTranslation('schedules');
  return (policy) => (policy === null ? t('retention.everything') : policyFields.filter((field) => policy[field] > 0).map((field) => t(`retention.says.${field}`, { count: policy[field] })).join(', '));
};

const useSourceName = (): ((source: Pick<Source, 'label' | 'instance_id' | 'path'>) => string) => {
  const { t } = useTranslation('schedules');
  return ({ label, instance_id: id, path }) => `${visible(label ?? t('no_label', { id }))}: ${visible(path)}`;
};

function Kept({ view, source, onOpen }: Readonly<{ view: RetentionView; source: Source; onOpen: () => void }>) {
  const { t } = useTranslation('schedules');
  const words = usePolicyWords();
  const name = useSourceName()(source);
  return (
    <li className={classes['care']}>
      <Filter size={16} aria-hidden className={classes['icon']} />
      <div className={classes['text']}>
        <strong className={classes['subject']}>{name}</strong>
        <Text size="sm">{words(view.policy)}</Text>
        {view.policy === null ? null : <Text size="xs" c={view.confirmed ? 'dimmed' : 'var(--app-warn)'}>{view.confirmed ? t('retention.active') : t('retention.unconfirmed')}</Text>}
      </div>
      <Button size="xs" variant="default" aria-label={t('retention.change_name', { name })} onClick={onOpen}>{t('retention.change')}</Button>
    </li>
  );
}

/** What is kept of each folder that was ever snapshotted or scheduled. */
export function RetentionCard() {
  const { t } = useTranslation('schedules');
  const retention = useRetention();
  const sources = useSources().data?.sources ?? [];
  const name = useSourceName();
  const [opened, setOpened] = useState<string | null>(null);
  const of = (id: string): Source | undefined => sources.find((source) => source.id === id);
  const chosen = opened === null ? undefined : of(opened);
  return (
    <section className={classes['card']} aria-label={t('retention.heading')}>
      <header><h2>{t('retention.heading')}</h2><Text size="xs" c="dimmed">{t('retention.heading_why')}</Text></header>
      <QueryView compact result={retention}>
        {({ retention: views }) => {
          const known = views.flatMap((view) => { const source = of(view.source_id); return source === undefined ? [] : [{ view, source }]; });
          return known.length === 0 ? <Text size="sm" c="dimmed" className={classes['none']}>{t('retention.none')}</Text> : <ul className={classes['list']}>{known.map(({ view, source }) => <Kept key={source.id} view={view} source={source} onOpen={() => setOpened(source.id)} />)}</ul>;
        }}
      </QueryView>
      {chosen === undefined ? null : <RetentionDialog sourceId={chosen.id} name={name(chosen)} policy={retention.data?.retention.find((view) => view.source_id === chosen.id)?.policy ?? null} onClose={() => setOpened(null)} />}
    </section>
  );
}

function Done({ run }: Readonly<{ run: UpkeepRun | null }>) {
  const { t } = useTranslation('schedules');
  if (run === null) return <Text size="xs" c="dimmed">{t('care.never')}</Text>;
  return <Text size="xs" c={run.state === 'failed' ? 'var(--app-bad)' : 'dimmed'}><a href={routeHash('operations', run.operation_id)}>{t(`state.${run.state}`)}</a> <RelativeTime at={run.at} /></Text>;
}

interface JobProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly why: ReactNode;
  readonly run: UpkeepRun | null;
  readonly action: string;
  readonly pending: boolean;
  readonly error: unknown;
  readonly onRun: () => void;
}

function CareJob({ icon: Icon, title, why, run, action, pending, error, onRun }: JobProps) {
  return (
    <li className={classes['care']}>
      <Icon size={16} aria-hidden className={classes['icon']} />
      <div className={classes['text']}>
        <strong>{title}</strong>
        <Text size="sm">{why}</Text>
        <Done run={run} />
        {error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={error} /></Text>}
      </div>
      <Button size="xs" variant="default" loading={pending} aria-label={`${action}: ${title}`} onClick={onRun}>{action}</Button>
    </li>
  );
}

function Jobs({ upkeep }: Readonly<{ upkeep: Upkeep }>) {
  const { t } = useTranslation('schedules');
  const prune = usePrune();
  const check = useCheck();
  const part = useCheck();
  const { repository_id: id, parts } = upkeep;
  return (
    <ul className={classes['list']}>
      <CareJob icon={Recycle} title={t('kind.prune')} why={upkeep.removed_since_prune > 0 ? t('care.to_free', { count: upkeep.removed_since_prune }) : t('care.nothing_to_free')} run={upkeep.prune} action={t('action.run')} pending={prune.isPending} error={prune.error} onRun={() => prune.mutate({ repository_id: id })} />
      <CareJob icon={ShieldCheck} title={t('kind.check')} why={t('care.check_why')} run={upkeep.check} action={t('action.run')} pending={check.isPending} error={check.error} onRun={() => check.mutate({ repository_id: id, read: 'none' })} />
      <CareJob icon={ShieldCheck} title={t('kind.rolling_check')} why={t('care.rolling_why', { part: upkeep.part, parts })} run={upkeep.rolling_check} action={t('action.run')} pending={part.isPending} error={part.error} onRun={() => part.mutate({ repository_id: id, read: 'part', parts })} />
    </ul>
  );
}

/** Care of the repositories. */
export function CareCard() {
  const { t } = useTranslation('schedules');
  const upkeep = useUpkeep();
  return (
    <section className={classes['card']} aria-label={t('care.heading')}>
      <header><h2>{t('care.heading')}</h2><Text size="xs" c="dimmed">{t('care.heading_why')}</Text></header>
      <QueryView compact result={upkeep}>{({ repositories }) => repositories.map((one) => <Jobs key={one.repository_id} upkeep={one} />)}</QueryView>
    </section>
  );
}
