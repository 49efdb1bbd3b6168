// The `restore` command: unpacks a tar stream below a directory of the tree, as `tar -xpf -` would, without ever leaving the tree.
import { execFile } from 'node:child_process';
import { constants, type Stats } from 'node:fs';
import { chmod, link, lstat, lutimes, mkdir, open, rm, rmdir, symlink, utimes } from 'node:fs/promises';
import type { RemoteIo } from './remote-io';
import { shownName } from './remote-io';
import { BadTar, readTar, type ReadEntry } from './tar-read';
import { BadPath, resolveInside } from './tree';

interface Restore {
  readonly root: string;
  readonly folder: string;
  readonly io: RemoteIo;
  /** Directories get their modes and times last, when nothing is written below them any more. */
  readonly directories: { readonly real: Buffer; readonly mode: number; readonly time: number | string }[];
  failed: boolean;
}

/** For Node's utimes, which cuts a number of seconds to microseconds: the middle of one, so that no rounding leaves it. Negative numbers stand for now there, texts do not. */
const timeOf = ({ mtimeMicros }: ReadEntry): number | string => (mtimeMicros < 0 ? String((mtimeMicros - 0.5) / 1e6) : (mtimeMicros + 0.5) / 1e6);

const trimmed = (name: Buffer): Buffer => {
  let end = name.length;
  while (end > 1 && name[end - 1] === 0x2f) end -= 1;
  return name.subarray(0, end);
};

/** Names that real tar would strip or refuse are refused here: absolute ones and those that climb. */
const checkName = (name: Buffer): void => {
  if (name[0] === 0x2f || name.toString('latin1').split('/').includes('..')) throw new BadTar(`${shownName(name)}: Only relative names without '..' are unpacked`);
};

const existing = (real: Buffer): Promise<Stats | null> =>
  lstat(real).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });

/** Clears the place for a new entry; an empty directory may be replaced, a full one not. */
const clear = async (real: Buffer): Promise<void> => {
  const there = await existing(real);
  if (there?.isDirectory() === true) await rmdir(real);
  else if (there) await rm(real);
};

const writeFileEntry = async (real: Buffer, entry: ReadEntry, content: AsyncIterable<Buffer>): Promise<void> => {
  await clear(real);
  const file = await open(real, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    for await (const part of content) await file.writeFile(part);
    await file.chmod(entry.mode);
    await file.utimes(timeOf(entry), timeOf(entry));
  } finally {
    await file.close();
  }
};

const makeDirectory = async (restore: Restore, real: Buffer, entry: ReadEntry): Promise<void> => {
  const there = await existing(real);
  if (there && !there.isDirectory()) await rm(real);
  if (there?.isDirectory() !== true) await mkdir(real, { mode: 0o700 });
  restore.directories.push({ real, mode: entry.mode, time: timeOf(entry) });
};

/** Node makes no pipes; mkfifo does, and where there is none, that is a failure of this entry. */
const makePipe = async (restore: Restore, real: Buffer, entry: ReadEntry): Promise<void> => {
  // An argument of a program is text here, so other names cannot be given to it.
  const path = real.toString('utf8');
  const made = Buffer.from(path).equals(real) && (await new Promise<boolean>((resolve) => execFile('mkfifo', ['-m', entry.mode.toString(8), '--', path], (error) => resolve(error === null))));
  if (made) return utimes(real, timeOf(entry), timeOf(entry));
  restore.failed = true;
  restore.io.stderr(`tar: ${shownName(entry.name)}: Cannot mkfifo\n`);
};

const unpack = async (restore: Restore, entry: ReadEntry, content: AsyncIterable<Buffer>): Promise<void> => {
  const name = trimmed(entry.name);
  checkName(name);
  const real = await resolveInside(restore.root, name, { from: restore.folder, makeParents: true });
  if (entry.type === 'file') return writeFileEntry(real, entry, content);
  if (entry.type === 'directory') return makeDirectory(restore, real, entry);
  await clear(real);
  if (entry.type === 'pipe') return makePipe(restore, real, entry);
  if (entry.type === 'symlink') {
    await symlink(entry.linkName, real);
    return lutimes(real, timeOf(entry), timeOf(entry));
  }
  checkName(entry.linkName);
  const target = await resolveInside(restore.root, entry.linkName, { from: restore.folder });
  return link(target, real);
};

const drain = async (content: AsyncIterable<Buffer>): Promise<void> => {
  for await (const part of content) void part;
};

const finishDirectories = async (restore: Restore): Promise<void> => {
  for (const directory of restore.directories.toReversed()) {
    await chmod(directory.real, directory.mode);
    await utimes(directory.real, directory.time, directory.time);
  }
};

/** Runs the command for a directory inside the tree (made when missing); answers its exit code. */
export const runRestore = async (root: string, folder: string, io: RemoteIo): Promise<number> => {
  const top = await resolveInside(root, folder, { makeParents: true, followLast: true });
  await mkdir(top, { recursive: true, mode: 0o755 });
  const restore: Restore = { root, folder, io, directories: [], failed: false };
  try {
    await readTar(io.stdin, async (entry, content) => {
      try {
        await unpack(restore, entry, content);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (error instanceof BadTar || code === 'ENOSPC' || (code === undefined && !(error instanceof BadPath))) throw error;
        restore.failed = true;
        io.stderr(`tar: ${shownName(entry.name)}: Cannot unpack: ${code ?? (error as Error).message}\n`);
        await drain(content);
      }
    });
  } catch (error) {
    if (!(error instanceof BadTar)) throw error;
    restore.failed = true;
    io.stderr(`tar: ${error.message}\ntar: Error is not recoverable: exiting now\n`);
  }
  await finishDirectories(restore);
  return restore.failed ? 2 : 0;
};
