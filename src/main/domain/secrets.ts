// Secrets of users by name: which store holds each, and no way from one store to the other by accident.
import type { SettingsView } from '../../contract';
import { AppError, isAppError } from './app-error';
import type { Keychain, Log, SecretProblem, Vault } from './ports';
import type { SecretName, SecretsService } from './services';
import type { Store } from './store-port';

type Backend = 'keychain' | 'vault';

/** A secret shorter than this shows nothing of itself: four of its characters would be too many. */
const shortestShown = 12;

/** The store that holds what this user has saved; null before the first secret. */
export const recordedBackend = (store: Pick<Store, 'secrets'>, userId: string): Backend | null => {
  const rows = store.secrets.list(userId);
  // One of each would mean that a new secret must not be put where an older one is safer.
  if (rows.some((row) => row.backend === 'keychain')) return 'keychain';
  return rows.length === 0 ? null : 'vault';
};

const unavailable = (backend: Backend, reason: SecretProblem): AppError =>
  new AppError('secret_store_unavailable', `The ${backend} does not give or take secrets now (${reason}). Nothing was changed.`, { backend, reason });

const vaultLocked = (): AppError => new AppError('vault_locked', 'The secrets of this user are locked. Sign in again with the password.', {});

/**
 * Secrets in the keychain where it answers, else in the vault.
 *
 * [Note: Where secrets live] The store of each secret is recorded when it is first written, and from then on it is read from and written
 * to that one only. A keychain that is locked or silent today is an error, never a reason to write to the vault instead: the old value would
 * come back with the keychain.
 */
export class Secrets implements SecretsService {
  readonly #store: Pick<Store, 'secrets'>;
  readonly #keychain: Keychain;
  readonly #vault: Vault;
  readonly #log: Log;
  readonly #vastKeys = new Map<string, Promise<string>>();

  constructor(parts: { readonly store: Pick<Store, 'secrets'>; readonly keychain: Keychain; readonly vault: Vault; readonly log: Log }) {
    this.#store = parts.store;
    this.#keychain = parts.keychain;
    this.#vault = parts.vault;
    this.#log = parts.log;
  }

  /** A password of a repository that was set once and is gone from its store throws: a null would have a new one made for old snapshots. */
  async get(userId: string, name: SecretName): Promise<string | null> {
    const row = this.#store.secrets.get(userId, name);
    if (row === null) return null;
    const read = row.backend === 'keychain' ? await this.#keychain.get(accountOf(userId, name)) : await this.#vault.get(userId, name);
    if (read.kind === 'found') {
      this.#log.hide(read.value);
      return read.value;
    }
    if (read.kind !== 'absent') {
      if (row.backend === 'vault' && read.kind === 'locked') throw vaultLocked();
      throw unavailable(row.backend, read.kind);
    }
    this.#log.warn('secret_lost', { name, backend: row.backend });
    if (name.startsWith('repository-')) throw new AppError('secret_store_unavailable', `The ${row.backend} no longer holds what opens the repository.`, { backend: row.backend, reason: 'unavailable' });
    this.#store.secrets.remove(userId, name);
    return null;
  }

  async set(userId: string, name: SecretName, value: string, options: { readonly showLast4?: boolean } = {}): Promise<void> {
    this.#log.hide(value);
    const backend = await this.#backendForWriting(userId, name);
    if (backend === 'keychain') await this.#toKeychain((account) => this.#keychain.set(account, value), userId, name);
    else await this.#toVault(() => this.#vault.set(userId, name, value));
    this.forget(userId);
    const last4 = options.showLast4 === true && value.length >= shortestShown ? value.slice(-4) : null;
    this.#store.secrets.put({ userId, name, backend, last4 });
  }

  async remove(userId: string, name: SecretName): Promise<void> {
    const row = this.#store.secrets.get(userId, name);
    if (row === null) return;
    if (row.backend === 'keychain') await this.#toKeychain((account) => this.#keychain.delete(account), userId, name);
    else await this.#toVault(() => this.#vault.delete(userId, name));
    this.forget(userId);
    this.#store.secrets.remove(userId, name);
  }

  view(userId: string, name: SecretName): { readonly set: boolean; readonly last4: string | null } {
    const row = this.#store.secrets.get(userId, name);
    return { set: row !== null, last4: row?.last4 ?? null };
  }

  async status(userId: string): Promise<SettingsView['secret_store']> {
    const status = await this.#keychain.probe();
    return { backend: recordedBackend(this.#store, userId) ?? (status === 'ready' ? 'keychain' : 'vault'), status };
  }

  /** Read from the keychain once while the user is signed in: each poll needs it, and the keychain's process is to end when it is idle. */
  async vastKey(userId: string): Promise<string> {
    // What the vault gives it holds in memory itself, until it is locked.
    if (this.#store.secrets.get(userId, 'vast-api-key')?.backend !== 'keychain') return this.#readVastKey(userId);
    // A read that runs when the key changes or its user is locked is forgotten with the rest.
    const held = this.#vastKeys.get(userId) ?? this.#readVastKey(userId);
    this.#vastKeys.set(userId, held);
    try {
      return await held;
    } catch (error) {
      if (this.#vastKeys.get(userId) === held) this.forget(userId);
      throw error;
    }
  }

  async #readVastKey(userId: string): Promise<string> {
    const key = await this.get(userId, 'vast-api-key');
    if (key === null) throw new AppError('vast_key_missing', 'No Vast.ai API key is set.', {});
    return key;
  }

  /** Of a user who is no longer signed in nothing stays in memory. */
  forget(userId: string): void {
    this.#vastKeys.delete(userId);
  }

  async #backendForWriting(userId: string, name: SecretName): Promise<Backend> {
    const recorded = this.#store.secrets.get(userId, name)?.backend ?? recordedBackend(this.#store, userId);
    if (recorded !== null) return recorded;
    return (await this.#keychain.probe()) === 'ready' ? 'keychain' : 'vault';
  }

  /** The user may have unlocked it since it last refused: saving is a moment to look again, polling is not. */
  async #toKeychain(write: (account: string) => ReturnType<Keychain['set']>, userId: string, name: SecretName): Promise<void> {
    const account = accountOf(userId, name);
    const first = await write(account);
    if (first.kind === 'done') return;
    if (first.kind === 'timeout' || (await this.#keychain.probe(true)) !== 'ready') throw unavailable('keychain', first.kind);
    const second = await write(account);
    if (second.kind !== 'done') throw unavailable('keychain', second.kind);
  }

  async #toVault(write: () => ReturnType<Vault['set']>): Promise<void> {
    let written: Awaited<ReturnType<Vault['set']>>;
    try {
      written = await write();
    } catch (error) {
      // What a full disk means for a secret: it was not kept, the one before it was.
      if (isAppError(error, 'disk_full')) throw new AppError('secret_store_unavailable', 'The disk is full. The vault kept what it held.', { backend: 'vault', reason: 'unavailable' }, { cause: error });
      throw error;
    }
    if (written.kind === 'locked') throw vaultLocked();
    if (written.kind !== 'done') throw unavailable('vault', written.kind);
  }
}

/** The keychain's name of a user's secret. */
const accountOf = (userId: string, name: SecretName): string => `${userId}:${name}`;
