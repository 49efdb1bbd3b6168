// The comparison at the beginning of a capture: what lies in the mirror is held against the listings, what may stay is kept, what must be fetched is queued. See [Note: Thin mirror].
import { isStored, nudged, vouchesFor } from './capture-delta';
import { Examples } from './capture-names';
import { neededListing, planListings } from './capture-held';
import type { Copy, ListingWriter, MirrorPass } from './capture-ports';
import { FetchQueue, type Follower } from './fetch-queue';
import { identityOf } from './file-identity';
import { ListingCursor } from './listing-order';
import { placeOf } from './snapshot-names';
import { checkedTree, hollowBytes, isSparse, isSparseBomb, stubFloor, type ManifestEntry } from './snapshot-manifest';
import type { BytePath, Mirror } from './snapshot-ports';
import type { Turns } from './turns';

/*
 * [Note: Thin mirror] With `--parent` and `--ignore-inode` restic never opens a file whose size and time are as in the parent: it takes the content over. So a big file that a verified
 * snapshot holds is replaced in the mirror by a stub, a sparse file of the same size and time, and costs no disk. What keeps a stub from ever being taken for content:
 *  - only files in the listing of a verified snapshot become stubs, and a listing is stored before the first of them does;
 *  - a stub (it bears the mirror's own mark) stays only if the listing of the very snapshot that the next backup builds on shows the file exactly so; without one, or when
 *    that snapshot is gone, it is removed and fetched again, and `--force` is only ever used then;
 *  - the guard holds what restic says of each file against the listings: a stub that was read shows as a file that should not have been.
 * A stub takes its place by a rename, so a crash leaves either the whole file or the stub. Restoring never reads the mirror.
 *
 * [Note: Trusted copies] When the last capture came to its end (no listing but the base's is left), small files that the base shows exactly so are taken to be as it left them, size and time: only that
 * they are there is looked at. restic looks at each in any case, and takes over none of another size or time than its parent has, so a copy that was touched in between is one too many that is
 * read: the guard does not hold, the snapshot is forgotten, and the capture begins again, this time looking at every copy.
 */

export interface PlanInput {
  readonly mirror: Mirror;
  readonly root: string;
  readonly scan: Iterable<ManifestEntry>;
  /** The listing of the snapshot that the next backup builds on. */
  readonly base: Iterable<ManifestEntry> | null;
  /** Of runs that did not finish, and of snapshots that are gone: what they show was fetched once. */
  readonly former: readonly Iterable<ManifestEntry>[];
  /** Stubs may take the place of content. */
  readonly thin: boolean;
  /** See [Note: Trusted copies]. */
  readonly trusted: boolean;
  readonly turns: Turns;
}

/** A file of which a part is here already, bytes. */
export interface Begun {
  readonly path: BytePath;
  readonly kept: number;
  readonly size: number;
}

/**
 * What a capture will do. Beside it lie listings: `outdated` (what the base shows otherwise, or alone; the rest of it is kept), `present` (what may stay beside that), and `pending` (files that
 * are not kept: those without a hash are fetched, and the next run knows of this one by them if it breaks off).
 */
export interface Planned {
  /** Entries that are kept, and those of `present`. */
  readonly present: number;
  /** Files that are here already, and those of them that are stubs. */
  readonly here: number;
  readonly hollow: number;
  /** To fetch, bytes of all and of the largest. */
  readonly files: number;
  readonly bytes: number;
  readonly largest: number;
  readonly largestPath: BytePath;
  /** Of these a part is here already. See [Note: Kept parts]. */
  readonly begun: readonly Begun[];
  readonly queue: FetchQueue;
  readonly skipped: readonly ManifestEntry[];
  readonly specials: Examples;
  /** What has no place here, because its path would be longer than this system takes. */
  readonly tooLong: Examples;
  /** Directories on which another file system is mounted: the listing does not go into them. */
  readonly mounts: Examples;
}

/** Bytes of the files to fetch that are here already. */
export const keptBytes = ({ begun }: Pick<Planned, 'begun'>): number => begun.reduce((sum, { kept }) => sum + kept, 0);

const group = (entry: ManifestEntry): string | null => (entry.links > 1 ? `${entry.device}:${entry.inode}:${entry.size}:${entry.mtime}` : null);

/** What a listing says beside what vouchesFor looks at is the same where it is used: holes, and which names are one file. An entry of which it is not stands in the new listings itself. */
const isRecordedAlike = (old: ManifestEntry, entry: ManifestEntry): boolean =>
  isSparse(old) === isSparse(entry) && (entry.links <= 1 || (old.inode === entry.inode && old.device === entry.device));

/** The longest path that the system takes, bytes: Linux and macOS count the end of the text too, Windows takes long ones from Node. */
const longestPath = { darwin: 1023, win32: 32_000 }[process.platform as string] ?? 4095;

interface Compared {
  readonly entry: ManifestEntry;
  /** It need not be fetched. */
  readonly here: boolean;
  /** It is here, and what the base shows of it stands. */
  readonly kept: boolean;
}

/** One comparison. */
class Comparison {
  private readonly pass: MirrorPass;
  private readonly base: ListingCursor;
  private readonly out: Readonly<Record<keyof typeof planListings, ListingWriter>>;
  /** The base has an entry that is not kept. */
  private readonly outdated = (entry: ManifestEntry): void => this.out.outdated.add(entry);
  private readonly former: readonly ListingCursor[];
  private readonly leaders = new Map<string, { readonly path: BytePath; readonly known: ManifestEntry | null }>();
  readonly followers = new Map<BytePath, ManifestEntry[]>();
  readonly waiting: Follower[] = [];
  /** Paths of all followers. */
  readonly later = new Set<BytePath>();
  readonly skipped: ManifestEntry[] = [];
  readonly specials = new Examples();
  readonly mounts = new Examples();
  readonly tooLong = new Examples();
  private readonly before: number;
  /** The file system of the directory itself. */
  private device = '';
  readonly begun: Begun[] = [];
  private readonly identities = new Set<string>();
  readonly counts = { present: 0, here: 0, hollow: 0, files: 0, bytes: 0, largest: 0, largestPath: '' };

  constructor(private readonly input: PlanInput) {
    this.pass = input.mirror.tree.open(input.root, input.trusted);
    this.before = Buffer.byteLength(`${input.mirror.tree.folder}/${input.root}/`);
    this.base = new ListingCursor(input.base);
    this.former = input.former.map((listing) => new ListingCursor(listing));
    const { listings } = input.mirror;
    this.out = { present: listings.writer(planListings.present), outdated: listings.writer(planListings.outdated), pending: listings.writer(planListings.pending) };
  }

  async run(): Promise<void> {
    const { out } = this;
    const { free } = this.input.mirror.tree.space();
    let hollow = 0;
    try {
      for (const scanned of checkedTree(this.input.scan)) {
        if (isSparseBomb(scanned, free, hollow)) {
          this.skipped.push(scanned);
          continue;
        }
        if (this.isTooLong(scanned)) {
          this.tooLong.add(scanned.path);
          continue;
        }
        hollow += hollowBytes(scanned);
        const old = this.base.find(scanned.path, this.outdated);
        const compared = scanned.type === 'f' ? this.file(scanned, old) : this.other(scanned, old);
        const { entry, here, kept } = compared instanceof Promise ? await compared : compared;
        if (old !== null && !kept) this.outdated(old);
        if (!kept && scanned.type === 'f') out.pending.add(entry);
        if (!here) this.queue(entry);
        else if (!kept) out.present.add(entry);
        if (this.input.turns.due) await this.input.turns.pause();
      }
      this.base.finish(this.outdated);
    } finally {
      for (const cursor of [this.base, ...this.former]) cursor.close();
    }
    this.pass.end();
    this.input.mirror.parts.keepOnly(this.identities);
    out.present.done();
    out.outdated.done();
    // Last: until then the former one says what was fetched.
    out.pending.done();
  }

  /** What lies below a directory for which this holds is longer still. */
  private isTooLong(entry: ManifestEntry): boolean {
    // No byte becomes more than three.
    return (entry.mirror !== undefined || this.before + 3 * entry.path.length > longestPath) && this.before + Buffer.byteLength(placeOf(entry)) > longestPath;
  }

  private other(entry: ManifestEntry, old: ManifestEntry | null): Compared {
    const kept = vouchesFor(old, entry);
    this.pass.visit(entry, kept);
    if (entry.path === '') this.device = entry.device;
    // Only of a directory: an overlay may give its files the numbers of the layers below it.
    else if (entry.type === 'd' && entry.device !== this.device) this.mounts.add(entry.path);
    this.counts.present += 1;
    if (!isStored(entry)) this.specials.add(entry.path);
    return { entry, here: true, kept };
  }

  /** At once, unless content has to be read: promises of hundreds of thousands are a part of the work that shows. */
  private file(scanned: ManifestEntry, old: ManifestEntry | null): Compared | Promise<Compared> {
    const former = this.former.flatMap((cursor) => cursor.find(scanned.path) ?? []);
    const entry = nudged(old ?? former[0] ?? null, scanned);
    const vouched = vouchesFor(old, entry);
    const copy = this.pass.visit(entry, vouched);
    const sha256 = this.hashHere(entry, copy, vouched ? old : null, former);
    const kept = vouched && old !== null && (old.sha256 === '' || isRecordedAlike(old, entry));
    const compared = (hash: string | null): Compared => this.compared(entry, copy, kept, hash);
    return sha256 instanceof Promise ? sha256.then(compared) : compared(sha256);
  }

  /** `sha256` null: it must be fetched. */
  private compared(entry: ManifestEntry, copy: Copy, kept: boolean, sha256: string | null): Compared {
    if (sha256 === null) {
      if (copy !== 'none') this.pass.drop(entry);
      return { entry, here: false, kept: false };
    }
    this.counts.present += 1;
    this.counts.here += 1;
    const key = copy === 'whole' ? group(entry) : null;
    if (kept && key === null) return { entry, here: true, kept };
    const known = { ...entry, sha256 };
    if (key !== null && !this.leaders.has(key)) this.leaders.set(key, { path: entry.path, known });
    return { entry: known, here: true, kept };
  }

  /** The hash of a file that need not be fetched; null when it must be. `old`: the base shows it exactly so. */
  private hashHere(entry: ManifestEntry, copy: Copy, old: ManifestEntry | null, former: readonly ManifestEntry[]): string | null | Promise<string> {
    const { mirror, root, thin } = this.input;
    if (old !== null) {
      if (copy === 'whole') return old.sha256;
      if (!thin || entry.size < stubFloor) return null;
      if (copy === 'none') mirror.tree.hollow(root, entry);
      this.counts.hollow += 1;
      return old.sha256;
    }
    const known = copy === 'whole' ? former.find((one) => vouchesFor(one, entry)) : undefined;
    if (known === undefined) return null;
    return known.sha256 === '' ? mirror.tree.hash(root, entry) : known.sha256;
  }

  /**
   * Of several names of one file the first is fetched, the others are copied from it afterwards.
   *
   * tar sends a second name as a link, which is never accepted; and bytes cost money.
   */
  private queue(entry: ManifestEntry): void {
    const key = group(entry);
    const leader = key === null ? undefined : this.leaders.get(key);
    if (leader !== undefined) {
      if (leader.known === null) this.followers.get(leader.path)?.push(entry);
      else this.waiting.push({ entry, leader: leader.path, known: leader.known });
      this.later.add(entry.path);
      return;
    }
    if (key !== null) {
      this.leaders.set(key, { path: entry.path, known: null });
      this.followers.set(entry.path, []);
    }
    this.counts.files += 1;
    this.counts.bytes += entry.size;
    if (entry.size > this.counts.largest) Object.assign(this.counts, { largest: entry.size, largestPath: entry.path });
    const identity = identityOf(entry);
    const kept = identity === null ? 0 : this.input.mirror.parts.size(identity);
    if (identity !== null && kept > 0) {
      this.identities.add(identity);
      this.begun.push({ path: entry.path, kept, size: entry.size });
    }
  }
}

/** Of pending files those that are fetched. */
function* toFetch(pending: Iterable<ManifestEntry>, later: ReadonlySet<BytePath>): Generator<ManifestEntry> {
  for (const entry of pending) if (entry.sha256 === '' && !later.has(entry.path)) yield entry;
}

/** Makes the mirror's tree agree with the scan, all but contents, and writes the listings that the rest of the capture works from. */
export const planCapture = async (input: PlanInput): Promise<Planned> => {
  const comparison = new Comparison(input);
  await comparison.run();
  const { counts, begun, followers, waiting, later, skipped, specials, mounts, tooLong } = comparison;
  const queue = new FetchQueue(toFetch(neededListing(input.mirror.listings, planListings.pending), later), followers, waiting);
  return { ...counts, begun, queue, skipped, specials, mounts, tooLong };
};
