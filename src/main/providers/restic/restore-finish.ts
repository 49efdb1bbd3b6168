// What restic put into a scratch folder becomes the host's files again, as far as the disk here can keep them: links, modes, times, original names.
import { chmod, link, lutimes, readlink, rename, rm, symlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { displayName, lastOf, parentOf } from '../../domain/snapshot-names';
import type { RestoredEntry } from '../../domain/restore-ports';
import type { BytePath } from '../../domain/snapshot-ports';
import { codeOf, makeFolders, statOrNull } from '../process/folders';
import { timeForUtimes } from './file-time';

/** The order that handles what is inside first. */
const deepestFirst = (entries: readonly RestoredEntry[]): readonly RestoredEntry[] => [...entries].sort((a, b) => b.path.split('/').length - a.path.split('/').length);

/** What the disk did not take of any number of entries: how many, and one of them. */
interface NotKept {
  count: number;
  readonly code: string;
  readonly example: string;
}

/** One scratch folder. Nothing that a disk cannot keep ends a restore: it is counted and said. */
export class Finishing {
  files = 0;
  private readonly said: string[] = [];
  private readonly notKept = new Map<string, NotKept>();

  /** Where what was captured lies. */
  readonly base: string;

  /** `root`: its name in the scratch folder. */
  constructor(
    private readonly scratch: string,
    root: string,
    private readonly entries: readonly RestoredEntry[],
  ) {
    this.base = path.join(scratch, root);
  }

  get warnings(): readonly string[] {
    return [...this.said, ...[...this.notKept].map(([what, { count, code, example }]) => `${what} (${code}): ${count} of them, such as ${example}`)];
  }

  /** False when the disk refused, which is said once for all of a kind. */
  private async attempt(what: string, { path: name }: RestoredEntry, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      const code = codeOf(error);
      // Refusals of a file system, not trouble with it.
      if (!['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EILSEQ', 'ENAMETOOLONG', 'EMLINK', 'ENOENT'].includes(code)) throw error;
      const known = this.notKept.get(what);
      if (known === undefined) this.notKept.set(what, { count: 1, code, example: displayName(name) });
      else known.count += 1;
      return false;
    }
  }

  /** Mode and time of a file or directory. */
  async facts(file: string | Buffer, entry: RestoredEntry): Promise<void> {
    await this.attempt('Permissions could not be set on this disk', entry, () => chmod(file, entry.mode));
    await this.attempt('Times could not be set on this disk', entry, () => utimes(file, timeForUtimes(entry.mtime), timeForUtimes(entry.mtime)));
  }

  /** Contents are there under the mirror's names, or apart: they come together, with links, modes and times. */
  async dress(): Promise<void> {
    const mirrorNames = new Map(this.entries.map((entry) => [entry.path, entry.mirrorName]));
    for (const entry of this.entries) {
      const file = path.join(this.base, entry.mirrorName);
      if (entry.type === 'd') await this.attempt('Folders could not be made on this disk', entry, () => (entry.from === null ? makeFolders(file) : this.spell(path.join(this.scratch, entry.from), file)));
      else if (entry.type === 'l') await this.symlink(file, entry);
      else {
        if (entry.from !== null) await this.fetch(path.join(this.scratch, entry.from), file);
        if ((await statOrNull(file)) === null) continue;
        this.files += 1;
        if (entry.sameAs !== null && (await this.hardlink(path.join(this.base, mirrorNames.get(entry.sameAs) ?? ''), file, entry))) continue;
        await this.facts(file, entry);
      }
    }
  }

  /** A directory gets its own spelling, and its place, if it is there; by another name, because to itself nothing would change. */
  private async spell(from: string, to: string): Promise<void> {
    if ((await statOrNull(from)) === null) return makeFolders(to);
    const between = path.join(this.scratch, '.name');
    await rename(from, between);
    await makeFolders(path.dirname(to));
    await rename(between, to);
  }

  /** What was restored apart comes to the rest; what could not be restored is missed later. See [Note: Names alike]. */
  private async fetch(from: string, to: string): Promise<void> {
    if ((await statOrNull(from)) === null) return;
    await makeFolders(path.dirname(to));
    await rename(from, to);
  }

  /** Beside it first: where the disk has no hard links, restic's own copy stays. */
  private async hardlink(first: string, file: string, entry: RestoredEntry): Promise<boolean> {
    const fresh = path.join(this.scratch, '.name');
    return await this.attempt('Names of one file became files of their own on this disk', entry, async () => {
      await rm(fresh, { force: true });
      await link(first, fresh);
      await rename(fresh, file);
      // Renamed onto a name of the same file, it stays.
      await rm(fresh, { force: true });
    });
  }

  private async symlink(file: string, entry: RestoredEntry): Promise<void> {
    const target = Buffer.from(entry.target, 'latin1');
    const present = await readlink(file, 'buffer').catch(() => null);
    await this.attempt('Links could not be made on this disk', entry, async () => {
      if (present?.equals(target) !== true) {
        await makeFolders(path.dirname(file));
        await rm(file, { force: true });
        await symlink(target, file);
      }
      await lutimes(file, timeForUtimes(entry.mtime), timeForUtimes(entry.mtime));
    });
  }

  /** Gives the original names back, inside out; where this disk cannot write one, the mirror's stays. Gives the directories, those inside first, with the places where they lie then. */
  async rename(): Promise<readonly { readonly entry: RestoredEntry; readonly place: BytePath }[]> {
    const names = new Map<BytePath, BytePath>();
    for (const entry of deepestFirst(this.entries)) {
      const own = Buffer.from(lastOf(entry.path), 'latin1');
      const from = path.join(this.base, entry.mirrorName);
      if (own.equals(Buffer.from(lastOf(entry.mirrorName), 'utf8'))) continue;
      const to = Buffer.concat([Buffer.from(`${path.dirname(from)}/`, 'utf8'), own]);
      try {
        if ((await statOrNull(to)) !== null) throw Object.assign(new Error('exists'), { code: 'EEXIST' });
        await rename(from, to);
      } catch (error) {
        if (codeOf(error) === 'ENOENT' && (await statOrNull(from)) === null) continue;
        names.set(entry.path, Buffer.from(lastOf(entry.mirrorName), 'utf8').toString('latin1'));
        this.said.push(`Its name cannot be written here (${codeOf(error)}): ${displayName(entry.path)}, kept as ${entry.mirrorName}`);
      }
    }
    return this.places(names);
  }

  private places(names: ReadonlyMap<BytePath, BytePath>): readonly { readonly entry: RestoredEntry; readonly place: BytePath }[] {
    const places = new Map<BytePath, BytePath>();
    const directories = this.entries.filter(({ type }) => type === 'd');
    for (const { path: name } of directories) {
      const above = parentOf(name);
      const last = names.get(name) ?? lastOf(name);
      places.set(name, above === '' ? last : `${places.get(above) ?? above}/${last}`);
    }
    return deepestFirst(directories).map((entry) => ({ entry, place: places.get(entry.path) ?? entry.path }));
  }
}
