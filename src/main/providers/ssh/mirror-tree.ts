// The tree that restic reads, on disk: made to agree with a listing, stubs in place of big files that a snapshot holds. Synchronous; runs in the capture worker.
import { constants, createReadStream, closeSync, futimesSync, ftruncateSync, lstatSync, mkdirSync, openSync, readdirSync, readlinkSync, renameSync, rmSync, statfsSync, symlinkSync, unlinkSync, utimesSync, writeSync, type Stats } from 'node:fs';
import { createHash } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Copy, MirrorPass, MirrorTree, SidecarWriter } from '../../domain/capture-ports';
import { asDiskFull } from '../../domain/disk-room';
import { copyMtime, isCopyTime, stubFloor, type ManifestEntry } from '../../domain/snapshot-manifest';
import { mirrorPath } from '../../domain/snapshot-names';
import type { BytePath } from '../../domain/snapshot-ports';

const pack = promisify<string, { readonly level: number }, Buffer>(gzip);

const factsOf = (file: string): Stats | undefined => lstatSync(file, { throwIfNoEntry: false });

/** Blocks are counted in 512 bytes. Small files are never stubs, however they are stored. */
const isHollow = (stats: Stats): boolean => stats.size >= stubFloor && stats.blocks * 512 < stats.size;

const copyOf = (stats: Stats | undefined, entry: ManifestEntry): Copy =>
  stats?.isFile() !== true || stats.size !== entry.size || !isCopyTime(stats.mtimeMs, copyMtime(entry)) ? 'none' : isHollow(stats) ? 'hollow' : 'whole';

/** A directory of our own making, never a link to one. */
const ownDirectory = (folder: string): void => {
  if (factsOf(folder)?.isDirectory() === false) unlinkSync(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
};

interface OpenDirectory {
  readonly name: string;
  /** Of what belongs in it. */
  readonly names: Set<string>;
  /** Made just now: nothing else can be in it. */
  readonly fresh: boolean;
}

/** See MirrorPass. Directories are on the way from the root to the present entry, each lstat'ed or made in this pass, so that nothing is reached through a link. */
class TreePass implements MirrorPass {
  private readonly open: OpenDirectory[];

  constructor(private readonly base: string) {
    this.open = [{ name: '', names: new Set(), fresh: false }];
  }

  visit(entry: ManifestEntry): Copy {
    if (entry.path === '') return 'none';
    const name = mirrorPath(entry.path);
    const directory = this.enter(name);
    const file = `${this.base}/${name}`;
    if (entry.type !== 'f' && entry.type !== 'd' && entry.type !== 'l') return 'none';
    directory.names.add(name.slice(name.lastIndexOf('/') + 1));
    let facts = directory.fresh ? undefined : factsOf(file);
    const right = facts === undefined || (entry.type === 'd' ? facts.isDirectory() : entry.type === 'l' ? facts.isSymbolicLink() : facts.isFile());
    if (!right) {
      rmSync(file, { recursive: true, force: true });
      facts = undefined;
    }
    if (entry.type === 'd') {
      if (facts === undefined) mkdirSync(file, { mode: 0o700 });
      this.open.push({ name, names: new Set(), fresh: facts === undefined });
    }
    if (entry.type !== 'f' || facts === undefined) return 'none';
    const copy = copyOf(facts, entry);
    // A stale copy makes room for the new one.
    if (copy === 'none') unlinkSync(file);
    return copy;
  }

  drop(entry: ManifestEntry): void {
    unlinkSync(`${this.base}/${mirrorPath(entry.path)}`);
  }

  /** The directory that this is in; those that come to their end are cleared. */
  private enter(name: string): OpenDirectory {
    const end = name.lastIndexOf('/');
    const parent = end === -1 ? '' : name.slice(0, end);
    for (let last = this.open.at(-1); last !== undefined; last = this.open.at(-1)) {
      if (last.name === parent) return last;
      this.leave();
    }
    throw new Error('A listing is not in order');
  }

  private leave(): void {
    const directory = this.open.pop();
    if (directory === undefined || directory.fresh) return;
    const folder = directory.name === '' ? this.base : `${this.base}/${directory.name}`;
    for (const found of readdirSync(folder)) if (!directory.names.has(found)) rmSync(`${folder}/${found}`, { recursive: true, force: true });
  }

  end(): void {
    while (this.open.length > 0) this.leave();
  }
}

/** See MirrorTree. */
export class DiskTree implements MirrorTree {
  readonly folder: string;
  readonly temporary: string;
  private holes: boolean | null;

  /** `holes`: what is known of the file system; null = it is tried. */
  constructor(private readonly home: string, holes: boolean | null = null) {
    this.folder = path.join(home, 'tree');
    this.temporary = path.join(home, 'tmp');
    this.holes = holes;
  }

  private place(root: string, name: BytePath): string {
    return `${this.folder}/${root}/${mirrorPath(name)}`;
  }

  open(root: string): MirrorPass {
    rmSync(this.temporary, { recursive: true, force: true });
    mkdirSync(this.temporary, { recursive: true, mode: 0o700 });
    let at = this.folder;
    for (const part of root.split('/')) {
      ownDirectory(at);
      for (const name of readdirSync(at)) if (name !== part) rmSync(path.join(at, name), { recursive: true, force: true });
      at = path.join(at, part);
    }
    ownDirectory(at);
    return new TreePass(at);
  }

  hasHoles(): boolean {
    if (this.holes !== null) return this.holes;
    const file = path.join(this.temporary, 'holes');
    this.makeStub(file, stubFloor, null);
    this.holes = lstatSync(file).blocks * 512 < stubFloor / 2;
    unlinkSync(file);
    return this.holes;
  }

  private makeStub(file: string, size: number, mtime: number | null): void {
    const descriptor = openSync(file, 'w', 0o600);
    try {
      ftruncateSync(descriptor, size);
      if (mtime !== null) futimesSync(descriptor, mtime, mtime);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Beside it first, then in its place: at no moment is there a file with another size or time. */
  hollow(root: string, entry: ManifestEntry): void {
    const fresh = path.join(this.temporary, 'stub');
    this.makeStub(fresh, entry.size, copyMtime(entry));
    renameSync(fresh, this.place(root, entry.path));
  }

  isWhole(root: string, entry: ManifestEntry): boolean {
    return copyOf(factsOf(this.place(root, entry.path)), entry) === 'whole';
  }

  async hash(root: string, entry: ManifestEntry): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(this.place(root, entry.path), { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }

  async copy(root: string, from: BytePath, entry: ManifestEntry): Promise<void> {
    const fresh = path.join(this.temporary, 'copy');
    const mtime = copyMtime(entry);
    try {
      await copyFile(this.place(root, from), fresh, constants.COPYFILE_FICLONE);
      utimesSync(fresh, mtime, mtime);
      renameSync(fresh, this.place(root, entry.path));
    } catch (error) {
      rmSync(fresh, { force: true });
      throw asDiskFull(error, this.home);
    }
  }

  remove(root: string, name: BytePath): void {
    rmSync(this.place(root, name), { force: true });
  }

  link(root: string, entry: ManifestEntry): void {
    if (process.platform === 'win32') return;
    const file = this.place(root, entry.path);
    const target = Buffer.from(entry.target, 'latin1');
    if (factsOf(file) !== undefined) {
      if (readlinkSync(file, 'buffer').equals(target)) return;
      unlinkSync(file);
    }
    symlinkSync(target, file);
  }

  sidecar(name: string): SidecarWriter {
    // Its half-written form must never lie in the tree that restic reads.
    const fresh = path.join(this.temporary, 'sidecar');
    const descriptor = openSync(fresh, 'w', 0o600);
    let last: Promise<void> = Promise.resolve();
    return {
      // Members one after the other are one gzip file.
      write: (text) => {
        const before = last;
        const packed = pack(text, { level: 1 });
        last = Promise.all([packed, before]).then(([bytes]) => {
          for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
        });
        // The next piece, or the end, hears of it.
        last.catch(() => undefined);
        return before;
      },
      done: async () => {
        await last.finally(() => closeSync(descriptor));
        const file = path.join(this.folder, name);
        renameSync(fresh, file);
        return lstatSync(file).size;
      },
    };
  }

  space(): { readonly free: number; readonly total: number } {
    const { bavail, blocks, bsize } = statfsSync(this.home);
    return { free: bavail * bsize, total: blocks * bsize };
  }
}
