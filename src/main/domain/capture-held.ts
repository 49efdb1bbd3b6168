// What the mirror holds for the snapshot that is being made, as listings: what the base shows exactly so, and what it does not. Runs in the capture worker.
import type { ListingRecord, Listings } from './capture-ports';
import { joined, joinedFrom, ListingCursor } from './listing-order';
import type { ManifestEntry } from './snapshot-manifest';

/** The name of the listing that a scan makes. */
export const scanListing = 'scan';

/** Names of the listings that a comparison makes, see Planned. */
export const planListings = { present: 'present', outdated: 'outdated', pending: 'pending' } as const;

const needed = <Listing>(found: Listing | null, name: string): Listing => {
  if (found === null) throw new Error(`The listing ${name} is gone`);
  return found;
};

/** A listing that must be there. */
export const neededListing = (listings: Listings, name: string): Iterable<ManifestEntry> => needed(listings.read(name), name);

/** Those of `records` that have no entry in `left`; both in order. */
function* without(records: Iterable<ListingRecord>, left: Iterable<ListingRecord>): Generator<ListingRecord> {
  const cursor = new ListingCursor(left);
  try {
    for (const record of records) if (cursor.find(record.path) === null) yield record;
  } finally {
    cursor.close();
  }
}

/**
 * [Note: Kept entries] Nearly all of a tree is usually as its last snapshot has it. Such entries are told apart once, by the comparison at the beginning: they are what the base shows without
 * what is said to be outdated, so that no listing of them is written. Afterwards nothing but the others has to be held against the base: neither side's kept entries can make a difference
 * between the two snapshots.
 */
export class HeldListings {
  private readonly others: string[] = [planListings.present];
  private outdated: string | null = planListings.outdated;

  constructor(
    private readonly listings: Listings,
    private base: string | null,
    /** In all; at first those that were here before anything was fetched. */
    public entries: number,
  ) {}

  /** A batch was fetched. */
  add(name: string, entries: number): void {
    this.others.push(name);
    this.entries += entries;
  }

  /** A snapshot of all of it is the base of the next. */
  settle(listing: string): void {
    this.base = listing;
    this.others.length = 0;
    this.outdated = null;
  }

  private records(name: string): Iterable<ListingRecord> {
    return needed(this.listings.records(name), name);
  }

  private kept(): Iterable<ListingRecord> {
    if (this.base === null) return [];
    const shown = this.records(this.base);
    return this.outdated === null ? shown : without(shown, this.records(this.outdated));
  }

  /** All in order, as they stand there; `kept`: the base shows it so. */
  *all(): Generator<readonly [record: ListingRecord, kept: boolean]> {
    for (const [record, from] of joinedFrom([this.kept(), ...this.others.map((name) => this.records(name))])) yield [record, from === 0];
  }

  private read(name: string): Iterable<ManifestEntry> {
    return neededListing(this.listings, name);
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
