// Repositories as the user sees them: where snapshots are kept, in which state, with which tools; renamed, made the default, forgotten.
import type { RepositoryDetail, RepositoryItem, RepositorySampleView, RepositoryState, RepositoryView } from '../../contract';
import { AppError, isAppError } from './app-error';
import type { Caller, Hints, Log, Operations } from './ports';
import type { RepositoryShelves } from './repository-contents';
import { parsePlace } from './repository-location';
import type { RepositoryLock, RepositoryUpkeep } from './repository-ports';
import { problemOf, repositoryItem, stateOfCode, stateOfError } from './repository-view';
import type { SecretsService, SettingsService } from './services';
import type { RemoteHosts, ResticRepository } from './snapshot-ports';
import { credentialsName, passwordName, type SnapshotRepositories } from './snapshot-repository';
import type { RepositoryRow, Store } from './store-port';

/** How long one question to a repository may take: here, and on a server, milliseconds. */
const localPatience = 10_000;
const serverPatience = 25_000;

export interface RepositoriesParts {
  readonly store: Pick<Store, 'snapshots' | 'sources' | 'repositories'>;
  readonly repositories: SnapshotRepositories;
  readonly shelves: RepositoryShelves;
  readonly secrets: Pick<SecretsService, 'get' | 'set' | 'remove'>;
  readonly restic: ResticRepository;
  readonly upkeep: RepositoryUpkeep;
  readonly hosts: Pick<RemoteHosts, 'tool'>;
  readonly settings: Pick<SettingsService, 'values'>;
  readonly operations: Pick<Operations, 'active'>;
  readonly hints: Hints;
  readonly log: Log;
}

/** What is known of repositories, and what is changed about them here; see `RepositoryCare` for what runs restic for long. */
export class Repositories {
  /** Told when snapshots are not listed any more, because their repository is forgotten. */
  readonly onForgotten: ((userId: string, snapshotId: string) => Promise<void> | void)[] = [];

  constructor(private readonly parts: RepositoriesParts) {}

  // ---------------------------------------------------------------- shown

  async list(caller: Caller): Promise<{ readonly repositories: RepositoryItem[]; readonly count: number }> {
    const repositories = await Promise.all(this.parts.repositories.rows(caller.userId).map((row) => this.item(row)));
    return { repositories, count: repositories.length };
  }

  /** From what is at hand: the file system, or the last answer of a server. */
  async item(row: RepositoryRow, state?: RepositoryState): Promise<RepositoryItem> {
    const { store, repositories, restic, shelves } = this.parts;
    const { location, local } = repositories.placeOf(row);
    const known = new Set(store.snapshots.list(row.userId).filter((one) => one.repositoryId === row.id).map((one) => one.id));
    const ids = local ? await restic.snapshotIds(placeOnly(row.id, location)) : ((await shelves.of(row, known))?.ids ?? null);
    const last = store.repositories.samples(row.userId, row.id).at(-1);
    return repositoryItem(row, {
      location,
      state: state ?? (local ? await this.localState(row, location) : ids === null && shelves.problem(location) === null ? 'unknown' : stateOfCode(shelves.problem(location))),
      credentials: Object.keys(await repositories.credentialsOf(row).catch(() => ({}))),
      sizeBytes: last?.sizeBytes ?? (local && ids !== null ? await restic.size(location).catch(() => null) : null),
      snapshotCount: ids?.size ?? (known.size === 0 ? null : known.size),
      sourceCount: store.sources.list(row.userId).filter((one) => one.repositoryId === row.id).length,
      recoveryKey: repositories.hasRecoveryKey(row),
    });
  }

  private async localState(row: RepositoryRow, location: string): Promise<RepositoryState> {
    if (await this.parts.restic.exists(location)) return 'ready';
    return this.parts.repositories.wasMade(row) ? 'missing' : 'none';
  }

  /** Asked now. */
  async get(caller: Caller, id: string): Promise<RepositoryDetail> {
    const row = this.parts.repositories.row(caller.userId, id);
    const { state, problem, locks } = await this.ask(row);
    const shown = locks.map((lock) => ({ ...lock, since: new Date(lock.since).toISOString() }));
    return { ...(await this.item(row, state)), problem, locks: shown };
  }

  private async ask(row: RepositoryRow): Promise<{ readonly state: RepositoryState; readonly problem: string | null; readonly locks: readonly RepositoryLock[] }> {
    const { repositories, restic, upkeep, settings } = this.parts;
    const signal = AbortSignal.timeout(row.kind === 'local' ? localPatience : serverPatience);
    let locks: readonly RepositoryLock[] = [];
    try {
      const tool = await restic.tool(settings.values(row.userId).restic_path);
      if (tool === null || tool.advice === 'too_old') return { state: tool === null ? 'restic_missing' : 'restic_too_old', problem: null, locks };
      const access = await repositories.open(row.userId, row.id);
      if (access === null) return { state: 'none', problem: null, locks };
      await restic.snapshots(access, signal);
      locks = await upkeep.locks(access, signal);
      return { state: locks.some((lock) => lock.exclusive) ? 'locked' : 'ready', problem: null, locks };
    } catch (error) {
      // Only the time limit aborts here.
      if (isAppError(error, 'cancelled')) return { state: row.kind === 'local' ? 'unknown' : 'unreachable', problem: 'No answer within the time limit.', locks };
      return { state: stateOfError(error), problem: problemOf(error), locks };
    }
  }

  /** The default one, with the tools of this computer. */
  async overview(caller: Caller): Promise<RepositoryView> {
    const { restic, hosts, settings, repositories } = this.parts;
    const row = repositories.defaultOf(caller.userId);
    const [tool, ssh, asked] = await Promise.all([restic.tool(settings.values(caller.userId).restic_path), hosts.tool(), this.ask(row)]);
    const { location, size_bytes, snapshot_count, recovery_key } = await this.item(row, asked.state);
    // This older question has fewer states.
    const state = asked.state === 'unreachable' || asked.state === 'damaged' ? 'unknown' : asked.state;
    return { state, path: location, size_bytes, snapshot_count, restic: tool, ssh, recovery_key };
  }

  statistics(caller: Caller, id: string): { readonly samples: RepositorySampleView[]; readonly count: number } {
    const row = this.parts.repositories.row(caller.userId, id);
    const samples = this.parts.store.repositories.samples(caller.userId, row.id).map((one) => ({
      at: new Date(one.at).toISOString(), size_bytes: one.sizeBytes, uncompressed_bytes: one.uncompressedBytes, snapshot_count: one.snapshotCount,
    }));
    return { samples, count: samples.length };
  }

  // ---------------------------------------------------------------- changed

  /** New credentials are tried before they replace the old ones. */
  async change(caller: Caller, input: { readonly id: string; readonly name?: string; readonly is_default?: true; readonly credentials?: Readonly<Record<string, string>> }): Promise<RepositoryItem> {
    const { repositories, store, secrets, restic, shelves, hints } = this.parts;
    const row = repositories.row(caller.userId, input.id);
    repositories.settle(caller.userId);
    if (input.credentials !== undefined) {
      const { location } = repositories.placeOf(row);
      const { credentials } = parsePlace(location, input.credentials);
      const password = (await secrets.get(caller.userId, passwordName(row.id))) ?? '';
      await restic.snapshots(repositories.accessTo(row, password, credentials), AbortSignal.timeout(serverPatience)).catch(inTime);
      await secrets.set(caller.userId, credentialsName(row.id), JSON.stringify(credentials));
      shelves.changed(location);
    }
    if (input.name !== undefined) store.repositories.update(caller.userId, row.id, { name: input.name });
    if (input.is_default === true) store.repositories.makeDefault(caller.userId, row.id);
    hints.tell(caller.userId, 'snapshots');
    return await this.item(repositories.row(caller.userId, row.id));
  }

  /** Forgets it here. What was captured into it goes to the default one from now on, everything anew. */
  async remove(caller: Caller, id: string): Promise<{ readonly success: true; readonly id: string; readonly snapshots: number }> {
    const { repositories, store, secrets, operations, hints, shelves, log } = this.parts;
    const row = repositories.row(caller.userId, id);
    if (row.isDefault) throw new AppError('repository_in_use', 'Make another repository the default first.', { reason: 'default' });
    if (operations.active(caller.userId).some((one) => usesRepositories.has(one.kind))) throw new AppError('repository_in_use', 'Wait until what runs now has ended.', { reason: 'running' });
    const other = repositories.defaultOf(caller.userId);
    for (const source of store.sources.list(caller.userId)) {
      if (source.repositoryId === row.id) store.sources.update(source.id, { repositoryId: other.id, parentId: null, needsFullFetch: true });
    }
    const gone = store.snapshots.list(caller.userId).filter((one) => one.repositoryId === row.id);
    for (const one of gone) store.snapshots.remove(caller.userId, one.id);
    repositories.forget(row);
    store.repositories.remove(caller.userId, row.id);
    shelves.changed(repositories.placeOf(row).location);
    for (const name of [passwordName(row.id), credentialsName(row.id)]) await secrets.remove(caller.userId, name);
    for (const one of gone) for (const listener of this.onForgotten) Promise.resolve().then(() => listener(caller.userId, one.id)).catch((error: unknown) => log.error('repository_listener_failed', { error }));
    hints.tell(caller.userId, 'snapshots');
    return { success: true, id: row.id, snapshots: gone.length };
  }

  async unlock(caller: Caller, id: string): Promise<RepositoryDetail> {
    const access = await this.parts.repositories.open(caller.userId, id);
    if (access !== null) await this.parts.upkeep.unlock(access);
    return await this.get(caller, id);
  }
}

/** Work that reads or writes repositories. */
const usesRepositories: ReadonlySet<string> = new Set(['snapshot', 'restore', 'delete_snapshot', 'import', 'repair', 'prune', 'check', 'rehearse', 'index']);

/** For what the file system answers alone. */
const placeOnly = (id: string, location: string) => ({ id, location, local: true, password: '', resticPath: null, env: {}, options: [] });

/** Says of a time limit that the server did not answer. */
export const inTime = (error: unknown): never => {
  if (isAppError(error, 'cancelled')) throw new AppError('repository_unreachable', 'The server of the repository did not answer in time.', { reason: 'timeout', detail: '' });
  throw error;
};

