// A repository's password is replaced: at every moment the one in the store for secrets opens it.
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { AppError, isAppError } from './app-error';
import type { Log } from './ports';
import type { RepositoryKeys } from './repository-ports';
import type { SecretsService } from './services';
import type { RepositoryAccess } from './snapshot-ports';
import { passwordName, type SnapshotRepositories } from './snapshot-repository';
import type { RepositoryRow, Store } from './store-port';

/** A change that was begun: the key that opened the repository then, and the one that was added. */
const begunSchema = z.object({ old: z.string(), added: z.string() });

export interface PasswordParts {
  readonly store: Pick<Store, 'settings'>;
  readonly repositories: SnapshotRepositories;
  readonly secrets: Pick<SecretsService, 'set'>;
  readonly keys: RepositoryKeys;
  readonly log: Log;
}

/**
 * [Note: Password change] The new key is added and opened with first; then which two keys are concerned is written down; then the store for secrets gets the new password;
 * then the old key is removed, with the new one. Both keys open the repository until the very last step, and by then the new password is kept. Whatever ends the app in
 * between, the next change or start looks which of the two keys the kept password is, and removes the other.
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
    const password = wanted ?? randomBytes(32).toString('base64url');
    log.hide(password);
    const old = await currentKey(keys, access);
    const added = await keys.add(access, password);
    const opened = { ...access, password };
    store.settings.putFact(this.fact(row), JSON.stringify({ old, added }));
    if ((await currentKey(keys, opened)) !== added) throw new AppError('restic_failed', 'The new password opens the repository with another key.', { exit_code: 0, output: '' });
    await secrets.set(userId, passwordName(row.id), password);
    await this.finish(row, opened);
  }

  /** Ends a change that was begun; nothing when there is none. */
  async finish(row: RepositoryRow, access: RepositoryAccess): Promise<void> {
    const { store, keys } = this.parts;
    const kept = store.settings.getFact(this.fact(row));
    if (kept === null) return;
    const { old, added } = begunSchema.parse(JSON.parse(kept));
    const present = await keys.list(access);
    const current = present.find((key) => key.current)?.id;
    for (const key of present) if (key.id !== current && (key.id === old || key.id === added)) await keys.remove(access, key.id);
    store.settings.putFact(this.fact(row), null);
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

const currentKey = async (keys: RepositoryKeys, access: RepositoryAccess): Promise<string> => {
  const found = (await keys.list(access)).find((key) => key.current);
  if (found === undefined) throw new AppError('restic_failed', 'restic did not say which key opened the repository.', { exit_code: 0, output: '' });
  return found.id;
};
