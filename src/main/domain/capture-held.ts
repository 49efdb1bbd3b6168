// What the mirror holds for the snapshot that is being made, as listings: what the base shows exactly so, and what it does not. Runs in the capture worker.
import type { Listings } from './capture-ports';
import { joined, joinedFrom } from './listing-order';
import type { ManifestEntry } from './snapshot-manifest';

/** The name of the listing that a scan makes. */
export const scanListing = 'scan';

/** Names of the listings that a comparison makes, see Planned. */
export const planListings = { kept: 'kept', present: 'present', outdated: 'outdated', queue: 'queue', pending: 'pending' } as const;

/** A listing that must be there. */
export const neededListing = (listings: Listings, name: string): Iterable<ManifestEntry> => {
  const found = listings.read(name);
  if (found === null) throw new Error(`The listing ${name} is gone`);
  return found;
};

/**
 * [Note: Kept entries] Nearly all of a tree is usually as its last snapshot has it. Such entries are told apart once, by the comparison at the beginning, and afterwards nothing but the others
 * has to be held against the base: neither side's kept entries can make a difference between the two snapshots.
 */
export class HeldListings {
  private kept: string = planListings.kept;
  private readonly others: string[] = [planListings.present];
  private outdated: string | null = planListings.outdated;

  constructor(
    private readonly listings: Listings,
    /** In all; at first those that were here before anything was fetched. */
    public entries: number,
  ) {}

  private read(name: string): Iterable<ManifestEntry> {
    return neededListing(this.listings, name);
  }

  /** A batch was fetched. */
  add(name: string, entries: number): void {
    this.others.push(name);
    this.entries += entries;
  }

  /** A snapshot of all of it is the base of the next. */
  settle(listing: string): void {
    this.kept = listing;
    this.others.length = 0;
    this.outdated = null;
  }

  /** Their names: no path is in two of them. */
  get names(): readonly string[] {
    return [this.kept, ...this.others];
  }

  /** All in order; `kept`: the base shows it so. */
  *all(): Generator<readonly [entry: ManifestEntry, kept: boolean]> {
    for (const [entry, from] of joinedFrom(this.names.map((name) => this.read(name)))) yield [entry, from === 0];
  }

  /** What the base does not show so. */
  changed(): Iterable<ManifestEntry> {
    return joined(this.others.map((name) => this.read(name)));
  }

  /** What the base shows, and is not so any more. */
  former(): Iterable<ManifestEntry> {
    return this.outdated === null ? [] : this.read(this.outdated);
  }
}
