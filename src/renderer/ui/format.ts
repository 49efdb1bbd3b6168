// Numbers, money, sizes, durations and instants in words, by Intl in the chosen language.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

/** Contract: storage prices are per month of 30 days. */
export const HOURS_PER_MONTH = 720;

const NONE = '–';

type Maybe = number | null | undefined;
type Instant = string | number | null | undefined;

const cache = new Map<string, Intl.NumberFormat>();
function numberFormat(language: string, options: Readonly<Intl.NumberFormatOptions>): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  const kept = cache.get(key);
  if (kept !== undefined) return kept;
  const made = new Intl.NumberFormat(language, options);
  cache.set(key, made);
  return made;
}

/** Digits after the point: two for what is dollars, more the smaller it is, so that no price reads as nothing. */
export function moneyDigits(amount: number): number {
  const size = Math.abs(amount);
  if (size === 0 || size >= 10) return 2;
  if (size >= 0.1) return 3;
  if (size >= 0.01) return 4;
  return Math.min(8, 1 - Math.floor(Math.log10(size)) + 1);
}

/** Dollars: `US$ 0,412` and `$0.412`. With `digits`, exactly so many after the point, for columns that line up. */
export function formatMoney(language: string, amount: Maybe, digits?: number): string {
  if (amount === null || amount === undefined || !Number.isFinite(amount)) return NONE;
  const most = digits ?? moneyDigits(amount);
  return numberFormat(language, { style: 'currency', currency: 'USD', minimumFractionDigits: digits ?? Math.min(2, most), maximumFractionDigits: most }).format(amount);
}

/** A plain number with at most so many digits after the point (0 by default). */
export function formatNumber(language: string, value: Maybe, digits = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  return numberFormat(language, { maximumFractionDigits: digits }).format(value);
}

/** A share from 0 to 1 as per cent. */
export function formatPercent(language: string, share: Maybe, digits = 0): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return NONE;
  return numberFormat(language, { style: 'percent', maximumFractionDigits: digits }).format(share);
}

const STEPS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes in decimal steps, as disks and traffic are sold: `1.2 GB`. */
export function formatBytes(language: string, bytes: Maybe): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return NONE;
  const step = Math.min(STEPS.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${formatNumber(language, value, step === 0 || value >= 100 ? 0 : 1)} ${STEPS[step]}`;
}

/** Gigabytes as the market gives them: `24 GB`, `1.5 TB`. */
export function formatGB(language: string, gigabytes: Maybe): string {
  if (gigabytes === null || gigabytes === undefined || !Number.isFinite(gigabytes)) return NONE;
  if (gigabytes >= 1000) return `${formatNumber(language, gigabytes / 1000, 1)} TB`;
  return `${formatNumber(language, gigabytes, gigabytes < 10 ? 1 : 0)} GB`;
}

type Unit = 'day' | 'hour' | 'minute' | 'second';
const UNITS: readonly (readonly [Unit, number])[] = [['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]];

/** Seconds in the two largest units that say something: `3 h 12 min`, `45 s`. */
export function formatDuration(language: string, seconds: Maybe): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NONE;
  const parts: string[] = [];
  let rest = Math.max(0, Math.round(seconds));
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || (unit === 'second' && parts.length === 0)) parts.push(numberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(count));
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

const ms = (at: Instant): number => (typeof at === 'number' ? at : Date.parse(at ?? ''));

/** How long ago, or until when: `3 minutes ago`, `há 3 minutos`. Below ten seconds it is now. */
export function formatRelative(language: string, at: Instant, now: number): string {
  const seconds = Math.round((ms(at) - now) / 1000);
  if (!Number.isFinite(seconds)) return NONE;
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  if (Math.abs(seconds) < 10) return relative.format(0, 'second');
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? (['second', 1] as const);
  return relative.format(Math.trunc(seconds / size), unit);
}

/** Date and time of the clock on the wall: `23/11/2026, 14:05`. */
export function formatDateTime(language: string, at: Instant): string {
  const time = ms(at);
  return Number.isFinite(time) ? new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'short' }).format(time) : NONE;
}

/** Time of day with seconds, for log lines. */
export function formatClock(language: string, at: Instant): string {
  const time = ms(at);
  return Number.isFinite(time) ? new Intl.DateTimeFormat(language, { timeStyle: 'medium', hourCycle: 'h23' }).format(time) : NONE;
}

/** Every formatter bound to a language. */
export const formatters = (language: string) => ({
  language,
  /** Dollars. */
  money: (amount: Maybe, digits?: number) => formatMoney(language, amount, digits),
  /** $/h. */
  perHour: (amount: Maybe, digits?: number) => `${formatMoney(language, amount, digits)}/h`,
  /** $ in a month of 30 days, from $/h. */
  perMonth: (hourly: Maybe) => formatMoney(language, typeof hourly === 'number' ? hourly * HOURS_PER_MONTH : hourly, 2),
  /** $/GB. */
  perGB: (amount: Maybe) => `${formatMoney(language, amount)}/GB`,
  number: (value: Maybe, digits?: number) => formatNumber(language, value, digits),
  percent: (share: Maybe, digits?: number) => formatPercent(language, share, digits),
  bytes: (bytes: Maybe) => formatBytes(language, bytes),
  gb: (gigabytes: Maybe) => formatGB(language, gigabytes),
  duration: (seconds: Maybe) => formatDuration(language, seconds),
  relative: (at: Instant, now: number = Date.now()) => formatRelative(language, at, now),
  dateTime: (at: Instant) => formatDateTime(language, at),
  clock: (at: Instant) => formatClock(language, at),
});

/** The formatters in the language of the page. */
export function useFormat(): ReturnType<typeof formatters> {
  const { i18n } = useTranslation();
  return useMemo(() => formatters(i18n.language), [i18n.language]);
}
