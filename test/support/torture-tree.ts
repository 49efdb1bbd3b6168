// A tree with everything that is hard to keep, made as root, and an exact account of what a tree is: to see that a restored one is the same.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, closeSync, ftruncateSync, lchownSync, linkSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync, writeSync, type BigIntStats } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

const slash = Buffer.from('/');
const at = (folder: string, ...parts: readonly (string | Buffer)[]): Buffer => Buffer.concat([Buffer.from(folder), ...parts.flatMap((part) => [slash, Buffer.from(part)])]);

/** Names that some tool on the way has taken for something else. */
const oddNames: readonly (string | Buffer)[] = [
  'new\nline', 'tab\tstop', '-rf', '--help', "it's", '"quoted"', 'back\\slash', '100%', '%2F', '$(id)', '`id`', '*', '?[a]', ' leading', 'trailing ', 'dot.', '..hidden', '...', '#', '~', '@', 'a:b', 'CON', 'caf\u00e9', 'cafe\u0301', '\u202egnp.exe',
  '\u{1f600}', Buffer.from([0xff]), Buffer.from([0x66, 0x6f, 0xf6]), Buffer.from([0xc3, 0x28, 0x0a, 0xff]), 'bell\u0007', 'n'.repeat(255), Buffer.alloc(255, 0xfe), '%~', 'x//y'.replace('//', '\\/'.slice(0, 1)),
];

/** Fills an existing empty folder. Needs root, for owners. */
export const fillTortureTree = async (folder: string): Promise<void> => {
  mkdirSync(at(folder, 'names'));
  for (const [index, name] of oddNames.entries()) {
    writeFileSync(at(folder, 'names', name), `file ${index}\n`);
    mkdirSync(at(folder, 'names', Buffer.concat([Buffer.from('d'), Buffer.from(name).subarray(0, 254)])));
  }
  mkdirSync(at(folder, 'modes'));
  for (const mode of [0o4755, 0o2755, 0o6711, 0o1644, 0o000, 0o400, 0o777, 0o600]) {
    writeFileSync(at(folder, 'modes', mode.toString(8)), mode.toString(8));
    chmodSync(at(folder, 'modes', mode.toString(8)), mode);
  }
  for (const mode of [0o1777, 0o2775, 0o700, 0o555]) {
    mkdirSync(at(folder, 'modes', `dir-${mode.toString(8)}`, 'inner'), { recursive: true });
    writeFileSync(at(folder, 'modes', `dir-${mode.toString(8)}`, 'inside'), 'inside');
  }
  mkdirSync(at(folder, 'owners'));
  for (const [uid, gid] of [[0, 0], [1000, 1001], [65_534, 65_534], [3_000_000, 3_000_001]] as const) {
    writeFileSync(at(folder, 'owners', `${uid}`), 'x');
    chownSync(at(folder, 'owners', `${uid}`), uid, gid);
    symlinkSync('nowhere', at(folder, 'owners', `link-${uid}`));
    lchownSync(at(folder, 'owners', `link-${uid}`), uid, gid);
  }
  // A change of owner takes setuid away, so it comes before the mode.
  writeFileSync(at(folder, 'owners', 'suid'), 'x');
  chownSync(at(folder, 'owners', 'suid'), 1000, 1000);
  chmodSync(at(folder, 'owners', 'suid'), 0o6755);
  fillLinks(folder);
  fillSizes(folder);
  mkdirSync(at(folder, 'empty', 'in', 'empty'), { recursive: true });
  mkdirSync(at(folder, 'deep', ...Array.from({ length: 12 }, (_, index) => `${index}${'d'.repeat(90)}`)), { recursive: true });
  writeFileSync(at(folder, 'deep', ...Array.from({ length: 12 }, (_, index) => `${index}${'d'.repeat(90)}`), 'bottom'), 'bottom');
  mkdirSync(at(folder, 'special'));
  execFileSync('mkfifo', ['-m', '620', path.join(folder, 'special', 'pipe')]);
  await leaveSocket(path.join(folder, 'special', 'socket'));
  for (const mode of [0o1777, 0o2775, 0o700, 0o555]) chmodSync(at(folder, 'modes', `dir-${mode.toString(8)}`), mode);
  setTimes(folder);
};

const fillLinks = (folder: string): void => {
  mkdirSync(at(folder, 'links', 'venv', 'bin'), { recursive: true });
  const targets: readonly (string | Buffer)[] = ['/usr/bin/python3', '../../modes', 'dangling', '/no/such/place', Buffer.from([0x2f, 0xff, 0x0a, 0xfe]), 'self', '.', '..', 't'.repeat(150), "a' -> 'b", '//\n', ' '];
  for (const [index, target] of targets.entries()) symlinkSync(Buffer.from(target), at(folder, 'links', 'venv', 'bin', `link${index}`));
  symlinkSync('self', at(folder, 'links', 'self'));
  writeFileSync(at(folder, 'links', 'one'), 'one of three\n');
  linkSync(at(folder, 'links', 'one'), at(folder, 'links', 'venv', 'two'));
  linkSync(at(folder, 'links', 'one'), at(folder, 'links', Buffer.from([0xfe, 0x0a])));
  chmodSync(at(folder, 'links', 'one'), 0o640);
};

const fillSizes = (folder: string): void => {
  mkdirSync(at(folder, 'sizes'));
  for (const size of [0, 1, 511, 512, 513, 10_240, 1_048_577]) writeFileSync(at(folder, 'sizes', `${size}`), Buffer.alloc(size, size % 251));
  const file = openSync(at(folder, 'sizes', 'sparse'), 'w');
  ftruncateSync(file, 12 * 1_048_576);
  writeSync(file, Buffer.alloc(4096, 7), 0, 4096, 5 * 1_048_576);
  closeSync(file);
};

/** A socket that stays when its server is gone: the server is ended without a word to the file system. */
const leaveSocket = (file: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const kept = `${file}.kept`;
    const server = createServer();
    server.once('error', reject).listen(file, () => {
      linkSync(file, kept);
      server.close(() => {
        execFileSync('mv', [kept, file]);
        resolve();
      });
    });
  });

/** Every entry gets a time of its own, with nanoseconds; directories last, since writing into them changes theirs. */
const setTimes = (folder: string): void => {
  const all = execFileSync('find', ['.', '-depth', '-print0'], { cwd: folder }).toString('latin1').split('\0').slice(0, -1);
  const seconds = [1_600_000_000, 86_400, 1_234_567_890, 2_500_000_000];
  const script = all.map((_, index) => `touch -h -d @${(seconds[index % seconds.length] ?? 0) + index}.${String(123_456_789 + index).slice(0, 9)} -- "$1"; shift`).join('\n');
  // Names as arguments of a program are text in Node, so they come on stdin.
  execFileSync('xargs', ['-0', 'sh', '-c', script, 'sh'], { cwd: folder, input: Buffer.from(all.map((name) => `${name}\0`).join(''), 'latin1') });
};

/** What does not count in a comparison: what the host's tools cannot keep. */
export interface AccountOptions {
  /** Whole seconds only. */
  readonly wholeSeconds?: boolean;
  /** Times and owners of symbolic links do not count. */
  readonly linkFacts?: boolean;
  /** Whether a file has holes does not count. */
  readonly holes?: boolean;
}

const kindOf = (facts: BigIntStats): string => (facts.isFile() ? 'f' : facts.isDirectory() ? 'd' : facts.isSymbolicLink() ? 'l' : facts.isFIFO() ? 'p' : facts.isSocket() ? 's' : 'x');

/** One line for each entry, the folder itself included: kind, mode, owner, time, size, content, holes, names of one file, target; names as bytes. Sockets do not count. */
export const account = (folder: string, options: AccountOptions = {}): readonly string[] => {
  const lines: string[] = [];
  const firstNames = new Map<bigint, string>();
  const walk = (here: Buffer, shown: string): void => {
    const facts = lstatSync(here, { bigint: true });
    const kind = kindOf(facts);
    if (kind === 's') return;
    const bare = kind === 'l' && options.linkFacts === false;
    const time = bare ? '' : options.wholeSeconds === true ? String(facts.mtimeNs / 1_000_000_000n) : String(facts.mtimeNs);
    const parts = [kind, (facts.mode & 0o7777n).toString(8), bare ? '' : `${facts.uid}:${facts.gid}`, time];
    if (kind === 'f') {
      const same = facts.nlink > 1n ? (firstNames.get(facts.ino) ?? shown) : '';
      firstNames.set(facts.ino, same);
      const holes = options.holes === false ? '' : facts.size - facts.blocks * 512n >= 4096n ? 'sparse' : '';
      parts.push(String(facts.size), createHash('sha256').update(readFileSync(here)).digest('hex').slice(0, 16), holes, same, String(facts.nlink));
    }
    if (kind === 'l') parts.push(readlinkSync(here, { encoding: 'buffer' }).toString('latin1'));
    lines.push(JSON.stringify([shown, ...parts]));
    if (kind !== 'd') return;
    const names = readdirSync(here, { encoding: 'buffer' }).map((name) => name.toString('latin1')).sort();
    for (const name of names) walk(Buffer.concat([here, slash, Buffer.from(name, 'latin1')]), `${shown}/${name}`);
  };
  walk(Buffer.from(folder), '');
  return lines;
};
