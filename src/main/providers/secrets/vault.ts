// The vault: one encrypted file per user for computers without a keychain. Its key is in memory only between sign-in and lock.
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../domain/app-error';
import type { SecretRead, SecretWrite, Vault } from '../../domain/ports';
import { argon2id, loadArgon2 } from '../passwords/argon2-library';
import { writeAtomically } from './atomic-write';
import { seal, unseal, vaultFile, vaultVersion, type VaultFile } from './vault-file';

/** Cost of deriving the key from the password. */
export interface KeyCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** RFC 9106, second recommended option (64 MiB, 3 passes, 4 lanes); about 0.1 s. */
const defaultCost: KeyCost = { memoryKib: 65_536, passes: 3, lanes: 4 };

/** The name under which the wrapped key is sealed; no secret can have it, for it holds a character that names do not. */
const keyName = '*key*';

/** Above this (bytes) it is not one of our files. */
const sizeLimit = 1024 * 1024;

const derive = async (password: string, kdf: VaultFile['kdf']): Promise<Buffer> => {
  const { hashRaw } = await loadArgon2();
  return hashRaw(password.normalize('NFC'), {
    algorithm: argon2id,
    salt: Buffer.from(kdf.salt, 'base64'),
    memoryCost: kdf.memory_kib,
    timeCost: kdf.passes,
    parallelism: kdf.lanes,
    outputLen: 32,
  });
};

const hasCode = (error: unknown, ...codes: readonly string[]): boolean => error instanceof Error && 'code' in error && codes.includes(String(error.code));

/**
 * Vault in files `<folder>/<userId>.json`.
 *
 * A damaged file is never replaced: calls then throw `secret_store_unavailable`. A write that does not fit throws `disk_full` and the old
 * file stays. Without the key, reading and writing answer `locked`.
 */
export class FileVault implements Vault {
  readonly #folder: string;
  readonly #cost: KeyCost;
  readonly #keys = new Map<string, Buffer>();
  /** Writes of one user, one after the other: each reads the file, changes it and replaces it. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: { readonly dataFolder: string; readonly cost?: KeyCost }) {
    this.#folder = path.join(options.dataFolder, 'vault');
    this.#cost = options.cost ?? defaultCost;
  }

  async exists(userId: string): Promise<boolean> {
    try {
      await stat(this.#fileOf(userId));
      return true;
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
      throw this.#unusable(userId, error);
    }
  }

  unlock(userId: string, password: string): Promise<boolean> {
    return this.#inTurn(userId, async () => {
      const file = await this.#read(userId);
      if (file === null) {
        this.#keys.set(userId, await this.#make(userId, password));
        return true;
      }
      const key = unseal(await derive(password, file.kdf), userId, keyName, file.key);
      if (key?.length !== 32) return false;
      this.#keys.set(userId, key);
      return true;
    });
  }

  lock(userId: string): void {
    this.#keys.get(userId)?.fill(0);
    this.#keys.delete(userId);
  }

  isUnlocked(userId: string): boolean {
    return this.#keys.has(userId);
  }

  async get(userId: string, name: string): Promise<SecretRead> {
    const file = await this.#read(userId);
    // Only now: locking wipes the key, also one that waits for the disk.
    const key = this.#keys.get(userId);
    if (key === undefined) return { kind: 'locked' };
    const entry = file?.secrets[name];
    if (entry === undefined) return { kind: 'absent' };
    const value = unseal(key, userId, name, entry);
    if (value === null) throw this.#unusable(userId, new Error('a value does not open with the key of this vault'));
    return { kind: 'found', value: value.toString('utf8') };
  }

  set(userId: string, name: string, value: string): Promise<SecretWrite> {
    return this.#change(userId, (file, key) => ({ ...file, secrets: { ...file.secrets, [name]: seal(key, userId, name, Buffer.from(value, 'utf8')) } }));
  }

  delete(userId: string, name: string): Promise<SecretWrite> {
    return this.#change(userId, (file) => ({ ...file, secrets: Object.fromEntries(Object.entries(file.secrets).filter(([other]) => other !== name)) }));
  }

  #change(userId: string, change: (file: VaultFile, key: Buffer) => VaultFile): Promise<SecretWrite> {
    return this.#inTurn(userId, async () => {
      const file = await this.#read(userId);
      const key = this.#keys.get(userId);
      if (key === undefined) return { kind: 'locked' };
      if (file === null) throw this.#unusable(userId, new Error('the file is gone'));
      await this.#write(userId, change(file, key));
      return { kind: 'done' };
    });
  }

  async #make(userId: string, password: string): Promise<Buffer> {
    const kdf = { name: 'argon2id' as const, salt: randomBytes(16).toString('base64'), memory_kib: this.#cost.memoryKib, passes: this.#cost.passes, lanes: this.#cost.lanes };
    const key = randomBytes(32);
    await this.#write(userId, { version: vaultVersion, user_id: userId, kdf, key: seal(await derive(password, kdf), userId, keyName, key), secrets: {} });
    return key;
  }

  async #read(userId: string): Promise<VaultFile | null> {
    try {
      const file = this.#fileOf(userId);
      if ((await stat(file)).size > sizeLimit) throw new Error('too large');
      const parsed = vaultFile.parse(JSON.parse(await readFile(file, 'utf8')));
      if (parsed.user_id !== userId) throw new Error('it belongs to another user');
      return parsed;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return null;
      throw this.#unusable(userId, error);
    }
  }

  async #write(userId: string, file: VaultFile): Promise<void> {
    const target = this.#fileOf(userId);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await chmod(this.#folder, 0o700);
      await writeAtomically(target, Buffer.from(`${JSON.stringify(file, null, 1)}\n`));
    } catch (cause) {
      if (hasCode(cause, 'ENOSPC', 'EDQUOT')) throw new AppError('disk_full', 'The disk is full. The vault kept what it held.', { path: target }, { cause });
      throw this.#unusable(userId, cause);
    }
  }

  #unusable(userId: string, cause: unknown): AppError {
    return new AppError('secret_store_unavailable', `The vault file ${this.#fileOf(userId)} cannot be used. It was left as it is.`, { backend: 'vault', reason: 'unavailable' }, { cause });
  }

  #fileOf(userId: string): string {
    // Ids are made by us; this keeps a wrong one from naming another place.
    if (!/^[A-Za-z0-9-]{1,64}$/.test(userId)) throw new RangeError('Not the id of a user');
    return path.join(this.#folder, `${userId}.json`);
  }

  #inTurn<Result>(userId: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.#turns.get(userId) ?? Promise.resolve()).then(work, work);
    this.#turns.set(userId, turn);
    return turn;
  }
}
