// What `find -printf` prints for the entries of a tree: three NUL-terminated parts each, raw bytes.
import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { joinBytes } from './tree';

const typeLetter = (stats: BigIntStats): string =>
  stats.isFile() ? 'f' : stats.isDirectory() ? 'd' : stats.isSymbolicLink() ? 'l' : stats.isFIFO() ? 'p' : stats.isSocket() ? 's' : stats.isBlockDevice() ? 'b' : 'c';

/** Seconds with ten digits of fraction, as find writes them. */
const findTime = (nanoseconds: bigint): string => {
  const seconds = nanoseconds / 1_000_000_000n - (nanoseconds < 0n && nanoseconds % 1_000_000_000n !== 0n ? 1n : 0n);
  return `${seconds}.${String(nanoseconds - seconds * 1_000_000_000n).padStart(9, '0')}0`;
};

const nul = Buffer.alloc(1);

/** The record of one entry. Owners read as root, as in a container; the file system of this computer knows others. */
export const findRecord = async (real: Buffer, shownPath: Buffer): Promise<Buffer> => {
  const stats = await lstat(real, { bigint: true });
  const link = stats.isSymbolicLink() ? await readlink(real, { encoding: 'buffer' }) : Buffer.alloc(0);
  const head = [
    typeLetter(stats), (stats.mode & 0o7777n).toString(8), '0', '0', String(stats.size), String(stats.blocks),
    findTime(stats.mtimeNs), findTime(stats.ctimeNs), String(stats.ino), String(stats.nlink), String(stats.dev),
  ].join('\t');
  return Buffer.concat([Buffer.from(head), nul, link, nul, shownPath, nul]);
};

const gone = (error: unknown): null => {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  throw error;
};

/** Directories that are shown but not entered: by name anywhere, by the end of their path, or by their whole path. */
export type Pruned = (path: string) => boolean;

/** From the words of the command, such as `name:node_modules`. */
export const prunedBy = (words: readonly string[]): Pruned => {
  const rules = words.map((word) => ({ kind: word.slice(0, word.indexOf(':')), text: Buffer.from(word.slice(word.indexOf(':') + 1)).toString('latin1') }));
  return (path) =>
    rules.some(({ kind, text }) =>
      kind === 'name' ? path.slice(path.lastIndexOf('/') + 1) === text : kind === 'tail' ? path === text || path.endsWith(`/${text}`) : path === text,
    );
};

/** The records of a directory and all below it, parents first; of pruned directories only themselves. */
export async function* walkRecords(top: Buffer, pruned: Pruned, shown: Buffer = Buffer.alloc(0)): AsyncGenerator<Buffer> {
  const here = shown.length === 0 ? top : joinBytes(top, shown);
  const record = await findRecord(here, shown).catch(gone);
  if (!record) return;
  yield record;
  if (record[0] !== 0x64 || pruned(shown.toString('latin1'))) return;
  const names = await readdir(here, { encoding: 'buffer' }).catch(gone);
  for (const name of names ?? []) yield* walkRecords(top, pruned, shown.length === 0 ? name : joinBytes(shown, name));
}
