// A password in a private file for one call of restic, which takes a new password from a file only; and what crashes left of such files.
import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isAlive } from '../process/is-alive';

const prefix = 'dumont-key-';
/** No call lasts so long, milliseconds. */
const longest = 600_000;

/** The file is there while the call runs. */
export const withKeyFile = async <Result>(password: string, call: (file: string) => Promise<Result>): Promise<Result> => {
  const folder = await mkdtemp(path.join(tmpdir(), `${prefix}${process.pid}-`));
  try {
    const file = path.join(folder, 'key');
    await writeFile(file, password, { mode: 0o600, flag: 'wx' });
    return await call(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Removes files of this user whose process was killed within its call. Call it at start. */
export const removeLeftKeyFiles = async (): Promise<void> => {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1] ?? 0);
    const folder = path.join(tmpdir(), name);
    const facts = pid > 0 ? await lstat(folder).catch(() => null) : null;
    if (facts === null || !facts.isDirectory() || (process.getuid !== undefined && facts.uid !== process.getuid())) continue;
    if (!isAlive(pid) || Date.now() - facts.mtimeMs > longest) await rm(folder, { recursive: true, force: true });
  }
};
