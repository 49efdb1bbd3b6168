// The sidecar: what a file system here cannot keep of the host's files (owners, modes, hardlinks, odd names), as JSON lines inside each snapshot. Written in the capture worker, which loads no schemas: reading is in sidecar-read.ts.
import { isUtf8 } from 'node:buffer';
import { isSparse, type ManifestEntry } from './snapshot-manifest';
import { placeOf } from './snapshot-names';
import type { BytePath } from './snapshot-ports';

/** Its name at the root of a snapshot, beside the captured directory; gzip. The format is in docs/snapshots.md. */
export const sidecarName = '.dumont-manifest.v1.jsonl.gz';

/** One entry as the sidecar keeps it. */
export interface SidecarEntry {
  readonly path: BytePath;
  readonly mirrorName: string;
  readonly type: string;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Epoch seconds with fractions, as text. */
  readonly mtime: string;
  readonly target: BytePath;
  /** Members of one hardlink group share this text; empty for others. */
  readonly group: string;
  /** It had holes there. */
  readonly sparse: boolean;
  /** Of the content, hex; empty where it is not known. */
  readonly sha256: string;
  /** False: recorded only, such as sockets. */
  readonly stored: boolean;
}

export interface Sidecar {
  /** The captured directory on the host. */
  readonly directory: string;
  /** The captured directory inside the snapshot, without a leading slash. */
  readonly root: string;
  readonly entries: readonly SidecarEntry[];
  /** It is no sidecar, but what restic says of a snapshot that another client made: targets of links and hashes are not known. */
  readonly foreign: boolean;
}

/** Text where the bytes are UTF-8, else base64 under another key. */
const bytesAs = (key: string, bytes: BytePath): Record<string, string> => {
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? { [key]: buffer.toString('utf8') } : { [`${key}64`]: buffer.toString('base64') };
};

/** The first line of a sidecar, with its end. `entries`: lines that follow. */
export const sidecarHead = (about: { readonly directory: string; readonly root: string; readonly instanceId: number; readonly takenAt: string }, entries: number): string =>
  `${JSON.stringify({ format: 'dumont-manifest', version: 1, directory: about.directory, root: about.root, instance_id: about.instanceId, taken_at: about.takenAt, entries })}\n`;

/** Bytes that JSON writes as they are. */
const plainText = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** A key with its value as they stand in JSON; text where the bytes are UTF-8, else base64. */
const bytesField = (key: string, bytes: BytePath): string => (plainText.test(bytes) ? `"${key}":"${bytes}"` : JSON.stringify(bytesAs(key, bytes)).slice(1, -1));

/** The line of an entry, with its end. Put together by hand: at hundreds of thousands of entries an object for each takes most of the time. */
export const sidecarLine = (entry: ManifestEntry, stored: boolean): string => {
  const mirror = placeOf(entry);
  const isFile = entry.type === 'f';
  // A plain name is its own name in the mirror wherever names need no escape.
  const mirrorField = mirror === entry.path && plainText.test(mirror) ? '' : mirror === bytesAs('path', entry.path)['path'] ? '' : `,"mirror":${JSON.stringify(mirror)}`;
  const size = isFile ? `,"size":${String(entry.size)}` : '';
  const target = entry.type === 'l' ? `,${bytesField('target', entry.target)}` : '';
  const group = isFile && entry.links > 1 ? `,"group":"${entry.device}:${entry.inode}"` : '';
  const sparse = isSparse(entry) ? ',"sparse":true' : '';
  const sha256 = entry.sha256 === '' ? '' : `,"sha256":"${entry.sha256}"`;
  const owner = `"mode":"${entry.mode.toString(8)}","uid":${String(entry.uid)},"gid":${String(entry.gid)}`;
  return `{${bytesField('path', entry.path)}${mirrorField},"type":${JSON.stringify(entry.type)},${owner}${size},"mtime":"${entry.mtime}"${target}${group}${sparse}${sha256}${stored ? '' : ',"stored":false'}}\n`;
};

/** A name that stays below where it is put; empty is the place itself. */
export const plainName = (name: string): boolean => name === '' || name.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'));
