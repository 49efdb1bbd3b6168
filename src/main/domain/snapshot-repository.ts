// Repositories of users: where each is, its password, made on first use; never a new password over an existing one.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import * as z from 'zod';
import { AppError } from './app-error';
import type { Clock, Log } from './ports';
import { backendEnvironment, backendOptions } from './repository-location';
import type { RepositoryKeys } from './repository-ports';
import type { SecretName, SecretsService } from './services';
import type { RepositoryAccess, RepositoryPlace, ResticRepository } from './snapshot-ports';
import type { RepositoryRow, Store } from './store-port';

/** 256 bits. */
const passwordBytes = 32;
/** 160 bits in 32 characters. */
const recoveryBytes = 20;
/** Crockford's base 32: no I, L, O, U, which are easily misread. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The id of the repository in the app's own folder. */
export const ownRepository = 'default';

/** A key that a person can write down: eight groups of four. */
export const newRecoveryKey = (bytes: Uint8Array = randomBytes(recoveryBytes)): string => {
  let bits = 0n;
  for (const byte of bytes) bits = bits * 256n + BigInt(byte);
  let text = '';
  for (let left = Math.floor((bytes.length * 8) / 5); left > 0; left -= 1) {
    text = (alphabet[Number(bits & 31n)] ?? '') + text;
    bits >>= 5n;
  }
  return text.replaceAll(/(.{4})(?=.)/g, '$1-');
};

/** The name of a repository's password in the store for secrets. */
export const passwordName = (id: string): SecretName => (id === ownRepository ? 'repository-password' : `repository-password:${id}`);

/** The name of what its server wants, as one JSON object, in the store for secrets. */
export const credentialsName = (id: string): SecretName => `repository-credentials:${id}`;

export const credentialsSchema = z.record(z.string(), z.string());

/** A value of fewer characters is not blotted out of the log. */
const shortestHidden = 8;

export interface RepositoryParts {
  readonly store: Pick<Store, 'settings' | 'snapshots' | 'repositories'>;
  readonly secrets: Pick<SecretsService, 'get' | 'set'>;
  readonly restic: ResticRepository;
  readonly keys: Pick<RepositoryKeys, 'add'>;
  readonly resticPath: (userId: string) => string | null;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  readonly dataFolder: string;
}

/** Opens repositories, and knows which ones a user has. */
export class SnapshotRepositories {
  private readonly opening = new Map<string, Promise<RepositoryAccess>>();

  constructor(private readonly parts: RepositoryParts) {}

  // ---------------------------------------------------------------- which there are

  /** All of a user's, the default one first. A user always has one: the one in the app's own folder is there before its row is. */
  rows(userId: string): readonly RepositoryRow[] {
    const rows = this.parts.store.repositories.list(userId);
    return rows.length > 0 ? rows : [{ id: ownRepository, userId, name: '', kind: 'local', location: null, isDefault: true, createdAt: this.parts.clock.now() }];
  }

  /** Writes down the one in the app's own folder, before others join it. */
  settle(userId: string): void {
    const { repositories } = this.parts.store;
    if (repositories.list(userId).length === 0) for (const row of this.rows(userId)) repositories.insert(row);
  }

  /** `not_found` when the user has none of this id. */
  row(userId: string, id: string): RepositoryRow {
    const found = this.rows(userId).find((row) => row.id === id);
    if (found === undefined) throw new AppError('not_found', 'There is no such repository.', { kind: 'repository', id });
    return found;
  }

  /** The one that sources use which name none. */
  defaultOf(userId: string): RepositoryRow {
    const [first] = this.rows(userId);
    if (first === undefined) throw new Error('A user without a repository');
    return first;
  }

  placeOf(row: { readonly userId: string; readonly location: string | null; readonly kind: RepositoryRow['kind'] }): RepositoryPlace {
    return { location: row.location ?? path.join(this.parts.dataFolder, 'users', row.userId, 'repository'), local: row.kind === 'local' };
  }

  // ---------------------------------------------------------------- opened

  private factName(row: RepositoryRow): string {
    return row.id === ownRepository ? `repository-made:${row.userId}` : `repository-made:${row.userId}:${row.id}`;
  }

  /** This repository was made, or taken over, at some time. */
  wasMade(row: RepositoryRow): boolean {
    return this.parts.store.settings.getFact(this.factName(row)) !== null || this.parts.store.snapshots.list(row.userId).some((one) => one.repositoryId === row.id);
  }

  markMade(row: RepositoryRow): void {
    if (this.parts.store.settings.getFact(this.factName(row)) === null) this.parts.store.settings.putFact(this.factName(row), '1');
  }

  private recoveryFact(row: RepositoryRow): string {
    return row.id === ownRepository ? `recovery-key:${row.userId}` : `recovery-key:${row.userId}:${row.id}`;
  }

  /** What was known of it is not kept any more. */
  forget(row: RepositoryRow): void {
    for (const name of [this.factName(row), this.recoveryFact(row)]) this.parts.store.settings.putFact(name, null);
  }

  hasRecoveryKey(row: RepositoryRow): boolean {
    return this.parts.store.settings.getFact(this.recoveryFact(row)) !== null;
  }

  /** Of a place that may not be kept yet: `credentials` by name of restic's variable. */
  accessTo(place: { readonly id: string; readonly userId: string; readonly kind: RepositoryRow['kind']; readonly location: string | null }, password: string, credentials: Readonly<Record<string, string>>): RepositoryAccess {
    const { log, resticPath, dataFolder } = this.parts;
    log.hide(password);
    // Shorter ones (a region, a name) would blot out words in the log that have nothing to do with them.
    for (const value of Object.values(credentials)) if (value.length >= shortestHidden) log.hide(value);
    const at = this.placeOf(place);
    const options = backendOptions({ kind: place.kind, location: at.location, credentials }, path.join(dataFolder, 'ssh', 'repositories_known_hosts'));
    return { id: place.id, ...at, password, resticPath: resticPath(place.userId), env: backendEnvironment(place.kind, credentials), options };
  }

  private async access(row: RepositoryRow, password: string): Promise<RepositoryAccess> {
    return this.accessTo(row, password, await this.credentialsOf(row));
  }

  /** What its server wants to know; never leaves this process but in restic's environment. */
  async credentialsOf(row: RepositoryRow): Promise<Readonly<Record<string, string>>> {
    if (row.kind === 'local') return {};
    const kept = await this.parts.secrets.get(row.userId, credentialsName(row.id));
    return kept === null ? {} : credentialsSchema.parse(JSON.parse(kept));
  }

  /**
   * What exists, or null when it was never made. `repository_missing` when a local one is gone, `repository_wrong_password` when its password is.
   *
   * One on a server is not asked here: the first command says what is wrong with it.
   */
  async open(userId: string, repositoryId: string): Promise<RepositoryAccess | null> {
    const row = this.row(userId, repositoryId);
    const { location, local } = this.placeOf(row);
    const there = local ? await this.parts.restic.exists(location) : this.wasMade(row);
    if (!there && !this.wasMade(row)) return null;
    if (!there) throw new AppError('repository_missing', `The repository is not at ${location}.`, { path: location });
    const password = await this.parts.secrets.get(userId, passwordName(row.id));
    if (password === null) throw new AppError('repository_wrong_password', 'The password of the repository is not in the store for secrets.', {});
    return await this.access(row, password);
  }

  /** Opens it, or makes it on first use; two at once make one. */
  async ensure(userId: string, repositoryId: string): Promise<RepositoryAccess> {
    const name = `${userId}:${repositoryId}`;
    const running = this.opening.get(name) ?? this.openOrMake(userId, repositoryId).finally(() => this.opening.delete(name));
    this.opening.set(name, running);
    return running;
  }

  private async openOrMake(userId: string, repositoryId: string): Promise<RepositoryAccess> {
    const { secrets, restic } = this.parts;
    const row = this.row(userId, repositoryId);
    const found = await this.open(userId, repositoryId);
    if (found !== null) {
      this.markMade(row);
      return found;
    }
    // Kept before the repository exists: one whose password is lost could never be opened.
    const kept = await secrets.get(userId, passwordName(row.id));
    const password = kept ?? randomBytes(passwordBytes).toString('base64url');
    const access = await this.access(row, password);
    if (kept === null) await secrets.set(userId, passwordName(row.id), password);
    await restic.init(access, { generated: kept === null });
    this.markMade(row);
    return access;
  }

  /** Adds a second key and gives it; it is kept nowhere. */
  async addRecoveryKey(userId: string, repositoryId: string): Promise<{ readonly recovery_key: string; readonly repository: string }> {
    const row = this.row(userId, repositoryId);
    const access = await this.ensure(userId, repositoryId);
    const key = newRecoveryKey();
    this.parts.log.hide(key);
    await this.parts.keys.add(access, key);
    this.parts.store.settings.putFact(this.recoveryFact(row), '1');
    return { recovery_key: key, repository: access.location };
  }
}
