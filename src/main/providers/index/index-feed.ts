// What an index is fed with: the lines of a sidecar, or those of `restic ls --json`, as entries. Runs in the worker that builds.
import path from 'node:path';
import type { IndexEntry } from '../../domain/file-index-port';
import { lastOf } from '../../domain/snapshot-names';

/** Entries between two words of progress. */
export const progressEvery = 5000;

/** What a feed says besides its entries. */
export interface FeedAbout {
  readonly directory: string;
  /** Of the captured directory inside the snapshot; empty: paths are those of the snapshot. */
  readonly root: string;
  /** Empty where it is not said. */
  readonly takenAt: string;
}

type Line = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const countOf = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0);
const latin1 = (text: string): string => (/^\p{ASCII}*$/u.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1'));

const bytesOf = (text: unknown, base64: unknown): string => (typeof base64 === 'string' ? Buffer.from(base64, 'base64').toString('latin1') : latin1(textOf(text)));

/** A path below what was captured: no empty part, no way up, no NUL. */
const isPlain = (bytes: string): boolean => bytes === '' || !/(?:^|\/)(?:\.{0,2})(?:\/|$)|\0/.test(bytes);

/** Epoch seconds with fractions as text, split so that nothing is lost. */
const timeOf = (text: string): { readonly seconds: number; readonly nanos: number } => {
  const point = text.indexOf('.');
  const seconds = Number(point === -1 ? text : text.slice(0, point));
  const fraction = point === -1 ? '' : text.slice(point + 1);
  return { seconds: Number.isSafeInteger(seconds) ? seconds : 0, nanos: countOf(Number(fraction.slice(0, 9).padEnd(9, '0'))) };
};

/** RFC 3339 with any number of decimals, as restic writes it. */
const instantOf = (text: string): { readonly seconds: number; readonly nanos: number } => {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  const at = Date.parse(text.replace(/\.\d+/, ''));
  return { seconds: Number.isNaN(at) ? 0 : at / 1000, nanos: Number(fraction.slice(0, 9).padEnd(9, '0')) || 0 };
};

const sidecarEntry = (line: Line): IndexEntry | null => {
  const bytes = bytesOf(line['path'], line['path64']);
  const type = textOf(line['type']);
  if (!isPlain(bytes) || type.length !== 1) return null;
  return {
    path: bytes,
    written: typeof line['mirror'] === 'string' ? lastOf(line['mirror']) : '',
    type,
    mode: Number.parseInt(textOf(line['mode']), 8) || 0,
    uid: countOf(line['uid']),
    gid: countOf(line['gid']),
    size: countOf(line['size']),
    ...timeOf(textOf(line['mtime'])),
    target: bytesOf(line['target'], line['target64']),
    sha256: /^[0-9a-f]{64}$/.test(textOf(line['sha256'])) ? textOf(line['sha256']) : '',
    stored: line['stored'] !== false,
  };
};

const letters: Readonly<Record<string, string>> = { file: 'f', dir: 'd', symlink: 'l', fifo: 'p', socket: 's', chardev: 'c', dev: 'b' };

const nodeEntry = (line: Line): IndexEntry | null => {
  const bytes = latin1(textOf(line['path'])).replace(/^\/+/, '');
  const type = letters[textOf(line['type'])] ?? '?';
  if (bytes === '' || !isPlain(bytes)) return null;
  // Go keeps the permissions in the low bits, and setuid and the like far up.
  return { path: bytes, written: '', type, mode: countOf(line['mode']) & 0o777, uid: countOf(line['uid']), gid: countOf(line['gid']), size: type === 'f' ? countOf(line['size']) : 0, ...instantOf(textOf(line['mtime'])), target: latin1(textOf(line['linktarget'])), sha256: '', stored: true };
};

/** Thrown at a feed that is not what it should be. */
export class FeedError extends Error {}

const parsed = (line: string): Line => {
  const value: unknown = JSON.parse(line);
  return typeof value === 'object' && value !== null ? (value as Line) : {};
};

/** A line of a sidecar. Throws FeedError. */
export const entryOfLine = (line: string): IndexEntry => {
  const entry = sidecarEntry(parsed(line));
  if (entry === null) throw new FeedError('A line of the list of files cannot be right.');
  return entry;
};

/** The first line of a sidecar, with the number of lines that it announces. Throws FeedError. */
export const aboutOf = (line: string): FeedAbout & { readonly entries: number } => {
  const value = parsed(line);
  if (value['format'] !== 'dumont-manifest' || value['version'] !== 1) throw new FeedError('The list of files has another form.');
  return { directory: textOf(value['directory']), root: textOf(value['root']), takenAt: textOf(value['taken_at']), entries: countOf(value['entries']) };
};

/** Takes lines one after the other. */
export class FeedReader {
  private begun = false;

  constructor(
    private readonly kind: 'sidecar' | 'ls',
    private readonly into: { about(about: FeedAbout): void; entry(entry: IndexEntry): void },
  ) {}

  line(line: string): void {
    if (this.kind === 'ls') this.node(line);
    else if (line !== '') this.record(line);
  }

  private record(line: string): void {
    if (this.begun) {
      this.into.entry(entryOfLine(line));
      return;
    }
    const about = aboutOf(line);
    this.begun = true;
    this.into.about(about);
  }

  /** A line that is not JSON is text for people, in every version of restic. */
  private node(line: string): void {
    if (!line.startsWith('{')) return;
    const value = parsed(line);
    const form = value['message_type'] ?? value['struct_type'];
    if (form === 'snapshot' && !this.begun) {
      this.begun = true;
      this.into.about({ directory: '/', root: '', takenAt: '' });
    } else if (form === 'node' && this.begun) {
      const entry = nodeEntry(value);
      // The sidecar of ours is no file of the user.
      if (entry !== null && !path.posix.basename(entry.path).startsWith('.dumont-manifest.')) this.into.entry(entry);
    }
  }

  end(): void {
    if (!this.begun) throw new FeedError('The list of files is empty.');
  }
}

/** Cuts bytes into lines of UTF-8. */
export class LineCutter {
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Uint8Array): void {
    const bytes = this.rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([this.rest, chunk]);
    let at = 0;
    for (let end = bytes.indexOf(0x0a, at); end !== -1; end = bytes.indexOf(0x0a, at)) {
      this.onLine(bytes.toString('utf8', at, end));
      at = end + 1;
    }
    this.rest = bytes.subarray(at);
  }

  end(): void {
    if (this.rest.length > 0) this.onLine(this.rest.toString('utf8'));
  }
}

