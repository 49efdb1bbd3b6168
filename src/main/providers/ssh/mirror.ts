// The private mirror of each source on this computer's disk: the tree that restic reads and the stored listings.
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { partialListing, snapshotListing } from '../../domain/capture-ports';
import { asDiskFull } from '../../domain/disk-room';
import { ManifestReader } from '../../domain/snapshot-manifest';
import type { Mirror, Mirrors } from '../../domain/snapshot-ports';
import { DiskParts } from './kept-parts';
import { ListingFiles } from './listing-files';
import { DiskTree, type SameName } from './mirror-tree';

const idForm = /^[A-Za-z0-9-]{1,64}$/;

/** The name of a listing of a former version while it is sorted. */
const adopted = 'adopted';

class DiskMirror implements Mirror {
  readonly listings: ListingFiles;
  readonly tree: DiskTree;
  readonly parts: DiskParts;

  constructor(private readonly home: string, holes: boolean | null, sameName: SameName | null) {
    this.listings = new ListingFiles(home);
    this.tree = new DiskTree(home, holes, sameName);
    this.parts = new DiskParts(path.join(home, 'parts'));
  }

  async adopt(): Promise<void> {
    this.listings.clear();
    for (const [old, name] of await this.oldListings()) {
      const sorter = this.listings.sorter(adopted);
      const reader = new ManifestReader((entry) => sorter.add(entry), { own: true });
      try {
        await pipeline(createReadStream(path.join(this.home, old)), createGunzip(), async (source: AsyncIterable<Buffer>) => {
          for await (const chunk of source) reader.push(chunk);
        });
        reader.end();
        sorter.done();
        const writer = this.listings.writer(name);
        for (const entry of this.listings.read(adopted) ?? []) writer.add(entry);
        writer.done();
      } catch {
        // Damaged is the same as missing: everything is compared afresh.
        this.listings.clear();
      }
      this.listings.remove(adopted);
      await rm(path.join(this.home, old), { force: true });
    }
  }

  /** Of versions up to 0.1: `manifest-ID.gz`, in the host's order. */
  private async oldListings(): Promise<readonly (readonly [string, string])[]> {
    return (await readdir(this.home)).flatMap((name) => {
      const id = /^manifest-([A-Za-z0-9-]{1,64})\.gz$/.exec(name)?.[1];
      return id === undefined ? [] : [[name, id === 'pending' ? 'pending' : snapshotListing(id)] as const];
    });
  }

  partials(): readonly string[] {
    return this.listings.names().flatMap((name) => partialListing.parse(name)?.id ?? []);
  }
}

/** Mirrors below `<data>/users/<userId>/mirrors/<sourceId>`. */
export class DiskMirrors implements Mirrors {
  /** `holes`, `sameName`: what is known of the file system there; null = it is tried. */
  constructor(
    private readonly dataFolder: string,
    private readonly holes: boolean | null = null,
    private readonly sameName: SameName | null = null,
  ) {}

  async open(userId: string, sourceId: string): Promise<Mirror> {
    if (!idForm.test(userId) || !idForm.test(sourceId)) throw new Error('An id has an unexpected form');
    const home = path.join(this.dataFolder, 'users', userId, 'mirrors', sourceId);
    try {
      await mkdir(path.join(home, 'tree'), { recursive: true, mode: 0o700 });
      await mkdir(path.join(home, 'tmp'), { recursive: true, mode: 0o700 });
      await writeFile(path.join(home, 'README.txt'), 'Dumont Cloud keeps here what its next snapshot is compared with. Large files are empty stand-ins. These are not your files: restore a snapshot to get them.\n', { mode: 0o600 });
      await writeFile(path.join(home, 'CACHEDIR.TAG'), 'Signature: 8a477f597d28d172789f06886806bc55\n', { mode: 0o600 });
    } catch (error) {
      throw asDiskFull(error, home);
    }
    return new DiskMirror(home, this.holes, this.sameName);
  }
}
