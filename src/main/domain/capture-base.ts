// What a capture begins from: the snapshot that the next backup builds on, and the listings of others that vouch for what was fetched once. Runs in the capture worker.
import { planListings, scanListing } from './capture-held';
import { partialListing, snapshotListing, type CapturePlan, type Listings } from './capture-ports';
import type { ManifestEntry } from './snapshot-manifest';

/** What the next backup builds on. */
export interface Base {
  readonly id: string;
  readonly listing: string;
}

const isOfSnapshot = (listing: string): boolean => /^(?:snapshot|partial)-/.test(listing);

/** Nothing was ever captured here: whatever the host lists will be fetched. */
export const isFirst = (listings: Listings): boolean => !listings.names().some(isOfSnapshot);

/** A partial snapshot that a former run left comes before the last good one: it holds more of what is to be captured. */
export const findBase = (listings: Listings, { parentId, present }: Pick<CapturePlan, 'parentId' | 'present'>): Base | null => {
  for (const listing of listings.names()) {
    const partial = partialListing.parse(listing);
    if (partial !== null && partial.from === parentId && present.has(partial.id)) return { id: partial.id, listing };
  }
  if (parentId === null || !present.has(parentId)) return null;
  const listing = snapshotListing(parentId);
  return listings.read(listing) === null ? null : { id: parentId, listing };
};

/** The capture that made the base came to its end, and none began after it: the mirror is as it left it. See [Note: Trusted copies]. */
export const isAsLeft = (listings: Listings, base: Base | null, parentId: string | null): boolean =>
  base !== null && base.id === parentId && listings.names().every((name) => name === base.listing || name === scanListing);

/** Listings of a run that did not finish, which comes first, and of snapshots that are gone. */
export const formerListings = (listings: Listings, base: Base | null): readonly Iterable<ManifestEntry>[] => {
  const gone = listings.names().filter((name) => isOfSnapshot(name) && name !== base?.listing);
  return [planListings.pending, ...gone].map((name) => listings.read(name)).filter((listing) => listing !== null);
};
