// Reads a tar stream (ustar, GNU long names, pax) strictly: anything odd ends it with an error instead of a guess.
import { blockSize } from './tar-write';

/** An entry as its headers describe it. */
export interface ReadEntry {
  readonly type: 'file' | 'hardlink' | 'symlink' | 'directory' | 'pipe';
  readonly name: Buffer;
  readonly linkName: Buffer;
  readonly mode: number;
  /** Bytes of content. */
  readonly size: number;
  /** Whole microseconds since 1970; more than seconds only where pax has them. */
  readonly mtimeMicros: number;
}

/** Thrown for a stream that is not the tar it claims to be. */
export class BadTar extends Error {}

const mostLongName = 65_536;
const mostPax = 1_048_576;
const kinds: Readonly<Record<string, ReadEntry['type']>> = { '\0': 'file', '0': 'file', '7': 'file', '1': 'hardlink', '2': 'symlink', '5': 'directory', '6': 'pipe' };

/** Bytes of a stream, taken in the amounts one asks for; never holds more than one chunk and what was asked. */
class ByteSource {
  private chunk: Buffer = Buffer.alloc(0);

  constructor(private readonly chunks: AsyncIterator<Buffer>) {}

  /** Up to `most` bytes, at least one; null at the end. */
  async some(most: number): Promise<Buffer | null> {
    while (this.chunk.length === 0) {
      const next = await this.chunks.next();
      if (next.done === true) return null;
      this.chunk = next.value;
    }
    const part = this.chunk.subarray(0, most);
    this.chunk = this.chunk.subarray(part.length);
    return part;
  }

  /** Exactly `size` bytes; null when the stream ends before the first, BadTar when in between. */
  async exactly(size: number): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    for (let left = size; left > 0; ) {
      const part = await this.some(left);
      if (!part) {
        if (left === size) return null;
        throw new BadTar('Unexpected EOF in archive');
      }
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }
}

const cString = (field: Buffer): Buffer => {
  const end = field.indexOf(0);
  return end === -1 ? field : field.subarray(0, end);
};

const readNumber = (field: Buffer): number => {
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) {
    let value = BigInt(first & 0x40 ? first - 0x100 : first & 0x7f);
    for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte);
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new BadTar('A number in a header is out of range');
    return number;
  }
  const text = cString(field).toString('latin1').trim();
  if (!/^[0-7]*$/.test(text)) throw new BadTar('A number in a header is not octal');
  return text === '' ? 0 : Number.parseInt(text, 8);
};

const checkSum = (header: Buffer): void => {
  const expected = readNumber(header.subarray(148, 156));
  let sum = 8 * 0x20;
  for (const [index, byte] of header.entries()) if (index < 148 || index >= 156) sum += byte;
  if (sum !== expected) throw new BadTar('This does not look like a tar archive');
};

/** Pax records `"LENGTH key=value\n"` by key. */
const paxRecords = (content: Buffer): Map<string, Buffer> => {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.subarray(at, space).toString('latin1'));
    const record = content.subarray(space + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    if (space === -1 || !Number.isInteger(length) || length <= 0 || at + length > content.length || equals === -1) throw new BadTar('Malformed extended header');
    records.set(record.subarray(0, equals).toString('utf8'), record.subarray(equals + 1));
    at += length;
  }
  return records;
};

/** `-?SECONDS.FRACTION` as whole microseconds, what is below them cut off. From the text: a number of seconds cannot hold each of them. */
const micros = (text: string): number => {
  const [, sign, seconds, fraction = ''] = /^(-?)(\d{1,12})(?:\.(\d*))?$/.exec(text) ?? [];
  if (seconds === undefined) throw new BadTar('Malformed extended header');
  const count = Number(`${seconds}${fraction.slice(0, 6).padEnd(6, '0')}`);
  return sign === '-' ? -count : count;
};

interface Pending {
  name?: Buffer;
  linkName?: Buffer;
  pax: Map<string, Buffer>;
}

const ustarName = (header: Buffer): Buffer => {
  const name = cString(header.subarray(0, 100));
  // GNU's own magic uses the prefix field for other things.
  const prefix = header.subarray(257, 263).equals(Buffer.from('ustar\0')) ? cString(header.subarray(345, 500)) : Buffer.alloc(0);
  return prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name;
};

const entryOf = (header: Buffer, pending: Pending): ReadEntry => {
  const flag = String.fromCharCode(header[156] ?? 0);
  const type = kinds[flag];
  if (type === undefined) throw new BadTar(`Entries of type '${flag}' are not accepted`);
  const { pax } = pending;
  const numberIn = (key: string): number | null => {
    const value = pax.get(key);
    if (value === undefined) return null;
    const parsed = Number(value.toString('latin1'));
    if (!Number.isFinite(parsed)) throw new BadTar('Malformed extended header');
    return parsed;
  };
  const name = pax.get('path') ?? pending.name ?? ustarName(header);
  const mtime = pax.get('mtime');
  const size = numberIn('size') ?? readNumber(header.subarray(124, 136));
  if (name.length === 0 || name.includes(0)) throw new BadTar('An entry has no name');
  if (!Number.isSafeInteger(size) || size < 0) throw new BadTar('An entry has an impossible size');
  return {
    type: type === 'file' && name.at(-1) === 0x2f ? 'directory' : type,
    name,
    linkName: pax.get('linkpath') ?? pending.linkName ?? cString(header.subarray(157, 257)),
    mode: readNumber(header.subarray(100, 108)) & 0o7777,
    size: type === 'file' ? size : 0,
    mtimeMicros: mtime === undefined ? readNumber(header.subarray(136, 148)) * 1_000_000 : micros(mtime.toString('latin1')),
  };
};

/** Receives entries in order. `content` yields the bytes of a file and must be read to its end. */
export type EntrySink = (entry: ReadEntry, content: AsyncIterable<Buffer>) => Promise<void>;

async function* contentOf(source: ByteSource, size: number, read: { left: number }): AsyncGenerator<Buffer> {
  for (read.left = size; read.left > 0; ) {
    const part = await source.some(read.left);
    if (!part) throw new BadTar('Unexpected EOF in archive');
    read.left -= part.length;
    yield part;
  }
}

const metaContent = async (source: ByteSource, header: Buffer, most: number): Promise<Buffer> => {
  const size = readNumber(header.subarray(124, 136));
  if (size > most) throw new BadTar('An extended header is too large');
  const padded = await source.exactly(Math.ceil(size / blockSize) * blockSize);
  if (size > 0 && !padded) throw new BadTar('Unexpected EOF in archive');
  return (padded ?? Buffer.alloc(0)).subarray(0, size);
};

/** Takes in a header that only describes the next one; true when it was such a header. */
const takeMeta = async (source: ByteSource, header: Buffer, pending: Pending): Promise<boolean> => {
  switch (String.fromCharCode(header[156] ?? 0)) {
    case 'L':
      pending.name = cString(await metaContent(source, header, mostLongName));
      return true;
    case 'K':
      pending.linkName = cString(await metaContent(source, header, mostLongName));
      return true;
    case 'x':
      pending.pax = paxRecords(await metaContent(source, header, mostPax));
      return true;
    case 'g':
      paxRecords(await metaContent(source, header, mostPax));
      return true;
    default:
      return false;
  }
};

/** Reads a whole archive, one entry after the other, then drains the stream. Throws {@link BadTar}. */
export const readTar = async (stream: AsyncIterable<Buffer>, sink: EntrySink): Promise<void> => {
  const source = new ByteSource(stream[Symbol.asyncIterator]());
  let pending: Pending = { pax: new Map() };
  for (;;) {
    const header = await source.exactly(blockSize);
    if (!header) throw new BadTar('Unexpected EOF in archive');
    if (header.every((byte) => byte === 0)) break;
    checkSum(header);
    if (await takeMeta(source, header, pending)) continue;
    const entry = entryOf(header, pending);
    pending = { pax: new Map() };
    const read = { left: entry.size };
    await sink(entry, contentOf(source, entry.size, read));
    if (read.left !== 0) throw new BadTar('The content of an entry was not read');
    const rest = padding(entry.size);
    if (rest > 0 && !(await source.exactly(rest))) throw new BadTar('Unexpected EOF in archive');
  }
  while (await source.some(blockSize * 128)) {
    // What follows the end marker is padding; it is read so that the sender is not cut off.
  }
};

const padding = (size: number): number => (blockSize - (size % blockSize)) % blockSize;
