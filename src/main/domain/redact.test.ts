// Secrets in texts and facts: by name, by value in each of its forms, and the home folder.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Redactor, redacted } from './redact';

const secret = 'p@ss "wörd"/+&=1';

function redactor(): Redactor {
  const made = new Redactor('/home/ana');
  made.hide(secret);
  return made;
}

describe('a registered value', () => {
  const forms: readonly (readonly [string, string])[] = [
    ['raw', secret],
    ['in a URL', encodeURIComponent(secret)],
    ['in JSON', JSON.stringify({ a: secret })],
    ['base64', Buffer.from(secret).toString('base64')],
    ['base64 after one byte', Buffer.from(`x${secret}`).toString('base64')],
    ['base64 after two bytes', Buffer.from(`xy${secret}`).toString('base64')],
    ['as basic authorization', `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`],
    ['base64url', Buffer.from(`ab${secret}zz`).toString('base64url')],
  ];

  test.each(forms)('%s', (_form, text) => {
    const clean = redactor().text(`before ${text} after`);
    expect(clean).toContain(redacted);
    expect(clean).not.toContain(text);
    expect(clean).toMatch(/^before .* after$/);
  });

  test('in an error, its stack and its cause', () => {
    const error = new Error(`cannot open ${secret}`, { cause: new Error(secret) });
    const text = JSON.stringify(redactor().value(error));
    expect(text).not.toContain('wörd');
    expect(text).toContain('cannot open');
    expect(text).toContain('redact.test');
  });

  test('short values stay, else words would go', () => {
    const made = new Redactor();
    made.hide('ab');
    expect(made.text('about')).toBe('about');
  });

  test('any value, wherever it stands, in raw and base64 form', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12, maxLength: 40, unit: 'grapheme' }), fc.string({ maxLength: 20 }), (value, around) => {
        fc.pre(!around.includes(value) && value.trim() === value && !redacted.includes(value));
        const made = new Redactor();
        made.hide(value);
        expect(made.text(around + value + around)).not.toContain(value);
        const encoded = Buffer.from(`${around}${value}`).toString('base64');
        expect(made.text(encoded)).not.toBe(encoded);
      }),
    );
  });
});

test('fields with the name of a secret are never written, at any depth', () => {
  const facts = { password: 'a', apiKey: 'b', vast_api_key: 'c', Authorization: 'd', headers: { cookie: 'e', 'x-setup-code': 'f' }, list: [{ token: 'g' }], recovery_key: null, ok: 'yes', passed: 3 };
  expect(redactor().fields(facts)).toEqual({
    password: redacted, apiKey: redacted, vast_api_key: redacted, Authorization: redacted, headers: { cookie: redacted, 'x-setup-code': redacted }, list: [{ token: redacted }], recovery_key: null, ok: 'yes', passed: 3,
  });
});

test('bearer tokens go even when nobody registered them, and the home folder is ~', () => {
  expect(redactor().text('Authorization: Bearer abcdefgh12345678 in /home/ana/data')).toBe(`Authorization: Bearer ${redacted} in ~/data`);
});

test('facts without end come to one', () => {
  const round: Record<string, unknown> = { name: 'x' };
  round['self'] = round;
  const text = JSON.stringify(redactor().value({ round, wide: Array.from({ length: 1000 }, () => 'y'), bytes: new Uint8Array(1000), big: 5n, run: () => 1 }));
  expect(text.length).toBeLessThan(1000);
});
