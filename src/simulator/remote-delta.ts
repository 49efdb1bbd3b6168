// The `delta` command: sends the files named on stdin as a GNU tar stream, with tar's own messages and exit codes.
import type { BigIntStats } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import { nulNames, shownName, type RemoteIo } from './remote-io';
import { padding, tarEnd, tarHeader, type TarEntry } from './tar-write';
import { BadPath, resolveInside } from './tree';

const chunkBytes = 262_144;
const packetBytes = 65_536;

interface Delta {
  readonly root: string;
  readonly folder: string;
  readonly io: RemoteIo;
  /** First name of each file with several hard links, by device and inode. */
  readonly links: Map<string, Buffer>;
  written: number;
  /** Small parts waiting to go out together: one packet for many small files. */
  waiting: Buffer[];
  waitingBytes: number;
  /** tar's: 0, 1 (something changed) or 2 (something was missing). */
  exitCode: number;
}

const flush = async (delta: Delta): Promise<void> => {
  if (delta.waitingBytes === 0) return;
  const together = Buffer.concat(delta.waiting);
  delta.waiting = [];
  delta.waitingBytes = 0;
  await delta.io.stdout(together);
};

const put = async (delta: Delta, part: Buffer): Promise<void> => {
  if (part.length === 0) return;
  delta.written += part.length;
  delta.waiting.push(part);
  delta.waitingBytes += part.length;
  if (delta.waitingBytes >= packetBytes) await flush(delta);
};

const complain = (delta: Delta, code: number, text: string): void => {
  delta.exitCode = Math.max(delta.exitCode, code);
  delta.io.stderr(`tar: ${text}\n`);
};

const headerOf = (type: TarEntry['type'], name: Buffer, stats: BigIntStats, size: number, linkName?: Buffer): Buffer =>
  tarHeader({
    type, name, mode: Number(stats.mode & 0o7777n), uid: 0, gid: 0, size, mtime: Number(stats.mtimeNs / 1_000_000_000n),
    ...(linkName ? { linkName } : {}),
  });

/** Sends exactly the announced number of bytes, whatever happens to the file meanwhile. */
const sendContent = async (delta: Delta, real: Buffer, name: Buffer): Promise<void> => {
  const file = await open(real, 'r');
  try {
    const stats = await file.stat({ bigint: true });
    const size = Number(stats.size);
    await put(delta, headerOf('0', name, stats, size));
    let sent = 0;
    while (sent < size) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(chunkBytes, size - sent)));
      if (bytesRead === 0) break;
      sent += bytesRead;
      await put(delta, buffer.subarray(0, bytesRead));
    }
    if (sent < size) {
      complain(delta, 1, `${shownName(name)}: File shrank by ${size - sent} bytes; padding with zeros`);
      while (sent < size) {
        const zeros = Buffer.alloc(Math.min(chunkBytes, size - sent));
        sent += zeros.length;
        await put(delta, zeros);
      }
    }
    await put(delta, padding(size));
    const after = await file.stat({ bigint: true });
    if (after.size !== stats.size || after.ctimeNs !== stats.ctimeNs) complain(delta, 1, `${shownName(name)}: file changed as we read it`);
  } finally {
    await file.close();
  }
};

const sendEntry = async (delta: Delta, name: Buffer): Promise<void> => {
  const real = await resolveInside(delta.root, name, { from: delta.folder });
  const stats = await lstat(real, { bigint: true });
  if (stats.isFile()) {
    const identity = `${stats.dev}:${stats.ino}`;
    const first = stats.nlink > 1n ? delta.links.get(identity) : undefined;
    if (first) return put(delta, headerOf('1', name, stats, 0, first));
    if (stats.nlink > 1n) delta.links.set(identity, name);
    return sendContent(delta, real, name);
  }
  if (stats.isDirectory()) return put(delta, headerOf('5', Buffer.concat([name, Buffer.from('/')]), stats, 0));
  if (stats.isSymbolicLink()) return put(delta, headerOf('2', name, stats, 0, await readlink(real, { encoding: 'buffer' })));
  return complain(delta, 1, `${shownName(name)}: file is of a type that is not sent`);
};

const isPlain = (name: Buffer): boolean => name[0] !== 0x2f && !name.toString('latin1').split('/').includes('..');

/** Runs the command for a directory inside the tree; answers its exit code. */
export const runDelta = async (root: string, folder: string, io: RemoteIo): Promise<number> => {
  const delta: Delta = { root, folder, io, links: new Map(), written: 0, waiting: [], waitingBytes: 0, exitCode: 0 };
  for await (const name of nulNames(io.stdin)) {
    if (!isPlain(name)) {
      complain(delta, 2, `${shownName(name)}: Only names below the directory are sent`);
      continue;
    }
    try {
      await sendEntry(delta, name);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT' && code !== 'ENOTDIR' && !(error instanceof BadPath)) throw error;
      complain(delta, 2, `${shownName(name)}: Cannot stat: ${code === 'ENOTDIR' ? 'Not a directory' : 'No such file or directory'}`);
    }
  }
  await put(delta, tarEnd(delta.written));
  await flush(delta);
  if (delta.exitCode === 2) io.stderr('tar: Exiting with failure status due to previous errors\n');
  return delta.exitCode;
};
