// A user's repository: where it is, its password, made on first use; never a new password over an existing one.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { AppError } from './app-error';
import type { Log } from './ports';
import type { SecretsService } from './services';
import type { RepositoryAccess, ResticRepository } from './snapshot-ports';
import type { Store } from './store-port';

/** 256 bits. */
const passwordBytes = 32;
/** 160 bits in 32 characters. */
const recoveryBytes = 20;
/** Crockford's base 32: no I, L, O, U, which are easily misread. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

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

export interface RepositoryParts {
  readonly store: Pick<Store, 'settings' | 'snapshots'>;
  readonly secrets: Pick<SecretsService, 'get' | 'set'>;
  readonly restic: ResticRepository;
  readonly resticPath: (userId: string) => string | null;
  readonly log: Log;
  readonly dataFolder: string;
}

/** Repositories of users, one each. */
export class SnapshotRepositories {
  private readonly opening = new Map<string, Promise<RepositoryAccess>>();

  constructor(private readonly parts: RepositoryParts) {}

  pathOf(userId: string): string {
    return path.join(this.parts.dataFolder, 'users', userId, 'repository');
  }

  private factName(userId: string): string {
    return `repository-made:${userId}`;
  }

  /** A repository was made for this user at some time. */
  wasMade(userId: string): boolean {
    return this.parts.store.settings.getFact(this.factName(userId)) !== null || this.parts.store.snapshots.list(userId).length > 0;
  }

  hasRecoveryKey(userId: string): boolean {
    return this.parts.store.settings.getFact(`recovery-key:${userId}`) !== null;
  }

  /** What exists, or null when none was ever made. `repository_missing` when it is gone, `repository_wrong_password` when its password is. */
  async open(userId: string): Promise<RepositoryAccess | null> {
    const { secrets, restic, resticPath, log } = this.parts;
    const folder = this.pathOf(userId);
    const there = await restic.exists(folder);
    if (!there && !this.wasMade(userId)) return null;
    if (!there) throw new AppError('repository_missing', `The repository is not at ${folder}.`, { path: folder });
    const password = await secrets.get(userId, 'repository-password');
    if (password === null) throw new AppError('repository_wrong_password', 'The password of the repository is not in the store for secrets.', {});
    log.hide(password);
    return { path: folder, password, resticPath: resticPath(userId) };
  }

  /** Opens it, or makes it on first use; two at once make one. */
  async ensure(userId: string): Promise<RepositoryAccess> {
    const running = this.opening.get(userId) ?? this.openOrMake(userId).finally(() => this.opening.delete(userId));
    this.opening.set(userId, running);
    return running;
  }

  private async openOrMake(userId: string): Promise<RepositoryAccess> {
    const { secrets, restic, store, log, resticPath } = this.parts;
    const found = await this.open(userId);
    if (found !== null) {
      if (store.settings.getFact(this.factName(userId)) === null) store.settings.putFact(this.factName(userId), '1');
      return found;
    }
    // Kept before the repository exists: one whose password is lost could never be opened.
    const kept = await secrets.get(userId, 'repository-password');
    const password = kept ?? randomBytes(passwordBytes).toString('base64url');
    log.hide(password);
    if (kept === null) await secrets.set(userId, 'repository-password', password);
    const access = { path: this.pathOf(userId), password, resticPath: resticPath(userId) };
    await restic.init(access);
    store.settings.putFact(this.factName(userId), '1');
    return access;
  }

  /** Adds a second key and gives it; it is kept nowhere. */
  async addRecoveryKey(userId: string): Promise<{ readonly recovery_key: string; readonly repository: string }> {
    const access = await this.ensure(userId);
    const key = newRecoveryKey();
    this.parts.log.hide(key);
    await this.parts.restic.addKey(access, key);
    this.parts.store.settings.putFact(`recovery-key:${userId}`, '1');
    return { recovery_key: key, repository: access.path };
  }
}
