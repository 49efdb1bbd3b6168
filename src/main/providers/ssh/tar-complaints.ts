// What the host's tar says of files that it could not read to their end: it fills them up with zeros, and they look complete.
import type { BytePath } from '../../domain/snapshot-ports';
import { safeLines } from './ssh-errors';

/** Files whose end was made up, and the last lines about others, which name nothing that was asked for. */
export interface Padded {
  readonly paths: readonly BytePath[];
  readonly unnamed: readonly string[];
}

// GNU tar in the C locale; the texts of its `File shrank` and `Read error` messages.
const padding = /^[^:]*: (.*): (?:Warning: )?(?:File shrank by \d+ bytes?; padding with zeros|Read error at byte \d+, while reading \d+ bytes?: .*)$/;
/** Lines that are passed on. */
const mostLines = 3;
const hint = /padding with zeros|Read error/;

const escapes: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** A name as GNU tar writes it in its messages, byte for byte again. */
const unquoted = (name: string): BytePath =>
  name.replaceAll(/\\([0-7]{3}|.)/gs, (_whole, code: string) => (/^[0-7]{3}$/.test(code) ? String.fromCharCode(Number.parseInt(code, 8) & 255) : (escapes[code] ?? code)));

/** Reads the stderr of a fetch of these files; `cut`: its beginning is lost. */
export const paddedFiles = (stderr: string, asked: (path: BytePath) => boolean, cut = false): Padded => {
  const paths = new Set<BytePath>();
  const lines = stderr.split('\n').filter((one) => hint.test(one));
  const unnamed: string[] = [];
  for (const line of lines) {
    const name = unquoted(padding.exec(line)?.[1] ?? '');
    if (name.startsWith('./') && asked(name.slice(2))) paths.add(name.slice(2));
    else unnamed.push(line);
  }
  // What is lost may have been about any file.
  const told = cut ? lines : unnamed;
  return { paths: [...paths], unnamed: safeLines(told.join('\n'), mostLines) };
};
