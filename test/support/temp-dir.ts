// Temporary folders of tests: private, named after their use, removed whole.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder of its own and how to be rid of it. */
export interface TempDir {
  readonly path: string;
  /** Path of something inside. */
  at(...parts: readonly string[]): string;
  remove(): void;
}

/** Makes an empty folder (mode 0700) below the system's temporary folder. */
export const makeTempDir = (name = 'dumont-test'): TempDir => {
  const folder = mkdtempSync(path.join(tmpdir(), `${name}-`));
  return {
    path: folder,
    at: (...parts) => path.join(folder, ...parts),
    // Programs that are just ending may still write: a few tries, 100 ms apart.
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
};
