// What the care of repositories needs from restic: keys, locks, sizes and repair. Failures are the AppErrors `restic_*`, `repository_*`, `disk_full`, `cancelled`.
import type { RepositoryAccess } from './snapshot-ports';

/** One key of a repository: a password that opens it. */
export interface RepositoryKey {
  /** 8 hex digits from restic 0.14 to 0.16, 64 later. */
  readonly id: string;
  /** It is the one that opened the repository now. */
  readonly current: boolean;
}

export interface RepositoryKeys {
  list(access: RepositoryAccess, signal?: AbortSignal): Promise<readonly RepositoryKey[]>;
  /** Gives the new key's id. `generated` as in ResticRepository.init. */
  add(access: RepositoryAccess, newPassword: string, options?: { readonly generated?: boolean }): Promise<string>;
  remove(access: RepositoryAccess, id: string): Promise<void>;
  /** Waits until no restic that this app does not run has a lock: one that was left to itself may still add a key. `repository_locked` when that lasts. */
  settled(access: RepositoryAccess): Promise<void>;
}

/** A lock as people read it. */
export interface RepositoryLock {
  /** Such as `me@laptop (process 123)`. */
  readonly holder: string;
  /** Milliseconds since the epoch; 0 when the lock could not be read. */
  readonly since: number;
  readonly exclusive: boolean;
  /** Its process is provably gone, or it was not refreshed for 30 minutes: removing it harms nobody. */
  readonly removable: boolean;
}

export interface RepositorySize {
  /** Bytes that are stored. */
  readonly rawBytes: number;
  /** What the same data would take without compression; null before restic 0.15. */
  readonly uncompressedBytes: number | null;
  readonly snapshots: number;
}

/** Called as a repair goes on. */
export interface RepairSteps {
  phase(code: 'index' | 'packs' | 'snapshots' | 'check_all'): void;
  log(text: string): void;
}

export interface RepairOutcome {
  /** A full check found nothing afterwards. */
  readonly sound: boolean;
  /** What a check still said, when it did. */
  readonly problems: readonly string[];
  /** What this restic could not do. */
  readonly left: readonly ('packs' | 'snapshots')[];
}

export interface RepositoryUpkeep {
  locks(access: RepositoryAccess, signal?: AbortSignal): Promise<readonly RepositoryLock[]>;
  /** Removes locks of dead processes. `repository_locked` when there is one that may belong to somebody. */
  unlock(access: RepositoryAccess): Promise<void>;
  /** Removes locks of dead processes of ours, silently; false when others are left. */
  heal(access: RepositoryAccess): Promise<boolean>;
  size(access: RepositoryAccess, signal?: AbortSignal): Promise<RepositorySize>;
  /** Copies what a repair rewrites; `working` takes the copies. Local repositories only: false for others. */
  keepCopies(access: RepositoryAccess, working: string): Promise<boolean>;
  /** Index, packs, snapshots, then a full check. restic keeps broken packs in `working`, which exists. */
  repair(access: RepositoryAccess, working: string, signal: AbortSignal, steps: RepairSteps): Promise<RepairOutcome>;
  /** Whether this folder may become a repository. */
  folderState(folder: string): Promise<'free' | 'repository' | 'not_empty'>;
}
