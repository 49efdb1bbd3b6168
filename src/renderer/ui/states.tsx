// The states every view has besides its content: loading, empty, error, stale, offline.
import { Alert, Button, Code, Group, Skeleton, Stack, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { CircleAlert, Clock, RotateCw, type LucideIcon } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { errorOf } from '../client';
import { CopyButton } from './copy-button';
import { useErrorWords } from './error-message';
import { RelativeTime } from './relative-time';
import classes from './states.module.css';

/** Grey lines in the place of what is coming, after 150 ms, so that a quick answer does not flicker. */
export function LoadingState({ rows = 6, height = 28 }: Readonly<{ rows?: number; height?: number }>) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <output aria-label={t('loading')} className={classes['loading']}>
      {shown ? Array.from({ length: rows }, (_, row) => <Skeleton key={row} height={height} radius="sm" width={`${96 - ((row * 7) % 24)}%`} />) : null}
    </output>
  );
}

export interface EmptyStateProps {
  readonly icon?: LucideIcon;
  /** What is not there. */
  readonly title: string;
  /** Why, and what would be here. */
  readonly why: string;
  /** The one thing to do about it. */
  readonly action?: Readonly<{ label: string; onClick: () => void }>;
}

/** Nothing here: what, why, one action. */
export function EmptyState({ icon: Icon, title, why, action }: EmptyStateProps) {
  return (
    <div className={classes['empty']}>
      {Icon === undefined ? null : <span className={classes['emptyIcon']}><Icon size={22} strokeWidth={1.6} aria-hidden /></span>}
      <Text component="h2" fw={640} size="md">{title}</Text>
      <Text c="dimmed" size="sm" maw={420}>{why}</Text>
      {action === undefined ? null : <Button mt="xs" onClick={action.onClick}>{action.label}</Button>}
    </div>
  );
}

export interface ErrorStateProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
  /** More than one line is too much beside other content. */
  readonly compact?: boolean;
}

/** What happened, what was kept, what to do; retry, details, copy. */
export function ErrorState({ error, onRetry, compact = false }: ErrorStateProps) {
  const { t } = useTranslation();
  const words = useErrorWords()(error);
  const [details, setDetails] = useState(false);
  const { code, message, data } = errorOf(error);
  const text = JSON.stringify({ code, message, data }, null, 2);
  return (
    <Alert role="alert" className={classes['error']} data-compact={compact || undefined} icon={<CircleAlert size={18} aria-hidden />} title={words.what}>
      <Stack gap="xs">
        {words.kept === '' && words.advice === '' ? null : <Text size="sm">{[words.kept, words.advice].filter((part) => part !== '').join(' ')}</Text>}
        <Group gap="xs">
          {onRetry === undefined ? null : <Button size="xs" variant="default" leftSection={<RotateCw size={13} aria-hidden />} onClick={onRetry}>{t('retry')}</Button>}
          <Button size="xs" variant="subtle" color="gray" aria-expanded={details} onClick={() => setDetails(!details)}>{t('details')}</Button>
          {details ? <CopyButton value={text} what={t('details')} withText /> : null}
        </Group>
        {details ? <Code block className="app-mono">{text}</Code> : null}
      </Stack>
    </Alert>
  );
}

/** "Updated 3 minutes ago": what is shown is old, and why. */
export function StaleNote({ at, error, onRetry }: Readonly<{ at: string | number | null; error?: unknown; onRetry?: () => void }>) {
  const { t } = useTranslation();
  const words = useErrorWords();
  return (
    <output className={classes['stale']}>
      <Clock size={14} aria-hidden />
      <span>
        {at === null ? t('staleUnknown') : <>{t('staleSince')} <RelativeTime at={at} />.</>}
        {error === undefined || error === null ? null : ` ${words(error).what}`}
      </span>
      {onRetry === undefined ? null : <Button size="compact-xs" variant="subtle" color="gray" onClick={onRetry}>{t('retry')}</Button>}
    </output>
  );
}

export interface QueryViewProps<Data> {
  readonly result: Pick<UseQueryResult<Data>, 'data' | 'error' | 'isPending' | 'dataUpdatedAt' | 'refetch'>;
  readonly loading?: ReactNode;
  /** Inside a card, where the error needs no margin of its own. */
  readonly compact?: boolean;
  readonly children: (data: Data) => ReactNode;
}

/** Chooses between loading, error, and content; old content stays with a stale note when asking again failed. */
export function QueryView<Data>({ result, loading, compact, children }: QueryViewProps<Data>) {
  const retry = () => void result.refetch();
  if (result.data !== undefined) {
    return (
      <>
        {result.error === null ? null : <StaleNote at={result.dataUpdatedAt} error={result.error} onRetry={retry} />}
        {children(result.data)}
      </>
    );
  }
  if (result.error !== null) return <ErrorState error={result.error} onRetry={retry} compact={compact} />;
  return <>{loading ?? <LoadingState />}</>;
}
