// The age of the credit is said where it is older than the rest, or all is old.
import { expect, it } from 'vitest';
import { oldCreditAt } from './credit-age';

const noon = Date.parse('2026-11-20T12:00:00Z');
const minute = 60_000;
const at = (ms: number): string => new Date(ms).toISOString();

it.each([
  ['of now', { credit_as_of: at(noon), as_of: at(noon), stale: false }, noon + minute, false],
  ['older than the list, by minutes', { credit_as_of: at(noon), as_of: at(noon + 6 * minute), stale: false }, noon + 6 * minute, true],
  ['a list that was asked for later, but not much', { credit_as_of: at(noon), as_of: at(noon + 2 * minute), stale: false }, noon + 2 * minute, false],
  ['old with all the rest', { credit_as_of: at(noon), as_of: at(noon), stale: true }, noon + 60 * minute, true],
  ['just cut off', { credit_as_of: at(noon), as_of: at(noon), stale: true }, noon + minute, false],
  ['never said', { credit_as_of: null, as_of: at(noon), stale: true }, noon + 60 * minute, false],
])('%s', (_name, account, now, isOld) => expect(oldCreditAt(account, now)).toBe(isOld ? account.credit_as_of : null));
