// The allow-list reader of a host's tar stream: writes exactly the regular files that were asked for, and stops at anything else. Runs in the capture worker.
import { hash } from 'node:crypto';
import { AppError } from '../../domain/app-error';
import { stubFloor } from '../../domain/snapshot-manifest';
import { displayName, placeOf } from '../../domain/snapshot-names';
import type { BytePath, FetchFolders, FetchReport, OddFile, WantedFile } from '../../domain/snapshot-ports';
import { blockSize, isEmptyBlock, paddingOf, paxRecords, readHeader, type TarHeader } from '../../domain/snapshot-tar';
import { IncomingFile } from './incoming-file';
import { DiskParts } from './kept-parts';
import type { SmallFiles } from './small-files';

/** A file may have grown since it was listed: by a tenth, or by this much, bytes. */
const growth = 64 * 1024 * 1024;
/** All files together may have grown by a tenth, or by this much, bytes: a host must not fill the disk with many files that each grow a little. */
const growthOfAll = 1024 ** 3;
/** What may follow the end of the archive: GNU tar fills a record of 10 KiB, a large `--record-size` 1 MiB. */
const mostPadding = 1024 ** 2;
/** Long names and pax records: far above any path that is accepted. */
const mostMeta = 65_536;

const sentence = (detail: string): string => `The instance sent something it was not asked for: ${detail}.`;

const untrusted = (detail: string): AppError => new AppError('remote_untrusted', sentence(detail), { detail });

/** `remote_untrusted`: a file is far larger than it was listed. Nothing of it was written. The host may still show that it grew since: a checkpoint that is being written does. */
export class Outgrown extends AppError<'remote_untrusted'> {
  constructor(readonly path: BytePath) {
    const detail = `more than was listed of ${displayName(path)}`;
    super('remote_untrusted', sentence(detail), { detail });
  }
}

/** Whether a file of this size is far larger than it was listed, bytes. */
export const outgrows = (size: number, listed: number): boolean => size > Math.max(listed * 1.1, listed + growth);

/** What a file may have become since it was listed: a symbolic link, a device, a directory, a named pipe. tar sends these without content, and nothing is made of them here. */
const turnedTypes = new Set(['2', '3', '4', '5', '6']);

interface OpenFile {
  readonly wanted: WantedFile;
  /** Null: small enough to be put aside whole, if it comes in one piece. */
  file: IncomingFile | null;
  /** Of one that was put aside. */
  sha256: string | null;
  readonly header: { readonly size: number; readonly mtime: number };
}

/** Reads a stream in whatever pieces it comes. All writes are synchronous: the caller's thread waits, and so does the sender. */
export class CaptureReader {
  private state: 'header' | 'meta' | 'content' | 'padding' | 'end' = 'header';
  private readonly block = Buffer.alloc(blockSize);
  private filled = 0;
  private left = 0;
  private emptyBlocks = 0;
  private padding = 0;
  private budget: number;
  private meta: { readonly type: string; readonly size: number; readonly parts: Buffer[] } | null = null;
  private longName: string | null = null;
  /** The target of the link that must follow. */
  private longLink = false;
  private pax: ReadonlyMap<string, string> = new Map();
  private open: OpenFile | null = null;
  private counter = 0;
  private readonly waiting: Map<string, WantedFile>;
  private readonly odd: OddFile[] = [];
  private readonly turned: BytePath[] = [];
  private readonly hashes = new Map<string, string>();
  files = 0;
  bytes = 0;

  constructor(
    wanted: readonly WantedFile[],
    private readonly into: FetchFolders,
    /** Several archives follow one another. See [Note: Busybox hosts]. */
    private readonly inParts = false,
    /** Writes small files; null: this thread does. */
    private readonly small: Pick<SmallFiles, 'takes' | 'put'> | null = null,
  ) {
    this.waiting = new Map(wanted.map((file) => [file.path, file]));
    const listed = wanted.reduce((sum, file) => sum + file.size, 0);
    this.budget = Math.max(listed * 1.1, listed + growthOfAll);
  }

  /** Throws `remote_untrusted`, or what the file system throws. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at += this.take(chunk, at);
  }

  /** Gives what came; throws `connection_cut` when the stream ended early. */
  end(): Omit<FetchReport, 'exitCode' | 'notes'> {
    if (!this.complete) throw new AppError('connection_cut', 'The connection to the instance was cut. What was fetched is kept.', { phase: 'fetch' });
    return this.report();
  }

  /** Gives what came before the host's tar failed; the file that it failed in is named. */
  stopped(): Omit<FetchReport, 'exitCode' | 'notes'> {
    const { open } = this;
    return open === null ? this.report() : { ...this.report(), stoppedAt: open.wanted.path };
  }

  private get complete(): boolean {
    return this.state === 'end' || (this.inParts && this.state === 'header' && this.filled === 0 && (this.emptyBlocks >= 2 || this.waiting.size === 0));
  }

  private report(): Omit<FetchReport, 'exitCode' | 'notes'> {
    return { files: this.files, bytes: this.bytes, odd: this.odd, hashes: this.hashes, missing: [...this.waiting.keys(), ...this.turned] };
  }

  /** Gives up the file that is only partly there. `keep`: what came of it may be gone on with. */
  abandon(keep = false): void {
    const { open } = this;
    this.open = null;
    open?.file?.abandon(keep);
  }

  private take(chunk: Buffer, at: number): number {
    const rest = chunk.length - at;
    switch (this.state) {
      case 'content': {
        const part = Math.min(this.left, rest);
        this.write(chunk, at, part);
        this.left -= part;
        if (this.left === 0) this.finish();
        return part;
      }
      case 'padding': {
        const part = Math.min(this.left, rest);
        this.left -= part;
        if (this.left === 0) this.state = 'header';
        return part;
      }
      case 'meta': {
        const part = Math.min(this.left, rest);
        this.meta?.parts.push(Buffer.from(chunk.subarray(at, at + part)));
        this.left -= part;
        if (this.left === 0) this.endMeta();
        return part;
      }
      case 'end':
        // After the end marker only padding may come.
        if (chunk.subarray(at).some((byte) => byte !== 0)) throw untrusted('data after the end of the archive');
        this.pad(rest);
        return rest;
      case 'header': {
        const part = Math.min(blockSize - this.filled, rest);
        chunk.copy(this.block, this.filled, at, at + part);
        this.filled += part;
        if (this.filled === blockSize) this.header();
        return part;
      }
      default:
        throw new Error('unreachable');
    }
  }

  /** What follows an end: some padding, not more and more of it. */
  private pad(bytes = blockSize): void {
    this.padding += bytes;
    if (this.padding > mostPadding) throw untrusted('an archive without an end');
  }

  private header(): void {
    this.filled = 0;
    if (isEmptyBlock(this.block)) {
      this.emptyBlocks += 1;
      if (this.inParts) this.pad();
      else if (this.emptyBlocks === 2) this.state = 'end';
      return;
    }
    if (this.emptyBlocks > 0 && !(this.inParts && this.emptyBlocks > 1)) throw untrusted('an empty block inside the archive');
    this.emptyBlocks = 0;
    this.padding = 0;
    const header = readHeader(this.block);
    if (header === null) throw untrusted('not a tar archive');
    if (header.type === 'L' || header.type === 'K' || header.type === 'x') this.startMeta(header);
    else if (header.type === '0') this.startFile(header);
    else if (turnedTypes.has(header.type)) this.turn(header);
    else throw untrusted(`an entry of type ${JSON.stringify(header.type)}`);
  }

  private startMeta(header: TarHeader): void {
    if (header.size > mostMeta || header.size === 0) throw untrusted('an extended header of an impossible size');
    if (header.type === 'L' ? this.longName !== null : header.type === 'K' ? this.longLink : this.pax.size > 0) throw untrusted('an extended header twice');
    this.meta = { type: header.type, size: header.size, parts: [] };
    this.left = header.size + paddingOf(header.size);
    this.state = 'meta';
  }

  private endMeta(): void {
    const { type, size, parts } = this.meta ?? { type: '', size: 0, parts: [] };
    const content = Buffer.concat(parts).subarray(0, size);
    this.meta = null;
    this.state = 'header';
    if (type === 'x') {
      const records = paxRecords(content);
      if (records === null) throw untrusted('a pax header that is not well formed');
      this.pax = records;
      return;
    }
    if (type === 'K') {
      this.longLink = true;
      return;
    }
    const end = content.indexOf(0);
    this.longName = content.toString('latin1', 0, end === -1 ? content.length : end);
  }

  /** The file that an entry is about, and its size. Each is taken once. */
  private entry(header: TarHeader): { readonly wanted: WantedFile; readonly size: number } {
    let name = this.pax.get('path') ?? this.longName ?? header.name;
    const paxSize = this.pax.get('size');
    if (paxSize !== undefined && !/^\d{1,15}$/.test(paxSize)) throw untrusted('a size that is no number');
    if (this.longLink && header.type !== '2') throw untrusted('the target of a link without a link');
    this.longName = null;
    this.longLink = false;
    this.pax = new Map();
    if (header.type === '5' && name.endsWith('/')) name = name.slice(0, -1);
    const wanted = name.startsWith('./') ? this.waiting.get(name.slice(2)) : undefined;
    if (wanted === undefined) throw untrusted(`a file it was not asked for, or a second time: ${displayName(name)}`);
    return { wanted, size: paxSize === undefined ? header.size : Number(paxSize) };
  }

  /** It is no file any more: what it is now is for the host's listing to say. */
  private turn(header: TarHeader): void {
    const { wanted, size } = this.entry(header);
    if (size !== 0) throw untrusted(`content of what is no file: ${displayName(wanted.path)}`);
    this.waiting.delete(wanted.path);
    this.turned.push(wanted.path);
  }

  private startFile(header: TarHeader): void {
    const { wanted, size } = this.entry(header);
    if (outgrows(size, wanted.size)) throw new Outgrown(wanted.path);
    this.budget -= size;
    if (this.budget < 0) throw untrusted('more than was listed in all');
    this.waiting.delete(wanted.path);
    const isSmall = wanted.identity === undefined && this.small?.takes(this.target(wanted), size) === true;
    this.open = { wanted, file: isSmall ? null : this.place(wanted, size, header.mtime), sha256: null, header: { size, mtime: header.mtime } };
    this.left = size;
    this.state = 'content';
    if (size > 0) return;
    this.write(this.block, 0, 0);
    this.finish();
  }

  /** What is no longer as it was listed has to come again in any case: no part of it is kept. */
  private place(wanted: WantedFile, size: number, mtime: number): IncomingFile {
    const { identity, size: listed, mtimeSeconds } = wanted;
    const { parts, temporary } = this.into;
    if (parts !== undefined && identity !== undefined && size === listed && mtime === mtimeSeconds) return new DiskParts(parts).begin(identity);
    if (size < stubFloor) return IncomingFile.inPlace(this.target(wanted), size);
    this.counter += 1;
    return IncomingFile.fresh(`${temporary}/${process.pid}-${this.counter}`, size);
  }

  private write(chunk: Buffer, at: number, length: number): void {
    const { open } = this;
    if (open === null) return;
    const bytes = chunk.subarray(at, at + length);
    this.bytes += length;
    if (open.file === null && length === open.header.size) {
      this.small?.put({ place: this.target(open.wanted), bytes, mtime: open.wanted.copyMtime });
      open.sha256 = hash('sha256', bytes, 'hex');
      return;
    }
    open.file ??= this.place(open.wanted, open.header.size, open.header.mtime);
    open.file.write(bytes);
  }

  private target(wanted: WantedFile): string {
    return `${this.into.data}/${placeOf(wanted)}`;
  }

  private finish(): void {
    const { wanted, file, sha256, header } = this.open as OpenFile;
    this.open = null;
    this.hashes.set(wanted.path, sha256 ?? (file as IncomingFile).finish(this.target(wanted), wanted.copyMtime));
    this.files += 1;
    if (header.size !== wanted.size || header.mtime !== wanted.mtimeSeconds) this.odd.push({ path: wanted.path, size: header.size, mtimeSeconds: header.mtime });
    this.left = paddingOf(header.size);
    this.state = this.left === 0 ? 'header' : 'padding';
  }
}
