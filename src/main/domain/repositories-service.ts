// The service behind the contract's `repositories`: each call goes to the part that knows how.
import type { RepositoryItem } from '../../contract';
import type { Caller, Hints } from './ports';
import type { Repositories } from './repositories';
import type { RepositoryMaking } from './repository-making';
import type { RepositoryPasswords } from './repository-password';
import type { RepositoryRepair } from './repository-repair';
import type { RepositoriesService } from './services';
import type { SnapshotRepositories } from './snapshot-repository';

export interface RepositoriesServiceParts {
  readonly shown: Repositories;
  readonly making: RepositoryMaking;
  readonly passwords: RepositoryPasswords;
  readonly repairs: RepositoryRepair;
  readonly repositories: SnapshotRepositories;
  readonly hints: Hints;
}

/** Repositories of users. */
export const repositoriesService = ({ shown, making, passwords, repairs, repositories, hints }: RepositoriesServiceParts): RepositoriesService => ({
  overview: (caller) => shown.overview(caller),
  list: (caller) => shown.list(caller),
  get: (caller, id) => shown.get(caller, id),
  statistics: (caller, id) => shown.statistics(caller, id),
  change: (caller, input) => shown.change(caller, input),
  remove: (caller, id) => shown.remove(caller, id),
  unlock: (caller, id) => shown.unlock(caller, id),
  create: (caller, input) => making.create(caller, input),
  connect: (caller, input) => making.connect(caller, input),
  import: (caller, input) => making.import(caller, input),
  repair: (caller, id) => repairs.start(caller, id),
  changePassword: async (caller: Caller, id: string, wanted?: string): Promise<RepositoryItem> => {
    await passwords.change(caller.userId, id, wanted);
    return await shown.item(repositories.row(caller.userId, id));
  },
  recoveryKey: async (caller: Caller, id?: string) => {
    const repositoryId = id ?? repositories.defaultOf(caller.userId).id;
    await passwords.settle(caller.userId, repositoryId);
    const made = await repositories.addRecoveryKey(caller.userId, repositoryId);
    hints.tell(caller.userId, 'snapshots');
    return made;
  },
});
