// Size, compression and number of snapshots over time: a sample after what changes a repository, at most one an hour.
import { isAppError } from './app-error';
import type { Clock, Log } from './ports';
import type { RepositoryUpkeep } from './repository-ports';
import type { SnapshotRepositories } from './snapshot-repository';
import type { Store } from './store-port';

/** Milliseconds between two samples of one repository. */
const between = 3_600_000;
/** How long restic may count, milliseconds. */
const patience = 120_000;

export interface SamplesParts {
  readonly store: Pick<Store, 'repositories'>;
  readonly repositories: SnapshotRepositories;
  readonly upkeep: Pick<RepositoryUpkeep, 'size'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Takes samples. */
export class RepositorySamples {
  private readonly taking = new Set<string>();

  constructor(private readonly parts: SamplesParts) {}

  /** Takes one when the last is older than an hour. Never throws: a chart is not worth a failed snapshot. */
  async take(userId: string, repositoryId: string): Promise<void> {
    const { store, repositories, upkeep, clock, log } = this.parts;
    const name = `${userId}:${repositoryId}`;
    const at = clock.now();
    const last = store.repositories.samples(userId, repositoryId).at(-1);
    if (this.taking.has(name) || (last !== undefined && at - last.at < between)) return;
    this.taking.add(name);
    try {
      const access = await repositories.open(userId, repositoryId);
      if (access === null) return;
      const size = await upkeep.size(access, AbortSignal.timeout(patience));
      store.repositories.addSample({ userId, repositoryId, at, sizeBytes: size.rawBytes, uncompressedBytes: size.uncompressedBytes, snapshotCount: size.snapshots });
    } catch (error) {
      log.warn('repository_not_measured', { repository: repositoryId, code: isAppError(error) ? error.code : 'internal' });
    } finally {
      this.taking.delete(name);
    }
  }
}
