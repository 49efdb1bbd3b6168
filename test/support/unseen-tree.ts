// A tree that no test has seen: made from a seed, with every kind of name, link, mode and size that a host's file system takes.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, lstatSync, lutimesSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { seeded, type Draws } from './seeded';

const asBytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Names that are easily lost, broken, or taken for something else; as bytes. */
const oddNames: readonly string[] = [
  '-rf', '--help', ' leading', 'trailing ', '  ', '.hidden', '..twice', '...', 'new\nline', 'tab\there', '\rreturn', '\x1b[31mred', 'back\\slash', '"quoted"', "it's", '$(id)', '`id`', '*', '?', '[a-z]', '#', '~', '%FF',
  '%', 'a%2Fb', ':colon', 'CON', 'aux.txt', 'trail.', 'Case', 'case', 'CASE', '\xff\xfe', 'half \xc3', Buffer.from('größe').toString('latin1'), Buffer.from('e\u0301').toString('latin1'), Buffer.from('\u00e9').toString('latin1'),
  Buffer.from('\u202etxt.exe').toString('latin1'), Buffer.from('日本語').toString('latin1'), '.dumontignore.not', '.dumont-manifest.v1.jsonl.gz', 'x'.repeat(255), Buffer.from('ü').toString('latin1').repeat(127), '\x01\x02', '{a,b}', '!history', '@eaDir', 'file;rm', 'a&b', 'a|b', 'a>b',
];

const nameOf = (draws: Draws): string => {
  const kind = draws.next();
  if (kind < 0.45) return oddNames[draws.whole(0, oddNames.length - 1)] ?? 'name';
  if (kind < 0.8) return `${['train', 'model', 'data', 'run', 'log'][draws.whole(0, 4)] ?? ''}-${draws.whole(0, 999)}.${['py', 'pt', 'json', 'txt'][draws.whole(0, 3)] ?? ''}`;
  return Array.from({ length: draws.whole(1, 40) }, () => String.fromCharCode(draws.whole(1, 255))).join('').replaceAll('/', '_');
};

const sizes = (draws: Draws): number => {
  const kind = draws.next();
  if (kind < 0.1) return 0;
  if (kind < 0.75) return draws.whole(1, 5000);
  if (kind < 0.95) return draws.whole(5000, 200_000);
  return draws.whole(1_000_000, 3_000_000);
};

/** Root reads what nobody may; others could not capture it. */
const modes = [0o644, 0o600, 0o755, 0o400, 0o4755, 0o2755, 0o777, 0o640, ...(process.getuid?.() === 0 ? [0o000] : [])];

/** Grows and changes one tree. */
export class UnseenTree {
  private readonly files: Buffer[] = [];
  private readonly folders: Buffer[];

  /** The folder must be there and empty. Owners are drawn too where this user may give files away. */
  constructor(
    private readonly root: string,
    readonly seed: number,
  ) {
    this.folders = [Buffer.from(root)];
  }

  /** Makes about so many entries. */
  grow(round: string, entries: number): void {
    const draws = seeded(this.seed, round);
    for (let made = 0; made < entries; made += 1) {
      const parent = this.folders[draws.whole(0, this.folders.length - 1)] ?? Buffer.from(this.root);
      const file = Buffer.concat([parent, Buffer.from('/'), asBytes(nameOf(draws))]);
      // Taken already, `.` or `..`, or longer than a path may be.
      if (/\/\.{1,2}$/.test(file.toString('latin1')) || file.length > 3000 || this.exists(file)) continue;
      this.make(file, draws);
    }
    this.weights(round, draws);
    this.dress(draws);
  }

  /** What a day of work does: content, modes, times, names, kinds of entries; then some new ones. */
  change(): void {
    const draws = seeded(this.seed, 'change');
    for (const file of this.files.splice(0)) {
      const kind = draws.next();
      if (!this.exists(file) || !lstatSync(file).isFile()) continue;
      if (kind < 0.08) rmSync(file);
      else if (kind < 0.16) writeFileSync(file, draws.bytes(sizes(draws)));
      else if (kind < 0.2) chmodSync(file, modes[draws.whole(0, modes.length - 1)] ?? 0o644);
      else if (kind < 0.24) {
        rmSync(file);
        symlinkSync('was a file', file);
      } else if (kind < 0.28) {
        rmSync(file);
        mkdirSync(file);
        this.folders.push(file);
      } else if (kind < 0.32) renameSync(file, Buffer.concat([file.subarray(0, file.lastIndexOf(47) + 1), asBytes(`renamed-${draws.whole(0, 1e9)}`)]));
      else if (kind < 0.36) this.sameSizeAndTime(file, draws);
    }
    this.grow('later', 60);
  }

  /** Other content, but neither its size nor its time tells: only the time of its last change does. */
  private sameSizeAndTime(file: Buffer, draws: Draws): void {
    const { size, atime, mtime } = lstatSync(file);
    writeFileSync(file, draws.bytes(size));
    utimesSync(file, atime, mtime);
  }

  private exists(file: Buffer): boolean {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  }

  private make(file: Buffer, draws: Draws): void {
    const kind = draws.next();
    if (kind < 0.18) {
      mkdirSync(file);
      this.folders.push(file);
    } else if (kind < 0.28) {
      const targets = [asBytes('/etc/passwd'), asBytes('../../../../outside'), asBytes('.'), asBytes('itself'), this.files.at(-1) ?? asBytes('nowhere'), asBytes('bad \xff target'), asBytes('a\nb')];
      symlinkSync(targets[draws.whole(0, targets.length - 1)] ?? asBytes('x'), file);
    } else if (kind < 0.36 && this.files.length > 0) linkSync(this.files[draws.whole(0, this.files.length - 1)] ?? file, file);
    else if (kind < 0.38) execFileSync('mkfifo', [`${this.root}/pipe-${draws.whole(0, 1e9)}`]);
    else {
      writeFileSync(file, draws.bytes(sizes(draws)));
      this.files.push(file);
    }
  }

  /** Large ones: noise, zeros, and one with holes. */
  private weights(round: string, draws: Draws): void {
    writeFileSync(`${this.root}/noise-${round}.pt`, draws.bytes(draws.whole(4_000_000, 9_000_000)));
    writeFileSync(`${this.root}/zeros-${round}.pt`, Buffer.alloc(draws.whole(1_100_000, 3_000_000)));
    writeFileSync(`${this.root}/holes-${round}.pt`, 'head');
    truncateSync(`${this.root}/holes-${round}.pt`, draws.whole(5_000_000, 20_000_000));
  }

  /** Owners, modes and times, inside out: those of a directory last. */
  private dress(draws: Draws): void {
    const walk = (folder: Buffer): void => {
      for (const name of readdirSync(folder, { encoding: 'buffer' })) {
        const file = Buffer.concat([folder, Buffer.from('/'), name]);
        const facts = lstatSync(file);
        if (facts.isDirectory()) walk(file);
        if (draws.next() < 0.6) continue;
        const when = draws.whole(1, 2_000_000_000) + draws.whole(0, 999_999) / 1e6;
        if (process.getuid?.() === 0 && !facts.isSymbolicLink()) chownSync(file, draws.whole(0, 3000), draws.whole(0, 3000));
        if (facts.isFile()) chmodSync(file, modes[draws.whole(0, modes.length - 1)] ?? 0o644);
        else if (facts.isDirectory()) chmodSync(file, [0o755, 0o700, 0o1777, 0o2775][draws.whole(0, 3)] ?? 0o755);
        if (facts.isSymbolicLink()) lutimesSync(file, when, when);
        else utimesSync(file, when, when);
      }
    };
    walk(Buffer.from(this.root));
  }
}
