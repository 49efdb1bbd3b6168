// The scratch folders of rehearsals, private and short-lived: `<data>/users/<userId>/rehearsals/<rehearsalId>`.
import { chmod, mkdir, readdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { RehearsalFolders } from '../../domain/proof-ports';

const idForm = /^[A-Za-z0-9-]{1,64}$/;

/** What was restored may have directories that nobody may list; only then is a second try needed. */
const removeAll = async (folder: string): Promise<void> => {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    const open = async (at: string): Promise<void> => {
      await chmod(at, 0o700);
      for (const one of await readdir(at, { withFileTypes: true })) if (one.isDirectory()) await open(path.join(at, one.name));
    };
    await open(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
};

/** Scratch folders on the disk of the app's data. */
export class DiskRehearsalFolders implements RehearsalFolders {
  private readonly opened = new Set<string>();

  constructor(private readonly dataFolder: string) {}

  private home(userId: string): string {
    if (!idForm.test(userId)) throw new Error('An id has an unexpected form');
    return path.join(this.dataFolder, 'users', userId, 'rehearsals');
  }

  async clear(userId: string): Promise<void> {
    const home = this.home(userId);
    for (const name of await readdir(home).catch(() => [])) if (!this.opened.has(path.join(home, name))) await removeAll(path.join(home, name));
  }

  async open(userId: string, rehearsalId: string): Promise<string> {
    if (!idForm.test(rehearsalId)) throw new Error('An id has an unexpected form');
    await this.clear(userId);
    const home = this.home(userId);
    await mkdir(home, { recursive: true, mode: 0o700 });
    const folder = path.join(home, rehearsalId);
    this.opened.add(folder);
    await mkdir(folder, { mode: 0o700 });
    return folder;
  }

  async discard(folder: string): Promise<void> {
    this.opened.delete(folder);
    await removeAll(folder);
  }

  async space(folder: string): Promise<{ readonly free: number; readonly total: number }> {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, total: blocks * bsize };
  }
}
