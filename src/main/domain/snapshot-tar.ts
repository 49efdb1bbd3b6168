// The tar format in both directions, header by header: ustar, GNU long names, pax. Names are bytes (latin1). Pure.
import type { BytePath } from './snapshot-ports';

/** The unit of a tar archive, bytes. */
export const blockSize = 512;
/** Archives are padded to whole records of 20 blocks. */
const recordSize = 20 * blockSize;

export interface TarHeader {
  readonly name: BytePath;
  /** `0` file, `1` hardlink, `2` symbolic link, `5` directory, `L` `K` `x` `g` describe the next entry. */
  readonly type: string;
  readonly mode: number;
  /** NaN where it is no number. */
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Whole epoch seconds. */
  readonly mtime: number;
  readonly linkName: BytePath;
}

/** Bytes that fill content up to a whole block. */
export const paddingOf = (size: number): number => (blockSize - (size % blockSize)) % blockSize;

export const isEmptyBlock = (block: Buffer): boolean => block.readUInt32LE(0) === 0 && block.every((byte) => byte === 0);

const cString = (block: Buffer, from: number, to: number): string => {
  const end = block.indexOf(0, from);
  return block.toString('latin1', from, end === -1 || end > to ? to : end);
};

/** Digits between spaces, up to a NUL. Byte by byte: a text for each of six fields of each file costs more than the rest of its header. */
const readOctal = (block: Buffer, from: number, to: number): number => {
  let at = from;
  let value = 0;
  while (at < to && block[at] === 0x20) at += 1;
  for (; at < to && ((block[at] ?? 0) & 0xf8) === 0x30; at += 1) value = value * 8 + ((block[at] ?? 0) & 7);
  while (at < to && block[at] === 0x20) at += 1;
  return at === to || block[at] === 0 ? value : Number.NaN;
};

/** Octal, or base-256 where the top bit is set; NaN for anything else. */
const readNumber = (block: Buffer, from: number, to: number): number => {
  const first = block[from] ?? 0;
  if ((first & 0x80) === 0) return readOctal(block, from, to);
  let value = BigInt((first & 0x40) === 0 ? first & 0x7f : first - 0x100);
  for (let at = from + 1; at < to; at += 1) value = value * 256n + BigInt(block[at] ?? 0);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : Number.NaN;
};

/** Reads a header block; null when it is not one (check sum, numbers). */
export const readHeader = (block: Buffer): TarHeader | null => {
  const checksum = readNumber(block, 148, 156);
  let sum = 8 * 0x20;
  for (let at = 0; at < blockSize; at += 1) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  const mode = readNumber(block, 100, 108);
  const size = readNumber(block, 124, 136);
  const mtime = readNumber(block, 136, 148);
  if (sum !== checksum || !(size >= 0) || Number.isNaN(mode) || Number.isNaN(mtime)) return null;
  const flag = String.fromCharCode(block[156] ?? 0);
  const name = cString(block, 0, 100);
  // GNU's own magic (`ustar  `) uses the prefix field for other things.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? cString(block, 345, 500) : '';
  return { name: prefix === '' ? name : `${prefix}/${name}`, type: flag === '\0' ? '0' : flag, mode, uid: readNumber(block, 108, 116), gid: readNumber(block, 116, 124), size, mtime, linkName: cString(block, 157, 257) };
};

/** Pax records `LENGTH key=value\n`; null when they are not well formed. */
export const paxRecords = (content: Buffer): ReadonlyMap<string, string> | null => {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = space === -1 || space - at > 6 ? Number.NaN : Number(content.toString('latin1', at, space));
    const end = at + length;
    if (!Number.isInteger(length) || length <= space - at + 2 || end > content.length || content[end - 1] !== 0x0a) return null;
    const equals = content.indexOf(0x3d, space);
    if (equals === -1 || equals >= end) return null;
    records.set(content.toString('latin1', space + 1, equals), content.toString('latin1', equals + 1, end - 1));
    at = end;
  }
  return records;
};

/** An entry to write. */
export interface TarEntry {
  readonly name: BytePath;
  /** `6`: a named pipe. */
  readonly type: '0' | '1' | '2' | '5' | '6';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Epoch seconds with fractions, as text. */
  readonly mtime: string;
  readonly linkName?: BytePath;
}

const putNumber = (block: Buffer, value: number, at: number, width: number): void => {
  const digits = value.toString(8);
  if (value >= 0 && digits.length < width) {
    block.write(`${digits.padStart(width - 1, '0')}\0`, at, 'latin1');
    return;
  }
  let rest = BigInt(value);
  for (let index = width - 1; index >= 0; index -= 1) {
    block[at + index] = Number(rest & 255n);
    rest >>= 8n;
  }
  block[at] = (block[at] ?? 0) | 0x80;
};

const plainHeader = (name: string, type: string, fields: { readonly mode: number; readonly uid: number; readonly gid: number; readonly size: number; readonly mtime: number; readonly linkName: string }): Buffer => {
  const block = Buffer.alloc(blockSize);
  block.write(name.slice(0, 100), 0, 'latin1');
  putNumber(block, fields.mode, 100, 8);
  putNumber(block, fields.uid, 108, 8);
  putNumber(block, fields.gid, 116, 8);
  putNumber(block, fields.size, 124, 12);
  putNumber(block, fields.mtime, 136, 12);
  block.fill(0x20, 148, 156);
  block.write(type, 156, 'latin1');
  block.write(fields.linkName.slice(0, 100), 157, 'latin1');
  block.write('ustar  \0', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
};

const none = { mode: 0o644, uid: 0, gid: 0, mtime: 0, linkName: '' };

const described = (type: 'L' | 'K' | 'x', content: Buffer): Buffer[] => [
  plainHeader(type === 'x' ? './PaxHeaders/entry' : '././@LongLink', type, { ...none, size: content.length }),
  content,
  Buffer.alloc(paddingOf(content.length)),
];

const paxRecord = (key: string, value: string): string => {
  const body = ` ${key}=${value}\n`;
  let length = body.length;
  while (String(length).length + body.length !== length) length = String(length).length + body.length;
  return `${length}${body}`;
};

/** The header of an entry with what must come before it: GNU long names (they carry any bytes), pax for parts of a second. */
export const tarHeader = (entry: TarEntry): Buffer => {
  const linkName = entry.linkName ?? '';
  const seconds = Math.floor(Number(entry.mtime));
  const fraction = /\.\d*[1-9]/.test(entry.mtime);
  return Buffer.concat([
    ...(fraction ? described('x', Buffer.from(paxRecord('mtime', entry.mtime), 'latin1')) : []),
    ...(linkName.length > 100 ? described('K', Buffer.from(`${linkName}\0`, 'latin1')) : []),
    ...(entry.name.length > 100 ? described('L', Buffer.from(`${entry.name}\0`, 'latin1')) : []),
    plainHeader(entry.name, entry.type, { mode: entry.mode, uid: entry.uid, gid: entry.gid, size: entry.type === '0' ? entry.size : 0, mtime: seconds, linkName }),
  ]);
};

/** The end of an archive of which so many bytes went out. */
export const tarEnd = (written: number): Buffer => Buffer.alloc(Math.ceil((written + 2 * blockSize) / recordSize) * recordSize - written);
