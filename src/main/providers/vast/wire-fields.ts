// Tolerant readers for single fields of Vast's answers: whatever does not fit is null, so one odd field never costs a row.
import { unknown } from 'zod';
import { cleanText } from './clean-text';

/** One for all fields: schemas are never changed. */
const anything = unknown().optional();

const toNumber = (value: unknown): number | null => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || !/^\s*[+-]?\d[\d.eE+-]*\s*$/.test(value) || value.length > 40) return null;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : null;
};

/** A number (or numeric string) between the bounds. */
export const number = (min = -1e15, max = 1e15) =>
  anything.transform((value) => {
    const parsed = toNumber(value);
    return parsed !== null && parsed >= min && parsed <= max ? parsed : null;
  });

/** A whole number (or numeric string) between the bounds. */
export const integer = (min = 0, max = Number.MAX_SAFE_INTEGER) =>
  anything.transform((value) => {
    const parsed = toNumber(value);
    return parsed !== null && Number.isInteger(parsed) && parsed >= min && parsed <= max ? parsed : null;
  });

/** Text, cleaned and cut at `limit`; numbers become text, empty text null. */
export const text = (limit = 512) =>
  anything.transform((value) => {
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
    return typeof value === 'string' ? cleanText(value, limit) || null : null;
  });

/** Text as it came, for values that are used and not shown; null when longer than `limit`. */
export const exactText = (limit: number) => anything.transform((value) => (typeof value === 'string' && value.length <= limit ? value : null));

/** true, 1, "true"; anything else that is not clearly false is null. */
export const flag = () =>
  anything.transform((value) => {
    if (value === true || value === 1 || value === 'true') return true;
    return value === false || value === 0 || value === 'false' ? false : null;
  });

/** Epoch seconds as an ISO instant, between 2000 and 2100. */
export const epochSeconds = () =>
  anything.transform((value) => {
    const parsed = toNumber(value);
    return parsed !== null && parsed >= 946_684_800 && parsed <= 4_102_444_800 ? new Date(parsed * 1000).toISOString() : null;
  });

const countryNames: ReadonlyMap<string, string> = new Map([['united states', 'US'], ['united kingdom', 'GB'], ['canada', 'CA'], ['germany', 'DE'], ['france', 'FR']]);

/** The two-letter country of a geolocation such as "Texas, US" or ", US"; null when it has none. */
export const countryCode = (geolocation: string | null): string | null => {
  const last = (geolocation ?? '').split(',').at(-1)?.trim() ?? '';
  if (/^[A-Za-z]{2}$/.test(last)) return last.toUpperCase();
  return countryNames.get(last.toLowerCase()) ?? null;
};
