// When to try again: full jitter (REL-12), so that many clients that failed together do not come back together.

/** Tries of one call, the first included. */
export const maxTries = 6;
/** No new try begins later than this after the first, ms: somebody waits for the answer. */
export const patienceMs = 45_000;
const ceilingMs = 30_000;
const firstMs = 500;

/** A wait between nothing and `min(30 s, 0.5 s x 2^n)`; `n` counts failures from 0, `random` gives 0..1. */
export const fullJitter = (n: number, random: () => number): number => random() * Math.min(ceilingMs, firstMs * 2 ** n);

/** Statuses that may pass by themselves. */
export const passing = (status: number): boolean => status === 429 || status >= 500;

/**
 * Seconds that a server can keep us away by one answer, whatever it asks for.
 *
 * Twice the longest limit that Vast documents (searches, by the minute), and as long as the poller waits after any failure. Vast itself
 * sends no Retry-After: one of a day is a mistake or meant badly, and there may be instances to stop.
 */
export const longestHoldS = 120;

/** Seconds of a Retry-After header (seconds or a date), at most `longestHoldS`; null when absent or odd. */
export const retryAfterSeconds = (header: string | null, nowMs: number): number | null => {
  if (header === null || header.length > 100) return null;
  if (/^\d+$/.test(header.trim())) return Math.min(longestHoldS, Number(header));
  const at = Date.parse(header);
  return Number.isFinite(at) ? Math.min(longestHoldS, Math.max(0, Math.ceil((at - nowMs) / 1000))) : null;
};
