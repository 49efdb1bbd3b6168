// Folders on this computer that restores fill, as the domain asks for them.
import type { BytePath } from './snapshot-ports';

/** What a restored entry becomes. */
export interface RestoredEntry {
  /** Where it lies before it gets its own name, relative. */
  readonly mirrorName: string;
  /** Where restic put it, relative to the scratch folder, if that is elsewhere. See [Note: Names alike]. */
  readonly from: string | null;
  readonly path: BytePath;
  readonly type: 'f' | 'd' | 'l';
  readonly mode: number;
  /** Seconds since 1970 with their fraction, as in the sidecar. */
  readonly mtime: string;
  readonly target: BytePath;
  /** The first name of its hardlink group, when it is a later one. */
  readonly sameAs: BytePath | null;
}

/** Folders on this computer that a restore fills. */
export interface RestoreFolders {
  /** A fresh private folder inside the target, which is made when it is not there. `target_not_empty`, `target_forbidden`. */
  open(target: string, within: string | null): Promise<{ readonly scratch: string }>;
  /** Whether some names that a host tells apart are one there: by case, or by how a letter is composed. */
  foldsNames(scratch: string): Promise<boolean>;
  /** A new folder for what restic must not put among the rest; its name in the scratch folder. */
  beside(scratch: string): Promise<string>;
  /** Modes without setuid, times, links, original names, then everything into place; never over an existing file. Gives warnings, also of what the disk there cannot keep. */
  finish(target: string, scratch: string, root: string, entries: readonly RestoredEntry[]): Promise<{ readonly files: number; readonly warnings: readonly string[] }>;
  /** Removes what a restore had prepared there, also one of a former run of the app; says whether the folder then holds anything. */
  discard(target: string, scratch: string): Promise<'nothing' | 'something'>;
}
