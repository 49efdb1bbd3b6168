// The private mirror of each source on this computer's disk: the tree that restic reads, stored manifests, the sidecar.
import { constants, createReadStream, createWriteStream, lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { copyFile, lstat, mkdir, open, readdir, rename, rm, statfs, symlink, unlink, utimes, writeFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { AppError } from '../../domain/app-error';
import { isCopyTime, ManifestReader, manifestRecord, type ManifestEntry } from '../../domain/snapshot-manifest';
import type { BytePath, Mirror, MirrorEntry, Mirrors } from '../../domain/snapshot-ports';

const idForm = /^[A-Za-z0-9-]{1,64}$/;

/** How long the main thread may be held at a time, milliseconds. */
const turn = 8;

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

const orDiskFull = (folder: string) => (error: unknown): never => {
  if (['ENOSPC', 'EDQUOT'].includes(codeOf(error))) throw new AppError('disk_full', 'The disk is full. What was complete is kept.', { path: folder });
  throw error;
};

/** Written whole or not at all: another name first, flushed, then renamed. */
const writeGzip = async (target: string, lines: AsyncIterable<string> | Iterable<string>, encoding: 'latin1' | 'utf8'): Promise<void> => {
  const fresh = `${target}.new`;
  await pipeline(Readable.from(lines), async function* encode(source: AsyncIterable<string>) {
    for await (const line of source) yield Buffer.from(line, encoding);
  }, createGzip({ level: 1 }), createWriteStream(fresh, { mode: 0o600 }));
  const handle = await open(fresh, 'r+');
  await handle.sync();
  await handle.close();
  await rename(fresh, target);
};

function* recordsOf(entries: readonly ManifestEntry[]): Generator<string> {
  for (let at = 0; at < entries.length; at += 500) yield entries.slice(at, at + 500).map(manifestRecord).join('');
}

class DiskMirror implements Mirror {
  readonly folder: string;
  readonly temporary: string;

  constructor(private readonly home: string) {
    this.folder = path.join(home, 'tree');
    this.temporary = path.join(home, 'tmp');
  }

  private manifestFile(which: string): string {
    if (!idForm.test(which)) throw new Error('A manifest name has an unexpected form');
    return path.join(this.home, `manifest-${which}.gz`);
  }

  async readManifest(which: string): Promise<readonly ManifestEntry[] | null> {
    const reader = new ManifestReader();
    try {
      await pipeline(createReadStream(this.manifestFile(which)), createGunzip(), async (source: AsyncIterable<Buffer>) => {
        for await (const chunk of source) reader.push(chunk);
      });
      reader.end();
      return reader.entries;
    } catch {
      // Missing or damaged is the same: everything is compared afresh.
      return null;
    }
  }

  async writeManifest(which: string, entries: readonly ManifestEntry[]): Promise<void> {
    await writeGzip(this.manifestFile(which), recordsOf(entries), 'latin1').catch(orDiskFull(this.home));
  }

  async keepManifest(id: string): Promise<void> {
    const kept = path.basename(this.manifestFile(id));
    for (const name of await readdir(this.home)) if (name.startsWith('manifest-') && name !== kept) await rm(path.join(this.home, name), { force: true });
  }

  async retireManifest(id: string): Promise<void> {
    await rename(this.manifestFile(id), this.manifestFile('pending')).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  }

  async prepare(root: string, entries: ReadonlyMap<string, MirrorEntry>): Promise<ReadonlySet<string>> {
    await this.keepOnly(root);
    const good = new Set<string>();
    try {
      await this.walk(path.join(this.folder, root), entries, good);
      for (const entry of entries.values()) if (entry.type === 'd' && !good.has(entry.name)) await mkdir(path.join(this.folder, root, entry.name), { mode: 0o700 });
    } catch (error) {
      orDiskFull(this.home)(error);
    }
    return good;
  }

  /** The way to the root, directories of our own making, and nothing beside it. */
  private async keepOnly(root: string): Promise<void> {
    await rm(this.temporary, { recursive: true, force: true });
    await mkdir(this.temporary, { recursive: true, mode: 0o700 });
    let at = this.folder;
    for (const part of root.split('/')) {
      const stats = await lstat(at).catch(() => null);
      if (stats !== null && !stats.isDirectory()) await unlink(at);
      await mkdir(at, { recursive: true, mode: 0o700 });
      for (const name of await readdir(at)) if (name !== part) await rm(path.join(at, name), { recursive: true, force: true });
      at = path.join(at, part);
    }
    const stats = await lstat(at).catch(() => null);
    if (stats !== null && !stats.isDirectory()) await unlink(at);
    await mkdir(at, { recursive: true, mode: 0o700 });
  }

  /** Removes what is not expected, notes what is right. Directories that are kept are noted too. Synchronous calls in short turns: ten times as fast as asynchronous ones. */
  private async walk(base: string, entries: ReadonlyMap<string, MirrorEntry>, good: Set<string>): Promise<void> {
    const directories = [''];
    let since = performance.now();
    for (let below = directories.pop(); below !== undefined; below = directories.pop()) {
      for (const found of readdirSync(below === '' ? base : `${base}/${below}`, { withFileTypes: true })) {
        const name = below === '' ? found.name : `${below}/${found.name}`;
        const file = `${base}/${name}`;
        const expected = entries.get(name);
        if (found.isDirectory()) {
          if (expected?.type === 'd') {
            good.add(name);
            directories.push(name);
          } else await rm(file, { recursive: true, force: true });
        } else if (expected?.type === 'f' && found.isFile()) {
          const stats = lstatSync(file);
          // A stale copy makes room for the new one.
          if (stats.size === expected.size && isCopyTime(stats.mtimeMs, expected.mtime)) good.add(name);
          else unlinkSync(file);
        } else if (!(expected?.type === 'l' && found.isSymbolicLink())) await unlink(file);
        if (performance.now() - since > turn) {
          await new Promise((resolve) => setImmediate(resolve));
          since = performance.now();
        }
      }
    }
  }

  async copyFile(root: string, from: string, to: string, mtime: number): Promise<void> {
    const fresh = path.join(this.temporary, 'copy');
    try {
      await copyFile(path.join(this.folder, root, from), fresh, constants.COPYFILE_FICLONE);
      await utimes(fresh, mtime, mtime);
      await rename(fresh, path.join(this.folder, root, to));
    } catch (error) {
      await rm(fresh, { force: true });
      orDiskFull(this.home)(error);
    }
  }

  async removeFiles(root: string, names: readonly string[]): Promise<void> {
    for (const name of names) await rm(path.join(this.folder, root, name), { force: true });
  }

  async link(root: string, links: readonly { readonly name: string; readonly target: BytePath }[]): Promise<void> {
    if (process.platform === 'win32') return;
    for (const { name, target } of links) {
      const file = path.join(this.folder, root, name);
      const bytes = Buffer.from(target, 'latin1');
      const present = await readlink(file, 'buffer').catch(() => null);
      if (present?.equals(bytes) === true) continue;
      if (present !== null) await unlink(file);
      await symlink(bytes, file).catch(orDiskFull(this.home));
    }
  }

  async writeSidecar(name: string, lines: AsyncIterable<string>): Promise<number> {
    const file = path.join(this.folder, name);
    // Its half-written form must never lie in the tree that restic reads.
    const fresh = path.join(this.temporary, 'sidecar');
    await writeGzip(fresh, lines, 'utf8').catch(orDiskFull(this.home));
    const now = new Date();
    await utimes(fresh, now, now);
    await rename(fresh, file);
    return (await lstat(file)).size;
  }

  async space(): Promise<{ readonly free: number; readonly total: number }> {
    const { bavail, blocks, bsize } = await statfs(this.home);
    return { free: bavail * bsize, total: blocks * bsize };
  }
}

/** Mirrors below `<data>/users/<userId>/mirrors/<sourceId>`. */
export class DiskMirrors implements Mirrors {
  constructor(private readonly dataFolder: string) {}

  async open(userId: string, sourceId: string): Promise<Mirror> {
    if (!idForm.test(userId) || !idForm.test(sourceId)) throw new Error('An id has an unexpected form');
    const home = path.join(this.dataFolder, 'users', userId, 'mirrors', sourceId);
    await mkdir(path.join(home, 'tree'), { recursive: true, mode: 0o700 }).catch(orDiskFull(home));
    await mkdir(path.join(home, 'tmp'), { recursive: true, mode: 0o700 });
    await writeFile(path.join(home, 'README.txt'), 'Dumont Cloud keeps here what its next snapshot is compared with. These are not your files: restore a snapshot to get them.\n', { mode: 0o600 }).catch(orDiskFull(home));
    await writeFile(path.join(home, 'CACHEDIR.TAG'), 'Signature: 8a477f597d28d172789f06886806bc55\n', { mode: 0o600 });
    return new DiskMirror(home);
  }
}
