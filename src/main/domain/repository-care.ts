// The port for care of a repository: retention, freeing space, checking. Implemented by providers/restic.
import type { DryRun } from './retention-plan';
import type { RepositoryAccess } from './snapshot-ports';

/** What a long command says while it works. */
export type CareProgress = { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly unit: string } | { readonly kind: 'heading'; readonly text: string };

/** Which snapshots, and by what policy. */
export interface RetentionQuestion {
  /** All snapshots of the source carry it. */
  readonly sourceTag: string;
  /** restic's arguments. */
  readonly keep: readonly string[];
  readonly ignored: (one: { readonly id: string; readonly tags: readonly string[] }) => boolean;
}

/** Failures are the AppErrors `restic_*`, `repository_*`, `disk_full`, `cancelled`. */
export interface RepositoryCare {
  /**
   * What a policy would keep and remove of a source's snapshots; removes nothing, and takes no lock. Those that are `ignored` take no place in it. `retention_changed` when they cannot be told
   * apart from the others.
   */
  dryRun(access: RepositoryAccess, policy: RetentionQuestion, signal?: AbortSignal): Promise<DryRun>;
  /** Forgets these and verifies that they are gone. */
  forget(access: RepositoryAccess, ids: readonly string[], signal?: AbortSignal): Promise<void>;
  /** `maxRepackGb`: at most so many GiB are written anew. */
  prune(access: RepositoryAccess, options: { readonly maxRepackGb: number }, signal: AbortSignal, onProgress: (progress: CareProgress) => void): Promise<void>;
  /** `repository_damaged` when anything is wrong. */
  check(access: RepositoryAccess, read: 'none' | 'all' | { readonly part: number; readonly parts: number }, signal: AbortSignal, onProgress: (progress: CareProgress) => void): Promise<void>;
}
