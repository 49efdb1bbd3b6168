// The manifest: what a rented host says is in a directory, parsed with caps from NUL-separated records, and kept as such.
import { AppError } from './app-error';
import { parentOf, toBytePath } from './snapshot-names';
import type { BytePath } from './snapshot-ports';
import { TopFolders } from './top-folders';

/** One entry of a captured directory. Text fields are as the host gave them. */
export interface ManifestEntry {
  /** Empty for the directory itself. */
  readonly path: BytePath;
  /** find's letter: f d l p s c b, or another for what is not known. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Units of 512 bytes. */
  readonly blocks: number;
  /** Epoch seconds with fractions, as text so that nothing is lost. */
  readonly mtime: string;
  readonly ctime: string;
  readonly inode: string;
  readonly links: number;
  readonly device: string;
  /** Of a symbolic link, bytes. */
  readonly target: BytePath;
  /** Microseconds added to the copy's time, so that restic reads a file again whose size and time did not change but whose content may have. */
  readonly nudge: number;
  /** Of a file's content as it was fetched, hex; empty where nobody knows it (other kinds, listings from before hashes were kept). */
  readonly sha256: string;
  /** Its path in the mirror, where that is not what its path alone gives. See [Note: Names apart]. */
  readonly mirror?: string;
}

/** Where reading stops. Entries: what a listing is made for, twice the target of a million. Bytes: room for 2 million entries of 300 bytes. Component and path: Linux takes no longer ones. Depth: no tree of a user is near it; what lies deeper is left out. */
export const manifestLimits = { entries: 2_000_000, bytes: 600_000_000, depth: 128, component: 255, path: 4096 } as const;

/** The caps on a whole listing. */
export type ListingLimits = Pick<{ readonly [Limit in keyof typeof manifestLimits]: number }, 'entries' | 'bytes'>;

const untrusted = (detail: string): AppError => new AppError('remote_untrusted', `The instance sent a listing that cannot be right: ${detail}.`, { detail });

/** Levels of a path. */
const levelsOf = (path: BytePath): number => {
  let levels = 1;
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) levels += 1;
  return levels;
};

/** How far an entry lies below what a snapshot holds: 0 = not at all, 1 = it is the first on its way, with all that is in it. */
export const beyondDepth = (path: BytePath): number => (path.length < 2 * manifestLimits.depth ? 0 : Math.max(0, levelsOf(path) - manifestLimits.depth));

const checkPath = (path: BytePath): void => {
  if (path === '') return;
  if (path.length <= manifestLimits.component && !odd.test(path)) return;
  for (const part of path.split('/')) {
    if (part === '' || part === '.' || part === '..' || part.length > manifestLimits.component) throw untrusted('a path is not plain');
  }
};

/** A part that is empty, or a way up. */
const odd = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** A record's first part: kind, mode, uid, gid, size, blocks, mtime, ctime, inode, links, device; in our own listings also nudge and hash. */
const attributes = /^([^\t])\t([0-7]{1,5})\t(\d{1,15})\t(\d{1,15})\t(\d{1,15})\t(\d{1,15})\t(-?\d{1,12}(?:\.\d{1,10})?)\t(-?\d{1,12}(?:\.\d{1,10})?)\t(\d{1,20})\t(\d{1,15})\t(\d{1,20})(?:\t(\d{1,15})(?:\t((?:[0-9a-f]{64})?))?)?$/;

/** A time as find writes it: whole seconds, then what is to be added to them, so that before 1970 `-2.25` stands for -1.75. Gives the number that is meant. */
const meant = (written: string): string => {
  if (!written.startsWith('-')) return written;
  const [, seconds = '', fraction = ''] = /^-(\d+)\.(\d*[1-9]\d*)$/.exec(written) ?? [];
  if (fraction === '') return written;
  const digits = (BigInt(seconds + fraction) - 2n * BigInt(fraction)).toString().padStart(fraction.length + 1, '0');
  return digits.startsWith('-') ? `0.${fraction}` : `-${digits.slice(0, -fraction.length)}.${digits.slice(-fraction.length)}`;
};

const parseEntry = (meta: string, target: BytePath, path: BytePath, own: boolean): ManifestEntry => {
  const read = attributes.exec(meta);
  if (read === null || (!own && read[12] !== undefined)) throw untrusted('a record is not well formed');
  const [, type = '', mode = '', uid = '', gid = '', size = '', blocks = '', mtime = '', ctime = '', inode = '', links = '', device = '', nudge = '0', sha256 = ''] = read;
  checkPath(path);
  if (target.length > manifestLimits.path) throw untrusted('a link target is too long');
  return {
    path, type, mode: Number.parseInt(mode, 8), uid: Number(uid), gid: Number(gid), size: Number(size), blocks: Number(blocks),
    mtime: meant(mtime), ctime: meant(ctime), inode, links: Number(links), device, target, nudge: Number(nudge), sha256,
  };
};

const tab = 9;
const zero = 48;

/** The parts of an attribute record, one after the other; those that are not there are empty, or 0. */
class Attributes {
  private at = 0;

  constructor(private readonly text: string) {}

  number(base: number): number {
    let value = 0;
    for (; this.at < this.text.length; this.at += 1) {
      const code = this.text.charCodeAt(this.at);
      if (code === tab) break;
      value = value * base + code - zero;
    }
    this.at += 1;
    return value;
  }

  word(): string {
    const end = this.text.indexOf('\t', this.at);
    const word = this.text.slice(this.at, end === -1 ? this.text.length : end);
    this.at += word.length + 1;
    return word;
  }
}

/** An entry from a listing that we wrote: its form was checked when it came. Only such a one may say where it lies here. Read part by part: at hundreds of thousands of entries splitting takes three times as long. */
export const storedEntry = (meta: string, target: BytePath, path: BytePath): ManifestEntry => {
  const read = new Attributes(meta);
  const entry = {
    path, type: read.word(), mode: read.number(8), uid: read.number(10), gid: read.number(10), size: read.number(10), blocks: read.number(10),
    mtime: read.word(), ctime: read.word(), inode: read.word(), links: read.number(10), device: read.word(), target, nudge: read.number(10), sha256: read.word(),
  };
  const mirror = read.word();
  return mirror === '' ? entry : { ...entry, mirror: Buffer.from(mirror, 'latin1').toString('utf8') };
};

/** What may be in a listing. */
export interface ListingForm {
  /** Paths with a leading `./`. */
  readonly dotted?: boolean;
  /** It is one of ours, of a former version; a host may say no hash. */
  readonly own?: boolean;
  /** The attributes of a record that ends it. */
  readonly ending?: string;
  readonly limits?: ListingLimits | undefined;
}

/** Reads records of three NUL-terminated parts as they come (attributes, link target, path), and passes on each entry. */
export class ManifestReader {
  private rest = '';
  private parts: readonly string[] = [];
  private bytes = 0;
  private size = 0;
  private readonly tops = new TopFolders();
  /** Entries so far. */
  count = 0;
  /** The record that ends it came. */
  over = false;
  /** And something with it that nobody asked for. */
  more = false;

  constructor(
    private readonly take: (entry: ManifestEntry) => void,
    private readonly form: ListingForm = {},
  ) {}

  /** Throws `source_too_large` at a cap and `remote_untrusted` at a record that is not one. */
  push(chunk: Uint8Array): void {
    const { dotted = false, own = false, limits = manifestLimits } = this.form;
    this.bytes += chunk.length;
    const text = this.rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1');
    const pieces = text.split('\0');
    this.rest = pieces.pop() ?? '';
    const parts = this.parts.length === 0 ? pieces : [...this.parts, ...pieces];
    let at = 0;
    for (; at + 2 < parts.length; at += 3) {
      const [meta = '', target = '', path = ''] = [parts[at], parts[at + 1], parts[at + 2]];
      if (this.over) break;
      if (meta === this.form.ending && target === '' && path === '') {
        this.over = true;
        continue;
      }
      const entry = parseEntry(meta, target, dotted && path.startsWith('./') ? path.slice(2) : path, own);
      this.tops.add(entry.path);
      this.size += entry.size;
      this.count += 1;
      this.take(entry);
    }
    this.parts = parts.slice(at);
    if (this.over) {
      this.more ||= this.rest !== '' || this.parts.length > 0;
      this.rest = '';
      this.parts = [];
    }
    if (this.rest.length > 3 * manifestLimits.path) throw untrusted('a record is too long');
    const limit = this.count > limits.entries ? 'entries' : this.bytes > limits.bytes ? 'listing' : null;
    if (limit !== null) {
      throw new AppError('source_too_large', 'The folder holds more entries than a snapshot may have.', { entries: this.count, bytes: this.size, limit, directory: this.tops.largest() });
    }
  }

  /** Throws when the last record is cut off. */
  end(): void {
    if (this.rest !== '' || this.parts.length > 0) throw untrusted('the listing ends within a record');
  }
}

/**
 * Passes on a listing in order, and sees to it that every path comes once and lies in a directory: otherwise something could be written through a link.
 *
 * In the order of listings a directory comes before what is in it, so that those on the way to the present entry are all that must be known.
 */
export function* checkedTree(entries: Iterable<ManifestEntry>): Generator<ManifestEntry> {
  const way: BytePath[] = [];
  let last: BytePath | null = null;
  for (const entry of entries) {
    const { path, type } = entry;
    if (path === last) throw untrusted('a path comes twice');
    last = path;
    if (path === '') {
      if (type !== 'd') throw untrusted('the root is not a directory');
    } else {
      const parent = parentOf(path);
      while (way.length > 0 && way.at(-1) !== parent) way.pop();
      if (way.length === 0) throw untrusted('an entry lies in no directory');
    }
    if (type === 'd') way.push(path);
    yield entry;
  }
}

/** The record of an entry, as it is kept on disk. */
export const manifestRecord = (entry: ManifestEntry): string =>
  `${entry.type}\t${entry.mode.toString(8)}\t${entry.uid}\t${entry.gid}\t${entry.size}\t${entry.blocks}\t${entry.mtime}\t${entry.ctime}\t${entry.inode}\t${entry.links}\t${entry.device}\t${entry.nudge}\t${entry.sha256}${entry.mirror === undefined ? '' : `\t${toBytePath(entry.mirror)}`}\0${entry.target}\0${entry.path}\0`;

/** True when nothing about an entry changed. Block counts settle late and devices are renumbered at a restart: both are left out. */
export const sameEntry = (a: ManifestEntry, b: ManifestEntry): boolean =>
  a.type === b.type && a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && a.links === b.links && a.target === b.target;

/** The latest time that common file systems hold, epoch seconds (2106). */
const latest = 4_294_967_295;

/**
 * Epoch seconds of the copy in the mirror: whole microseconds, and 0.4 more, so that it comes out the same whether the system's call rounds or cuts off.
 */
export const copyMtime = (entry: ManifestEntry): number => {
  const seconds = Math.min(Math.max(Number(entry.mtime), 0), latest);
  return (Math.floor(seconds * 1e6) + entry.nudge + 0.4) / 1e6;
};

/**
 * Whether a copy's time on the disk, epoch milliseconds as `lstat` gives them, is this copy's: the same microsecond.
 *
 * Never a distance: a number of milliseconds is only good to a quarter of a microsecond, and a nudge is one.
 */
export const isCopyTime = (mtimeMs: number, copy: number): boolean => Math.round(mtimeMs * 1000) === Math.floor(copy * 1e6);

/** A file with holes, by what it takes on the disk. One that the file system there compresses looks the same, and is treated alike: that changes nothing. */
export const isSparse = (entry: Pick<ManifestEntry, 'type' | 'size' | 'blocks'>): boolean => entry.type === 'f' && entry.size - entry.blocks * 512 >= 4096;

/** The size of a sparse file's holes from which on it may be left out, bytes. */
const sparseFloor = 1024 ** 3;

/** Holes of a file that is little else, bytes. Compression on the host's disk makes blocks fewer too, but never so few. */
export const hollowBytes = (entry: ManifestEntry): number => {
  const holes = entry.size - entry.blocks * 512;
  return entry.type === 'f' && entry.size >= stubFloor && holes > entry.size * (15 / 16) ? holes : 0;
};

/** A file that is mostly holes, which would be sent as zeros: too large for the disk by itself, or together with those before it (`hollowBefore`, bytes). */
export const isSparseBomb = (entry: ManifestEntry, freeBytes: number, hollowBefore = 0): boolean =>
  entry.type === 'f' && ((entry.size - entry.blocks * 512 > sparseFloor && entry.size > freeBytes) || (hollowBytes(entry) > 0 && hollowBefore + hollowBytes(entry) > freeBytes));

/** Files from this size on may be stubs in the mirror, bytes: smaller ones cost little, and keep the rest simple. */
export const stubFloor = 1_048_576;

export const mayBeStub = (entry: ManifestEntry): boolean => entry.type === 'f' && entry.size >= stubFloor;

/** An entry in the place of another of the same path. */
export const inPlaceOf = ({ mirror: _own, ...entry }: ManifestEntry, other: ManifestEntry | undefined): ManifestEntry => (other?.mirror === undefined ? entry : { ...entry, mirror: other.mirror });
