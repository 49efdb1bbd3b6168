// What destroying an instance loses, source by source, and whether it was ever proven that the rest comes back.
import { Checkbox, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Instance, Safety as SafetyFacts, SourceSafety } from '../../../contract';
import { query } from '../../client';
import { visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import classes from './instances.module.css';

/** What the domain says of an instance; asked anew each time a dialog opens. */
export const useSafety = (id: number) => useQuery(query.proofs.safety.queryOptions({ input: { id }, staleTime: 0, gcTime: 0 }));

type Safety = ReturnType<typeof useSafety>;

/** A second yes is needed while it is not known, and when the domain asks for it. */
export const needsYes = ({ data, error }: Pick<Safety, 'data' | 'error'>): boolean => error !== null || data === undefined || data.asks;

function Source({ source, days }: Readonly<{ source: SourceSafety; days: number }>) {
  const { t } = useTranslation('instances');
  const format = useFormat();
  const { snapshot, proof, verdict } = source;
  const when = (at: string): string => `${format.dateTime(at)} (${format.relative(at)})`;
  const bad = verdict !== 'proven';
  return (
    <li>
      <Text size="sm" className="app-mono">{visible(source.path)}</Text>
      {snapshot === null
        ? <Text size="sm" fw={600} c="var(--app-bad)">{t('destroy.no_snapshot')}</Text>
        : <Text size="sm">{snapshot.result === 'warnings' ? t('destroy.newest_warnings', { when: when(snapshot.time) }) : t('destroy.newest', { when: when(snapshot.time) })}</Text>}
      {snapshot === null ? null : (
        <Text size="sm" fw={bad ? 600 : undefined} c={bad ? 'var(--app-bad)' : undefined}>
          {t(`destroy.proof.${verdict === 'no_snapshot' ? 'unproven' : verdict}`, { when: proof === null ? '' : when(proof.at), of: proof === null ? '' : format.dateTime(proof.snapshot_time), percent: Math.min(99, Math.floor((proof?.coverage ?? 0) * 100)), days: format.number(days) })}
        </Text>
      )}
    </li>
  );
}

/** The snapshot that a destroy takes first: by itself unless it is let go, or when it is asked for. Of what does not run there is none. */
export function SnapshotFirstChoice({ coming, state, first, onFirst }: Readonly<{ coming: SafetyFacts['snapshot_first']; state: Instance['state']; first: boolean; onFirst: (first: boolean) => void }>) {
  const { t } = useTranslation('instances');
  if (coming.destroy === 'not_running') return <Text size="sm" fw={600} c="var(--app-bad)">{t('destroy.first.not_running', { state: t(`state.${state}`) })}</Text>;
  const paths = coming.paths.map(visible).join(', ');
  return <Checkbox checked={first} label={t('destroy.first.label', { paths })} description={first ? t('destroy.first.taken') : t('destroy.first.skipped')} onChange={(event) => onFirst(event.currentTarget.checked)} />;
}

/** The facts in words; with the extra yes where it is needed. */
export function DestroySafety({ safety, yes, onYes }: Readonly<{ safety: Safety; yes: boolean; onYes: (yes: boolean) => void }>) {
  const { t } = useTranslation('instances');
  const { data, error } = safety;
  if (data === undefined && error === null) return <Text size="sm" c="dimmed" component="output">{t('destroy.looking')}</Text>;
  return (
    <>
      {data === undefined ? <Text size="sm" fw={600} c="var(--app-bad)">{t('destroy.snapshots_unknown')}</Text> : (
        <ul className={classes['sources']}>{data.sources.map((source) => <Source key={source.path} source={source} days={data.max_age_days} />)}</ul>
      )}
      {needsYes(safety) ? <Checkbox checked={yes} color="red" label={data?.verdict === 'no_snapshot' ? t('destroy.yes_all') : t('destroy.yes')} onChange={(event) => onYes(event.currentTarget.checked)} /> : null}
    </>
  );
}
