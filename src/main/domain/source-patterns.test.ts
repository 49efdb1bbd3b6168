import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matchesPattern, parsePattern, PatternList } from './source-patterns';

const list = (...lines: string[]): PatternList => new PatternList(lines.flatMap((line) => parsePattern(line) ?? []));
const matches = (pattern: string, file: string, directory = false): boolean => {
  const parsed = parsePattern(pattern);
  return parsed !== null && matchesPattern(parsed, file, file.slice(file.lastIndexOf('/') + 1), directory);
};

describe('one pattern', () => {
  it.each([
    ['node_modules', 'a/node_modules', true], ['node_modules/', 'a/node_modules', false], ['/top', 'a/top', false], ['/top', 'top', true], ['a/b', 'x/a/b', false], ['**/a/b', 'x/a/b', true], ['**/a/b', 'a/b', true],
    ['**/a/b', 'xa/b', false], ['a/**', 'a', false], ['a/**', 'a/b/c', true], ['a/**/b', 'a/b', true], ['a/**/b', 'a/x/y/b', true], ['a/**/b', 'ab', false], ['a**b', 'a/b', false], ['a/x**b', 'a/xyyb', true],
    ['*.log', 'a/b.log', true], ['/*.log', 'a/b.log', false], ['*', '.hidden', true], ['?', 'ab', false], ['[a-c]x', 'bx', true], ['[!a-c]x', 'bx', false], ['[]-]', ']', true], ['[[:digit:]]*', '7x', true], ['[[:none:]]', 'n', false],
    ['[a', '[a', false], ['a\\*', 'a*', true], ['a\\*', 'ab', false], ['a\\', 'a\\', false], ['\\#x', '#x', true], ['\\!x', '!x', true], ['x   ', 'x', true], ['x\\ ', 'x ', true], ['\u00ff*', '\u00fe\u00ff', false], ['?\u00ff', '\u00fe\u00ff', true],
    ['[constructor', 'c', false], ['[[:constructor:]]', 'c', false], ['a/*/c', 'a/b/c', true], ['a/*/c', 'a/b/d/c', false], ['**', 'anything', true], ['a?b', 'a/b', false], ['a[/]b', 'a/b', false],
  ])('%s and %s: %s', (pattern, file, expected) => {
    expect(matches(pattern, file)).toBe(expected);
  });

  it.each(['', '   ', '# a comment', '/', '!'])('%j is none', (line) => {
    expect(parsePattern(line)).toBeNull();
  });

  it('takes no longer than its length times the name, whatever it says', () => {
    // Trying every way to match these would outlive this test by far.
    expect(matches(`${'a*'.repeat(120)}b`, 'a'.repeat(255))).toBe(false);
    expect(matches(`${'**/a/'.repeat(80)}b`, `${'a/'.repeat(120)}c`)).toBe(false);
  });
});

describe('a list', () => {
  it('is decided by its last match, and looks names up', () => {
    const patterns = list('*.log', '!keep.log', 'build/', '!/x/build/');
    expect(patterns.verdict('a/b.log', false)).toBe('out');
    expect(patterns.verdict('a/keep.log', false)).toBe('in');
    expect(patterns.verdict('a/build', true)).toBe('out');
    expect(patterns.verdict('a/build', false)).toBeNull();
    expect(patterns.verdict('x/build', true)).toBe('in');
    expect(patterns.verdict('other', false)).toBeNull();
  });
});

// git is in every container this project is tested in; where it is not, this fails and names it.
describe('against git itself', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'dumont-ignore-'));
    execFileSync('git', ['init', '-q', folder]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const part = fc.stringMatching(/^[ab.\u00ff-]{1,3}$/);
  const file = fc.array(part.filter((text) => text !== '.' && text !== '..'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const piece = fc.constantFrom('a', 'b', '.', '-', '*', '**', '?', '/', '[ab]', '[!a]', '[^b-]', '[a-', '\\a', '\\*', '\\', ' ', '[[:alpha:]]', '***', '**/', '/**', ']', '\u00ff');
  // Git cuts the plain beginning off a pattern before it compares: so `a**/b`, in which the stars are plain ones by its own rules, matches `ab` there, and `a**//` more than it says. Accidents, left out.
  const pattern = fc
    .tuple(fc.constantFrom('', '', '', '!', '/', '**/'), fc.array(piece, { minLength: 1, maxLength: 6 }), fc.constantFrom('', '', '/'))
    .map(([start, pieces, end]) => start + pieces.join('') + end)
    .filter((text) => !text.includes('//') && !/[^/*]\*\*/.test(text.replace(/^!/, '')));

  /** What git says of files (not directories), parents included. */
  const byGit = (patterns: readonly string[], files: readonly string[]): readonly boolean[] => {
    writeFileSync(path.join(folder, '.gitignore'), Buffer.from(patterns.map((line) => `${line}\n`).join(''), 'latin1'));
    const asked = spawnSync('git', ['-C', folder, '-c', 'core.ignoreCase=false', 'check-ignore', '--no-index', '-z', '-v', '-n', '--stdin'], { input: Buffer.from(files.map((one) => `${one}\0`).join(''), 'latin1'), env: { ...process.env, LC_ALL: 'C' } });
    const parts = asked.stdout.toString('latin1').split('\0');
    // Four parts for each: source, line, pattern, path.
    return files.map((_, index) => {
      const said = parts[index * 4 + 2] ?? '';
      return said !== '' && !said.startsWith('!');
    });
  };

  const byUs = (patterns: readonly string[], one: string): boolean => {
    const rules = list(...patterns);
    const parts = one.split('/');
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const verdict = rules.verdict(parts.slice(0, depth).join('/'), depth < parts.length);
      if (verdict === 'out') return true;
      if (depth === parts.length) return false;
    }
    return false;
  };

  it('agrees on random patterns and paths', () => {
    mkdirSync(folder, { recursive: true });
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 4 }), fc.uniqueArray(file, { minLength: 20, maxLength: 60 }), (patterns, files) => {
        const said = byGit(patterns, files);
        for (const [index, one] of files.entries()) expect([patterns, one, byUs(patterns, one)]).toEqual([patterns, one, said[index]]);
      }),
      // The same every time: what is searched for at random is not found on somebody else's change.
      { numRuns: 60, seed: 2311 },
    );
  });
});
