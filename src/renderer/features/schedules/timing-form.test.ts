import { describe, expect, test } from 'vitest';
import type { Timing } from '../../../contract';
import { firstForm, formOf, timingOf } from './timing-form';
import { timingWords } from './timing-words';

const cron = (pattern: string): Timing => ({ type: 'cron', pattern });

test.each([cron('0 * * * *'), cron('0 */6 * * *'), cron('30 2 * * *'), cron('5 23 * * 6'), cron('0 0 1 * *'), cron('*/7 1-3 * * *'), { type: 'every', minutes: 90 } as const])('a timing is the same after it was shown: %j', (timing) => {
  expect(timingOf(formOf(timing))).toEqual(timing);
});

test.each([['daily', { time: '25:00' }], ['weekly', { time: '' }], ['every', { minutes: 4 }], ['every', { minutes: 7.5 }], ['cron', { pattern: ' ' }]] as const)('%s with %j is not a timing yet', (preset, change) => {
  expect(timingOf({ ...firstForm, preset, ...change })).toBeNull();
});

describe('in words', () => {
  const say = { every: (time: string) => `every ${time}`, duration: (seconds: number) => `${seconds / 60} min` };

  test.each([
    ['en', '30 2 * * 1-5', 'At 02:30, Monday through Friday'], ['pt-BR', '30 2 * * 1-5', 'Às 02:30, de segunda-feira a sexta-feira'], ['pt-BR', '*/15 * * * *', 'A cada 15 minutos'], ['en', 'often', null],
  ])('%s %s', (language, pattern, words) => {
    expect(timingWords(cron(pattern), language, say)).toBe(words);
  });

  test('"every N" in words of our own', () => {
    expect(timingWords({ type: 'every', minutes: 90 }, 'en', say)).toBe('every 90 min');
  });
});
