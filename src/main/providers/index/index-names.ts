// Names in the index: as text that SQLite can hold, whatever bytes they are, and folded for finding them in any case.
import { isUtf8 } from 'node:buffer';
import { displayName } from '../../domain/snapshot-names';
import type { BytePath } from '../../domain/snapshot-ports';

const ascii = /^\p{ASCII}*$/u;
/** Stands before bytes that are not text: no character of any language. */
const marker = '\uffff';

/** Bytes as text: the text itself where they are UTF-8, else the marker and one character per byte. */
export const toCell = (bytes: BytePath): string => {
  if (ascii.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  const text = isUtf8(buffer) ? buffer.toString('utf8') : null;
  return text === null || text.startsWith(marker) ? marker + bytes : text;
};

/** The bytes that `toCell` was given. */
export const fromCell = (cell: string): BytePath => {
  if (ascii.test(cell)) return cell;
  return cell.startsWith(marker) ? cell.slice(marker.length) : Buffer.from(cell, 'utf8').toString('latin1');
};

/** Text that is equal for names that differ in case only, or in how accents are composed. */
export const fold = (text: string): string => (ascii.test(text) ? text.toLowerCase() : text.normalize('NFC').toLowerCase());

/** A name as it is compared and searched; bytes that are not text are found by how they are shown. */
export const foldName = (name: BytePath): string => {
  if (ascii.test(name)) return name.toLowerCase();
  const cell = toCell(name);
  return fold(cell.startsWith(marker) ? displayName(name) : cell);
};
