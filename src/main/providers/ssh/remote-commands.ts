// The fixed set of commands the app sends to a rented host. See [Note: Remote commands].
import { ignoreFileName, ignoreLimits, type Prune } from '../../domain/source-rules';
import { sh } from './shell-quote';

/*
 * [Note: Remote commands] Every command opens with a statement that does nothing and names it: `: dumont-v1 NAME 'ARG'...; REST`. A host without a
 * shell, such as the simulator, answers by that name; a real shell ignores it and runs REST. Nothing else is ever sent, and every ARG is one quoted word.
 */
const command = (name: string, args: readonly string[], rest: string): string => `: dumont-v1 ${[name, ...args.map(sh)].join(' ')}; ${rest}`;

/** find's record: attributes, link target, path; three NUL-terminated parts. */
const record = String.raw`%y\t%m\t%U\t%G\t%s\t%b\t%T@\t%C@\t%i\t%n\t%D\0%l\0%P\0`;
/** The same for names given as `./name`: `%P` would be empty, `%p` has the leading `./`. */
const statRecord = String.raw`%y\t%m\t%U\t%G\t%s\t%b\t%T@\t%C@\t%i\t%n\t%D\0%l\0%p\0`;

const whichTool = (tool: string): string =>
  `if ${tool} --version 2>/dev/null | head -n 1 | grep -q GNU; then echo ${tool}=gnu; elif command -v ${tool} >/dev/null 2>&1; then echo ${tool}=other; else echo ${tool}=none; fi`;

/** The line of a probe after which `.dumontignore` follows. */
export const ignoreMark = 'ignore:';

/** What the host has: `key=value` lines, then `.dumontignore` as it is. */
export const probeCommand = (directory: string): string =>
  command('probe', [directory], [
    'echo "uname=$(uname -s 2>/dev/null)"',
    whichTool('tar'),
    // GNU find's first line reads `find (GNU findutils) ...`.
    whichTool('find'),
    ...['nice', 'ionice'].map((tool) => `if command -v ${tool} >/dev/null 2>&1; then echo ${tool}=yes; else echo ${tool}=no; fi`),
    `if [ -d ${sh(directory)} ]; then echo dir=yes; else echo dir=no; fi`,
    'echo "home=$HOME"',
    // Last, because it may be any bytes.
    `if [ -f ${sh(`${directory}/${ignoreFileName}`)} ]; then echo ${ignoreMark}; head -c ${ignoreLimits.bytes} -- ${sh(`${directory}/${ignoreFileName}`)} 2>/dev/null || true; fi`,
  ].join('; '));

/** A text as find's `-name` and `-path` take it literally. */
const globbed = (text: string): string => text.replaceAll(/[*?[\]\\]/g, String.raw`\$&`);

const tests: Readonly<Record<Prune['kind'], (text: string) => string>> = {
  name: (text) => `-name ${sh(globbed(text))}`,
  tail: (text) => `-path ${sh(`*/${globbed(text)}`)}`,
  path: (text) => `-path ${sh(`./${globbed(text)}`)}`,
};

/** find's own words for directories that are shown, but not entered. */
const pruning = (prune: readonly Prune[], print: string): string =>
  prune.length === 0 ? print : `-type d '(' ${prune.map(({ kind, text }) => tests[kind](text)).join(' -o ')} ')' -prune ${print} -o ${print}`;

/** Every entry below a directory on its file system; of pruned directories only themselves. */
export const manifestCommand = (directory: string, prune: readonly Prune[] = []): string =>
  command('manifest', [directory, ...prune.map(({ kind, text }) => `${kind}:${text}`)], `cd -- ${sh(directory)} && LC_ALL=C exec find . -xdev ${pruning(prune, `-printf '${record}'`)}`);

/** A tar of the `./name` list on stdin. Polite to what else runs there. */
export const deltaCommand = (directory: string, polite: { readonly nice: boolean; readonly ionice: boolean }): string => {
  const words = ['exec', ...(polite.ionice ? ['ionice', '-c3'] : []), ...(polite.nice ? ['nice', '-n', '10'] : [])];
  return command('delta', [directory], `cd -- ${sh(directory)} && export LC_ALL=C && ${words.join(' ')} tar --format=gnu --null --no-recursion -cf - -T -`);
};

/** What the names of the `./name` list on stdin are now. */
export const statCommand = (directory: string): string =>
  command('stat', [directory], `cd -- ${sh(directory)} && LC_ALL=C exec xargs -0 -r sh -c 'exec find "$@" -maxdepth 0 -printf "${statRecord.replaceAll('\\', '\\\\')}"' sh`);

/** Unpacks the tar on stdin. */
export const restoreCommand = (directory: string): string =>
  command('restore', [directory], `mkdir -p -- ${sh(directory)} && cd -- ${sh(directory)} && LC_ALL=C exec tar --numeric-owner -xpf -`);
