// A file of pieces that are packed in the thread pool while the caller goes on. Used in the capture worker.
import { closeSync, openSync, writeSync } from 'node:fs';

export class PackedFile {
  private readonly descriptor: number;
  private last: Promise<void> = Promise.resolve();

  /** `pack` gives the bytes that stand for a piece. */
  constructor(
    file: string,
    private readonly pack: (piece: string) => Promise<Uint8Array>,
  ) {
    this.descriptor = openSync(file, 'w', 0o600);
  }

  /** Resolves when the piece before this one is written: no more than two wait in memory. Rejects with what the file system threw. */
  write(piece: string): Promise<void> {
    const before = this.last;
    this.last = Promise.all([this.pack(piece), before]).then(([bytes]) => this.put(bytes));
    // The next piece, or the end, hears of it.
    this.last.catch(() => undefined);
    return before;
  }

  private put(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.descriptor, bytes, done);
  }

  /** `end`: what comes after the last piece, as it is. */
  async done(end?: Uint8Array): Promise<void> {
    try {
      await this.last;
      if (end !== undefined) this.put(end);
    } finally {
      closeSync(this.descriptor);
    }
  }
}
