// Makes the next run's memory as near for one side as for the other.
import { openSync, closeSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';

const block = Buffer.alloc(1 << 20, 1);

/**
 * Writes so many bytes to a tmpfs and lets go of them.
 *
 * A virtual machine gives memory that nobody uses back to its host, and a page that has to come from there costs many times one that was let go a moment ago: 5 s for a gigabyte that is
 * written, against 0.7 s. Without this the side that runs after the one which frees more has an advantage that is none of its own.
 */
export const warmMemory = (folder: string, bytes: number): void => {
  const file = path.join(folder, `warm-${String(process.pid)}`);
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    for (let done = 0; done < bytes; done += block.length) writeSync(descriptor, block);
  } finally {
    closeSync(descriptor);
    unlinkSync(file);
  }
};
