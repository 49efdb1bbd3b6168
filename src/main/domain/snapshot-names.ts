// Names of a rented host on this computer: as the mirror writes them (reversible through the sidecar) and as a person may see them.
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { BytePath } from './snapshot-ports';

/** The longest file name of common file systems, bytes. */
const longest = 255;
/** Room left of a name that had to be cut; the rest is a hash. */
const keptOfLong = 200;

const plain = /^[\x20-\x24\x26-\x7e]+$/;
// Windows: characters, endings and names it cannot write.
const windowsUnsafe = /[<>:"|?*\\]|[. ]$/;
const windowsReserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

const escaped = (bytes: Buffer, every: boolean): string => {
  let text = '';
  for (const byte of bytes) {
    const keep = byte >= 0x20 && byte < 0x7f && byte !== 0x25 && !every;
    text += keep ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
};

/**
 * One component of a path as the mirror writes it. See [Note: Mirror names].
 *
 * [Note: Mirror names] A name that is valid UTF-8 without control characters and without `%` is kept. All others are written with `%XX`
 * per byte, so that two names never become one and restic only ever sees names that its JSON can carry. What becomes longer than 255 bytes is cut and
 * ends in `%~` and a hash. The sidecar has the original.
 */
export const mirrorComponent = (name: BytePath, platform: NodeJS.Platform = process.platform): string => {
  if (plain.test(name)) {
    if (platform !== 'win32' || !(windowsUnsafe.test(name) || windowsReserved.test(name))) return name;
    return escaped(Buffer.from(name, 'latin1'), true);
  }
  const bytes = Buffer.from(name, 'latin1');
  const text = isUtf8(bytes) ? bytes.toString('utf8') : null;
  // eslint-disable-next-line no-control-regex
  if (text !== null && !/[\u0000-\u001f\u007f%]/.test(text) && !(platform === 'win32' && windowsUnsafe.test(text))) return text;
  const written = escaped(bytes, false);
  if (written.length <= longest) return written;
  return `${written.slice(0, keptOfLong)}%~${createHash('sha256').update(bytes).digest('hex').slice(0, 24)}`;
};

/** Another name for one that the disk takes for the name beside it. See [Note: Names apart]. */
export const apartComponent = (name: BytePath, platform: NodeJS.Platform = process.platform): string => {
  const bytes = Buffer.from(name, 'latin1');
  const written = mirrorComponent(name, platform);
  return `${(/^[\x20-\x7e]*$/.test(written) ? written : escaped(bytes, false)).slice(0, keptOfLong)}%~${createHash('sha256').update(bytes).digest('hex').slice(0, 24)}`;
};

/** The same for any two names that some file system takes for one; maybe for more: the disk is asked then. */
export const folded = (name: string): string => name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');

/** The directory that a relative path lies in; empty at the top. */
export const parentOf = (path: BytePath): BytePath => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** The name at a path's end. */
export const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** A relative path as the mirror writes it. */
export const mirrorPath = (path: BytePath, platform: NodeJS.Platform = process.platform): string =>
  plain.test(path) && platform !== 'win32' ? path : path.split('/').map((part) => mirrorComponent(part, platform)).join('/');

/** Where an entry lies in the mirror. `mirror`: said where its path alone does not tell. */
export const placeOf = (entry: { readonly path: BytePath; readonly mirror?: string }): string => entry.mirror ?? mirrorPath(entry.path);

/** The mirror's directory for what lies at an absolute path of the host; the whole file system is `rootfs`. */
export const mirrorRoot = (directory: string): string => {
  const relative = Buffer.from(directory, 'utf8').toString('latin1').split('/').filter((part) => part !== '').join('/');
  return relative === '' ? 'rootfs' : mirrorPath(relative);
};

/** Text of a stranger, made safe to show: no control characters, no text direction changes, bounded. */
export const safeText = (text: string, most = 500): string => {
  // Four times as much is looked at: an escape is longer than what it stands for, and nothing of a megabyte is wanted.
  const safe = text.slice(0, most * 4).replaceAll(/[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
  return safe.length > most ? `${safe.slice(0, most - 3).replace(/[\ud800-\udbff]$/, '')}...` : safe;
};

/** A name of the host as a person may see it. */
export const displayName = (path: BytePath): string => {
  const bytes = Buffer.from(path, 'latin1');
  return safeText(isUtf8(bytes) ? bytes.toString('utf8') : escaped(bytes, false));
};

/** The bytes of a path that a person typed. */
export const toBytePath = (text: string): BytePath => Buffer.from(text, 'utf8').toString('latin1');
