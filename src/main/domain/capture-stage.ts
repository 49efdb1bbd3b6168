// One capture's work on listings and the mirror, in the order that CaptureRun asks for it. Runs in the capture worker. See [Note: Capture stage].
import type { SourceOptions } from '../../contract';
import { AppError } from './app-error';
import { findBase, formerListings, isAsLeft, type Base } from './capture-base';
import { CaptureBatch, type Batch } from './capture-batch';
import { HeldListings, neededListing, planListings, scanListing } from './capture-held';
import { CaptureListing } from './capture-listing';
import { expectedChange, ExpectedReads, isUnchanged } from './capture-delta';
import { keptBytes, planCapture, type Planned } from './capture-plan';
import { DamagedListing, fetchFiles, partialListing, snapshotListing, type CapturePlan, type CaptureStage, type GuardBy, type Scanned, type Sealed, type StageHooks } from './capture-ports';
import { sealedListing, sealMirror } from './capture-seal';
import { tellPlan } from './capture-told';
import { asDiskFull, freeFloor } from './disk-room';
import { inOrder } from './listing-order';
import { guardChanges, guardNames, hearNames, type GuardVerdict, type NamedFiles } from './snapshot-guard';
import { checkedTree, manifestLimits, mayBeStub, type ManifestEntry } from './snapshot-manifest';
import { findApart, withPlaces } from './names-apart';
import { displayName, placeOf } from './snapshot-names';
import type { DiffChange, Mirror, Probe, ReadItem, RemoteHost } from './snapshot-ports';
import { sidecarName } from './sidecar';
import { Turns } from './turns';

/** What a scan sets. */
const scanned = <Part>(part: Part | null): Part => {
  if (part === null) throw new Error('Nothing was scanned yet');
  return part;
};

/** Bytes of these files that are here already, as parts. */
const keptOf = ({ files }: Batch, { begun }: Planned): number => {
  if (begun.length === 0) return 0;
  const paths = new Set(files.map(({ path }) => path));
  return keptBytes({ begun: begun.filter(({ path }) => paths.has(path)) });
};

/** See CaptureStage. */
export class LocalStage implements CaptureStage {
  private readonly listing: CaptureListing;
  private plan: CapturePlan | null = null;
  private base: Base | null = null;
  private planned: Planned | null = null;
  private held: HeldListings | null = null;
  /** Files that may become stubs, see thinOut. */
  private heavy = 0;
  /** Stubs in the mirror. */
  private stubs = 0;
  private trusted = false;
  private batches = 0;
  private sinceCheckpoint = 0;
  private batch: CaptureBatch | null = null;
  private reads: NamedFiles | null = null;
  private changes: DiffChange[] = [];
  private told: string[] = [];
  private readonly turns: Turns;

  constructor(
    private readonly host: RemoteHost,
    private readonly mirror: Mirror,
    options: SourceOptions,
    private readonly hooks: StageHooks,
  ) {
    this.turns = new Turns(hooks.signal);
    this.listing = new CaptureListing(host, mirror, options, hooks);
  }

  private get job(): CapturePlan {
    return scanned(this.plan);
  }

  private get thin(): boolean {
    return !this.job.fullCopy && this.mirror.tree.hasHoles();
  }

  // ---------------------------------------------------------------- scanning

  probe(directory: string): Promise<Probe> {
    return this.listing.probe(directory);
  }

  async scan(plan: CapturePlan): Promise<Scanned> {
    this.plan = plan;
    this.told = [];
    const { listings, tree } = this.mirror;
    const { notes, tooDeep } = await this.listing.list(plan.directory);
    if (notes.length > 0) this.told.push(`The instance could not list everything: ${notes.slice(0, 3).join('; ')}`);
    if (tooDeep.count > 0) this.told.push(`More than ${manifestLimits.depth} folders deep, and not in the snapshot: ${tooDeep.text}`);
    for (const note of notes) this.hooks.log('warn', note, 'remote');
    for (;;) {
      try {
        return await this.compare();
      } catch (error) {
        if (!(error instanceof DamagedListing)) throw asDiskFull(error, tree.folder);
        this.hooks.log('warn', `A stored listing cannot be read and is left out of account: ${error.message}`);
        listings.remove(error.message);
      }
    }
  }

  private async compare(): Promise<Scanned> {
    const { listings } = this.mirror;
    const { job } = this;
    this.base = findBase(listings, job);
    const scan = this.need(scanListing);
    const before = this.base === null ? null : listings.read(this.base.listing);
    const apart = this.mirror.tree.foldsNames() ? await findApart(this.mirror, scan, before, this.turns) : null;
    const now = apart === null || apart.size === 0 ? scan : { [Symbol.iterator]: () => withPlaces(scan, apart) };
    if (this.base !== null && this.base.id === job.parentId && before !== null && isUnchanged(before, this.weighed(checkedTree(now)))) {
      await this.thinOut(this.base.listing);
      listings.remove(scanListing);
      this.mirror.parts.keepOnly(new Set());
      return { unchanged: true, baseId: job.parentId, files: 0, bytes: 0 };
    }
    this.host.prepare(job.directory, this.hooks.signal);
    this.trusted = isAsLeft(listings, this.base, job.parentId);
    this.planned?.queue.close();
    const planned = await planCapture({ mirror: this.mirror, root: job.root, scan: now, base: before, former: formerListings(listings, this.base), thin: this.thin, trusted: this.trusted, turns: this.turns });
    listings.remove(scanListing);
    this.planned = planned;
    this.held = new HeldListings(listings, this.base?.listing ?? null, planned.present);
    this.stubs = planned.hollow;
    this.told.push(...tellPlan(planned, job, this.hooks));
    const kept = keptBytes(planned);
    this.checkRoom((this.thin ? Math.min(planned.bytes, job.budget.bytes + planned.largest) : planned.bytes) - kept, planned.largestPath);
    this.batch = new CaptureBatch({ host: this.host, mirror: this.mirror, hooks: this.hooks, directory: job.directory, root: job.root, base: () => this.baseListing(), totals: { bytes: planned.bytes, files: planned.files, kept } });
    return { unchanged: false, baseId: this.base?.id ?? null, files: planned.files, bytes: planned.bytes };
  }

  private *weighed(entries: Iterable<ManifestEntry>): Generator<ManifestEntry> {
    this.heavy = 0;
    for (const entry of entries) {
      if (mayBeStub(entry)) this.heavy += 1;
      yield entry;
    }
  }

  private need(name: string): Iterable<ManifestEntry> {
    return neededListing(this.mirror.listings, name);
  }

  private checkRoom(bytes: number, largest = ''): void {
    const { free, total } = this.mirror.tree.space();
    if (bytes > 0 && bytes > free - freeFloor(total)) throw new AppError('disk_full', `There is not enough room on the disk for what must be fetched.${largest === '' ? '' : ` The largest file is ${displayName(largest)}.`}`, { path: this.mirror.tree.folder });
  }

  // ---------------------------------------------------------------- fetching

  async fetch(): Promise<{ readonly rest: boolean; readonly checkpoint: boolean }> {
    const { job } = this;
    const [planned, batch] = [scanned(this.planned), scanned(this.batch)];
    const room = this.thin ? job.budget.bytes - this.sinceCheckpoint : Number.POSITIVE_INFINITY;
    let { next } = planned.queue;
    for (let files = 0, bytes = 0; files === 0 || (next !== null && files < job.budget.files && bytes + next.size <= room); { next } = planned.queue) {
      const part = planned.queue.take(Math.min(fetchFiles, job.budget.files - files), room - bytes);
      if (part.files.length === 0 && part.followers.length === 0) break;
      this.checkRoom(part.bytes - keptOf(part, planned));
      await this.bring(batch, part, planned.queue.next !== null);
      files += part.files.length;
      bytes += part.bytes;
    }
    const full = this.sinceCheckpoint >= job.budget.bytes || (next !== null && this.sinceCheckpoint + next.size > job.budget.bytes);
    return { rest: next !== null, checkpoint: this.thin && next !== null && full };
  }

  private async bring(batch: CaptureBatch, part: Batch, more: boolean): Promise<void> {
    try {
      const { entries, warnings } = await batch.bring(part, more);
      const name = `done-${(this.batches += 1)}`;
      const writer = this.mirror.listings.writer(name);
      for (const entry of inOrder(entries)) writer.add(entry);
      writer.done();
      scanned(this.held).add(name, entries.length);
      this.sinceCheckpoint += part.bytes;
      this.told.push(...warnings);
    } catch (error) {
      throw asDiskFull(error, this.mirror.tree.folder);
    }
  }

  // ---------------------------------------------------------------- sealing and judging

  async seal(about: { readonly partial: boolean; readonly takenAt: string }): Promise<Sealed> {
    const { job, mirror } = this;
    const held = scanned(this.held);
    const guard = this.base === null || this.stubs === 0 ? 'counts' : held.entries <= job.budget.named ? 'names' : 'changes';
    // Without a base restic reads everything.
    const reads = this.base === null ? null : new ExpectedReads(held.former(), this.snapshotPath, guard === 'names');
    try {
      const skipped = about.partial ? [] : (this.planned?.skipped ?? []);
      const { heavy, ...sealed } = await sealMirror({ held, mirror, job, skipped, takenAt: about.partial ? null : about.takenAt, reads, turns: this.turns });
      this.heavy = heavy;
      this.changes = [];
      this.reads = reads?.names ? { expected: reads.names, strange: [] } : null;
      return { ...sealed, reads: reads?.count ?? sealed.files, guard, trusted: this.trusted };
    } catch (error) {
      throw asDiskFull(error, mirror.tree.folder);
    } finally {
      reads?.close();
    }
  }

  private readonly snapshotPath = (entry: ManifestEntry): string => `/${this.job.root}/${placeOf(entry)}`;

  private baseListing(): Iterable<ManifestEntry> | null {
    return this.base === null ? null : this.need(this.base.listing);
  }

  named(items: readonly ReadItem[]): void {
    if (this.reads !== null) hearNames(this.reads, items, `/${sidecarName}`);
  }

  changed(changes: readonly DiffChange[]): void {
    for (const change of changes) this.changes.push(change);
  }

  judge(by: Exclude<GuardBy, 'counts'>): Promise<GuardVerdict> {
    if (by === 'names') return Promise.resolve(this.reads === null ? { holds: false, detail: 'restic named no files' } : guardNames(this.reads));
    const held = scanned(this.held);
    const expected = expectedChange(held.former(), held.changed(), this.snapshotPath, this.mirror.tree.keepsLinks());
    return Promise.resolve(guardChanges(this.changes, expected, new Set([`/${sidecarName}`])));
  }

  // ---------------------------------------------------------------- after a snapshot

  commit(snapshotId: string, partial: boolean): Promise<void> {
    const listing = partial ? partialListing.name(snapshotId, this.job.parentId) : snapshotListing(snapshotId);
    this.mirror.listings.keep(sealedListing, listing);
    this.base = { id: snapshotId, listing };
    scanned(this.held).settle(listing);
    this.reads = null;
    this.changes = [];
    this.sinceCheckpoint = 0;
    return Promise.resolve();
  }

  async settle(): Promise<void> {
    const { base } = this;
    if (base === null) return;
    const { listings } = this.mirror;
    const partial = partialListing.parse(base.listing) !== null;
    const kept = new Set<string>([base.listing, ...(partial ? [planListings.pending] : [])]);
    if (!partial) this.mirror.parts.keepOnly(new Set());
    for (const name of listings.names()) if (!kept.has(name)) listings.remove(name);
    await this.thinOut(base.listing);
  }

  /** Stubs in place of all big files that the base holds. */
  private async thinOut(listing: string): Promise<void> {
    const { tree } = this.mirror;
    if (!this.thin || this.heavy === 0) return;
    for (const entry of this.need(listing)) {
      if (mayBeStub(entry) && tree.isWhole(this.job.root, entry)) {
        tree.hollow(this.job.root, entry);
        this.stubs += 1;
      }
      if (this.turns.due) await this.turns.pause();
    }
  }

  distrust(): Promise<void> {
    for (const name of this.mirror.listings.names()) this.mirror.listings.remove(name);
    this.mirror.parts.keepOnly(new Set());
    return Promise.resolve();
  }

  warnings(): Promise<readonly string[]> {
    return Promise.resolve(this.told);
  }

  close(): Promise<void> {
    this.planned?.queue.close();
    this.host.release();
    return Promise.resolve();
  }
}
