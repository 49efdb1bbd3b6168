// Reads a sidecar, whose bytes come from a repository that others may write to.
import * as z from 'zod';
import { AppError, isAppError } from './app-error';
import { plainName, sidecarName, type Sidecar, type SidecarEntry } from './sidecar';
import type { BytePath } from './snapshot-ports';
import { mainTurn, Turns } from './turns';

const bytesOf = (text: string | undefined, base64: string | undefined): BytePath =>
  base64 === undefined ? Buffer.from(text ?? '', 'utf8').toString('latin1') : Buffer.from(base64, 'base64').toString('latin1');

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
