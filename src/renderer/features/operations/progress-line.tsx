// State and progress of an operation: a word, a bar, and what is counted.
import { Progress } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Operation } from '../../../contract/types';
import { useFormat } from '../../ui/format';
import { isActive, shareDone } from '../../ui/shell/running-operations';
import { amounts, phaseKey, toneOf } from './words';
import classes from './operations.module.css';

/** The state in a word, with a dot in its tone. */
export function StateMark({ operation }: Readonly<{ operation: Operation }>) {
  const { t } = useTranslation('operations');
  return <span className={classes['state']} data-tone={toneOf(operation)}>{operation.asks === null ? t(`state.${operation.state}`) : t('state.asks')}</span>;
}

/** "Fetching · 1.2 of 3 GB · 40 of 812 files", of an operation that runs. */
export function useProgressText(): (operation: Operation) => string {
  const { t } = useTranslation('operations');
  const format = useFormat();
  return ({ progress, state }) => {
    if (progress === null || state === 'cancelling') return t(`state.${state}`);
    const counted = amounts(progress, format, { of: (done, total) => t('progress.of', { done, total }), files: (text) => t('progress.files', { text }) });
    return [t(`phase.${phaseKey(progress.phase)}`), counted].filter((part) => part !== '').join(' · ');
  };
}

/** A bar with its words, while the operation runs. */
export function ProgressLine({ operation }: Readonly<{ operation: Operation }>) {
  const text = useProgressText()(operation);
  if (!isActive(operation) || operation.state === 'unknown') return null;
  const share = shareDone(operation.progress);
  return (
    <div className={classes['progress']}>
      <Progress.Root size="sm" radius="xl">
        <Progress.Section value={share === null ? 100 : share * 100} animated={share === null} striped={share === null} aria-label={text} {...(share === null ? { withAria: false, role: 'progressbar' } : {})} />
      </Progress.Root>
      <span className={classes['progressText']}>{text}</span>
    </div>
  );
}
