// What snapshots need from outside: rented hosts over SSH, the local restic repository, the private mirror, folders to restore into.
import type { ManifestEntry } from './snapshot-manifest';
import type { Prune } from './source-rules';

/**
 * A path on the rented host, relative to the captured directory, one character per byte (latin1).
 *
 * Names on a host are bytes; they are never decoded as UTF-8 before they are compared, written or sent back.
 */
export type BytePath = string;

/** Where an instance answers. */
export interface HostTarget {
  readonly userId: string;
  readonly instanceId: number;
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** What the host can do. */
export interface Probe {
  readonly uname: string;
  readonly tar: string;
  readonly find: string;
  /** The directory exists. */
  readonly directory: boolean;
  readonly nice: boolean;
  readonly ionice: boolean;
  /** What `.dumontignore` in the directory says, bytes as latin1, at most 64 KiB; null when there is none. */
  readonly ignoreFile: BytePath | null;
}

/** How a host is treated: at most so many bytes per second from it, and whether its own work goes first. */
export interface HostManner {
  readonly bytesPerSecond: number | null;
  readonly lowPriority: boolean;
}

/** One file to fetch: its name, the size the manifest gave, and the time its copy gets. */
export interface WantedFile {
  readonly path: BytePath;
  /** Bytes. */
  readonly size: number;
  /** Whole seconds as tar will say them. */
  readonly mtimeSeconds: number;
  /** Epoch seconds with fractions, for the copy. */
  readonly copyMtime: number;
}

/** A file that came otherwise than the manifest said. */
export interface OddFile {
  readonly path: BytePath;
  readonly size: number;
  readonly mtimeSeconds: number;
}

export interface FetchReport {
  readonly files: number;
  readonly bytes: number;
  /** Came with another size or time. */
  readonly odd: readonly OddFile[];
  /** SHA-256 of what came, hex, by name. */
  readonly hashes: ReadonlyMap<BytePath, string>;
  /** Asked for and not sent. */
  readonly missing: readonly BytePath[];
  /** 0, or 1 (changed while read) or 2 (some missing). */
  readonly exitCode: number;
  /** The host's own lines, made safe to show. */
  readonly notes: readonly string[];
}

/** A running rented host. Failures are the AppErrors `ssh_*`, `host_key_changed`, `connection_cut`, `remote_*`, `source_*`, `disk_full`. */
export interface RemoteHost {
  probe(directory: string, signal: AbortSignal): Promise<Probe>;
  /** Every entry, parents before children; of pruned directories only themselves. `source_missing` when the directory is not there. */
  manifest(directory: string, prune: readonly Prune[], signal: AbortSignal, onEntries: (count: number) => void): Promise<{ readonly entries: readonly ManifestEntry[]; readonly notes: readonly string[] }>;
  /** Fetches regular files into a mirror; nothing else is ever written. */
  fetch(directory: string, files: readonly WantedFile[], into: { readonly data: string; readonly temporary: string }, signal: AbortSignal, onProgress: (bytes: number, files: number) => void): Promise<FetchReport>;
  /** What these are now; the missing ones are left out. */
  stat(directory: string, paths: readonly BytePath[], signal: AbortSignal): Promise<readonly ManifestEntry[]>;
  /** Unpacks a tar stream below the directory, which is made when it is not there. */
  restore(directory: string, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
}

export interface RemoteHosts {
  /** The ssh program, or null when there is none. */
  tool(): Promise<{ readonly path: string; readonly version: string } | null>;
  /** The user's own public key, one line; made on first use. */
  publicKey(userId: string): Promise<string>;
  /** Forgets the pinned host key of an instance that is gone. */
  forget(userId: string, instanceId: number): Promise<void>;
  /** Without a manner: as fast as it goes, with low priority there. */
  host(target: HostTarget, manner?: HostManner): RemoteHost;
}

// ---------------------------------------------------------------- restic

/** Where a repository lies. */
export interface RepositoryPlace {
  /** What restic's `--repo` gets: an absolute folder, or a backend's location without any secret in it. */
  readonly location: string;
  /** The location is a folder of this computer, so that the file system itself answers for it. */
  readonly local: boolean;
}

/** Which repository, opened how. */
export interface RepositoryAccess extends RepositoryPlace {
  /** Of the row in `repositories`; one user's `default` is not another's. */
  readonly id: string;
  readonly password: string;
  /** From the settings; null = the flag's or PATH's. */
  readonly resticPath: string | null;
  /** What its backend needs (keys, user names): only ever in restic's environment, never in argv or a log. */
  readonly env: Readonly<Record<string, string>>;
}

export interface BackupSummary {
  /** 64 hex digits, whatever restic printed. */
  readonly snapshotId: string;
  readonly filesNew: number;
  readonly filesChanged: number;
  readonly filesUnmodified: number;
  readonly dataAdded: number;
  readonly totalFiles: number;
  readonly totalBytes: number;
  /** Items restic could not read. */
  readonly errors: readonly string[];
}

export interface RepositorySnapshot {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly hostname: string;
  readonly tags: readonly string[];
  readonly paths: readonly string[];
  readonly sizeBytes: number | null;
  readonly fileCount: number | null;
}

/** One line of a comparison: `+`, `-`, `M`, `T` ... */
export interface DiffChange {
  readonly path: string;
  readonly modifier: string;
}

/** A repository. Failures are the AppErrors `restic_*`, `repository_*`, `disk_full`, `cancelled`. */
export interface ResticRepository {
  tool(resticPath: string | null): Promise<{ readonly path: string; readonly version: string; readonly advice: 'ok' | 'update_advised' | 'too_old' } | null>;
  /** Whether a repository lies in this folder, from the file system alone. */
  exists(folder: string): Promise<boolean>;
  /** Full ids of all snapshots: of a local repository from the file system alone, null when it cannot be read; of any other from restic. */
  snapshotIds(access: RepositoryAccess, signal?: AbortSignal): Promise<ReadonlySet<string> | null>;
  init(access: RepositoryAccess, signal?: AbortSignal): Promise<void>;
  backup(
    access: RepositoryAccess,
    job: { readonly folder: string; readonly targets: readonly string[]; readonly parentId: string | null; readonly host: string; readonly tags: readonly string[]; readonly operationTag: string },
    signal: AbortSignal,
    onProgress: (bytes: number, files: number) => void,
  ): Promise<BackupSummary>;
  diff(access: RepositoryAccess, from: string, to: string, signal?: AbortSignal): Promise<readonly DiffChange[]>;
  snapshots(access: RepositoryAccess, signal?: AbortSignal): Promise<readonly RepositorySnapshot[]>;
  /** Forgets one, and verifies that it is gone. */
  forget(access: RepositoryAccess, id: string): Promise<void>;
  /** Into an existing empty folder; `includes` are literal paths inside the snapshot. `verify` reads every restored file again. */
  restore(access: RepositoryAccess, job: { readonly id: string; readonly folder: string; readonly includes: readonly string[]; readonly verify: boolean }, signal: AbortSignal, onProgress: (bytes: number, files: number) => void): Promise<readonly string[]>;
  /** A file as its bytes, a directory as a tar stream with full names; the iteration throws when restic fails. */
  dump(access: RepositoryAccess, id: string, path: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  addKey(access: RepositoryAccess, newPassword: string): Promise<void>;
  /** Bytes on disk below a folder, from the file system. */
  size(folder: string): Promise<number>;
}

// ---------------------------------------------------------------- local files

/** What the mirror must hold of one entry. */
export interface MirrorEntry {
  /** Relative, as the mirror names it. */
  readonly name: string;
  readonly type: 'f' | 'd' | 'l';
  readonly size: number;
  /** Epoch seconds with fractions (files). */
  readonly mtime: number;
}

/** The private copy of one source that restic reads. */
export interface Mirror {
  /** restic's working directory. */
  readonly folder: string;
  readonly temporary: string;
  /** The stored manifest of a snapshot, or, as `pending`, of the run that did not finish. Null when there is none that can be read. */
  readManifest(which: string): Promise<readonly ManifestEntry[] | null>;
  writeManifest(which: string, entries: readonly ManifestEntry[]): Promise<void>;
  /** Only this one stays. */
  keepManifest(id: string): Promise<void>;
  /** The parent was deleted: its manifest still says what the mirror holds. */
  retireManifest(id: string): Promise<void>;
  /**
   * Makes the tree below `root` agree with the entries, all but contents: removes what is not among them and copies that are stale, makes directories.
   *
   * Gives the names of files that already have the right size and time.
   */
  prepare(root: string, entries: ReadonlyMap<string, MirrorEntry>): Promise<ReadonlySet<string>>;
  /** A second name of a file with several: copied here, not fetched twice. */
  copyFile(root: string, from: string, to: string, mtime: number): Promise<void>;
  removeFiles(root: string, names: readonly string[]): Promise<void>;
  /** Symbolic links, last; targets are bytes (latin1). Systems without links skip this. */
  link(root: string, links: readonly { readonly name: string; readonly target: BytePath }[]): Promise<void>;
  /** Writes a compressed file at the snapshot's root; gives its size in bytes. */
  writeSidecar(name: string, lines: AsyncIterable<string>): Promise<number>;
  /** Bytes free where the mirror lies, and what the volume holds in all. */
  space(): Promise<{ readonly free: number; readonly total: number }>;
}

export interface Mirrors {
  open(userId: string, sourceId: string): Promise<Mirror>;
}

/** What a restored entry becomes. */
export interface RestoredEntry {
  /** As restic wrote it, relative. */
  readonly mirrorName: string;
  readonly path: BytePath;
  readonly type: 'f' | 'd' | 'l';
  readonly mode: number;
  readonly mtime: number;
  readonly target: BytePath;
  /** The first name of its hardlink group, when it is a later one. */
  readonly sameAs: BytePath | null;
}

/** Folders on this computer that a restore fills. */
export interface RestoreFolders {
  /** A fresh private folder inside the target, which is made when it is not there. `target_not_empty`, `target_forbidden`. */
  open(target: string, within: string | null): Promise<{ readonly scratch: string }>;
  /** Modes without setuid, times, links, original names, then everything into place; never over an existing file. Gives warnings. */
  finish(target: string, scratch: string, root: string, entries: readonly RestoredEntry[]): Promise<{ readonly files: number; readonly warnings: readonly string[] }>;
  discard(target: string, scratch: string): Promise<void>;
}
