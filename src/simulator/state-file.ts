// The simulator's memory on disk: one JSON file, replaced atomically, plus a folder per instance for its files.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceRecord, StoredKey } from './instance-record';

/** Everything that survives a restart. */
export interface SavedState {
  readonly version: 1;
  readonly seed: string;
  readonly apiKey: string;
  /** Epoch seconds at which this world was made: anchors listing dates. */
  readonly epoch: number;
  readonly credit: number;
  readonly spent: number;
  readonly clockOffset: number;
  /** Epoch seconds up to which charges were made. */
  readonly settledAt: number;
  readonly nextId: number;
  readonly accountKeys: readonly StoredKey[];
  readonly generations: Readonly<Record<string, number>>;
  readonly instances: readonly InstanceRecord[];
  /** Destroyed ones, kept for their charges. */
  readonly destroyed: readonly InstanceRecord[];
}

const fileName = 'simulator-state.json';

/** Reads the state of a folder, or null when it has none. Throws when the file is there but is not ours. */
export const loadState = (folder: string): SavedState | null => {
  let text: string;
  try {
    text = readFileSync(join(folder, fileName), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const parsed = JSON.parse(text) as SavedState;
  if (parsed.version !== 1) throw new Error(`the simulator state in ${folder} was written by another version`);
  return parsed;
};

/** Writes the state: a new file, synced, renamed over the old one. Readable by the owner only, as it holds keys. */
export const saveState = (folder: string, state: SavedState): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fresh = join(folder, `${fileName}.new`);
  const file = openSync(fresh, 'w', 0o600);
  try {
    writeFileSync(file, JSON.stringify(state));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, join(folder, fileName));
};
