// What the beginning of a file is: text that can be shown, one of four kinds of image, or neither. Pure. Nothing of it is ever interpreted as a page.
import { isUtf8 } from 'node:buffer';

/** Bytes of text that are shown. */
export const previewBytes = 256 * 1024;
/** Bytes of the largest image that is shown. */
export const imageBytes = 16 * 1024 * 1024;

export type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

const startsWith = (bytes: Uint8Array, text: string, at = 0): boolean => Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.max(0, Math.min(text.length, bytes.length - at))).toString('latin1') === text;

/** By the first bytes alone; the name says nothing. */
export const imageType = (bytes: Uint8Array): ImageType | null => {
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return 'image/png';
  if (startsWith(bytes, '\xff\xd8\xff')) return 'image/jpeg';
  if (startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a')) return 'image/gif';
  return startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8) ? 'image/webp' : null;
};

/** Control characters but tab and line feed, and what changes the direction of text or cannot be seen. */
const unsafe = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Control characters among so many characters mean that it is not text. */
const mostControls = 0.02;

const decoded = (bytes: Buffer, whole: boolean): string | null => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2, bytes.length - (bytes.length % 2)).toString('utf16le');
  if (bytes.includes(0)) return null;
  // The last character may be cut: at most three of its bytes are there.
  for (let cut = 0; cut <= (whole ? 0 : 3); cut += 1) {
    const part = bytes.subarray(0, bytes.length - cut);
    if (isUtf8(part)) return part.toString('utf8').replace(/^\ufeff/, '');
  }
  return null;
};

/** The text of a file's beginning, safe to show; null when it is not text. `whole`: there is no more of it. */
export const previewText = (bytes: Uint8Array, whole: boolean): string | null => {
  const text = decoded(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), whole);
  if (text === null) return null;
  const lines = text.replaceAll('\r\n', '\n');
  const controls = lines.match(unsafe)?.filter((char) => char !== '\u001b' && char !== '\r').length ?? 0;
  if (controls > Math.max(8, lines.length * mostControls)) return null;
  return lines.replaceAll(unsafe, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
};
