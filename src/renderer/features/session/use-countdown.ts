// Seconds left of a back-off, counting down on the page.
import { useEffect, useState } from 'react';

/** Whole seconds until `until` (ms since 1970); 0 when it is over or null. */
export function useCountdown(until: number | null): number {
  const left = () => (until === null ? 0 : Math.max(0, Math.ceil((until - Date.now()) / 1000)));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    const update = () => setSeconds(until === null ? 0 : Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    update();
    if (until === null) return undefined;
    const timer = setInterval(update, 250);
    return () => clearInterval(timer);
  }, [until]);
  return seconds;
}
