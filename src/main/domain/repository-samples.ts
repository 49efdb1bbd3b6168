// Size, compression and number of snapshots over time: a sample after what changes a repository, at most one an hour; after space was freed, always one.
import { isAppError } from './app-error';
import type { Clock, Hints, Log } from './ports';
import type { RepositoryUpkeep } from './repository-ports';
import type { SnapshotRepositories } from './snapshot-repository';
import type { Store } from './store-port';

/** Milliseconds between two samples of one repository. */
const between = 3_600_000;
/** How long restic may count, milliseconds. */
const patience = 120_000;

const nameOf = (userId: string, repositoryId: string): string => `${userId}:${repositoryId}`;

export interface SamplesParts {
  readonly store: Pick<Store, 'repositories'>;
  readonly repositories: SnapshotRepositories;
  readonly upkeep: Pick<RepositoryUpkeep, 'size'>;
  readonly hints: Hints;
  readonly clock: Clock;
  readonly log: Log;
}

/** Takes samples. */
export class RepositorySamples {
  /** What is being measured now, by repository. */
  private readonly taking = new Map<string, Promise<void>>();

  constructor(private readonly parts: SamplesParts) {}

  /** Takes one when the last is older than an hour. Never throws: a chart is not worth a failed snapshot. */
  async take(userId: string, repositoryId: string): Promise<void> {
    const { store, clock } = this.parts;
    const last = store.repositories.samples(userId, repositoryId).at(-1);
    if (this.taking.has(nameOf(userId, repositoryId)) || (last !== undefined && clock.now() - last.at < between)) return;
    await this.begin(userId, repositoryId);
  }

  /** Takes one however young the last is: the size was changed on purpose. Never throws. */
  async takeNow(userId: string, repositoryId: string): Promise<void> {
    const name = nameOf(userId, repositoryId);
    // One that is under way may have counted before the change.
    for (let other = this.taking.get(name); other !== undefined; other = this.taking.get(name)) await other;
    await this.begin(userId, repositoryId);
  }

  private async begin(userId: string, repositoryId: string): Promise<void> {
    const name = nameOf(userId, repositoryId);
    const measuring = this.measure(userId, repositoryId).finally(() => this.taking.delete(name));
    this.taking.set(name, measuring);
    await measuring;
  }

  private async measure(userId: string, repositoryId: string): Promise<void> {
    const { store, repositories, upkeep, hints, clock, log } = this.parts;
    const at = clock.now();
    try {
      const access = await repositories.open(userId, repositoryId);
      if (access === null) return;
      const size = await upkeep.size(access, AbortSignal.timeout(patience));
      store.repositories.addSample({ userId, repositoryId, at, sizeBytes: size.rawBytes, uncompressedBytes: size.uncompressedBytes, snapshotCount: size.snapshots });
      hints.tell(userId, 'snapshots');
    } catch (error) {
      log.warn('repository_not_measured', { repository: repositoryId, code: isAppError(error) ? error.code : 'internal' });
    }
  }
}
