import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyShell, sh } from './shell-quote';

/** What a shell makes of these words: each is printed with a NUL behind it. */
const words = (shell: string, texts: readonly string[], quote = sh): string[] =>
  execFileSync(shell, ['-c', `printf '%s\\0' ${texts.map(quote).join(' ')}`], { encoding: 'utf8' }).split('\0').slice(0, -1);

const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', ''));

describe('sh', () => {
  for (const shell of ['sh', 'bash']) {
    it(`gives ${shell} back every text as one word`, () => {
      fc.assert(
        fc.property(fc.array(text, { minLength: 50, maxLength: 100 }), (texts) => {
          expect(words(shell, texts)).toEqual(texts);
          expect(words(shell, texts, anyShell)).toEqual(texts);
        }),
        { numRuns: 40 },
      );
    });
  }

  it('quotes what shells are fond of', () => {
    const hard = ["'", "''", "a'b", '$(id)', '`id`', '-rf', '*', '\\', '"', '!', '\n', ' ', '', '~', ';', '#', '\t'];
    expect(words('sh', hard)).toEqual(hard);
    expect(() => sh('a\0b')).toThrow(/NUL/);
    expect(() => anyShell('a\0b')).toThrow(/NUL/);
  });

  it('leaves nothing within quotes that fish or csh read otherwise', () => {
    expect(anyShell("it's \\ \\' $(id) a!")).toBe("'it'\\''s '\\\\' '\\\\''\\'' $(id) a'\\!''");
  });
});
