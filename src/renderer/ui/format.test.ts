// Numbers, money, sizes, durations and instants in both languages.
import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, formatGB, formatMoney, formatRelative, formatters, moneyDigits } from './format';

/** Intl writes spaces that do not break; they are compared as plain ones. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

describe('money', () => {
  it('shows more digits the smaller the amount, so that no price reads as nothing', () => {
    expect([0, 1234.5, 12.3, 1.5, 0.412, 0.0149, 0.00207407].map((amount) => plain(formatMoney('en', amount)))).toEqual(['$0.00', '$1,234.50', '$12.30', '$1.50', '$0.412', '$0.0149', '$0.00207']);
  });
  it('never rounds a positive price to zero', () => {
    for (let amount = 1e-6; amount < 1; amount *= 1.37) expect(formatMoney('en', amount)).toMatch(/[1-9]/);
    expect(moneyDigits(0.000001)).toBeLessThanOrEqual(8);
  });
  it('keeps to the digits it is told', () => expect([0.04, 0.0412].map((amount) => formatMoney('en', amount, 3))).toEqual(['$0.040', '$0.041']));
  it('uses the comma in Portuguese', () => expect(plain(formatMoney('pt-BR', 1234.5))).toBe('US$ 1.234,50'));
  it('says that it does not know', () => {
    expect(formatMoney('en', null)).toBe('–');
    expect(formatMoney('en', Number.NaN)).toBe('–');
  });
  it('counts a month as 720 hours', () => expect(plain(formatters('en').perMonth(0.01))).toBe('$7.20'));
  it('names the units', () => {
    expect(plain(formatters('pt-BR').perHour(0.4))).toBe('US$ 0,40/h');
    expect(plain(formatters('en').perGB(0.015))).toBe('$0.015/GB');
  });
});

describe('sizes', () => {
  it('counts bytes in decimal steps', () => {
    expect([0, 999, 1000, 1_234_567, 123_456_789, 9.87e15].map((bytes) => formatBytes('en', bytes))).toEqual(['0 B', '999 B', '1 kB', '1.2 MB', '123 MB', '9.9 PB']);
  });
  it('uses the comma in Portuguese', () => expect(formatBytes('pt-BR', 1_500_000)).toBe('1,5 MB'));
  it('shows gigabytes and terabytes', () => expect([8, 7.5, 24, 1536].map((size) => formatGB('en', size))).toEqual(['8 GB', '7.5 GB', '24 GB', '1.5 TB']));
});

describe('time', () => {
  it('shows the two largest units', () => {
    expect([0, 45, 60, 3725, 90_061, 86_400].map((seconds) => plain(formatDuration('en', seconds)))).toEqual(['0 sec', '45 sec', '1 min', '1 hr 2 min', '1 day 1 hr', '1 day']);
  });
  it('does not skip over an empty unit', () => expect(plain(formatDuration('en', 86_405))).toBe('1 day'));
  it('speaks of the past and the future', () => {
    const now = Date.parse('2026-01-01T12:00:00Z');
    expect(formatRelative('en', now - 180_000, now)).toBe('3 minutes ago');
    expect(formatRelative('pt-BR', '2026-01-01T11:57:00Z', now)).toBe('há 3 minutos');
    expect(formatRelative('pt-BR', now + 7_200_000, now)).toBe('em 2 horas');
    expect(formatRelative('en', now - 4000, now)).toBe('now');
    expect(formatRelative('en', 'nonsense', now)).toBe('–');
  });
});
