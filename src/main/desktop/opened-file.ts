// Reads a file that the system asks the app to open, with distrust: anybody may have made it, and put it anywhere.
import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { OpenedFile } from '../../contract';
import { longestScheduleFile, readScheduleFile } from '../domain/schedule-file';

type Problem = NonNullable<OpenedFile['problem']>;

class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem);
  }
}

/** A link may lead to any file, and is not followed; a named pipe would never answer, and is not waited for. Windows has neither flag. */
const cautiously = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

async function textOf(handle: FileHandle): Promise<string> {
  const found = await handle.stat();
  if (!found.isFile()) throw new Refused('no_file');
  // Windows has no owners of this kind.
  const self = process.getuid?.();
  if (self !== undefined && found.uid !== self) throw new Refused('other_user');
  // What is read counts, not what the file says of itself: it may grow meanwhile.
  const bytes = Buffer.alloc(longestScheduleFile + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, null);
    length += bytesRead;
    if (length > longestScheduleFile) throw new Refused('too_large');
    if (bytesRead === 0) break;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length));
  } catch {
    throw new Refused('no_json');
  }
}

/** What the file at this absolute path holds, or why it is not taken; never throws. Nothing is done with it. */
export async function readOpenedFile(file: string): Promise<OpenedFile> {
  const name = path.basename(file);
  let handle: FileHandle | null = null;
  try {
    if ((await lstat(file)).isSymbolicLink()) throw new Refused('link');
    handle = await open(file, cautiously);
    return { name, ...readScheduleFile(await textOf(handle)) };
  } catch (error) {
    return { name, schedule: null, problem: error instanceof Refused ? error.problem : 'missing' };
  } finally {
    await handle?.close().catch(() => undefined);
  }
}
