// Writes a GNU-format tar stream, header by header, as `tar --format=gnu` on a rented host would.

/** The unit of a tar archive, bytes. */
export const blockSize = 512;
/** GNU tar pads an archive to whole records of 20 blocks. */
export const recordSize = blockSize * 20;

/** What a header says of an entry. */
export interface TarEntry {
  /** `0` file, `1` hard link, `2` symbolic link, `5` directory. */
  readonly type: '0' | '1' | '2' | '5' | 'L' | 'K';
  readonly name: Buffer;
  readonly linkName?: Buffer;
  /** Permission bits, 07777 at most. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content that follow. */
  readonly size: number;
  /** Epoch seconds; fractions are cut off. */
  readonly mtime: number;
}

const nameField = 100;
const longLink = Buffer.from('././@LongLink\0');

const putNumber = (header: Buffer, value: number, at: number, width: number): void => {
  const digits = Math.max(0, Math.trunc(value)).toString(8);
  if (value >= 0 && digits.length < width) {
    header.write(`${digits.padStart(width - 1, '0')}\0`, at, 'latin1');
    return;
  }
  // GNU's base-256 form for what does not fit, two's complement with the top bit set.
  let rest = BigInt(Math.trunc(value));
  for (let index = width - 1; index >= 0; index -= 1) {
    header[at + index] = Number(rest & 255n);
    rest >>= 8n;
  }
  header[at] = (header[at] ?? 0) | 0x80;
};

const plainHeader = (entry: TarEntry): Buffer => {
  const header = Buffer.alloc(blockSize);
  entry.name.copy(header, 0, 0, nameField);
  putNumber(header, entry.mode, 100, 8);
  putNumber(header, entry.uid, 108, 8);
  putNumber(header, entry.gid, 116, 8);
  putNumber(header, entry.size, 124, 12);
  putNumber(header, Math.floor(entry.mtime), 136, 12);
  header.fill(0x20, 148, 156);
  header.write(entry.type, 156, 'latin1');
  entry.linkName?.copy(header, 157, 0, nameField);
  header.write('ustar  \0', 257, 'latin1');
  header.write('root', 265, 'latin1');
  header.write('root', 297, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
};

/** Zero bytes that fill content of `size` bytes up to a whole block. */
export const padding = (size: number): Buffer => Buffer.alloc((blockSize - (size % blockSize)) % blockSize);

const longName = (type: 'L' | 'K', name: Buffer): readonly Buffer[] => {
  const content = Buffer.concat([name, Buffer.alloc(1)]);
  return [plainHeader({ type, name: longLink, mode: 0o644, uid: 0, gid: 0, size: content.length, mtime: 0 }), content, padding(content.length)];
};

/** The header of an entry, with the extra entries that long names need before it. */
export const tarHeader = (entry: TarEntry): Buffer =>
  Buffer.concat([
    ...(entry.linkName && entry.linkName.length > nameField ? longName('K', entry.linkName) : []),
    ...(entry.name.length > nameField ? longName('L', entry.name) : []),
    plainHeader(entry),
  ]);

/** The end of an archive of which `written` bytes went out: two empty blocks, padded to a whole record. */
export const tarEnd = (written: number): Buffer => {
  const least = written + 2 * blockSize;
  return Buffer.alloc(Math.ceil(least / recordSize) * recordSize - written);
};
