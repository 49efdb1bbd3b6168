// A repository's password is replaced: at every moment the one in the store for secrets opens it.
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { AppError, isAppError } from './app-error';
import type { Log } from './ports';
import type { RepositoryKey, RepositoryKeys } from './repository-ports';
import type { SecretsService } from './services';
import type { RepositoryAccess } from './snapshot-ports';
import { passwordName, type SnapshotRepositories } from './snapshot-repository';
import type { RepositoryRow, Store } from './store-port';

/** A change that was begun: the key that opened the repository then and all that were there, and the one that was added, once it is known. */
const begunSchema = z.object({ old: z.string(), before: z.array(z.string()).default([]), added: z.string().nullable() });

export interface PasswordParts {
  readonly store: Pick<Store, 'settings'>;
  readonly repositories: SnapshotRepositories;
  readonly secrets: Pick<SecretsService, 'set'>;
  readonly keys: RepositoryKeys;
  readonly log: Log;
}

/**
 * [Note: Password change] Which keys there are is written down; then the new key is added, written down and opened with; then the store for secrets gets the new password;
 * then the old key is removed, with the new one. Both keys open the repository until the very last step, and by then the new password is kept. Whatever ends the app in
 * between, the next sign-in, change or recovery key looks which of the two keys the kept password is, and removes the other.
 */
export class RepositoryPasswords {
  constructor(private readonly parts: PasswordParts) {}

  private fact(row: RepositoryRow): string {
    return `repository-keys:${row.userId}:${row.id}`;
  }

  async change(userId: string, id: string, wanted: string | undefined): Promise<void> {
    const { repositories, secrets, keys, log, store } = this.parts;
    const row = repositories.row(userId, id);
    const access = await repositories.open(userId, id);
    if (access === null) throw new AppError('repository_missing', 'The repository was not made yet.', { path: repositories.placeOf(row).location });
    await this.finish(row, access);
    // Such as after a change whose old key could not be removed.
    if (wanted === access.password) return;
    const password = wanted ?? randomBytes(32).toString('base64url');
    log.hide(password);
    if (wanted !== undefined && (await this.opens({ ...access, password }))) throw new AppError('repository_password_taken', 'Another key of the repository has this password already. Nothing was changed.', {});
    const present = await keys.list(access);
    const begun = { old: currentOf(present), before: present.map((key) => key.id) };
    store.settings.putFact(this.fact(row), JSON.stringify({ ...begun, added: null }));
    const added = await keys.add(access, password, { generated: wanted === undefined }).catch(async (error: unknown) => {
      await this.removeOthers(row, access).catch(() => undefined);
      throw error;
    });
    const opened = { ...access, password };
    store.settings.putFact(this.fact(row), JSON.stringify({ ...begun, added }));
    if (currentOf(await keys.list(opened)) !== added) throw new AppError('restic_failed', 'The new password opens the repository with another key.', { exit_code: 0, output: '' });
    await secrets.set(userId, passwordName(row.id), password);
    await this.removeOthers(row, opened).catch((error: unknown) => {
      if (!isAppError(error)) throw error;
      const message = 'The new password counts now. The old one could not be removed and still opens the repository, until the next sign-in or change removes it.';
      throw new AppError('repository_password_left', message, { detail: error.message });
    });
  }

  private opens(access: RepositoryAccess): Promise<boolean> {
    return this.parts.keys.list(access).then(
      () => true,
      (error: unknown) => {
        if (isAppError(error, 'repository_wrong_password')) return false;
        throw error;
      },
    );
  }

  /** What was begun and not ended. */
  private begun(row: RepositoryRow): z.output<typeof begunSchema> | null {
    const kept = this.parts.store.settings.getFact(this.fact(row));
    return kept === null ? null : begunSchema.parse(JSON.parse(kept));
  }

  /** Ends a change that was cut; nothing when there is none. A key that was still being added comes late when the restic that adds it outlived the app. */
  async finish(row: RepositoryRow, access: RepositoryAccess): Promise<void> {
    if (this.begun(row)?.added === null) await this.parts.keys.settled(access);
    await this.removeOthers(row, access);
  }

  /** Leaves the key that the kept password is of those of a change. */
  private async removeOthers(row: RepositoryRow, access: RepositoryAccess): Promise<void> {
    const { store, keys } = this.parts;
    const begun = this.begun(row);
    if (begun === null) return;
    const { old, before, added } = begun;
    // Cut while the key was being added: it is the one that was not there before.
    const isAdded = (id: string): boolean => (added === null ? !before.includes(id) : id === added);
    const present = await keys.list(access);
    const current = currentOf(present);
    for (const { id } of present) if (id !== current && (id === old || isAdded(id))) await keys.remove(access, id);
    store.settings.putFact(this.fact(row), null);
  }

  /** Before another key is made, which must not be taken for one of a change that was cut. */
  async settle(userId: string, id: string): Promise<void> {
    const row = this.parts.repositories.row(userId, id);
    if (this.parts.store.settings.getFact(this.fact(row)) === null) return;
    const access = await this.parts.repositories.open(userId, id);
    if (access !== null) await this.finish(row, access);
  }

  /** For the start of the app. */
  async finishAll(userId: string): Promise<void> {
    const { repositories, store, log } = this.parts;
    for (const row of repositories.rows(userId)) {
      if (store.settings.getFact(this.fact(row)) === null) continue;
      try {
        const access = await repositories.open(userId, row.id);
        if (access !== null) await this.finish(row, access);
      } catch (error) {
        log.warn('repository_keys_unfinished', { repository: row.id, code: isAppError(error) ? error.code : 'internal' });
      }
    }
  }
}

const currentOf = (keys: readonly RepositoryKey[]): string => {
  const found = keys.find((key) => key.current);
  if (found === undefined) throw new AppError('restic_failed', 'restic did not say which key opened the repository.', { exit_code: 0, output: '' });
  return found.id;
};
