// Folders on this computer that a restore fills: checked before, finished from the sidecar, never over an existing file.
import { mkdtemp, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../domain/app-error';
import type { RestoredEntry, RestoreFolders } from '../../domain/restore-ports';
import type { BytePath } from '../../domain/snapshot-ports';
import { isUnwritableName, makeFolders, statOrNull } from '../process/folders';
import { Finishing } from './restore-finish';

const scratchName = '.dumont-restore-';

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

/** Folders on the disk. */
export class DiskRestoreFolders implements RestoreFolders {
  async open(target: string, within: string | null): Promise<{ readonly scratch: string }> {
    if (!path.isAbsolute(target) || path.normalize(target) !== target.replace(/(.)[\\/]+$/, '$1')) {
      throw new AppError('invalid_input', 'The folder must be an absolute path without detours.', { issues: [{ path: 'folder', message: 'an absolute path' }] });
    }
    if (within !== null) {
      await makeFolders(within);
      await checkWithin(target, within);
    }
    const facts = await statOrNull(target);
    if (facts !== null && (!facts.isDirectory() || (await readdir(target)).length > 0)) throw new AppError('target_not_empty', 'The folder is not empty. Nothing was restored.', { path: target });
    await makeFolders(target).catch((error: unknown) => {
      if (!isUnwritableName(error)) throw error;
      throw new AppError('invalid_input', 'The disk there cannot write this name.', { issues: [{ path: 'folder', message: 'a name that the disk can write' }] });
    });
    if (within !== null && path.relative(await realpath(within), await realpath(target)).startsWith('..')) throw forbidden(within);
    return { scratch: await mkdtemp(path.join(target, scratchName)) };
  }

  async foldsNames(scratch: string): Promise<boolean> {
    const folder = await mkdtemp(path.join(scratch, '.names-'));
    const isOne = async (one: string, other: string): Promise<boolean> => {
      await writeFile(path.join(folder, one), '');
      return (await statOrNull(path.join(folder, other))) !== null;
    };
    try {
      return (await isOne('dumont', 'DUMONT')) || (await isOne('\u00e9', 'e\u0301'));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async beside(scratch: string): Promise<string> {
    return path.basename(await mkdtemp(path.join(scratch, '.beside-')));
  }

  async finish(target: string, scratch: string, root: string, entries: readonly RestoredEntry[]): Promise<{ readonly files: number; readonly warnings: readonly string[] }> {
    const finishing = new Finishing(scratch, root, entries);
    await finishing.dress();
    const places = await finishing.rename();
    for (const name of (await readdir(finishing.base, { encoding: 'buffer' }).catch(() => []))) {
      const to = Buffer.concat([Buffer.from(`${target}/`, 'utf8'), name]);
      if ((await statOrNull(to)) !== null) throw new AppError('target_not_empty', 'Something appeared in the folder while it was being filled.', { path: target });
      await rename(Buffer.concat([Buffer.from(`${finishing.base}/`, 'utf8'), name]), to);
    }
    await rm(scratch, { recursive: true, force: true });
    for (const { entry, place } of places) {
      const file = at(target, place);
      if ((await statOrNull(file)) !== null) await finishing.facts(file, entry);
    }
    return { files: finishing.files, warnings: finishing.warnings };
  }

  async discard(target: string, scratch: string): Promise<'nothing' | 'something'> {
    if (path.dirname(scratch) !== target || !path.basename(scratch).startsWith(scratchName)) throw new Error('Not a folder that a restore made');
    await rm(scratch, { recursive: true, force: true });
    return (await readdir(target).catch(() => [])).length === 0 ? 'nothing' : 'something';
  }
}
