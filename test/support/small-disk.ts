// A small disk of its own (a tmpfs) that a test fills to the last byte and makes room on again.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { makeTempDir } from './temp-dir';

export interface SmallDisk {
  readonly path: string;
  /** Fills it but for so many bytes, in whole pages. */
  fill(leave?: number): void;
  /** Takes away what filled it. */
  free(): void;
  remove(): void;
}

const page = 4096;

/** Only root mounts on Linux; whoever is not must be let by sudo, without a question. */
const asRoot = (program: string, ...args: readonly string[]): void => {
  const isRoot = process.getuid?.() === 0;
  try {
    execFileSync(isRoot ? program : 'sudo', isRoot ? args : ['-n', program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    throw new Error(`${program} failed; mounting a small disk needs root, or sudo without a password: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
};

/** Mounts one of so many bytes (Linux). */
export const makeSmallDisk = (bytes: number): SmallDisk => {
  const folder = makeTempDir('dumont-disk');
  const disk = folder.at('disk');
  const filling = folder.at('disk', 'filling');
  mkdirSync(disk);
  asRoot('mount', '-t', 'tmpfs', '-o', `size=${String(bytes)},mode=700,uid=${String(process.getuid?.() ?? 0)}`, 'tmpfs', disk);
  return {
    path: disk,
    fill: (leave = 0) => {
      try {
        for (;;) appendFileSync(filling, Buffer.alloc(page));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
      if (leave > 0) truncateSync(filling, statSync(filling).size - leave);
    },
    free: () => rmSync(filling, { force: true }),
    remove: () => {
      // Lazily: what was killed may hold files for a moment longer.
      asRoot('umount', '--lazy', disk);
      folder.remove();
    },
  };
};
