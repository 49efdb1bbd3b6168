// The label keeps the user's part and the intent apart, whatever the user's part holds.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinLabel, splitLabel } from './labels';

const intent = '0b6f7c1e-3a52-4e0f-9d41-5f2f7f0a9c11';
const other = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

describe('labels', () => {
  test.each([
    ['my gpu', `my gpu [dc-${intent}]`],
    [null, `[dc-${intent}]`],
    ['   ', `[dc-${intent}]`],
    [`a [dc-${other}]`, `a [dc-${other}] [dc-${intent}]`],
    ['a [dc-1] [b]', `a [dc-1] [b] [dc-${intent}]`],
  ])('%j is written %j', (label, full) => {
    expect(joinLabel(label, intent)).toBe(full);
    expect(splitLabel(full)).toEqual({ label: label?.trim() ? label : null, intentId: intent });
  });

  test.each([
    [null, null, null],
    ['', null, null],
    ['job 7', 'job 7', null],
    [`[dc-${intent}] job`, `[dc-${intent}] job`, null],
    ['x [dc-nonsense]', 'x [dc-nonsense]', null],
    [`x[dc-${intent}]`, `x[dc-${intent}]`, null],
    [`x [dc-${intent.toUpperCase()}]`, 'x', intent],
  ])('Vast has %j: label %j, intent %j', (full, label, intentId) => {
    expect(splitLabel(full)).toEqual({ label, intentId });
  });

  test('any label comes back, within 256 characters, never cut through a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const full = joinLabel(text, intent);
        expect(full.length).toBeLessThanOrEqual(256);
        expect(full).not.toMatch(/\p{Cs}/u);
        const { label, intentId } = splitLabel(full);
        expect(intentId).toBe(intent);
        const own = text.trim();
        expect(own.length <= 200 ? label ?? '' : own.startsWith(label ?? '')).toEqual(own.length <= 200 ? own : true);
      }),
      { numRuns: 500 },
    );
  });

  test.each([' [dc-'.repeat(50), `${'['.repeat(200)} [dc-${intent}`, `${' [dc-'.repeat(40)}${'a'.repeat(36)}`])('a hostile label of many brackets is the user\'s, and read before this test times out: %j', (full) => {
    expect(splitLabel(full)).toEqual({ label: full, intentId: null });
  });
});
