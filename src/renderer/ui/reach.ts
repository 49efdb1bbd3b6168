// Whether the app and Vast.ai can be reached: what the banner says, and why actions that need them wait.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { query } from '../client';
import { useConnection } from './live';

export type Unreached = 'app' | 'vast';

/** Ms that the stream may be away before it is said: a reconnect is quicker. */
const GRACE_MS = 1500;

/** What does not answer; null while all is well. Main says of Vast.ai what its last poll, or the system, said. */
export function useUnreached(): Unreached | null {
  // Not the whole of it: it is heard from every few seconds, and nearly every view asks here.
  const state = useConnection((connection) => connection.state);
  const { data } = useQuery(query.instances.account.queryOptions());
  const [isDown, setDown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDown(state === 'down'), state === 'down' ? GRACE_MS : 0);
    return () => clearTimeout(timer);
  }, [state]);
  if (isDown && state !== 'live') return 'app';
  return data?.problem === 'vast_unreachable' ? 'vast' : null;
}

/** Why nothing can be asked of Vast.ai now, in words; null when it can. */
export function useWhyNot(): string | null {
  const { t } = useTranslation();
  const unreached = useUnreached();
  return unreached === null ? null : t(`offline.whyNot.${unreached}`);
}
