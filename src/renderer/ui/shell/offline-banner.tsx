// Says that the app does not answer and how old the page is, without hiding what is there.
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { WifiOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useConnection } from '../live';
import { RelativeTime } from '../relative-time';
import classes from './shell.module.css';

/** Ms that the stream may be away before it is said: a reconnect is quicker. */
const GRACE_MS = 1500;

/** The banner at the top, while the stream of hints is down. */
export function OfflineBanner() {
  const { t } = useTranslation();
  const { state, heardAt } = useConnection();
  const fetching = useIsFetching();
  const cache = useQueryClient();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(state === 'down'), state === 'down' ? GRACE_MS : 0);
    return () => clearTimeout(timer);
  }, [state]);
  if (!shown || state === 'live') return null;
  const updated = Math.max(heardAt ?? 0, ...cache.getQueryCache().getAll().map((entry) => entry.state.dataUpdatedAt));
  return (
    <output className={classes['offline']} data-testid="offline" data-fetching={fetching > 0 || undefined}>
      <WifiOff size={15} aria-hidden />
      <span><strong>{t('offline.title')}</strong> {updated === 0 ? t('offline.never') : <>{t('offline.age')} <RelativeTime at={updated} />.</>} {t('offline.retrying')}</span>
    </output>
  );
}
