// The sidecar: what a file system here cannot keep of the host's files (owners, modes, hardlinks, odd names), as JSON lines inside each snapshot.
import { isUtf8 } from 'node:buffer';
import * as z from 'zod';
import { AppError, isAppError } from './app-error';
import { isSparse, type ManifestEntry } from './snapshot-manifest';
import { mirrorPath } from './snapshot-names';
import type { BytePath } from './snapshot-ports';
import { mainTurn, Turns } from './turns';

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

const bytesOf = (text: string | undefined, base64: string | undefined): BytePath =>
  base64 === undefined ? Buffer.from(text ?? '', 'utf8').toString('latin1') : Buffer.from(base64, 'base64').toString('latin1');

/** The first line of a sidecar, with its end. `entries`: lines that follow. */
export const sidecarHead = (about: { readonly directory: string; readonly root: string; readonly instanceId: number; readonly takenAt: string }, entries: number): string =>
  `${JSON.stringify({ format: 'dumont-manifest', version: 1, directory: about.directory, root: about.root, instance_id: about.instanceId, taken_at: about.takenAt, entries })}\n`;

/** Bytes that JSON writes as they are. */
const plainText = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** A key with its value as they stand in JSON; text where the bytes are UTF-8, else base64. */
const bytesField = (key: string, bytes: BytePath): string => (plainText.test(bytes) ? `"${key}":"${bytes}"` : JSON.stringify(bytesAs(key, bytes)).slice(1, -1));

/** The line of an entry, with its end. Put together by hand: at hundreds of thousands of entries an object for each takes most of the time. */
export const sidecarLine = (entry: ManifestEntry, stored: boolean): string => {
  const mirror = mirrorPath(entry.path);
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

const headSchema = z.object({ format: z.literal('dumont-manifest'), version: z.literal(1), directory: z.string(), root: z.string() });
const lineSchema = z.object({
  path: z.string().optional(),
  path64: z.string().optional(),
  mirror: z.string().optional(),
  type: z.string(),
  mode: z.string().regex(/^[0-7]{1,5}$/),
  uid: z.number().int().min(0),
  gid: z.number().int().min(0),
  size: z.number().int().min(0).default(0),
  mtime: z.string().regex(/^-?\d{1,12}(?:\.\d{1,10})?$/),
  target: z.string().optional(),
  target64: z.string().optional(),
  group: z.string().default(''),
  sha256: z.string().regex(/^(?:[0-9a-f]{64})?$/).default(''),
  sparse: z.boolean().default(false),
  stored: z.boolean().default(true),
});

/** A name that stays below where it is put; empty is the place itself. */
export const plainName = (name: string): boolean => name === '' || name.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'));

const parseLine = (line: string): SidecarEntry => {
  const read = lineSchema.parse(JSON.parse(line));
  const path = bytesOf(read.path, read.path64);
  const mirrorName = read.mirror ?? Buffer.from(path, 'latin1').toString('utf8');
  if (!plainName(path) || !plainName(mirrorName)) throw new Error('a name is not plain');
  return {
    path, mirrorName, type: read.type, mode: Number.parseInt(read.mode, 8), uid: read.uid, gid: read.gid, size: read.size, mtime: read.mtime,
    target: bytesOf(read.target, read.target64), group: read.group, sparse: read.sparse, sha256: read.sha256, stored: read.stored,
  };
};

/** Reads a sidecar from its unpacked lines; one that is not well formed is `repository_damaged`. */
export const readSidecar = async (lines: AsyncIterable<string>, signal?: AbortSignal): Promise<Sidecar> => {
  const turns = new Turns(signal, mainTurn);
  let head: z.output<typeof headSchema> | null = null;
  const entries: SidecarEntry[] = [];
  try {
    for await (const line of lines) {
      if (line === '') continue;
      if (head === null) head = headSchema.parse(JSON.parse(line));
      else entries.push(parseLine(line));
      if (turns.due) await turns.pause();
    }
  } catch (error) {
    // A restic that failed or was killed has its own reason.
    if (isAppError(error)) throw error;
    throw new AppError('repository_damaged', 'The list of files inside the snapshot cannot be read.', { output: sidecarName }, { cause: error });
  }
  if (head === null) throw new AppError('repository_damaged', 'The list of files inside the snapshot is empty.', { output: sidecarName });
  return { directory: head.directory, root: head.root, entries, foreign: false };
};
