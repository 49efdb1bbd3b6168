// What a stranger's host prints, made safe to show: the corpus of sequences that terminals and people obey, and anything else. See SEC-26.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logLines } from './instance-logs';
import { displayName, safeText } from './snapshot-names';

const [esc, bel] = ['\u001b', '\u0007'];

const corpus: Readonly<Record<string, string>> = {
  'OSC 0, title': `${esc}]0;owned${bel}`,
  'OSC 2, title with ST': `${esc}]2;owned${esc}\\`,
  'OSC 4, colour query': `${esc}]4;1;?${bel}`,
  'OSC 8, link': `${esc}]8;;http://evil.test${esc}\\click${esc}]8;;${esc}\\`,
  'OSC 10, colour query': `${esc}]10;?${bel}`,
  'OSC 52, clipboard': `${esc}]52;c;ZXZpbA==${bel}`,
  'OSC 1337, file': `${esc}]1337;File=inline=1:AAAA${bel}`,
  'OSC without an end': `${esc}]0;${'x'.repeat(1_000_000)}`,
  'DCS, DECRQSS': `${esc}P$q"p${esc}\\`,
  'DCS, XTGETTCAP': `${esc}P+q544e${esc}\\`,
  APC: `${esc}_payload${esc}\\`,
  PM: `${esc}^payload${esc}\\`,
  SOS: `${esc}Xpayload${esc}\\`,
  'CSI 21t, title report': `${esc}[21t`,
  'CSI 6n, position report': `${esc}[6n`,
  'CSI c, attributes': `${esc}[>c`,
  'CSI 2J, clear': `${esc}[2J${esc}[H`,
  'CSI ?1049h, other screen': `${esc}[?1049h`,
  'C1 CSI': '\u009b31mred\u009b0m',
  'C1 OSC': `\u009d0;owned\u009c`,
  'reset': `${esc}c`,
  'title with an overwrite': `SNAPSHOT FAILED\rSNAPSHOT COMPLETE id=1`,
  'backspaces': 'FAILED\b\b\b\b\b\bGOOD  ',
  'right to left': 'photo\u202egnp.exe',
  'isolates': '\u2066a\u2069\u2067b\u2069',
  'zero width': 'a\u200bd\u200cm\u200di\ufeffn\u2060',
  'line separators': 'a\u2028b\u2029c\u0085d',
  'escape in an escape': `${esc}${esc}[0m[31mred`,
  'lone surrogates': '\ud83d and \ude00',
  'NUL and DEL': 'a\u0000b\u007fc',
};

/** Printable, and nothing that moves, turns or hides text. */
const isSafe = (text: string): boolean => !/[\p{Cc}\p{Cs}\p{Cf}\u2028\u2029]/u.test(text.replaceAll(/[\u00ad\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u180e\ufff9-\ufffb]|[\u{110bd}\u{110cd}\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/gu, ''));

const cleaners: Readonly<Record<string, (text: string) => string>> = {
  'a log line': (text) => logLines(text.replaceAll('\n', ' '), 10).lines.join(''),
  'a message': (text) => safeText(text),
  'a name': (text) => displayName(Buffer.from(text, 'utf8').toString('latin1')),
};

describe.each(Object.entries(cleaners))('%s', (_what, clean) => {
  test.each(Object.entries(corpus))('with %s', (_name, sequence) => {
    const shown = clean(`before ${sequence} after`);
    expect([isSafe(shown), shown.slice(0, 200)]).toEqual([true, shown.slice(0, 200)]);
    expect(shown.length).toBeLessThanOrEqual(8192);
    expect(clean(shown)).toBe(shown);
  });

  test('of a tab and nothing that shows', () => {
    const shown = clean(`\t${esc}]0;owned${bel}`);
    expect(clean(shown)).toBe(shown);
  });

  test('of anything: safe, and the same when it is cleaned again', () => {
    const piece = fc.oneof(fc.constantFrom(...Object.values(corpus).filter((one) => one.length < 100), esc, bel, '\r', `${esc}[`, `${esc}]`, '\\', '\u202e', '\ud800', '😀', 'x'.repeat(490)), fc.string({ unit: 'binary', maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const shown = clean(pieces.join(''));
        return isSafe(shown) && clean(shown) === shown;
      }),
      { numRuns: 100_000 },
    );
  });
});
