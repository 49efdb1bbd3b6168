// The fixed set of commands the app sends to a rented host. See [Note: Remote commands].
import { ignoreFileName, ignoreLimits, type Prune } from '../../domain/source-rules';
import { sh } from './shell-quote';

/*
 * [Note: Remote commands] Every command opens with a statement that does nothing and names it: `: dumont-v1 NAME 'ARG'...; REST`. A host without a
 * shell, such as the simulator, answers by that name; a real shell ignores it and runs REST. Nothing else is ever sent, and every ARG is one quoted word.
 */
export const named = (name: string, args: readonly string[], rest: string): string => `: dumont-v1 ${[name, ...args.map(sh)].join(' ')}; ${rest}`;

/** find's record: attributes, link target, path; three NUL-terminated parts. */
const record = String.raw`%y\t%m\t%U\t%G\t%s\t%b\t%T@\t%C@\t%i\t%n\t%D\0%l\0%P\0`;
/** The same for names given as `./name`: `%P` would be empty, `%p` has the leading `./`. */
const statRecord = String.raw`%y\t%m\t%U\t%G\t%s\t%b\t%T@\t%C@\t%i\t%n\t%D\0%l\0%p\0`;

const whichTool = (tool: string): string =>
  `if ${tool} --version 2>/dev/null | head -n 1 | grep -q GNU; then echo ${tool}=gnu; elif ${tool} --help 2>&1 | grep -q BusyBox; then echo ${tool}=busybox; elif command -v ${tool} >/dev/null 2>&1; then echo ${tool}=other; else echo ${tool}=none; fi`;

const whether = (name: string, test: string): string => `if ${test} >/dev/null 2>&1; then echo ${name}=yes; else echo ${name}=no; fi`;

/** The line of a probe after which `.dumontignore` follows. */
export const ignoreMark = 'ignore:';

/** What the host has: `key=value` lines, then `.dumontignore` as it is. */
export const probeCommand = (directory: string): string =>
  named('probe', [directory], [
    'echo "uname=$(uname -s 2>/dev/null)"',
    whichTool('tar'),
    // GNU find's first line reads `find (GNU findutils) ...`.
    whichTool('find'),
    ...['nice', 'ionice', 'xargs'].map((tool) => whether(tool, `command -v ${tool}`)),
    // What stands in for find's -printf where there is none.
    whether('stat', 'stat --help 2>&1 | grep -q BusyBox && stat -c %f /'),
    // busybox has a fallocate that digs no holes.
    whether('dig', 'fallocate --help 2>&1 | grep -q -e --dig-holes'),
    whether('dir', `[ -d ${sh(directory)} ]`),
    'echo "now=$(date +%s)"',
    'echo "home=$HOME"',
    // Last, because it may be any bytes.
    `if [ -f ${sh(`${directory}/${ignoreFileName}`)} ]; then echo ${ignoreMark}; head -c ${ignoreLimits.bytes} -- ${sh(`${directory}/${ignoreFileName}`)} 2>/dev/null || true; fi`,
  ].join('; '));

/** A text as find's `-name` and `-path` take it literally. */
const globbed = (text: string): string => text.replaceAll(/[*?[\]\\]/g, String.raw`\$&`);

const finds: Readonly<Record<Prune['kind'], (text: string) => string>> = {
  name: (text) => `-name ${sh(globbed(text))}`,
  tail: (text) => `-path ${sh(`*/${globbed(text)}`)}`,
  path: (text) => `-path ${sh(`./${globbed(text)}`)}`,
};

/** find's own words by which directories are shown, but not entered; true for every entry. */
export const pruned = (prune: readonly Prune[]): string =>
  prune.length === 0 ? '' : `'(' ! -type d -o ! '(' ${prune.map(({ kind, text }) => finds[kind](text)).join(' -o ')} ')' -o -prune ')' `;

/** Every entry below a directory on its file system; of pruned directories only themselves. */
export const manifestCommand = (directory: string, prune: readonly Prune[] = []): string =>
  named('manifest', [directory, ...prune.map(({ kind, text }) => `${kind}:${text}`)], `cd -- ${sh(directory)} && LC_ALL=C exec find . -xdev ${pruned(prune)}-printf '${record}'`);

/** A tar of the `./name` list on stdin. Polite to what else runs there. */
export const deltaCommand = (directory: string, polite: { readonly nice: boolean; readonly ionice: boolean }): string => {
  const words = ['exec', ...(polite.ionice ? ['ionice', '-c3'] : []), ...(polite.nice ? ['nice', '-n', '10'] : [])];
  return named('delta', [directory], `cd -- ${sh(directory)} && export LC_ALL=C && ${words.join(' ')} tar --format=gnu --null --no-recursion -cf - -T -`);
};

/** What the names of the `./name` list on stdin are now. */
export const statCommand = (directory: string): string =>
  named('stat', [directory], `cd -- ${sh(directory)} && LC_ALL=C exec xargs -0 -r sh -c 'exec find "$@" -maxdepth 0 -printf "${statRecord.replaceAll('\\', '\\\\')}"' sh`);

/** A command of the user's, in the directory; its output as one stream. Ended after so many seconds where the host has `timeout`. */
export const hookCommand = (directory: string, text: string, seconds: number): string =>
  named('hook', [directory, text], `cd -- ${sh(directory)} && exec 2>&1 </dev/null && if command -v timeout >/dev/null 2>&1; then timeout -k 5 ${seconds} sh -c ${sh(text)}; else sh -c ${sh(text)}; fi; exit $?`);

/** Gives back the blocks of zeros in the files of the `./name` list on stdin; their times stay. */
export const digCommand = (directory: string): string =>
  named('dig', [directory], `cd -- ${sh(directory)} && t=$(mktemp) && xargs -0 -r sh -c 't=$1; shift; for f do touch -r "$f" "$t" && fallocate --dig-holes "$f"; touch -r "$t" "$f"; done' sh "$t"; rm -f "$t"`);

/** Unpacks the tar on stdin. */
export const restoreCommand = (directory: string): string =>
  named('restore', [directory], `mkdir -p -- ${sh(directory)} && cd -- ${sh(directory)} && LC_ALL=C exec tar --numeric-owner -xpf -`);
