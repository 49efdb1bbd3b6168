// The names that a command is given on its stdin: to a near host only a little ahead of what it sends. Runs in the capture worker, or in a test's own thread.
import type { Writable } from 'node:stream';
import type { BytePath } from '../../domain/snapshot-ports';
import { askedName } from './ssh-process';

/*
 * [Note: Names ahead] A reader that writes small files is slower than the tar of a near host, so whatever may be on the way lies in ssh's buffer, up to 2 MiB. ssh makes room in it by a few
 * hundred bytes more than the next packet needs, and copies all of it each time: with every name asked for at once each connection cost ssh 0.4 s of work, a tenth of a first run's. GNU
 * tar reads a name when it comes to it, so what is on the way is bounded by the names it has. Once a host was waited for it gets all names: over a long way much must be on it, names that
 * are gone send nothing, and a tar that reads all names before it begins must get all.
 */

/** So much is asked for ahead, bytes of the archive. */
const ahead = 524_288;
/** A host that says nothing for so long gets all names, milliseconds. */
const waitsFor = 20;
/** What a file is in an archive beside its content, bytes: its header and half a block of padding. */
const ofOne = 768;

/** A file, and how many bytes of it are to come. */
export interface AskedFile {
  readonly path: BytePath;
  readonly size: number;
}

/** Tell what came by `came`, and call `end` when nothing comes any more. */
export class NamesAhead {
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
    this.timer = setInterval(() => {
      if (performance.now() - this.since >= waitsFor) this.send(Number.POSITIVE_INFINITY);
    }, waitsFor);
    this.send(ahead);
  }

  /** So many bytes came, and were dealt with. */
  came(bytes: number): void {
    this.arrived += bytes;
    this.since = performance.now();
    if (this.asked - this.arrived < ahead / 2) this.send(this.arrived + ahead);
  }

  end(): void {
    clearInterval(this.timer);
  }

  /** The next names, until so many bytes are asked for in all. */
  private send(most: number): void {
    const names: string[] = [];
    for (; this.next < this.files.length && this.asked < most; this.next += 1) {
      const { path, size } = this.files[this.next] as AskedFile;
      this.asked += size + ofOne;
      names.push(askedName(path));
    }
    const text = names.join('');
    if (this.next < this.files.length) this.stdin?.write(text, 'latin1');
    else if (this.stdin?.writableEnded === false) {
      this.end();
      this.stdin.end(text, 'latin1');
    }
  }
}
