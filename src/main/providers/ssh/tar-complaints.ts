// What the host's tar says of files that it could not read to their end: it fills them up with zeros, and they look complete.
import type { BytePath } from '../../domain/snapshot-ports';

/** Files whose end was made up, and whether there is a line that names nothing that was asked for. */
export interface Padded {
  readonly paths: readonly BytePath[];
  readonly unnamed: boolean;
}

// GNU tar in the C locale; the texts of its `File shrank` and `Read error` messages.
const padding = /^[^:]*: (.*): (?:Warning: )?(?:File shrank by \d+ bytes?; padding with zeros|Read error at byte \d+, while reading \d+ bytes?: .*)$/;
const hint = /padding with zeros|Read error/;

const escapes: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** A name as GNU tar writes it in its messages, byte for byte again. */
const unquoted = (name: string): BytePath =>
  name.replaceAll(/\\([0-7]{3}|.)/gs, (_whole, code: string) => (/^[0-7]{3}$/.test(code) ? String.fromCharCode(Number.parseInt(code, 8) & 255) : (escapes[code] ?? code)));

/** Reads the stderr of a fetch of these files; `cut`: its beginning is lost. */
export const paddedFiles = (stderr: string, asked: (path: BytePath) => boolean, cut = false): Padded => {
  const paths = new Set<BytePath>();
  let unnamed = cut && hint.test(stderr);
  for (const line of stderr.split('\n').filter((one) => hint.test(one))) {
    const name = unquoted(padding.exec(line)?.[1] ?? '');
    if (name.startsWith('./') && asked(name.slice(2))) paths.add(name.slice(2));
    else unnamed = true;
  }
  return { paths: [...paths], unnamed };
};
