// What browsing and searching need from outside: a local index of what every snapshot holds, which can be deleted and built again.
import type { BytePath } from './snapshot-ports';

/** One entry of a snapshot as the index is fed with it. */
export interface IndexEntry {
  /** Relative to what was captured; empty for that itself. */
  readonly path: BytePath;
  /** The last part of its name inside the snapshot, where restic has another one; empty where it is the same. */
  readonly written: string;
  /** find's letter. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; 0 for what is no file. */
  readonly size: number;
  /** Whole seconds since the epoch, and the rest in nanoseconds. */
  readonly seconds: number;
  readonly nanos: number;
  readonly target: BytePath;
  /** 64 hex digits; empty when it is not known. */
  readonly sha256: string;
  /** False: recorded only, its content is not in the snapshot. */
  readonly stored: boolean;
}

/** A snapshot to add. */
export interface IndexSnapshot {
  /** 64 hex digits. */
  readonly id: string;
  /** What its files are versions of: snapshots of one source share rows, and its files have one history. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** Where the entries come from: a sidecar on this disk, or what restic prints. */
export type IndexFeed =
  | { readonly kind: 'file'; readonly file: string; /** The sidecar must say so, else it is another snapshot's. */ readonly takenAt: string; /** Where that of the snapshot before may lie; null = nowhere. */ readonly former: string | null }
  | { readonly kind: 'sidecar' | 'ls'; readonly stream: AsyncIterable<Uint8Array> };

/** A snapshot that is being added while nobody knows its id yet. Whoever else wants to change the index goes before: then this one is given up. */
export interface IndexDraft {
  /** It exists, and is in the index from now on. False: it is not, and is to be added as any other. */
  name(id: string): Promise<boolean>;
  /** There will be no such snapshot. */
  drop(): void;
}

/** A file, directory or link as it is in one snapshot. */
export interface IndexedFile {
  readonly path: BytePath;
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; of a directory, of all files below it. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly mtime: number;
  readonly target: BytePath;
  /** Hex; null when it is not known. */
  readonly sha256: string | null;
  readonly stored: boolean;
  /** Of a directory: what lies directly in it, and the files below it. */
  readonly entries: number | null;
  readonly files: number | null;
}

export interface FolderQuery {
  readonly snapshotId: string;
  readonly path: BytePath;
  /** Part of a name, in any case; empty for all. */
  readonly filter: string;
  readonly sort: 'name' | 'size' | 'mtime';
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

export interface FolderPage {
  readonly folder: IndexedFile;
  /** Directories first. One that holds nothing but one directory is shown with that one: its path is the deepest. */
  readonly rows: readonly IndexedFile[];
  /** Rows in all, of this filter. */
  readonly total: number;
}

export interface SearchHit {
  readonly file: IndexedFile;
  /** The newest snapshot that has it. */
  readonly snapshotId: string;
  /** Different states of it, and snapshots that have it. */
  readonly versions: number;
  readonly snapshots: number;
}

export interface SearchPage {
  readonly hits: readonly SearchHit[];
  /** All that match, also those that are not among the hits. */
  readonly total: number;
}

/** One state of a file, and the snapshots that have it, newest first. */
export interface FileVersion {
  readonly file: IndexedFile;
  readonly snapshotIds: readonly string[];
}

/** What became of a file between two snapshots. `attributes`: the content is the same, mode or owner is not. */
export interface FileChange {
  readonly path: BytePath;
  readonly change: 'added' | 'removed' | 'changed' | 'attributes';
  readonly before: IndexedFile | null;
  readonly after: IndexedFile | null;
}

export interface DiffTotals {
  readonly files: number;
  /** Bytes. */
  readonly bytes: number;
}

export interface DiffPage {
  /** Ordered by path. */
  readonly changes: readonly FileChange[];
  readonly total: number;
  readonly added: DiffTotals;
  readonly removed: DiffTotals;
  /** Bytes: those of the new states. */
  readonly changed: DiffTotals;
  readonly attributes: DiffTotals;
}

/** A file with the name under which restic has it. */
export interface DumpedFile extends IndexedFile {
  /** Absolute inside the snapshot. */
  readonly dumpPath: string;
}

/**
 * The index of one user after another: `users/<id>/index.sqlite`, written and asked in threads of its own.
 *
 * Questions about a snapshot that is not in it answer null. A damaged file is thrown away, and then nothing is in it.
 */
export interface FileIndex {
  /** Ids of all snapshots in it. */
  snapshots(userId: string): Promise<ReadonlySet<string>>;
  /** Adds one, or replaces it; all or nothing. `repository_damaged` when the feed cannot be read. */
  add(userId: string, snapshot: IndexSnapshot, feed: IndexFeed, signal: AbortSignal, onProgress: (entries: number) => void): Promise<void>;
  /** Begins to add one before it has its id; nothing of it counts before it is named. */
  draft(userId: string, snapshot: Omit<IndexSnapshot, 'id'>, feed: Extract<IndexFeed, { readonly kind: 'file' }>): IndexDraft;
  remove(userId: string, snapshotIds: readonly string[]): Promise<void>;
  folder(userId: string, query: FolderQuery, signal?: AbortSignal): Promise<FolderPage | 'no_folder' | null>;
  file(userId: string, snapshotId: string, path: BytePath, signal?: AbortSignal): Promise<DumpedFile | 'no_file' | null>;
  /** Files by part of their name, in any case, best first; `snapshotId` null for all snapshots. */
  search(userId: string, query: { readonly text: string; readonly snapshotId: string | null; readonly limit: number }, signal?: AbortSignal): Promise<SearchPage | null>;
  /** All states of one path in the snapshots of the same source, newest first. */
  versions(userId: string, snapshotId: string, path: BytePath, signal?: AbortSignal): Promise<readonly FileVersion[] | null>;
  /** `other_source`: the two are not of one source. */
  diff(userId: string, query: { readonly from: string; readonly to: string; readonly offset: number; readonly limit: number }, signal?: AbortSignal): Promise<DiffPage | 'other_source' | null>;
  close(): Promise<void>;
}
