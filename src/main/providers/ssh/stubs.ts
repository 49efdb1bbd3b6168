// Stubs of one mirror: made, and told from whole files. Synchronous; runs in the capture worker.
import { randomBytes } from 'node:crypto';
import { closeSync, constants, ftruncateSync, futimesSync, lstatSync, openSync, readdirSync, readFileSync, readSync, renameSync, writeFileSync, writeSync, type Stats } from 'node:fs';
import path from 'node:path';
import { stubFloor } from '../../domain/snapshot-manifest';

/*
 * [Note: Stub mark] A stub begins with a mark that is random for each mirror and never leaves this computer, so that no file of a host can have it. How many blocks a file
 * takes says nothing: file systems that compress give a whole file few, some count them late, and a mirror that was copied may have lost its holes.
 * Versions up to 0.1 made stubs of nothing but a hole. In a mirror of theirs, and only until one pass has gone through all of it, a big file with fewer blocks than its size
 * counts as one, and gets the mark.
 */

/** Bytes of a mark. */
const markSize = 32;

interface Marks {
  readonly mark: Buffer;
  /** Some stubs may not have it yet. */
  readonly unmarked: boolean;
}

const readMarks = (file: string): Marks | null => {
  try {
    const { mark, unmarked } = JSON.parse(readFileSync(file, 'utf8')) as { readonly mark: string; readonly unmarked: boolean };
    const bytes = Buffer.from(mark, 'hex');
    return bytes.length === markSize ? { mark: bytes, unmarked } : null;
  } catch {
    return null;
  }
};

/** The stubs in one mirror's folder. */
export class Stubs {
  private known: Marks | null = null;

  constructor(
    private readonly home: string,
    private readonly tree: string,
  ) {}

  private get marks(): Marks {
    this.known ??= readMarks(path.join(this.home, 'stubs.json')) ?? this.keep({ mark: randomBytes(markSize), unmarked: readdirSync(this.tree).length > 0 });
    return this.known;
  }

  private keep(marks: Marks): Marks {
    const file = path.join(this.home, 'stubs.json');
    writeFileSync(`${file}.new`, JSON.stringify({ mark: marks.mark.toString('hex'), unmarked: marks.unmarked }), { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
    this.known = marks;
    return marks;
  }

  /** Before anything is put into the tree: what lies there by now may be stubs without a mark. */
  prepare(): void {
    void this.marks;
  }

  /** Every file of the tree was looked at: all stubs have the mark. */
  allMarked(): void {
    if (this.marks.unmarked) this.keep({ ...this.marks, unmarked: false });
  }

  /** A sparse file with the mark. `mtime`: epoch seconds; null = now. */
  make(file: string, size: number, mtime: number | null): void {
    const descriptor = openSync(file, 'w', 0o600);
    try {
      ftruncateSync(descriptor, size);
      writeSync(descriptor, this.marks.mark, 0, markSize, 0);
      if (mtime !== null) futimesSync(descriptor, mtime, mtime);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Whether a file of the tree stands for content that is not in it. */
  isStub(file: string, stats: Stats = lstatSync(file)): boolean {
    return stats.size >= stubFloor && (this.isMarked(file) || this.isUnmarked(stats));
  }

  /** One of an older version. */
  isUnmarked(stats: Stats): boolean {
    return this.marks.unmarked && stats.size >= stubFloor && stats.blocks * 512 < stats.size;
  }

  private isMarked(file: string): boolean {
    const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const head = Buffer.alloc(markSize);
      return readSync(descriptor, head, 0, markSize, 0) === markSize && head.equals(this.marks.mark);
    } finally {
      closeSync(descriptor);
    }
  }
}
