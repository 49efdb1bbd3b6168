// The tree that restic reads, on disk: made to agree with a listing, stubs in place of big files that a snapshot holds. Synchronous; runs in the capture worker.
import { constants, createReadStream, closeSync, lstatSync, mkdirSync, openSync, readdirSync, readlinkSync, renameSync, rmSync, statfsSync, symlinkSync, unlinkSync, utimesSync, writeSync, type Stats } from 'node:fs';
import { createHash } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Copy, MirrorPass, MirrorTree, SidecarWriter } from '../../domain/capture-ports';
import { asDiskFull } from '../../domain/disk-room';
import { copyMtime, isCopyTime, mayBeStub, stubFloor, type ManifestEntry } from '../../domain/snapshot-manifest';
import { sidecarName } from '../../domain/sidecar';
import { lastOf, parentOf, placeOf } from '../../domain/snapshot-names';
import { Stubs } from './stubs';

const pack = promisify<string, { readonly level: number }, Buffer>(gzip);

const factsOf = (file: string): Stats | undefined => lstatSync(file, { throwIfNoEntry: false });

const copyOf = (stubs: Stubs, file: string, stats: Stats | undefined, entry: ManifestEntry): Copy =>
  stats?.isFile() !== true || stats.size !== entry.size || !isCopyTime(stats.mtimeMs, copyMtime(entry)) ? 'none' : stubs.isStub(file, stats) ? 'hollow' : 'whole';

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
  /** What lies in it, as it is spelled there, and whether it is a file; null where nobody asks. See [Note: Spelling], [Note: Trusted copies]. */
  readonly found: ReadonlyMap<string, boolean> | null;
}

/*
 * [Note: Spelling] Where names that differ only in case are one, a name that changed its case on the host is found in the mirror as it was before, and restic would keep it so. No two names
 * of a listing are one there (see [Note: Names apart]), so what is found under another spelling is nobody's, and makes room.
 */

/** See MirrorPass. Directories are on the way from the root to the present entry, each lstat'ed or made in this pass, so that nothing is reached through a link. */
class TreePass implements MirrorPass {
  private readonly open: OpenDirectory[];

  constructor(
    private readonly base: string,
    private readonly stubs: Stubs,
    /** Puts a stub in the place of a file. */
    private readonly hollow: (file: string, entry: ManifestEntry) => void,
    private readonly foldsNames: boolean,
    private readonly trusted: boolean,
  ) {
    this.open = [this.directory('', false)];
  }

  private directory(name: string, fresh: boolean): OpenDirectory {
    const asked = !fresh && (this.foldsNames || this.trusted);
    return { name, names: new Set(), fresh, found: asked ? new Map(readdirSync(this.place(name), { withFileTypes: true }).map((one) => [one.name, one.isFile()])) : null };
  }

  private place(name: string): string {
    return name === '' ? this.base : `${this.base}/${name}`;
  }

  visit(entry: ManifestEntry, vouched: boolean): Copy {
    if (entry.path === '') return 'none';
    const name = placeOf(entry);
    const directory = this.enter(name);
    const file = this.place(name);
    if (entry.type !== 'f' && entry.type !== 'd' && entry.type !== 'l') return 'none';
    const last = lastOf(name);
    directory.names.add(last);
    if (this.trusted && vouched && entry.type === 'f' && !mayBeStub(entry) && directory.found?.get(last) === true) return 'whole';
    let facts = directory.fresh ? undefined : factsOf(file);
    const right = facts === undefined || (directory.found?.has(last) !== false && (entry.type === 'd' ? facts.isDirectory() : entry.type === 'l' ? facts.isSymbolicLink() : facts.isFile()));
    if (!right) {
      rmSync(file, { recursive: true, force: true });
      facts = undefined;
    }
    if (entry.type === 'd') {
      if (facts === undefined) mkdirSync(file, { mode: 0o700 });
      this.open.push(this.directory(name, facts === undefined));
    }
    if (entry.type !== 'f' || facts === undefined) return 'none';
    const copy = copyOf(this.stubs, file, facts, entry);
    if (copy === 'hollow' && this.stubs.isUnmarked(facts)) this.hollow(file, entry);
    // A stale copy makes room for the new one.
    if (copy === 'none') unlinkSync(file);
    return copy;
  }

  drop(entry: ManifestEntry): void {
    unlinkSync(`${this.base}/${placeOf(entry)}`);
  }

  /** The directory that this is in; those that come to their end are cleared. */
  private enter(name: string): OpenDirectory {
    const parent = parentOf(name);
    for (let last = this.open.at(-1); last !== undefined; last = this.open.at(-1)) {
      if (last.name === parent) return last;
      this.leave();
    }
    throw new Error('A listing is not in order');
  }

  private leave(): void {
    const directory = this.open.pop();
    if (directory === undefined || directory.fresh) return;
    const folder = this.place(directory.name);
    for (const found of readdirSync(folder)) if (!directory.names.has(found)) rmSync(`${folder}/${found}`, { recursive: true, force: true });
  }

  end(): void {
    while (this.open.length > 0) this.leave();
    this.stubs.allMarked();
  }
}

/** A file system that cannot do what it was asked for: exFAT and FAT have no links. */
const isRefusal = (error: unknown): boolean => ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '');

/** Whether two names are one. */
export type SameName = (one: string, other: string) => boolean;

/** See MirrorTree. */
export class DiskTree implements MirrorTree {
  readonly folder: string;
  readonly temporary: string;
  readonly formerSidecar: string;
  private holes: boolean | null;
  private folds: boolean | null = null;
  private links: boolean | null = process.platform === 'win32' ? false : null;
  private readonly stubs: Stubs;

  /** `holes`, `sameName`: what is known of the file system; null = it is tried. */
  constructor(
    private readonly home: string,
    holes: boolean | null = null,
    private readonly sameName: SameName | null = null,
  ) {
    this.folder = path.join(home, 'tree');
    this.temporary = path.join(home, 'tmp');
    this.formerSidecar = path.join(home, 'former-sidecar.gz');
    this.holes = holes;
    this.stubs = new Stubs(home, this.folder);
  }

  private place(root: string, entry: Pick<ManifestEntry, 'path' | 'mirror'>): string {
    return `${this.folder}/${root}/${placeOf(entry)}`;
  }

  open(root: string, trusted: boolean): MirrorPass {
    rmSync(this.temporary, { recursive: true, force: true });
    mkdirSync(this.temporary, { recursive: true, mode: 0o700 });
    this.stubs.prepare();
    if (factsOf(path.join(this.folder, sidecarName))?.isFile() === true) renameSync(path.join(this.folder, sidecarName), this.formerSidecar);
    let at = this.folder;
    for (const part of root.split('/')) {
      ownDirectory(at);
      for (const name of readdirSync(at)) if (name !== part) rmSync(path.join(at, name), { recursive: true, force: true });
      at = path.join(at, part);
    }
    ownDirectory(at);
    return new TreePass(at, this.stubs, (file, entry) => this.hollowAt(file, entry), this.foldsNames(), trusted);
  }

  hasHoles(): boolean {
    if (this.holes !== null) return this.holes;
    const file = path.join(this.temporary, 'holes');
    this.stubs.make(file, stubFloor, null);
    this.holes = lstatSync(file).blocks * 512 < stubFloor / 2;
    unlinkSync(file);
    return this.holes;
  }

  foldsNames(): boolean {
    this.folds ??= this.isSameName('dumont', 'DUMONT') || this.isSameName('\u00e9', 'e\u0301');
    return this.folds;
  }

  isSameName(one: string, other: string): boolean {
    if (one === other) return true;
    if (this.sameName !== null) return this.sameName(one, other);
    const folder = path.join(this.temporary, 'names');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      closeSync(openSync(path.join(folder, one), 'w', 0o600));
      return factsOf(path.join(folder, other)) !== undefined;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Beside it first, then in its place: at no moment is there a file with another size or time. */
  hollow(root: string, entry: ManifestEntry): void {
    this.hollowAt(this.place(root, entry), entry);
  }

  private hollowAt(file: string, entry: ManifestEntry): void {
    const fresh = path.join(this.temporary, 'stub');
    this.stubs.make(fresh, entry.size, copyMtime(entry));
    renameSync(fresh, file);
  }

  isWhole(root: string, entry: ManifestEntry): boolean {
    const file = this.place(root, entry);
    return copyOf(this.stubs, file, factsOf(file), entry) === 'whole';
  }

  async hash(root: string, entry: ManifestEntry): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(this.place(root, entry), { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }

  async copy(root: string, from: ManifestEntry, entry: ManifestEntry): Promise<void> {
    const fresh = path.join(this.temporary, 'copy');
    const mtime = copyMtime(entry);
    try {
      await copyFile(this.place(root, from), fresh, constants.COPYFILE_FICLONE);
      utimesSync(fresh, mtime, mtime);
      renameSync(fresh, this.place(root, entry));
    } catch (error) {
      rmSync(fresh, { force: true });
      throw asDiskFull(error, this.home);
    }
  }

  remove(root: string, entry: Pick<ManifestEntry, 'path' | 'mirror'>): void {
    rmSync(this.place(root, entry), { force: true });
  }

  keepsLinks(): boolean {
    if (this.links !== null) return this.links;
    const file = path.join(this.temporary, 'link');
    try {
      symlinkSync('nowhere', file);
      this.links = true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.links = false;
    } finally {
      rmSync(file, { force: true });
    }
    return this.links;
  }

  link(root: string, entry: ManifestEntry): void {
    const file = this.place(root, entry);
    const target = Buffer.from(entry.target, 'latin1');
    if (factsOf(file) !== undefined) {
      if (readlinkSync(file, 'buffer').equals(target)) return;
      unlinkSync(file);
    }
    symlinkSync(target, file);
  }

  sidecar(): SidecarWriter {
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
        const file = path.join(this.folder, sidecarName);
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
