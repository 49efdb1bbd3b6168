// What rehearsals need from outside: a private scratch folder, a comparison of what lies in it, and a run of the user's own check.
import type { SidecarEntry } from './sidecar';

/** Where snapshots are restored to be looked at, and nothing else. */
export interface RehearsalFolders {
  /** Removes what rehearsals that ended with the app left of this user. */
  clear(userId: string): Promise<void>;
  /** A fresh empty folder of one rehearsal; leftovers of others are removed. */
  open(userId: string, rehearsalId: string): Promise<string>;
  /** Removes it with all that is in it, whatever its modes. */
  discard(folder: string): Promise<void>;
  space(folder: string): Promise<{ readonly free: number; readonly total: number }>;
}

/** What must be in a restored tree. Plain data, so that it can be posted to a thread. */
export interface ComparisonJob {
  /** The captured directory in the scratch folder. */
  readonly folder: string;
  readonly entries: readonly Pick<SidecarEntry, 'mirrorName' | 'type' | 'size' | 'target' | 'sha256'>[];
  /** Nothing else may be there: all of it was restored. */
  readonly whole: boolean;
}

export interface ComparisonReport {
  readonly files: number;
  readonly bytes: number;
  /** Files whose content had no hash to be compared with. */
  readonly unhashed: number;
  /** The first hundred; what each says is safe to show. */
  readonly problems: readonly string[];
  readonly problemCount: number;
}

/** Compares on the disk, away from the main thread. Rejects with `cancelled` after an abort. */
export type CompareTree = (job: ComparisonJob, signal: AbortSignal, onProgress: (bytes: number, files: number) => void) => Promise<ComparisonReport>;

/** How a user's check ended. */
export interface CheckOutcome {
  /** Null when it was ended because its time was over. */
  readonly exitCode: number | null;
  /** The end of what it printed, safe to show. */
  readonly output: string;
}

/** Runs a command of the user in a folder: none of the app's environment, an end after so many milliseconds, nothing of it left. */
export type RunCheck = (command: string, folder: string, limitMs: number, signal: AbortSignal) => Promise<CheckOutcome>;
