// Gets all offers of a query although the server cuts its answers: it walks up the price, one cut answer after the other.
import type { Offer } from '../../contract';
import type { OfferQuery, Vast } from './ports';

/** What a search got. `complete` is false when the server's cap and the budget of requests left something out. */
export interface Gathered {
  readonly offers: readonly Offer[];
  readonly unreadable: number;
  readonly complete: boolean;
}

type Ask = (query: OfferQuery) => ReturnType<Vast['search']>;

/** More than one question finds (a whole market was seen at a few thousand offers); a server may give fewer. */
const askedLimit = 10_000;
/** Sizes at which servers were seen to cut, whatever was asked, and other round ones. */
const knownCaps: ReadonlySet<number> = new Set([64, 100, 128, 200, 250, 256, 500, 512, 1000, 1024, 1500, 2000, 2048, 2500, 3000, 4000, 4096, 5000, 8192, askedLimit]);
/** Vast allows ten searches a minute; these may go into one search of ours, and so many are left for other searches. */
const requestsPerMinute = 10;
const mostRequests = 7;
const leftForOthers = 3;

/** By price, then by id, so that an order is always the same. */
export const cheapestFirst = (left: Offer, right: Offer): number => left.dph_total - right.dph_total || left.id - right.id;

/** Whether an answer of so many rows was cut at a limit of the server. */
const wasCut = (rows: number, cap: number | null): boolean => (cap === null ? knownCaps.has(rows) : rows >= cap);

const above = (filters: OfferQuery['filters'], price: number, isWholeBand: boolean): OfferQuery['filters'] => ({
  ...filters,
  dph_total: { ...filters['dph_total'], [isWholeBand ? 'gt' : 'gte']: price },
});

/**
 * Asks once, and again from the highest price on while answers are cut.
 *
 * `recently` is how many searches this user's last minute had. Throws what the first request throws; a later failure ends the walk.
 */
export const searchAll = async (ask: Ask, base: Pick<OfferQuery, 'filters' | 'type' | 'allocatedStorage'>, recently: number): Promise<Gathered> => {
  const query: OfferQuery = { ...base, order: [['dph_total', 'asc']], limit: askedLimit };
  const budget = Math.max(1, Math.min(mostRequests, requestsPerMinute - leftForOthers - recently));
  const byId = new Map<number, Offer>();
  let unreadable = 0;
  let cap: number | null = null;
  let filters = base.filters;
  for (let request = 0; request < budget; request += 1) {
    const answer = await ask({ ...query, filters }).catch((error: unknown) => {
      if (request === 0) throw error;
      return null;
    });
    if (answer === null) break;
    const before = byId.size;
    for (const offer of answer.offers) byId.set(offer.id, offer);
    const rows = answer.offers.length + answer.unreadable;
    unreadable += answer.unreadable;
    if (!wasCut(rows, cap)) return { offers: [...byId.values()], unreadable, complete: true };
    cap = rows;
    const highest = answer.offers.reduce((most, offer) => Math.max(most, offer.dph_total), 0);
    // An answer with nothing new is one price throughout: go past it.
    filters = above(base.filters, highest, byId.size === before || answer.offers.every((offer) => offer.dph_total === highest));
    if (highest === 0) break;
  }
  return { offers: [...byId.values()], unreadable, complete: false };
};
