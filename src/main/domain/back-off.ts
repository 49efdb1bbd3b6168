// Waits after something failed that is tried again: long enough for what is wrong to pass, short enough not to lose an hour.
const minute = 60_000;
const waits = [5 * minute, 15 * minute, 30 * minute];

/** Milliseconds to wait after so many failures in a row, from 1; the last wait from then on. */
export const waitAfter = (failures: number): number => waits[Math.max(1, Math.min(failures, waits.length)) - 1] ?? 0;
