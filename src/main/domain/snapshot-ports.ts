// What snapshots need from outside: rented hosts over SSH, the local restic repository, the private mirror, folders to restore into.
import type { KeptParts, Listings, MirrorTree } from './capture-ports';
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
  /** `gnu`, `busybox`, `other` or `none`. */
  readonly tar: string;
  readonly find: string;
  /** Programs that a capture needs and the host lacks, in words. */
  readonly missing: readonly string[];
  /** Holes can be dug into files there. */
  readonly dig: boolean;
  /** The directory exists. */
  readonly directory: boolean;
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
  /** Its state, where what comes of it may be kept and gone on with. See [Note: Kept parts]. */
  readonly identity?: string;
  /** See ManifestEntry. */
  readonly mirror?: string;
}

/** Where a fetch writes: files under their names, those that are not complete yet, and parts that may be gone on with (none are kept without it). */
export interface FetchFolders {
  readonly data: string;
  readonly temporary: string;
  readonly parts?: string;
}

/** A file that came otherwise than the manifest said. */
export interface OddFile {
  readonly path: BytePath;
  readonly size: number;
  readonly mtimeSeconds: number;
}

export interface FetchReport {
  readonly files: number;
  /** That came from the host. */
  readonly bytes: number;
  /** Put together from a part that was here and the rest: the host must show their state once more. */
  readonly resumed?: readonly BytePath[];
  /** Came with another size or time. */
  readonly odd: readonly OddFile[];
  /** SHA-256 of what came, hex, by name. */
  readonly hashes: ReadonlyMap<BytePath, string>;
  /** Asked for and not sent. */
  readonly missing: readonly BytePath[];
  /** Where the archive ended in the middle of a file, or was ended before it; the file is missing then. */
  readonly stoppedAt?: BytePath;
  /** It was ended because the file is far larger than it was listed. */
  readonly outgrown?: boolean;
  /** The host could not read these to their end, and sent zeros for the rest. */
  readonly padded?: readonly BytePath[];
  /** Its lines, safe to show, about such files that could not be told from them. */
  readonly paddedNotes?: readonly string[];
  /** 0, or 1 (changed while read) or 2 (some missing). */
  readonly exitCode: number;
  /** The host's own lines, made safe to show. */
  readonly notes: readonly string[];
}

/** How a command of the user's ended. */
export interface HookEnd {
  /** Null when it was ended from outside. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
}

/** What a host has, and what came with that. */
export interface Survey {
  readonly probe: Probe;
  /** The host's own lines about its listing, safe to show; null when there was none: its find gives none by itself, or it has a `.dumontignore`, which comes first. */
  readonly listing: { readonly notes: readonly string[] } | null;
}

/** A running rented host. Failures are the AppErrors `ssh_*`, `host_key_changed`, `connection_cut`, `remote_*`, `source_*`, `disk_full`. */
export interface RemoteHost {
  probe(directory: string, signal: AbortSignal): Promise<Probe>;
  /** A probe and, where that is possible, the listing, over one connection. See `manifest`. */
  survey(directory: string, prune: readonly Prune[], signal: AbortSignal, take: (entry: ManifestEntry) => void, onCount: (count: number) => void): Promise<Survey>;
  /** Every entry as it comes, in the host's order, not yet checked as a tree (see checkedTree); of pruned directories only themselves. After each piece `onCount` is waited for before more is read. `source_missing` when the directory is not there. */
  manifest(directory: string, prune: readonly Prune[], signal: AbortSignal, take: (entry: ManifestEntry) => void, onCount: (count: number) => Promise<void> | void): Promise<{ readonly notes: readonly string[] }>;
  /** Connects for the next fetch of this directory while it is not yet known which files: the handshake of a distant host takes several round trips. */
  prepare(directory: string, signal: AbortSignal): void;
  /** Ends what was prepared and not used. */
  release(): void;
  /** Fetches regular files into a mirror; nothing else is ever written. */
  fetch(directory: string, files: readonly WantedFile[], into: FetchFolders, signal: AbortSignal, onProgress: (bytes: number, files: number) => void): Promise<FetchReport>;
  /** What these are now; the missing ones are left out. */
  stat(directory: string, paths: readonly BytePath[], signal: AbortSignal): Promise<readonly ManifestEntry[]>;
  /** Unpacks a tar stream below the directory, which is made when it is not there. */
  restore(directory: string, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** Makes holes of the zeros in these files. Only where the probe said so. */
  dig(directory: string, paths: readonly BytePath[], signal: AbortSignal): Promise<void>;
  /** Runs a command of the user's in the directory; its lines are made safe to show. */
  command(directory: string, text: string, seconds: number, signal: AbortSignal, onLine: (line: string) => void): Promise<HookEnd>;
}

export interface RemoteHosts {
  /** The ssh program, or null when there is none. */
  tool(): Promise<{ readonly path: string; readonly version: string } | null>;
  /** The user's own public key, one line; made on first use. */
  publicKey(userId: string): Promise<string>;
  /** Forgets the pinned host key of an instance that is gone. */
  forget(userId: string, instanceId: number): Promise<void>;
  /** Pins this host key (`SHA256:...`) instead of the one before, once the host has shown that it has it. `host_key_changed` when it shows another, `ssh_*`. */
  trust(target: HostTarget, fingerprint: string): Promise<void>;
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
  /** restic's `--option`s for its backend, without anything secret. */
  readonly options: readonly string[];
}

/** The restic program that is used, and why this one. */
export interface ResticTool {
  readonly path: string;
  readonly version: string;
  readonly advice: 'ok' | 'update_advised' | 'too_old';
  readonly from: 'settings' | 'flag' | 'path' | 'bundled';
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
  /** The id it had before it was rewritten. */
  readonly original: string | null;
  /** Hash of all that is in it, names and modes too. */
  readonly tree: string | null;
}

/** What restic says of a file while it makes a snapshot: it read it, or took it over from the parent. */
export interface ReadItem {
  /** Inside the snapshot, absolute. */
  readonly path: string;
  readonly read: boolean;
}

/** One line of a comparison: `+`, `-`, `M`, `T` ... */
export interface DiffChange {
  readonly path: string;
  readonly modifier: string;
}

/** A repository. Failures are the AppErrors `restic_*`, `repository_*`, `disk_full`, `cancelled`. */
export interface ResticRepository {
  tool(resticPath: string | null): Promise<ResticTool | null>;
  /** Whether a repository lies in this folder, from the file system alone. */
  exists(folder: string): Promise<boolean>;
  /** Full ids of all snapshots: of a local repository from the file system alone, null when it cannot be read; of any other from restic. */
  snapshotIds(access: RepositoryAccess, signal?: AbortSignal): Promise<ReadonlySet<string> | null>;
  /** `generated`: the password is 32 random bytes, which nobody guesses. See [Note: Quick keys]. */
  init(access: RepositoryAccess, options?: { readonly generated?: boolean; readonly signal?: AbortSignal }): Promise<void>;
  backup(
    access: RepositoryAccess,
    job: { readonly folder: string; readonly targets: readonly string[]; readonly parentId: string | null; readonly host: string; readonly tags: readonly string[]; readonly operationTag: string;
      /** Wants to hear of each file, in pieces. */
      readonly onNamed?: (items: readonly ReadItem[]) => void },
    signal: AbortSignal,
    onProgress: (bytes: number, files: number) => void,
  ): Promise<BackupSummary>;
  /** With `onChanges` they are told in pieces, and none are given back. */
  diff(access: RepositoryAccess, from: string, to: string, signal?: AbortSignal, onChanges?: (changes: readonly DiffChange[]) => void): Promise<readonly DiffChange[]>;
  snapshots(access: RepositoryAccess, signal?: AbortSignal): Promise<readonly RepositorySnapshot[]>;
  /** Forgets one, and verifies that it is gone. */
  forget(access: RepositoryAccess, id: string): Promise<void>;
  /** Into an existing empty folder; `includes` are literal paths inside the snapshot, `starts` stand for all that begin so, `patterns` are restic's own. `verify` reads every restored file again. */
  restore(access: RepositoryAccess, job: { readonly id: string; readonly folder: string; readonly includes: readonly string[]; readonly starts?: readonly string[]; readonly patterns?: readonly string[]; readonly verify: boolean }, signal: AbortSignal, onProgress: (bytes: number, files: number) => void): Promise<readonly string[]>;
  /** A file as its bytes, a directory as a tar stream with full names; the iteration throws when restic fails. */
  dump(access: RepositoryAccess, id: string, path: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Removes the locks of a local repository when all are dead ones of ours. */
  clearLocks(access: RepositoryAccess): Promise<void>;
  /** All entries of a snapshot as restic prints them with `ls --json`, in the form of its version. */
  list(access: RepositoryAccess, id: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Bytes on disk below a folder, from the file system. */
  size(folder: string): Promise<number>;
}

// ---------------------------------------------------------------- local files

/** The private copy of one source that restic reads, and its stored listings. */
export interface Mirror {
  readonly tree: MirrorTree;
  readonly listings: Listings;
  readonly parts: KeptParts;
  /** Takes over listings of former versions, and removes what an interrupted run left half-written. */
  adopt(): Promise<void>;
  /** Ids of partial snapshots that count. See [Note: Batches]. */
  partials(): readonly string[];
}

export interface Mirrors {
  open(userId: string, sourceId: string): Promise<Mirror>;
}
