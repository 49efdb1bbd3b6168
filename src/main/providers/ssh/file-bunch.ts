// Small files as they go from thread to thread: one piece of memory with the names, times and contents of many.

/** Bytes. */
const bunchSize = 131_072;
/** Before each file: the length of its name (4 bytes, little endian), that of its content (4), and its time (8, a double); then the name (UTF-8) and the content. */
const headSize = 16;

export interface BunchedFile {
  readonly place: string;
  readonly bytes: Buffer;
  /** Epoch seconds. */
  readonly mtime: number;
}

/** What is posted: the memory goes with it. */
export interface PostedBunch {
  readonly memory: ArrayBuffer;
  /** Bytes of it that are used. */
  readonly end: number;
}

/** The most that this file takes, bytes. */
const mostOf = (place: string, size: number): number => headSize + 3 * place.length + size;

export class FileBunch {
  private readonly bytes: Buffer;

  constructor(
    private readonly memory = new ArrayBuffer(bunchSize),
    private end = 0,
  ) {
    this.bytes = Buffer.from(memory);
  }

  static of({ memory, end }: PostedBunch): FileBunch {
    return new FileBunch(memory, end);
  }

  /** Whether an empty one has room for it. */
  static takes(place: string, size: number): boolean {
    return mostOf(place, size) <= bunchSize;
  }

  hasRoom(place: string, size: number): boolean {
    return this.end + mostOf(place, size) <= bunchSize;
  }

  /** The bytes are copied. */
  add({ place, bytes, mtime }: BunchedFile): void {
    const name = this.bytes.write(place, this.end + headSize, 'utf8');
    this.bytes.writeUInt32LE(name, this.end);
    this.bytes.writeUInt32LE(bytes.length, this.end + 4);
    this.bytes.writeDoubleLE(mtime, this.end + 8);
    this.end += headSize + name;
    this.end += bytes.copy(this.bytes, this.end);
  }

  *files(): Generator<BunchedFile> {
    for (let at = 0; at < this.end; ) {
      const name = at + headSize;
      const content = name + this.bytes.readUInt32LE(at);
      const next = content + this.bytes.readUInt32LE(at + 4);
      yield { place: this.bytes.toString('utf8', name, content), bytes: this.bytes.subarray(content, next), mtime: this.bytes.readDoubleLE(at + 8) };
      at = next;
    }
  }

  posted(): PostedBunch {
    return { memory: this.memory, end: this.end };
  }
}
