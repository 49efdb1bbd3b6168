// Where the snapshots are kept and with which tools, and what to do when something is wrong with them.
import { Anchor, Text } from '@mantine/core';
import { HardDrive, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { RepositoryView } from '../../../contract';
import { CopyButton } from '../../ui/copy-button';
import { useFormat } from '../../ui/format';
import { routeHash } from '../../ui/route';
import classes from './snapshots.module.css';

type Problem = 'missing' | 'wrong_password' | 'locked' | 'restic_missing' | 'restic_too_old' | 'ssh_missing' | 'update_advised' | 'unknown';

/** What is wrong, gravest first. */
export const problemsOf = (repository: RepositoryView): readonly Problem[] => {
  const { state, restic, ssh } = repository;
  const problems: Problem[] = state === 'ready' || state === 'none' ? [] : [state];
  if (restic === null && state !== 'restic_missing') problems.push('restic_missing');
  if (ssh === null) problems.push('ssh_missing');
  if (restic?.advice === 'update_advised' && problems.length === 0) problems.push('update_advised');
  return problems;
};

/** The card at the foot of the page, or at its top while something is wrong. */
export function RepositoryCard({ repository }: Readonly<{ repository: RepositoryView }>) {
  const { t } = useTranslation('snapshots');
  const format = useFormat();
  const { restic, ssh } = repository;
  const none = t('repository.missing_tool');
  return (
    <section className={classes['repository']} aria-label={t('repository.title')}>
      <header>
        <HardDrive size={17} aria-hidden />
        <h2>{t('repository.title')}</h2>
        <dl className={classes['tools']}>
          <div><dt>{t('repository.size')}</dt><dd>{format.bytes(repository.size_bytes)}</dd></div>
          <div><dt>{t('repository.restic')}</dt><dd title={restic?.path}>{restic?.version ?? none}</dd></div>
          <div><dt>{t('repository.ssh')}</dt><dd title={ssh?.path}>{ssh?.version ?? none}</dd></div>
        </dl>
      </header>
      <div className={classes['place']}>
        <Text size="xs" c="dimmed" className="app-mono">{repository.state === 'none' ? t('repository.none') : t('repository.where', { path: repository.path })}</Text>
        {repository.state === 'none' ? null : <CopyButton value={repository.path} what={t('repository.copy')} />}
      </div>
      {problemsOf(repository).map((problem) => (
        <div key={problem} className={classes['problem']} data-mild={problem === 'update_advised' || undefined} role={problem === 'update_advised' ? undefined : 'alert'}>
          <TriangleAlert size={16} aria-hidden />
          <div><Text size="sm" fw={600}>{t(`repository.problem.${problem}`)}</Text><Text size="sm">{t(`repository.advice.${problem}`)}</Text></div>
        </div>
      ))}
      {repository.state === 'ready' && !repository.recovery_key ? <Text size="xs">{t('repository.recovery')} <Anchor size="xs" underline="always" href={routeHash('settings')}>{t('repository.recovery_action')}</Anchor></Text> : null}
    </section>
  );
}
