import fc from 'fast-check';
import { expect, it } from 'vitest';
import { turnsWhenDue } from '../../../test/fakes/turns-during';
import { sortInTurns } from './sort-in-turns';
import { Turns } from './turns';

const turns = (): Turns => new Turns(undefined);

it('sorts as the engine does, equal ones in their order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(2000), { minLength: 0, maxLength: 5000, size: 'max' }), async (keys) => {
      const rows = keys.map((key, at) => ({ key, at }));
      const byKey = (a: { readonly key: number }, b: { readonly key: number }): number => a.key - b.key;
      expect(await sortInTurns(rows, byKey, turns())).toEqual([...rows].sort(byKey));
    }),
    { numRuns: 40 },
  );
});

it('compares for a short while at a time only', async () => {
  const rows = Array.from({ length: 100_000 }, (_, at) => (at * 77_773) % 100_000);
  let sorted: readonly number[] = [];
  let comparisons = 0;
  let most = 0;
  const done = await turnsWhenDue(async () => {
    let since = 0;
    const watch = (): void => {
      most = Math.max(most, comparisons - since);
      since = comparisons;
      next = setImmediate(watch);
    };
    let next = setImmediate(watch);
    sorted = await sortInTurns(rows, (a, b) => {
      comparisons += 1;
      return a - b;
    }, turns());
    clearImmediate(next);
  });
  expect(sorted).toEqual(Array.from({ length: 100_000 }, (_, at) => at));
  expect(done).toBeGreaterThan(1000);
  // A stretch of 1024 needs about ten for each.
  expect(most).toBeLessThan(15_000);
});

it('leaves what is in order as it is, and looks at the clock there too', async () => {
  const rows = Array.from({ length: 100_000 }, (_, at) => at);
  expect(await turnsWhenDue(async () => expect(await sortInTurns(rows, (a, b) => a - b, turns())).toBe(rows))).toBeGreaterThan(300);
});
