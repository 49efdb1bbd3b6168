// What one capture needs where it works on listings and the mirror, and what the rest of the app sees of that work. See [Note: Capture stage].
import type { SourceOptions } from '../../contract';
import type { GuardVerdict } from './snapshot-guard';
import type { ManifestEntry } from './snapshot-manifest';
import type { BytePath, DiffChange, HostTarget, Probe, ReadItem } from './snapshot-ports';

// ---------------------------------------------------------------- listings on disk

/** Takes entries one by one; nothing is there under its name before `done`. */
export interface ListingWriter {
  add(entry: ManifestEntry): void;
  done(): void;
}

/** One entry as it stands in a listing, see storedEntry. */
export interface ListingRecord {
  readonly path: BytePath;
  readonly meta: string;
  readonly target: BytePath;
}

/** Takes entries in order. */
export interface OrderedWriter extends ListingWriter {
  /** An entry as it stands in another listing: quicker than one that is put together anew. */
  copy(record: ListingRecord): void;
}

/** Listings of one source on this computer's disk, in the order of [Note: Listing order]; read and written piece by piece, never whole. */
export interface Listings {
  /** Null when there is none. Throws DamagedListing where it ends too early. */
  read(name: string): Iterable<ManifestEntry> | null;
  /** Entries must come in order. */
  writer(name: string): OrderedWriter;
  /** Entries may come in any order. */
  sorter(name: string): ListingWriter;
  /** The same as they stand there; not of what a sorter made. */
  records(name: string): Iterable<ListingRecord> | null;
  /** Flushed to the disk, then under the new name: the old or the new, never half. */
  keep(name: string, as: string): void;
  remove(name: string): void;
  names(): readonly string[];
}

/** The name of a snapshot's listing. */
export const snapshotListing = (id: string): string => `snapshot-${id}`;

/** The name of a partial snapshot's listing, with the snapshot that its run began from: it counts as long as that one is the last good one. */
export const partialListing = {
  name: (id: string, from: string | null): string => `partial-${id}.${from ?? 'none'}`,
  parse: (name: string): { readonly id: string; readonly from: string | null } | null => {
    const [, id, from] = /^partial-([0-9a-f]{64})\.([0-9a-f]{64}|none)$/.exec(name) ?? [];
    return id === undefined || from === undefined ? null : { id, from: from === 'none' ? null : from };
  },
};

/** A stored listing that cannot be read to its end. */
export class DamagedListing extends Error {}

// ---------------------------------------------------------------- the mirror's tree

/** What lies at a file's place in the mirror, with the right size and time: its content, a stub without it, or nothing (any more). */
export type Copy = 'whole' | 'hollow' | 'none';

/** One pass over the tree below a root, parents first, in the order of a listing. */
export interface MirrorPass {
  /** Makes a directory where there is none; removes what is of another kind or stale. `vouched`: the base shows it exactly so. */
  visit(entry: ManifestEntry, vouched: boolean): Copy;
  /** Removes a copy that cannot be used. */
  drop(entry: ManifestEntry): void;
  /** Removes whatever was not visited. */
  end(): void;
}

/** Writes a sidecar in pieces, which are packed beside the caller's work. */
export interface SidecarWriter {
  /** Resolves when the piece before this one is written: no more than two wait in memory. Rejects with what the file system threw. */
  write(text: string): Promise<void>;
  /** Gives its size, bytes. */
  done(): Promise<number>;
}

/** The tree that restic reads. All calls but those of a sidecar are synchronous: they run in the capture worker. See [Note: Thin mirror]. */
export interface MirrorTree {
  /** restic's working directory. */
  readonly folder: string;
  readonly temporary: string;
  /** Where the sidecar of the snapshot before lies, if there is one. */
  readonly formerSidecar: string;
  /** The way to the root is made, and nothing lies beside it. `trusted`: see [Note: Trusted copies]. */
  open(root: string, trusted: boolean): MirrorPass;
  /** Whether files may be stubs here: the file system keeps holes as holes. Tried once per mirror. */
  hasHoles(): boolean;
  /** Whether some names that a host tells apart are one here: by case, or by how a letter is composed. Tried once per mirror. */
  foldsNames(): boolean;
  /** Whether these two are one name here. */
  isSameName(one: string, other: string): boolean;
  /** Replaces a file by a stub of the same size and time, or makes one. */
  hollow(root: string, entry: ManifestEntry): void;
  /** True when a copy is whole. */
  isWhole(root: string, entry: ManifestEntry): boolean;
  /** SHA-256 of a copy, hex. */
  hash(root: string, entry: ManifestEntry): Promise<string>;
  /** A second name of a file with several: copied here, not fetched twice. */
  copy(root: string, from: ManifestEntry, entry: ManifestEntry): Promise<void>;
  remove(root: string, entry: Pick<ManifestEntry, 'path' | 'mirror'>): void;
  /** Whether symbolic links can lie here; else they stand in the sidecar alone. Tried once per mirror. */
  keepsLinks(): boolean;
  /** A symbolic link as it is on the host. */
  link(root: string, entry: ManifestEntry): void;
  /** A gzip file beside the root, written piece by piece. `done` gives its size, bytes. */
  sidecar(): SidecarWriter;
  /** Bytes free where the mirror lies, and what the volume holds in all. */
  space(): { readonly free: number; readonly total: number };
}

/** Parts of large files that did not come whole. See [Note: Kept parts]. */
export interface KeptParts {
  readonly folder: string;
  /** Bytes that a fetch of this file can go on after; 0 when nothing is kept. */
  size(identity: string): number;
  /** Removes all others. */
  keepOnly(identities: ReadonlySet<string>): void;
}

// ---------------------------------------------------------------- one capture's work

/** What is fetched and backed up at a time. */
export interface CaptureBudget {
  /** Bytes fetched between two partial snapshots. */
  readonly bytes: number;
  /** Files in one archive. */
  readonly files: number;
  /** Where there are stubs: up to so many files in all restic names each one as it goes; above, the comparison with the parent is asked for afterwards. */
  readonly named: number;
}

/** 10 GB or 50,000 files bound the disk that a first run takes. restic writes a line of some 200 bytes for each file it names: above 50,000 the comparison afterwards is cheaper. */
export const captureBudget: CaptureBudget = { bytes: 10e9, files: 50_000, named: 50_000 };

/** Files that one command of the host sends: each command costs a connection and a round trip, and what is known of each file meanwhile takes memory. */
export const fetchFiles = 12_500;

/** What a capture works on; plain data. */
export interface CapturePlan {
  readonly directory: string;
  readonly instanceId: number;
  /** The captured directory's name in the mirror and inside the snapshot. */
  readonly root: string;
  /** The last good snapshot that may be built on. */
  readonly parentId: string | null;
  /** Ids of the snapshots that the repository holds. */
  readonly present: ReadonlySet<string>;
  /** Keep whole copies of everything here. */
  readonly fullCopy: boolean;
  /** More than so many bytes are not fetched: the capture fails instead. */
  readonly mostBytes: number | null;
  readonly budget: CaptureBudget;
}

export interface Scanned {
  /** Nothing changed since the parent. */
  readonly unchanged: boolean;
  /** What the next backup builds on: the parent, a partial snapshot that a former run left, or nothing. */
  readonly baseId: string | null;
  /** Files to fetch, and their bytes. */
  readonly files: number;
  readonly bytes: number;
}

/** The mirror as restic is to find it. */
export interface Sealed {
  readonly files: number;
  /** Of the files, without the sidecar. */
  readonly bytes: number;
  /** Bytes of the sidecar; null when there is none, in a partial snapshot. */
  readonly sidecar: number | null;
  /** Files that restic must read, without the sidecar; the others it takes over from the base. */
  readonly reads: number;
  readonly guard: GuardBy;
  /** See [Note: Trusted copies]. */
  readonly trusted: boolean;
}

/** What the guard looks at beside counts: nothing, what restic names as it goes, or the changes since the base. See [Note: Guard]. */
export type GuardBy = 'counts' | 'names' | 'changes';

/**
 * [Note: Capture stage] Listing, comparing, fetching, sealing and judging run in a worker thread, because at hundreds of thousands of entries each of them would hold up the main
 * process, and because listings pass through memory piece by piece there. restic, its password, the database and the decisions stay in main. Calls come one at a time, in this order:
 * probe, scan, then fetch and seal and judge and commit as often as there are batches, settle. Errors are AppErrors.
 */
export interface CaptureStage {
  probe(directory: string): Promise<Probe>;
  scan(plan: CapturePlan): Promise<Scanned>;
  /** Fetches one batch. `rest`: more is to come; `checkpoint`: so much was fetched that a partial snapshot should follow. */
  fetch(): Promise<{ readonly rest: boolean; readonly checkpoint: boolean }>;
  seal(about: { readonly partial: boolean; readonly takenAt: string }): Promise<Sealed>;
  /** What restic says of files while it goes. */
  named(items: readonly ReadItem[]): void;
  /** What restic says of the difference to the base. */
  changed(changes: readonly DiffChange[]): void;
  /** Holds what was said against the listings. See [Note: Guard]. */
  judge(by: Exclude<GuardBy, 'counts'>): Promise<GuardVerdict>;
  /** The snapshot passed: what was sealed is its listing. */
  commit(snapshotId: string, partial: boolean): Promise<void>;
  /** Only the listing of the base stays; big files become stubs. */
  settle(): Promise<void>;
  /** Nothing here can be trusted any more: no listing stays. */
  distrust(): Promise<void>;
  /** To be told in the snapshot's row. */
  warnings(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** How a stage speaks while it works. */
export interface StageHooks {
  readonly signal: AbortSignal;
  progress(progress: { readonly phase: string; readonly bytes_done: number; readonly bytes_total: number | null; readonly files_done: number; readonly files_total: number | null }): void;
  log(level: 'info' | 'warn', text: string, src?: 'remote'): void;
}

/** Where and what; plain data, so that it can be posted to a thread. */
export interface StageJob {
  readonly userId: string;
  readonly sourceId: string;
  readonly target: HostTarget;
  readonly options: SourceOptions;
}

export interface CaptureStages {
  open(job: StageJob, hooks: StageHooks): Promise<CaptureStage>;
}
