// Folders on disks of any kind: made without the traps of those that cannot write every name, and whether others can read what lies there.
import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';

/** Of an error of the file system; empty for others. */
export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

export const statOrNull = (file: string | Buffer): ReturnType<typeof lstat> | Promise<null> =>
  lstat(file).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }) as Promise<never>;

/** Makes a folder and those on the way. mkdir's own `recursive` tries for ever where a disk says ENOENT of a name that it cannot write, as some do of `a"b` on exFAT. */
export const makeFolders = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const above = path.dirname(folder);
    if (codeOf(error) === 'EEXIST') return;
    if (codeOf(error) !== 'ENOENT' || above === folder || (await statOrNull(above)) !== null) throw error;
    await makeFolders(above);
    await makeFolders(folder);
  }
};

/** The same before anything runs. */
export const makeFoldersSync = (folder: string): void => {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const above = path.dirname(folder);
    if (codeOf(error) === 'EEXIST') return;
    if (codeOf(error) !== 'ENOENT' || above === folder || lstatSync(above, { throwIfNoEntry: false }) !== undefined) throw error;
    makeFoldersSync(above);
    makeFoldersSync(folder);
  }
};

/** Whether a disk said so of a name that it cannot write. */
export const isUnwritableName = (error: unknown): boolean => ['ENOENT', 'EINVAL', 'EILSEQ', 'ENAMETOOLONG'].includes(codeOf(error));

/** Whether a file that was made for its owner alone is not: its disk has no permissions (FAT, exFAT), and was mounted for everyone. Windows says it otherwise, and is not asked. */
export const othersCanRead = (file: string): boolean => process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0;
