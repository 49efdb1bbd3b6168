// Small files on their way to the disk: a thread of its own writes them, in bunches. Used in the capture worker.
import { Worker } from 'node:worker_threads';
import { FileBunch, type BunchedFile } from './file-bunch';
import type { WrittenBunch } from './file-writer';

/*
 * [Note: Small files] Four calls of the system make a file, and for small ones they are most of the reader's work in a fetch. Here another thread makes them. While much is on its way none is
 * taken, and the reader makes them itself: so both are busy, and little memory is needed. Nothing is known to be there before `settle`, which says so, or why not.
 */

/** So many bunches may be on their way. */
const mostAway = 4;
/** The thread needs next to nothing, MB. */
const memory = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 };

export class SmallFiles {
  private thread: Worker | null = null;
  /** Memory of bunches that came back. */
  private readonly free: ArrayBuffer[] = [];
  private open: FileBunch | null = null;
  private away = 0;
  private failure: Error | null = null;
  private heard: () => void = () => undefined;

  /** `file`: the thread's program. */
  constructor(private readonly file: string) {}

  /** Whether a file of so many bytes is taken now. */
  takes(place: string, size: number): boolean {
    return this.away < mostAway && FileBunch.takes(place, size);
  }

  /** To be written to its place, where nothing is or what is there gives way; the bytes are copied. Throws what the file system threw of one before. */
  put(file: BunchedFile): void {
    if (this.failure !== null) throw this.failure;
    if (this.open?.hasRoom(file.place, file.bytes.length) === false) this.send();
    this.open ??= new FileBunch(this.free.pop());
    this.open.add(file);
  }

  /** All of them are there afterwards. Throws what the file system threw of one, and is as new then. */
  async settle(): Promise<void> {
    this.send();
    while (this.away > 0) await this.next();
    const { failure } = this;
    this.failure = null;
    if (failure !== null) throw failure;
  }

  close(): void {
    void this.thread?.terminate();
  }

  private send(): void {
    const { open } = this;
    this.open = null;
    if (open === null) return;
    const bunch = open.posted();
    this.away += 1;
    this.thread ??= this.start();
    this.thread.postMessage(bunch, [bunch.memory]);
  }

  private start(): Worker {
    const thread = new Worker(this.file, { resourceLimits: memory });
    thread.unref();
    thread.on('message', (bunch: WrittenBunch) => {
      this.free.push(bunch.memory);
      this.away -= 1;
      if (bunch.failure !== null) this.failure ??= Object.assign(new Error(bunch.failure.message), { code: bunch.failure.code });
      this.heard();
    });
    const end = (error: Error): void => {
      if (this.away > 0) this.failure ??= error;
      this.away = 0;
      this.thread = null;
      this.heard();
    };
    thread.once('error', end);
    thread.once('exit', () => end(new Error('The thread that writes files ended')));
    return thread;
  }

  private next(): Promise<void> {
    return new Promise((resolve) => {
      this.heard = resolve;
    });
  }
}
