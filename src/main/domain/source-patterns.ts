// Patterns as in a .gitignore, on bytes: parsed once, matched without backtracking, so that no pattern of a stranger can hold anything up. Pure.
import { lastOf } from './snapshot-names';
import type { BytePath } from './snapshot-ports';

/*
 * [Note: Patterns] Git's rules (gitignore(5), wildmatch.c): a pattern with a slash that is not its last character begins at the directory, any other matches a name
 * anywhere below; `**` between slashes stands for any directories; a trailing slash means directories only; `!` brings back; the last pattern that matches
 * decides; what lies in a directory that is left out is left out. A name is bytes, so a pattern is too: its text as UTF-8.
 */

/** One step of a pattern: a byte of a set, any run within a name, any run at all, or any directories with their slashes (none, too). */
type Token = { readonly kind: 'set'; readonly set: Uint8Array } | { readonly kind: 'star' } | { readonly kind: 'rest' } | { readonly kind: 'directories' };

/** How a pattern is compared. Most are plain names, which a look-up finds; `*.log` is a suffix, and a double star before plain names a tail. */
type Form =
  | { readonly kind: 'literal'; readonly text: BytePath }
  | { readonly kind: 'suffix'; readonly text: BytePath }
  | { readonly kind: 'tail'; readonly text: BytePath }
  | { readonly kind: 'tokens'; readonly tokens: readonly Token[] };

export interface Pattern {
  /** `!`: brings back what an earlier one left out. */
  readonly negated: boolean;
  readonly directoriesOnly: boolean;
  /** Compared with the last name of a path, not with the whole. */
  readonly nameOnly: boolean;
  readonly form: Form;
}

const slash = 0x2f;

const classes = new Map<string, (byte: number) => boolean>(Object.entries({
  alnum: (byte) => /[A-Za-z0-9]/.test(String.fromCharCode(byte)),
  alpha: (byte) => /[A-Za-z]/.test(String.fromCharCode(byte)),
  blank: (byte) => byte === 0x20 || byte === 0x09,
  cntrl: (byte) => byte < 0x20 || byte === 0x7f,
  digit: (byte) => byte >= 0x30 && byte <= 0x39,
  graph: (byte) => byte > 0x20 && byte < 0x7f,
  lower: (byte) => byte >= 0x61 && byte <= 0x7a,
  print: (byte) => byte >= 0x20 && byte < 0x7f,
  punct: (byte) => byte > 0x20 && byte < 0x7f && !/[A-Za-z0-9]/.test(String.fromCharCode(byte)),
  space: (byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d),
  upper: (byte) => byte >= 0x41 && byte <= 0x5a,
  xdigit: (byte) => /[0-9A-Fa-f]/.test(String.fromCharCode(byte)),
} satisfies Record<string, (byte: number) => boolean>));

const oneByte = (byte: number): Token => {
  const set = new Uint8Array(256);
  set[byte] = 1;
  return { kind: 'set', set };
};

/** The set of `[...]` that opens at `at`, and where it ends; null when it is not well formed, and then the pattern matches nothing. */
const readSet = (bytes: Buffer, at: number): { readonly set: Uint8Array; readonly end: number } | null => {
  const set = new Uint8Array(256);
  let index = at + 1;
  const negated = bytes[index] === 0x21 || bytes[index] === 0x5e;
  if (negated) index += 1;
  let previous = 0;
  for (let first = true; first || bytes[index] !== 0x5d; first = false, index += 1) {
    let byte = bytes[index];
    if (byte === undefined) return null;
    const next = bytes[index + 1];
    if (byte === 0x5c) {
      index += 1;
      byte = bytes[index];
      if (byte === undefined) return null;
      set[byte] = 1;
    } else if (byte === 0x2d && previous !== 0 && next !== undefined && next !== 0x5d) {
      index += 1;
      let last: number | undefined = next;
      if (last === 0x5c) {
        index += 1;
        last = bytes[index];
        if (last === undefined) return null;
      }
      for (let one = previous; one <= last; one += 1) set[one] = 1;
      byte = 0;
    } else if (byte === 0x5b && next === 0x3a) {
      const end = bytes.indexOf(0x5d, index + 2);
      if (end === -1) return null;
      if (end > index + 2 && bytes[end - 1] === 0x3a) {
        const test = classes.get(bytes.toString('latin1', index + 2, end - 1));
        if (test === undefined) return null;
        for (let one = 0; one < 256; one += 1) if (test(one)) set[one] = 1;
        index = end;
        byte = 0;
      } else set[byte] = 1;
    } else set[byte] = 1;
    previous = byte;
  }
  if (negated) for (let one = 0; one < 256; one += 1) set[one] = set[one] === 1 ? 0 : 1;
  set[slash] = 0;
  return { set, end: index };
};

/** Reads a run of stars that opens at `at`. */
const readStars = (bytes: Buffer, at: number): { readonly token: Token; readonly end: number } => {
  let end = at;
  while (bytes[end + 1] === 0x2a) end += 1;
  const opens = at === 0 || bytes[at - 1] === slash;
  const next = bytes[end + 1];
  if (end === at || !opens || !(next === undefined || next === slash || (next === 0x5c && bytes[end + 2] === slash))) return { token: { kind: 'star' }, end };
  return next === undefined ? { token: { kind: 'rest' }, end } : { token: { kind: 'directories' }, end: end + (next === slash ? 1 : 2) };
};

/** Null for a pattern that can match nothing. */
const readTokens = (bytes: Buffer): readonly Token[] | null => {
  const tokens: Token[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x2a) {
      const { token, end } = readStars(bytes, at);
      tokens.push(token);
      at = end;
    } else if (byte === 0x3f) tokens.push({ kind: 'set', set: new Uint8Array(256).fill(1).map((_, one) => (one === slash ? 0 : 1)) });
    else if (byte === 0x5b) {
      const read = readSet(bytes, at);
      if (read === null) return null;
      tokens.push({ kind: 'set', set: read.set });
      at = read.end;
    } else if (byte === 0x5c) {
      at += 1;
      const escaped = bytes[at];
      if (escaped === undefined) return null;
      tokens.push(oneByte(escaped));
    } else tokens.push(oneByte(byte));
  }
  return tokens;
};

const special = /[*?[\\]/;

const formOf = (body: BytePath): Form | null => {
  if (!special.test(body)) return { kind: 'literal', text: body };
  if (/^\*[^*?[\\/]+$/.test(body)) return { kind: 'suffix', text: body.slice(1) };
  if (body.startsWith('**/') && !special.test(body.slice(3))) return { kind: 'tail', text: body.slice(3) };
  const tokens = readTokens(Buffer.from(body, 'latin1'));
  return tokens === null ? null : { kind: 'tokens', tokens };
};

/** Spaces at the end do not count unless the last one is escaped. */
const trimmed = (line: BytePath): BytePath => {
  let end = line.length;
  while (end > 0 && line[end - 1] === ' ') {
    let slashes = 0;
    while (line[end - 2 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 1) break;
    end -= 1;
  }
  return line.slice(0, end);
};

/** One line of bytes (latin1); null for a comment, an empty line, or one that can match nothing. */
export const parsePattern = (line: BytePath): Pattern | null => {
  let body = trimmed(line);
  if (body === '' || body.startsWith('#')) return null;
  const negated = body.startsWith('!');
  if (negated) body = body.slice(1);
  const directoriesOnly = body.endsWith('/');
  if (directoriesOnly) body = body.slice(0, -1);
  const nameOnly = !body.includes('/');
  if (body.startsWith('/')) body = body.slice(1);
  if (body === '') return null;
  const form = formOf(body);
  return form === null ? null : { negated, directoriesOnly, nameOnly, form };
};

/** All states that lie on the way: a run may be empty. */
const settle = (tokens: readonly Token[], states: Uint8Array, text: BytePath, at: number): void => {
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (states[index] === 0 || token === undefined) continue;
    if (token.kind === 'star') states[index + 1] = 1;
    // Directories are none, or end with a slash; either way the next begins a name.
    else if (token.kind === 'directories' && (at === 0 || text.codePointAt(at - 1) === slash)) states[index + 1] = 1;
  }
};

/** One byte further: from `states` to `next`, which is empty. False when no state is left. */
const step = (tokens: readonly Token[], states: Uint8Array, next: Uint8Array, byte: number): boolean => {
  let alive = false;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (states[index] === 0 || token === undefined) continue;
    const stays = token.kind === 'star' ? byte !== slash : token.kind !== 'set';
    const passes = token.kind === 'set' ? token.set[byte] === 1 : token.kind === 'rest';
    if (stays) next[index] = 1;
    if (passes) next[index + 1] = 1;
    alive ||= stays || passes;
  }
  return alive;
};

/** Counts steps of comparing, for whoever sets a limit to them. */
export interface Meter {
  work: number;
}

/** Every state at once, so that the work is at most the length of the text times that of the pattern. */
const matchTokens = (tokens: readonly Token[], text: BytePath, meter: Meter): boolean => {
  let states = new Uint8Array(tokens.length + 1);
  let next = new Uint8Array(tokens.length + 1);
  states[0] = 1;
  settle(tokens, states, text, 0);
  for (let at = 0; at < text.length; at += 1) {
    meter.work += tokens.length;
    if (!step(tokens, states, next, text.charCodeAt(at))) return false;
    settle(tokens, next, text, at + 1);
    [states, next] = [next, states.fill(0)];
  }
  return states[tokens.length] === 1;
};

/** Whether a pattern, taken by itself, matches this path. `name` is its last part. */
export const matchesPattern = (pattern: Pattern, path: BytePath, name: BytePath, directory: boolean, meter: Meter = { work: 0 }): boolean => {
  if (pattern.directoriesOnly && !directory) return false;
  const text = pattern.nameOnly ? name : path;
  const { form } = pattern;
  if (form.kind === 'literal') return form.text === text;
  if (form.kind === 'suffix') return text.endsWith(form.text) && !text.includes('/');
  if (form.kind === 'tail') return text === form.text || text.endsWith(`/${form.text}`);
  return matchTokens(form.tokens, text, meter);
};

/** Patterns in their order; the last that matches decides. Plain names are looked up, so that a long list costs little. */
export class PatternList {
  private readonly literals = new Map<BytePath, number[]>();
  private readonly others: number[] = [];
  /** No pattern speaks of anything but directories: most entries are files. */
  private readonly onlyDirectories: boolean;
  private readonly hasPaths: boolean;

  constructor(private readonly patterns: readonly Pattern[]) {
    for (const [index, { form, nameOnly }] of patterns.entries()) {
      if (form.kind !== 'literal') this.others.push(index);
      else {
        const key = nameOnly ? form.text : `/${form.text}`;
        this.literals.set(key, [...(this.literals.get(key) ?? []), index]);
      }
    }
    this.others.reverse();
    this.onlyDirectories = patterns.every((pattern) => pattern.directoriesOnly);
    this.hasPaths = patterns.some(({ form, nameOnly }) => form.kind === 'literal' && !nameOnly);
  }

  readonly meter: Meter = { work: 0 };

  /** `out`: left out; `in`: brought back by its own name; null: no pattern speaks of it. The directories above are not looked at. */
  verdict(path: BytePath, directory: boolean): 'out' | 'in' | null {
    if (this.onlyDirectories && (!directory || this.patterns.length === 0)) return null;
    const name = lastOf(path);
    let best = -1;
    for (const key of this.hasPaths ? [name, `/${path}`] : [name]) for (const index of this.literals.get(key) ?? []) if (index > best && !(this.patterns[index]?.directoriesOnly === true && !directory)) best = index;
    for (const index of this.others) {
      if (index <= best) break;
      const pattern = this.patterns[index];
      if (pattern !== undefined && matchesPattern(pattern, path, name, directory, this.meter)) best = index;
    }
    const found = this.patterns[best];
    return found === undefined ? null : found.negated ? 'in' : 'out';
  }
}
