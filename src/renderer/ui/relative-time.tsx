// "3 minutes ago", kept true while it is on the page.
import { useEffect, useState } from 'react';
import { useFormat } from './format';

/** The clock of the page, ticking every so many ms while the page is visible. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) setNow(Date.now()); }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** An instant relative to now; the exact time on hover. */
export function RelativeTime({ at }: Readonly<{ at: string | number | null | undefined }>) {
  const format = useFormat();
  const now = useNow(10_000);
  if (at === null || at === undefined) return <span>–</span>;
  return <time dateTime={new Date(at).toISOString()} title={format.dateTime(at)} className="app-number">{format.relative(at, now)}</time>;
}
