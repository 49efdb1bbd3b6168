// Repositories as the user sees them: where snapshots are kept, in which state, with which tools.
import type { RepositoryView } from '../../contract';
import { isAppError } from './app-error';
import type { Caller } from './ports';
import type { RepositoriesService, SettingsService } from './services';
import type { RemoteHosts, ResticRepository } from './snapshot-ports';
import type { SnapshotRepositories } from './snapshot-repository';
import type { RepositoryRow, Store } from './store-port';

/** How long the view of a repository waits for restic, milliseconds. */
const viewPatience = 4000;

export interface RepositoriesParts {
  readonly store: Pick<Store, 'snapshots'>;
  readonly repositories: SnapshotRepositories;
  readonly restic: ResticRepository;
  readonly hosts: Pick<RemoteHosts, 'tool'>;
  readonly settings: Pick<SettingsService, 'values'>;
}

/** The service behind the contract's `repositories`. */
export class Repositories implements RepositoriesService {
  constructor(private readonly parts: RepositoriesParts) {}

  async overview(caller: Caller): Promise<RepositoryView> {
    const { restic, hosts, settings, store, repositories } = this.parts;
    const row = repositories.defaultOf(caller.userId);
    const { location, local } = repositories.placeOf(row);
    const [tool, ssh, exists] = await Promise.all([restic.tool(settings.values(caller.userId).restic_path), hosts.tool(), local ? restic.exists(location) : repositories.wasMade(row)]);
    const state = await this.state(row, tool?.advice ?? null, exists);
    const ids = local ? await restic.snapshotIds({ id: row.id, location, local, password: '', resticPath: null, env: {} }) : null;
    const count = ids?.size ?? store.snapshots.list(caller.userId).filter((one) => one.repositoryId === row.id).length;
    return {
      state, path: location, size_bytes: exists && local ? await restic.size(location).catch(() => null) : null, snapshot_count: ids === null && count === 0 ? null : count,
      restic: tool, ssh, recovery_key: repositories.hasRecoveryKey(row),
    };
  }

  private async state(row: RepositoryRow, advice: 'ok' | 'update_advised' | 'too_old' | null, exists: boolean): Promise<RepositoryView['state']> {
    const { repositories, restic } = this.parts;
    if (advice === null) return 'restic_missing';
    if (advice === 'too_old') return 'restic_too_old';
    if (!exists) return repositories.wasMade(row) ? 'missing' : 'none';
    try {
      const access = await repositories.open(row.userId, row.id);
      if (access === null) return 'none';
      await restic.snapshots(access, AbortSignal.timeout(viewPatience));
      return 'ready';
    } catch (error) {
      if (isAppError(error, 'repository_wrong_password')) return 'wrong_password';
      if (isAppError(error, 'repository_missing')) return 'missing';
      return isAppError(error, 'repository_locked') ? 'locked' : 'unknown';
    }
  }

  recoveryKey(caller: Caller, id?: string): Promise<{ readonly recovery_key: string; readonly repository: string }> {
    const { repositories } = this.parts;
    return repositories.addRecoveryKey(caller.userId, id ?? repositories.defaultOf(caller.userId).id);
  }
}
