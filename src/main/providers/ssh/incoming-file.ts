// A file as it comes from a host: written and hashed piece by piece, then put into its place. Runs in the capture worker.
import { createHash, hash, type Hash } from 'node:crypto';
import { closeSync, constants, futimesSync, openSync, renameSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import type { BunchedFile } from './file-bunch';

/** For a file of our own making that was not there. */
export const freshFlags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);

/** In its own place at once: of tens of thousands of small files a rename each is a fifth of the work. */
const freshInPlace = (place: string): number => {
  try {
    return openSync(place, freshFlags, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    unlinkSync(place);
    return openSync(place, freshFlags, 0o600);
  }
};

const writeAll = (descriptor: number, bytes: Buffer): void => {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
};

/** One that counts only when it is whole: by its name, or, in its place from the start, by its size and time, which are what a copy is known by. */
export class IncomingFile {
  /** Of all of it, where it came in one piece: an object to hash with costs more than hashing a small file. */
  private digest: string | null = null;

  constructor(
    private readonly file: string,
    private readonly descriptor: number,
    /** Bytes that are to come; null: nobody asks whether they come at once. */
    private readonly length: number | null,
    private hash: Hash | null = null,
  ) {}

  static fresh(file: string, length: number): IncomingFile {
    return new IncomingFile(file, openSync(file, freshFlags, 0o600), length);
  }

  static inPlace(place: string, length: number): IncomingFile {
    return new IncomingFile(place, freshInPlace(place), length);
  }

  write(bytes: Buffer): void {
    writeAll(this.descriptor, bytes);
    if (this.hash === null && bytes.length === this.length) this.digest = hash('sha256', bytes, 'hex');
    else this.hashed.update(bytes);
  }

  /** What came so far. */
  protected get hashed(): Hash {
    this.hash ??= createHash('sha256');
    return this.hash;
  }

  /** The time comes last, and before the name: what has it is complete. `mtime`: epoch seconds. Gives the SHA-256 of all of it, hex. */
  finish(place: string, mtime: number): string {
    futimesSync(this.descriptor, mtime, mtime);
    closeSync(this.descriptor);
    try {
      if (this.file !== place) renameSync(this.file, place);
    } catch (error) {
      unlinkSync(this.file);
      throw error;
    }
    return this.digest ?? this.hashed.digest('hex');
  }

  /** It does not come to its end. `keep`: what came of it may be of use, where that can be kept. */
  abandon(_keep: boolean): void {
    closeSync(this.descriptor);
    unlinkSync(this.file);
  }
}

/** A file whose content is all there, in its own place. */
export const writeInPlace = ({ place, bytes, mtime }: BunchedFile): void => {
  const descriptor = freshInPlace(place);
  let done = false;
  try {
    writeAll(descriptor, bytes);
    // The time comes last: what has it is complete.
    futimesSync(descriptor, mtime, mtime);
    done = true;
  } finally {
    closeSync(descriptor);
    if (!done) unlinkSync(place);
  }
};

const hasContent = (bytes: Buffer): boolean => {
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] !== 0) return true;
  return false;
};

/** Where a part is on the disk, and how far it is there. */
export interface PartPlace {
  readonly file: string;
  readonly descriptor: number;
  /** Beside it. */
  readonly marks: { readonly file: string; readonly descriptor: number };
  /** Bytes between two marks. */
  readonly step: number;
  readonly hash: Hash;
  /** Bytes that are there; all of them have their marks. */
  readonly size: number;
}

/** One of which a part can be kept. See [Note: Kept parts]. */
export class PartFile extends IncomingFile {
  /** Bytes. */
  size: number;
  /** Bytes up to the last mark. */
  kept: number;
  /** Marks that are not set yet. */
  private due: string[] = [];

  constructor(private readonly place: PartPlace) {
    super(place.file, place.descriptor, null, place.hash);
    this.size = place.size;
    this.kept = place.size;
  }

  override write(bytes: Buffer): void {
    const { step } = this.place;
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + step - (this.size % step));
      super.write(piece);
      if (this.due.length > 0 && hasContent(piece)) this.mark();
      this.size += piece.length;
      at += piece.length;
      if (this.size % step === 0) this.due.push(`${this.hashed.copy().digest('hex')}\n`);
    }
  }

  private mark(): void {
    writeAll(this.place.marks.descriptor, Buffer.from(this.due.join(''), 'latin1'));
    this.kept += this.due.length * this.place.step;
    this.due = [];
  }

  override finish(place: string, mtime: number): string {
    try {
      return super.finish(place, mtime);
    } finally {
      this.forget();
    }
  }

  override abandon(keep: boolean): void {
    if (keep && this.kept > 0) {
      closeSync(this.place.descriptor);
      closeSync(this.place.marks.descriptor);
      return;
    }
    super.abandon(false);
    this.forget();
  }

  private forget(): void {
    closeSync(this.place.marks.descriptor);
    rmSync(this.place.marks.file, { force: true });
  }
}
