// The names that a command is given on its stdin, only a little ahead of what it sends. Runs in the capture worker, or in a test's own thread.
import type { Writable } from 'node:stream';
import type { BytePath } from '../../domain/snapshot-ports';

/*
 * [Note: Names ahead] A reader that writes small files is slower than the host's tar, so whatever may be on the way lies in ssh's buffer, up to 2 MiB. ssh makes room in it by a few hundred
 * bytes more than the next packet needs, and copies all of it each time: with every name asked for at once each connection cost ssh 0.4 s of work, a tenth of a first run's. GNU tar reads
 * a name when it comes to it, so what is on the way is bounded by the names it has. A host that is waited for gets more of them: a long way needs more on it than a short one, names that
 * are gone send nothing, and a tar that reads all names before it begins must get all.
 */

/** At first so much is asked for ahead, bytes of the archive. */
const firstAhead = 524_288;
/** After waiting so long, milliseconds, twice as much. */
const waitsFor = 20;
/** The first part takes a connection, and a disk that wakes up. */
const firstWaitsFor = 1000;
/** What a file is in an archive beside its content, bytes: its header and half a block of padding. */
const ofOne = 768;

/** A file, and how many bytes of it are to come. */
export interface AskedFile {
  readonly path: BytePath;
  readonly size: number;
}

/** Give what came to `came`, and call `end` when nothing comes any more. */
export class NamesAhead {
  private ahead = firstAhead;
  private next = 0;
  /** Bytes of the files whose names were sent. */
  private asked = 0;
  private arrived = 0;
  /** Since when the host is waited for. */
  private since = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly stdin: Writable | null,
    private readonly files: readonly AskedFile[],
  ) {
    // The command may end before it has read all names: that shows in how it ended.
    stdin?.on('error', () => undefined);
    this.timer = setInterval(() => this.wait(), waitsFor);
    this.send();
  }

  /** So many bytes came, and were dealt with. */
  came(bytes: number): void {
    this.arrived += bytes;
    this.since = performance.now();
    if (this.asked - this.arrived < this.ahead / 2) this.send();
  }

  end(): void {
    clearInterval(this.timer);
  }

  private wait(): void {
    if (performance.now() - this.since < (this.arrived === 0 ? firstWaitsFor : waitsFor)) return;
    this.ahead *= 2;
    this.send();
  }

  private send(): void {
    let text = '';
    for (const most = this.arrived + this.ahead; this.next < this.files.length && this.asked < most; this.next += 1) {
      const { path, size } = this.files[this.next] as AskedFile;
      this.asked += size + ofOne;
      text += `./${path}\0`;
    }
    if (this.next < this.files.length) {
      if (text !== '') this.stdin?.write(text, 'latin1');
      return;
    }
    this.end();
    this.stdin?.end(text, 'latin1');
  }
}
