// How a process ends: every step in turn, none skipped for another's failure, and never longer than promised.
import { expect, test } from 'vitest';
import { endInTurn, endTimes, makeSetupCode } from './lifecycle';

test('steps run in turn, also after one that failed', async () => {
  const done: string[] = [];
  const well = await endInTurn(
    [
      async () => {
        await Promise.resolve();
        done.push('first');
      },
      () => Promise.reject(new Error('no')),
      () => {
        throw new Error('no');
      },
      () => void done.push('last'),
    ],
    1_000,
  );
  expect([well, done]).toEqual([false, ['first', 'last']]);
  expect(await endInTurn([() => undefined], 1_000)).toBe(true);
});

test('a step that hangs is given up on', async () => {
  expect(await endInTurn([() => new Promise(() => undefined)], 10)).toBe(false);
});

test('the parts of an end fit into the promised five seconds', () => {
  expect(endTimes.operations + endTimes.children).toBeLessThan(endTimes.all);
  expect(endTimes.all).toBeLessThan(5_000);
});

test('setup codes differ and can be read out', () => {
  const codes = Array.from({ length: 100 }, makeSetupCode);
  expect(new Set(codes).size).toBe(100);
  for (const code of codes) expect(code).toMatch(/^[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}$/);
});
