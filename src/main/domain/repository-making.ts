// New repositories, and ones that exist elsewhere and are taken over: looked at first, kept only when they open.
import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';
import type { ImportedRepository, PlaceFacts, RepositoryItem } from '../../contract';
import { AppError, isAppError } from './app-error';
import type { Caller, Clock, Hints, Log, OperationRun, Operations } from './ports';
import { importSnapshots, isOwn } from './repository-import';
import type { Repositories } from './repositories';
import { inTime } from './repositories';
import { parsePlace, type ParsedPlace } from './repository-location';
import type { RepositoryUpkeep } from './repository-ports';
import type { SecretsService } from './services';
import type { RepositoryAccess, RepositorySnapshot, ResticRepository } from './snapshot-ports';
import { credentialsName, passwordName, type SnapshotRepositories } from './snapshot-repository';
import type { RepositoryRow, Store } from './store-port';

/** How long a place may take to answer when it is looked at, milliseconds. */
const connectPatience = 45_000;

export interface MakingParts {
  readonly store: Store;
  readonly repositories: SnapshotRepositories;
  readonly shown: Pick<Repositories, 'item'>;
  readonly secrets: Pick<SecretsService, 'get' | 'set' | 'remove'>;
  readonly restic: ResticRepository;
  readonly upkeep: RepositoryUpkeep;
  readonly operations: Operations;
  readonly hints: Hints;
  readonly clock: Clock;
  readonly log: Log;
  /** Absolute; nothing below it but the app's own repository may become one. */
  readonly dataFolder: string;
}

export interface PlaceInput {
  readonly location: string;
  readonly credentials: Readonly<Record<string, string>>;
}

/** Makes and takes over repositories. */
export class RepositoryMaking {
  constructor(private readonly parts: MakingParts) {}

  /** A new one in a free place. Its password is kept before it exists: one whose password is lost could never be opened. */
  async create(caller: Caller, input: PlaceInput & { readonly name: string; readonly password?: string; readonly make_default: boolean }): Promise<RepositoryItem> {
    const place = this.place(caller, input);
    if (place.kind === 'local') {
      const state = await this.parts.upkeep.folderState(place.location);
      if (state === 'repository') throw new AppError('repository_exists', 'A repository is there already: import it with its password.', { location: place.location });
      if (state === 'not_empty') throw new AppError('repository_location', 'The folder is not empty.', { reason: 'not_empty' });
    }
    const row = this.newRow(caller, place, input.name);
    const password = input.password ?? randomBytes(32).toString('base64url');
    const access = this.parts.repositories.accessTo(row, password, place.credentials);
    await this.keep(row, password, place);
    try {
      await this.parts.restic.init(access, { generated: input.password === undefined, signal: AbortSignal.timeout(connectPatience) }).catch(inTime);
    } catch (error) {
      await this.drop(row);
      if (isAppError(error, 'restic_failed') && /already (?:exists|initialized)/.test(error.data.output)) throw new AppError('repository_exists', 'A repository is there already: import it with its password.', { location: place.location });
      throw error;
    }
    return await this.settled(row, input.make_default);
  }

  /** What is at a place; nothing is kept. */
  async connect(caller: Caller, input: PlaceInput & { readonly password: string }): Promise<PlaceFacts> {
    const place = this.place(caller, input);
    const { kind, location } = place;
    try {
      const found = await this.look(caller, place, input.password);
      return { kind, location, exists: true, snapshot_count: found.snapshots.length, own_count: found.snapshots.filter(isOwn).length };
    } catch (error) {
      if (isAppError(error, 'repository_missing')) return { kind, location, exists: false, snapshot_count: 0, own_count: 0 };
      throw error;
    }
  }

  async import(
    caller: Caller,
    input: PlaceInput & { readonly name: string; readonly password: string; readonly make_default: boolean; readonly wait: boolean },
  ): Promise<ImportedRepository | { readonly operation_id: string }> {
    const place = this.place(caller, input);
    const { snapshots } = await this.look(caller, place, input.password);
    const row = this.newRow(caller, place, input.name);
    await this.keep(row, input.password, place);
    await this.settled(row, input.make_default);
    const { operation, done } = this.parts.operations.start({ caller, kind: 'import', instanceId: null, title: input.name, cancellable: true, context: { repository_id: row.id } }, (run) => this.takeOver(row, snapshots, run));
    if (!input.wait) return { operation_id: operation.id };
    return await done;
  }

  private async takeOver(row: RepositoryRow, snapshots: readonly RepositorySnapshot[], run: OperationRun): Promise<ImportedRepository> {
    const { repositories, shown, hints } = this.parts;
    const access = await repositories.open(row.userId, row.id);
    if (access === null) throw new Error('An imported repository that was never made');
    const own = await importSnapshots({ ...this.parts, access, row }, snapshots, run);
    hints.tell(row.userId, 'snapshots');
    return { repository: await shown.item(row), operation_id: run.id, own, foreign: snapshots.length - own };
  }

  private place(caller: Caller, input: PlaceInput): ParsedPlace {
    const place = parsePlace(input.location, input.credentials);
    const { repositories, dataFolder } = this.parts;
    if (place.kind === 'local') {
      const within = path.relative(dataFolder, place.location);
      if (within === '' || (!within.startsWith('..') && !path.isAbsolute(within))) throw new AppError('repository_location', "The app's own folder holds no other repositories.", { reason: 'own_folder' });
    }
    if (repositories.rows(caller.userId).some((row) => repositories.placeOf(row).location === place.location)) throw new AppError('repository_in_use', 'This repository is in the list already.', { reason: 'known' });
    return place;
  }

  private async look(caller: Caller, place: ParsedPlace, password: string): Promise<{ readonly access: RepositoryAccess; readonly snapshots: readonly RepositorySnapshot[] }> {
    const access = this.parts.repositories.accessTo({ id: 'default', userId: caller.userId, ...place }, password, place.credentials);
    if (access.local && !(await this.parts.restic.exists(access.location))) throw new AppError('repository_missing', `The repository is not at ${access.location}.`, { path: access.location });
    return { access, snapshots: await this.parts.restic.snapshots(access, AbortSignal.timeout(connectPatience)).catch(inTime) };
  }

  private newRow(caller: Caller, place: ParsedPlace, name: string): RepositoryRow {
    return { id: randomUUID(), userId: caller.userId, name, kind: place.kind, location: place.location, isDefault: false, createdAt: this.parts.clock.now() };
  }

  private async keep(row: RepositoryRow, password: string, place: ParsedPlace): Promise<void> {
    const { secrets, store, repositories } = this.parts;
    await secrets.set(row.userId, passwordName(row.id), password);
    if (Object.keys(place.credentials).length > 0) await secrets.set(row.userId, credentialsName(row.id), JSON.stringify(place.credentials));
    repositories.settle(row.userId);
    store.repositories.insert(row);
  }

  private async drop(row: RepositoryRow): Promise<void> {
    const { secrets, store, log } = this.parts;
    store.repositories.remove(row.userId, row.id);
    for (const name of [passwordName(row.id), credentialsName(row.id)]) {
      await secrets.remove(row.userId, name).catch((error: unknown) => log.warn('repository_secret_left', { repository: row.id, code: isAppError(error) ? error.code : 'internal' }));
    }
  }

  private async settled(row: RepositoryRow, makeDefault: boolean): Promise<RepositoryItem> {
    const { store, repositories, shown, hints } = this.parts;
    repositories.markMade(row);
    if (makeDefault) store.repositories.makeDefault(row.userId, row.id);
    hints.tell(row.userId, 'snapshots');
    return await shown.item(repositories.row(row.userId, row.id));
  }
}
