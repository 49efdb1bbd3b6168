// The port for care of a repository: retention, freeing space, checking. Implemented by providers/restic.
import type { DryRun } from './retention-plan';
import type { RepositoryAccess } from './snapshot-ports';

/** What a long command says while it works. */
export type CareProgress = { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly unit: string } | { readonly kind: 'heading'; readonly text: string };

/** Failures are the AppErrors `restic_*`, `repository_*`, `disk_full`, `cancelled`. */
export interface RepositoryCare {
  /** What a policy would keep and remove of the snapshots with this tag; removes nothing. */
  dryRun(access: RepositoryAccess, sourceTag: string, keep: readonly string[], signal?: AbortSignal): Promise<DryRun>;
  /** Forgets these and verifies that they are gone. */
  forget(access: RepositoryAccess, ids: readonly string[], signal?: AbortSignal): Promise<void>;
  /** `maxRepackGb`: at most so many GiB are written anew. */
  prune(access: RepositoryAccess, options: { readonly maxRepackGb: number }, signal: AbortSignal, onProgress: (progress: CareProgress) => void): Promise<void>;
  /** `repository_damaged` when anything is wrong. */
  check(access: RepositoryAccess, read: 'none' | 'all' | { readonly part: number; readonly parts: number }, signal: AbortSignal, onProgress: (progress: CareProgress) => void): Promise<void>;
}
