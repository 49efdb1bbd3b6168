// The fixed set of commands the app sends to a rented host. See [Note: Remote commands].
import { manifestLimits } from '../../domain/snapshot-manifest';
import { ignoreFileName, ignoreLimits, type Prune } from '../../domain/source-rules';
import { anyShell, sh } from './shell-quote';

/*
 * [Note: Remote commands] Every command opens with a statement that does nothing and names it: `: dumont-v1 NAME 'ARG'...; REST`. A host without a
 * shell, such as the simulator, answers by that name; a real shell ignores it and runs REST. Nothing else is ever sent, and every ARG is one quoted word.
 */
export const named = (name: string, args: readonly string[], rest: string): string => `: dumont-v1 ${[name, ...args.map(sh)].join(' ')}; ${rest}`;

/** What the master of a shared connection runs: says something once it is there, and nothing more, until its stdin ends. Any login shell understands it. */
export const holdCommand = named('hold', [], 'echo; cat > /dev/null');

/** find's record: attributes, link target, path; three NUL-terminated parts. */
const record = String.raw`%y\t%m\t%U\t%G\t%s\t%b\t%T@\t%C@\t%i\t%n\t%D\0%l\0%P\0`;
/** The same for names given as `./name`: `%P` would be empty, `%p` has the leading `./`. */
const statRecord = String.raw`%y\t%m\t%U\t%G\t%s\t%b\t%T@\t%C@\t%i\t%n\t%D\0%l\0%p\0`;

/** One level more than is kept, so that what is left out can be named. */
export const listedDepth = `-maxdepth ${manifestLimits.depth + 1}`;

/** Whether what a command prints has this text. A shell's own `case` needs no process but the command's. */
const prints = (command: string, text: string): string => `case "$(${command} 2>&1)" in *${text}*) true;; *) false;; esac`;

/** Says which kind a tool is, and keeps it in a variable of the tool's name. Their first lines read `tar (GNU tar) 1.35` and `find (GNU findutils) 4.9.0`. */
const whichTool = (tool: string): string =>
  `if ${prints(`${tool} --version`, `'(GNU '`)}; then ${tool}=gnu; elif ${prints(`${tool} --help`, 'BusyBox')}; then ${tool}=busybox; elif command -v ${tool} >/dev/null 2>&1; then ${tool}=other; else ${tool}=none; fi; echo "${tool}=$${tool}"`;

const whether = (name: string, test: string): string => `if ${test}; then echo ${name}=yes; else echo ${name}=no; fi`;

/** The line of a probe after which `.dumontignore` follows. */
export const ignoreMark = 'ignore:';

/** The line of a survey after which the listing follows. */
export const listingMark = 'listing:';

/** What the host has: `key=value` lines. */
const facts = (directory: string): readonly string[] => [
  'echo "uname=$(uname -s 2>/dev/null)"',
  whichTool('tar'),
  whichTool('find'),
  whether('xargs', 'command -v xargs >/dev/null 2>&1'),
  // What stands in for find's -printf where there is none.
  whether('stat', `{ ${prints('stat --help', 'BusyBox')}; } && stat -c %f / >/dev/null 2>&1`),
  // busybox has a fallocate that digs no holes.
  whether('dig', prints('fallocate --help', '--dig-holes')),
  whether('dir', `[ -d ${sh(directory)} ]`),
  'echo "now=$(date +%s)"',
  'echo "home=$HOME"',
];

const ignoreFileOf = (directory: string): string => sh(`${directory}/${ignoreFileName}`);

/** `.dumontignore` as it is; last, because it may be any bytes. */
const ignored = (directory: string): string => `echo ${ignoreMark}; head -c ${ignoreLimits.bytes} -- ${ignoreFileOf(directory)} 2>/dev/null || true`;

/** What the host has, then `.dumontignore`. */
export const probeCommand = (directory: string): string => named('probe', [directory], [...facts(directory), `if [ -f ${ignoreFileOf(directory)} ]; then ${ignored(directory)}; fi`].join('; '));

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

const words = (prune: readonly Prune[]): readonly string[] => prune.map(({ kind, text }) => `${kind}:${text}`);

/**
 * Puts a command together whose output comes in blocks of 64 KiB where the host has coreutils' stdbuf; `"$@"` runs it. find alone writes 4 KiB at a time, and each becomes a packet: while its
 * reader is slower, ssh copies all that waits, up to 2 MiB, with every one of them. Of 200,000 entries that took two thirds of ssh's work and a quarter of the time of a listing.
 */
const inLargeBlocks = (command: string): string => `set -- ${command}; if stdbuf -o65536 true 2>/dev/null; then set -- stdbuf -o65536 "$@"; fi`;

const findAll = (prune: readonly Prune[]): string => inLargeBlocks(`find . ${listedDepth} -xdev ${pruned(prune)}-printf '${record}'`);

/** Every entry below a directory on its file system; of pruned directories only themselves. */
export const manifestCommand = (directory: string, prune: readonly Prune[] = []): string => named('manifest', [directory, ...words(prune)], `cd -- ${sh(directory)} && { ${findAll(prune)}; LC_ALL=C exec "$@"; }`);

const polite = ['nice -n 10', 'ionice -c3'].map((words) => `if command -v ${words.split(' ')[0] ?? ''} >/dev/null 2>&1; then set -- ${words} "$@"; fi; `).join('');

/** Becomes a program that reads much: polite to what else runs there, where that is asked for and the host has what it takes. */
export const become = (program: string, lowPriority: boolean): string => `set -- ${program}; ${lowPriority ? polite : ''}exec "$@"`;

const archive = 'tar --format=gnu --hard-dereference --null --no-recursion -cf - -T -';

/** A tar of the `./name` list on stdin; names that have become one file are each sent whole. */
export const deltaCommand = (directory: string, lowPriority: boolean): string =>
  named('delta', [directory], `cd -- ${sh(directory)} && { export LC_ALL=C; ${become(archive, lowPriority)}; }`);

/** What follows a complete listing in a survey, as a record of find's: no entry has such attributes. */
export const listingEnd = 'end';

/**
 * A probe, and the listing at once where GNU find can give it and no `.dumontignore` has to be read first. Where GNU tar is and find had no complaint, it ends with `listingEnd` and goes on as a
 * fetch that waits for its names: one connection for all three.
 */
export const surveyCommand = (directory: string, prune: readonly Prune[], lowPriority: boolean): string => {
  const listing = `cd -- ${sh(directory)} && { export LC_ALL=C; ${findAll(prune)}; "$@" </dev/null; code=$?; if [ $code != 0 ] || [ "$tar" != gnu ]; then exit $code; fi; printf '${listingEnd}\\0\\0\\0'; ${become(archive, lowPriority)}; }`;
  return named('survey', [directory, ...words(prune)], [
    `{ ${facts(directory).join('; ')}; } </dev/null`,
    `if [ -f ${ignoreFileOf(directory)} ]; then ${ignored(directory)}; elif [ "$find" = gnu ] && [ -d ${sh(directory)} ]; then echo ${listingMark}; ${listing}; fi`,
  ].join('; '));
};

/** What a fetch can go on after is a multiple of this, bytes. */
export const restBlock = 1_048_576;

/**
 * The file of the one `./name` on stdin without so many blocks at its beginning.
 *
 * dd, because it goes there without reading on either kind of host: busybox's tail reads through all that comes before, and fails at large numbers.
 * GNU's opens it without waiting: what has become a named pipe since it was looked at would never open. busybox's cannot, see [Note: Busybox hosts].
 */
export const restCommand = (directory: string, blocks: number, lowPriority: boolean): string => {
  const rest = `if ${prints('dd --help', 'nonblock')}; then f=iflag=nonblock,nofollow; else f=; fi; [ -f "$1" ] && ! [ -L "$1" ] && exec dd if="$1" bs=${restBlock} skip=${blocks} $f`;
  return named('rest', [directory, String(blocks)], `cd -- ${sh(directory)} && { export LC_ALL=C; ${become(`xargs -0 -r sh -c '${rest}' sh`, lowPriority)}; }`);
};

/** What the names of the `./name` list on stdin are now. */
export const statCommand = (directory: string): string =>
  named('stat', [directory], `cd -- ${sh(directory)} && LC_ALL=C exec xargs -0 -r sh -c 'exec find "$@" -maxdepth 0 -printf "${statRecord.replaceAll('\\', '\\\\')}"' sh`);

/** A command of the user's, in the directory; its output as one stream. Ended after so many seconds where the host has `timeout`. In any login shell, because no probe may have come before it. */
export const hookCommand = (directory: string, text: string, seconds: number): string =>
  named('hook', [directory, text], `exec sh -c ${anyShell(`cd -- ${sh(directory)} && exec 2>&1 </dev/null && if command -v timeout >/dev/null 2>&1; then timeout -k 5 ${seconds} sh -c ${sh(text)}; else sh -c ${sh(text)}; fi; exit $?`)}`);

/** Gives back the blocks of zeros in the files of the `./name` list on stdin; their times stay. */
export const digCommand = (directory: string): string =>
  named('dig', [directory], `cd -- ${sh(directory)} && t=$(mktemp) && xargs -0 -r sh -c 't=$1; shift; for f do touch -r "$f" "$t" && fallocate --dig-holes "$f"; touch -r "$t" "$f"; done' sh "$t"; rm -f "$t"`);

/** Unpacks the tar on stdin. */
export const restoreCommand = (directory: string): string =>
  named('restore', [directory], `mkdir -p -- ${sh(directory)} && cd -- ${sh(directory)} && LC_ALL=C exec tar --numeric-owner -xpf -`);
