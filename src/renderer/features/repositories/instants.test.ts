import { expect, it } from 'vitest';
import { instants } from './instants';

const noon = new Date(2026, 10, 23, 12).getTime() / 1000;
const told = (...seconds: readonly number[]): string[] => instants('en-GB', noon, noon + (seconds.at(-1) ?? 0))(seconds.map((one) => noon + one));

it('says days, times of day, or seconds where two samples lie close together', () => {
  expect(told(0, 86_400, 3 * 86_400)).toEqual(['23 Nov', '24 Nov', '26 Nov']);
  expect(told(0, 1800, 3600)).toEqual(['12:00', '12:30', '13:00']);
  expect(told(0, 5, 10)).toEqual(['12:00:00', '12:00:05', '12:00:10']);
  expect(told()).toEqual([]);
});
