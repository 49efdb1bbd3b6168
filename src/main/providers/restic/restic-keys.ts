// Keys of a repository: each is a password that opens it.
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { AppError } from '../../domain/app-error';
import type { RepositoryKey, RepositoryKeys } from '../../domain/repository-ports';
import type { RepositoryAccess } from '../../domain/snapshot-ports';
import { withKeyFile } from './key-file';
import { quickenKey } from './quick-key';
import { holderOf, mayStillWork, thisComputer } from './restic-locks';
import type { ResticRunner } from './restic-run';

const keysSchema = z.array(z.object({ id: z.string().regex(/^[0-9a-f]{8,64}$/), current: z.boolean() }));

/** How long others are waited for, and how often they are looked for, milliseconds: adding a key takes restic some seconds. */
const settling = 30_000;
const settlingStep = 500;

/** Adds, lists and removes keys. */
export class ResticKeys implements RepositoryKeys {
  constructor(private readonly runner: ResticRunner) {}

  async list(at: RepositoryAccess, signal?: AbortSignal): Promise<readonly RepositoryKey[]> {
    let keys: readonly RepositoryKey[] | null = null;
    await this.runner.run(at, {
      args: ['key', 'list'], signal,
      onLine: (line) => {
        if (line.kind === 'text' && line.text.startsWith('[')) keys = keysSchema.parse(JSON.parse(line.text));
      },
    });
    if (keys === null) throw new AppError('restic_failed', 'restic did not list its keys.', { exit_code: 0, output: '' });
    return keys;
  }

  async add(at: RepositoryAccess, newPassword: string, { generated = false }: { readonly generated?: boolean } = {}): Promise<string> {
    const before = new Set((await this.list(at)).map((key) => key.id));
    await withKeyFile(newPassword, (file) => this.runner.run(at, { args: ['key', 'add', `--new-password-file=${file}`] }));
    const added = (await this.list(at)).filter((key) => !before.has(key.id));
    if (added.length !== 1 || added[0] === undefined) throw new AppError('restic_failed', 'restic did not list the key that it added.', { exit_code: 0, output: '' });
    const { id } = added[0];
    const quick = at.local && generated ? await quickenKey(at.location, newPassword, id).catch(() => null) : null;
    // As long as restic lists them.
    return quick?.slice(0, id.length) ?? id;
  }

  async settled(at: RepositoryAccess): Promise<void> {
    const here = thisComputer();
    for (const end = Date.now() + settling; ; await sleep(settlingStep)) {
      const other = (await this.runner.locks(at)).find((lock) => mayStillWork(lock, here));
      if (other === undefined) return;
      if (Date.now() > end) throw new AppError('repository_locked', 'Another program works on the repository.', { holder: holderOf(other) });
    }
  }

  async remove(at: RepositoryAccess, id: string): Promise<void> {
    await this.runner.run(at, { args: ['key', 'remove', id], waitsForLock: true });
  }
}
