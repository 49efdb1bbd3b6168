// Says what does not answer and how old the page is, without hiding what is there.
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { WifiOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { query } from '../../client';
import { useConnection } from '../live';
import { useUnreached } from '../reach';
import { RelativeTime } from '../relative-time';
import classes from './shell.module.css';

/** When what is shown was last true, in ms since 1970 or as an instant; null when nothing was loaded yet. */
function useAge(unreached: 'app' | 'vast'): string | number | null {
  const heardAt = useConnection((connection) => connection.heardAt);
  const cache = useQueryClient();
  const { data } = useQuery(query.instances.account.queryOptions());
  if (unreached === 'vast') return data?.as_of ?? null;
  const updated = Math.max(heardAt ?? 0, ...cache.getQueryCache().getAll().map((entry) => entry.state.dataUpdatedAt));
  return updated === 0 ? null : updated;
}

function TryAgain() {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const ask = useMutation({ mutationFn: () => query.instances.list.call({ fresh: true }), onSettled: () => cache.invalidateQueries() });
  return <Button size="compact-xs" variant="subtle" color="amber" loading={ask.isPending} onClick={() => ask.mutate()}>{t('retry')}</Button>;
}

function Banner({ unreached }: { readonly unreached: 'app' | 'vast' }) {
  const { t } = useTranslation();
  const at = useAge(unreached);
  return (
    <output className={classes['offline']} data-testid="offline" data-unreached={unreached}>
      <WifiOff size={15} aria-hidden />
      <span><strong>{t(unreached === 'app' ? 'offline.title' : 'offline.vast')}</strong> {at === null ? t('offline.never') : <>{t('offline.age')} <RelativeTime at={at} />.</>} {t('offline.retrying')}</span>
      {unreached === 'vast' ? <TryAgain /> : null}
    </output>
  );
}

/** The banner at the top, while the app or Vast.ai does not answer. */
export function OfflineBanner() {
  const unreached = useUnreached();
  return unreached === null ? null : <Banner unreached={unreached} />;
}
