// Folders on this computer that a restore fills: checked before, finished from the sidecar, never over an existing file.
import { chmod, link, lstat, lutimes, mkdir, mkdtemp, readdir, readlink, realpath, rename, rm, symlink, unlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../domain/app-error';
import { displayName } from '../../domain/snapshot-names';
import type { BytePath, RestoredEntry, RestoreFolders } from '../../domain/snapshot-ports';
import { timeForUtimes } from './file-time';

const scratchName = '.dumont-restore-';

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

const statOrNull = (file: string | Buffer): ReturnType<typeof lstat> | Promise<null> =>
  lstat(file).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }) as Promise<never>;

/** A path of bytes below a folder. */
const at = (folder: string, relative: BytePath): Buffer => Buffer.concat([Buffer.from(`${folder}/`, 'utf8'), Buffer.from(relative, 'latin1')]);

const forbidden = (within: string): AppError => new AppError('target_forbidden', 'A restore asked for over HTTP must stay below the export folder.', { export_folder: within });

/** Below `within`, and no component from there on is a link. */
const checkWithin = async (target: string, within: string): Promise<void> => {
  const relative = path.relative(within, target);
  if (relative === '' || relative.startsWith('..') || path.isAbsolute(relative)) throw forbidden(within);
  let now = within;
  for (const part of relative.split(path.sep)) {
    now = path.join(now, part);
    const facts = await statOrNull(now);
    if (facts === null) return;
    if (!facts.isDirectory()) throw forbidden(within);
  }
};

/** The order that handles what is inside first. */
const deepestFirst = (entries: readonly RestoredEntry[]): readonly RestoredEntry[] => [...entries].sort((a, b) => b.path.split('/').length - a.path.split('/').length);

/** Folders on the disk. */
export class DiskRestoreFolders implements RestoreFolders {
  async open(target: string, within: string | null): Promise<{ readonly scratch: string }> {
    if (!path.isAbsolute(target) || path.normalize(target) !== target.replace(/(.)[\\/]+$/, '$1')) {
      throw new AppError('invalid_input', 'The folder must be an absolute path without detours.', { issues: [{ path: 'folder', message: 'an absolute path' }] });
    }
    if (within !== null) {
      await mkdir(within, { recursive: true, mode: 0o700 });
      await checkWithin(target, within);
    }
    const facts = await statOrNull(target);
    if (facts !== null && (!facts.isDirectory() || (await readdir(target)).length > 0)) throw new AppError('target_not_empty', 'The folder is not empty. Nothing was restored.', { path: target });
    await mkdir(target, { recursive: true, mode: 0o700 });
    if (within !== null && path.relative(await realpath(within), await realpath(target)).startsWith('..')) throw forbidden(within);
    return { scratch: await mkdtemp(path.join(target, scratchName)) };
  }

  async finish(target: string, scratch: string, root: string, entries: readonly RestoredEntry[]): Promise<{ readonly files: number; readonly warnings: readonly string[] }> {
    const base = path.join(scratch, root);
    const warnings: string[] = [];
    const files = await this.dress(base, entries, warnings);
    const final = await this.rename(base, entries, warnings);
    for (const name of (await readdir(base, { encoding: 'buffer' }).catch(() => []))) {
      const to = Buffer.concat([Buffer.from(`${target}/`, 'utf8'), name]);
      if ((await statOrNull(to)) !== null) throw new AppError('target_not_empty', 'Something appeared in the folder while it was being filled.', { path: target });
      await rename(Buffer.concat([Buffer.from(`${base}/`, 'utf8'), name]), to);
    }
    await rm(scratch, { recursive: true, force: true });
    for (const entry of deepestFirst(entries)) {
      if (entry.type !== 'd') continue;
      const file = at(target, final.get(entry.path) ?? entry.path);
      if ((await statOrNull(file)) === null) continue;
      await chmod(file, entry.mode);
      await utimes(file, timeForUtimes(entry.mtime), timeForUtimes(entry.mtime));
    }
    return { files, warnings };
  }

  async discard(target: string, scratch: string): Promise<'nothing' | 'something'> {
    if (path.dirname(scratch) !== target || !path.basename(scratch).startsWith(scratchName)) throw new Error('Not a folder that a restore made');
    await rm(scratch, { recursive: true, force: true });
    return (await readdir(target).catch(() => [])).length === 0 ? 'nothing' : 'something';
  }

  /** Contents are there under the mirror's names: links, modes and times. Gives how many files are there. */
  private async dress(base: string, entries: readonly RestoredEntry[], warnings: string[]): Promise<number> {
    let files = 0;
    const mirrorNames = new Map(entries.map((entry) => [entry.path, entry.mirrorName]));
    for (const entry of entries) {
      const file = path.join(base, entry.mirrorName);
      if (entry.type === 'f') {
        if ((await statOrNull(file)) === null) continue;
        files += 1;
        if (entry.sameAs !== null) {
          await unlink(file);
          await link(path.join(base, mirrorNames.get(entry.sameAs) ?? ''), file);
          continue;
        }
        await chmod(file, entry.mode);
        await utimes(file, timeForUtimes(entry.mtime), timeForUtimes(entry.mtime));
      } else if (entry.type === 'l') await this.symlink(file, entry, warnings);
      else await mkdir(file, { recursive: true, mode: 0o700 });
    }
    return files;
  }

  private async symlink(file: string, entry: RestoredEntry, warnings: string[]): Promise<void> {
    const target = Buffer.from(entry.target, 'latin1');
    const present = await readlink(file, 'buffer').catch(() => null);
    try {
      if (present?.equals(target) !== true) {
        await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
        await rm(file, { force: true });
        await symlink(target, file);
      }
      await lutimes(file, timeForUtimes(entry.mtime), timeForUtimes(entry.mtime));
    } catch (error) {
      warnings.push(`A link could not be made (${codeOf(error)}): ${displayName(entry.path)}`);
    }
  }

  /** Gives the original names back, inside out. Where this system cannot write one it keeps the mirror's; those are in the answer. */
  private async rename(base: string, entries: readonly RestoredEntry[], warnings: string[]): Promise<ReadonlyMap<BytePath, BytePath>> {
    const kept = new Map<BytePath, BytePath>();
    for (const entry of deepestFirst(entries)) {
      const own = Buffer.from(entry.path, 'latin1').subarray(entry.path.lastIndexOf('/') + 1);
      const from = path.join(base, entry.mirrorName);
      if (own.equals(Buffer.from(path.posix.basename(entry.mirrorName), 'utf8'))) continue;
      const to = Buffer.concat([Buffer.from(`${path.dirname(from)}/`, 'utf8'), own]);
      try {
        if ((await statOrNull(to)) !== null) throw Object.assign(new Error('exists'), { code: 'EEXIST' });
        await rename(from, to);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') continue;
        kept.set(entry.path, Buffer.from(entry.mirrorName, 'utf8').toString('latin1'));
        warnings.push(`Its name cannot be written here (${codeOf(error)}): ${displayName(entry.path)}, kept as ${entry.mirrorName}`);
      }
    }
    return kept;
  }
}
