// How the bench measures: both sides in the same run, in turns, medians; a result is a ratio to a reference.

/** One line of the result. Milliseconds have no limit; only ratios do. */
export interface Result {
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly unit: 'x' | 'ms' | 'MB/s' | 'MB' | 'kB' | '/min' | '';
  readonly limit: number | null;
  readonly holds: boolean | null;
}

/** The value below which this share of the numbers lies (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Milliseconds of one run. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Runs two sides in turns, so that what else the machine does meets both. */
export async function inTurns(rounds: number, ours: () => Promise<number>, reference: () => Promise<number>): Promise<{ readonly ours: number[]; readonly reference: number[] }> {
  const taken = { ours: [] as number[], reference: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    taken.reference.push(await reference());
    taken.ours.push(await ours());
  }
  return taken;
}

export const ratio = (id: string, what: string, ours: number, reference: number, limit: number | null): Result => {
  const value = ours / reference;
  return { id, what, value, unit: 'x', limit, holds: limit === null ? null : value <= limit };
};

export const milliseconds = (id: string, what: string, value: number): Result => ({ id, what, value, unit: 'ms', limit: null, holds: null });
