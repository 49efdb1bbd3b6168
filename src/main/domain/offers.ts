// The market: one search per distinct question and half minute, filtered again here, sorted and paged from what is held.
import type { Offer, OfferFilters, OfferOrder, OffersPage } from '../../contract';
import { matches, vastFilters, vastType } from './offer-filters';
import { cheapestFirst, searchAll, type Gathered } from './offer-search';
import type { Caller, Clock, Log, Vast } from './ports';
import type { OffersInput, OffersService, SecretsService, SettingsService } from './services';

export interface OffersOptions {
  readonly vast: Pick<Vast, 'search'>;
  readonly secrets: Pick<SecretsService, 'vastKey'>;
  readonly settings: Pick<SettingsService, 'values'>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Kept {
  readonly at: number;
  readonly answer: Promise<Gathered & { readonly allocatedStorage: number; readonly notAskedFor: number }>;
}

/** A search is kept for half a minute: prices move by the minute, and Vast allows ten searches in one. */
const keptMs = 30_000;
/** Searches kept per user; each may hold thousands of offers. */
const keptSearches = 6;

const numberOf = (offer: Offer, order: OfferOrder): number | null => offer[order];

/** Sorted by one column; offers that do not say come last either way, equals by price and id. */
export const sortOffers = (offers: readonly Offer[], order: OfferOrder, descending: boolean): Offer[] =>
  offers.toSorted((left, right) => {
    const [a, b] = [numberOf(left, order), numberOf(right, order)];
    if (a === null || b === null) return a === b ? cheapestFirst(left, right) : a === null ? 1 : -1;
    return (descending ? b - a : a - b) || cheapestFirst(left, right);
  });

const filtersOf = (input: OffersInput): OfferFilters => {
  const { order: _order, descending: _descending, limit: _limit, offset: _offset, fresh: _fresh, ...filters } = input;
  return filters;
};

export class Offers implements OffersService {
  private readonly kept = new Map<string, Map<string, Kept>>();
  /** Times of the searches of the last minute, by user. */
  private readonly asked = new Map<string, number[]>();

  constructor(private readonly options: OffersOptions) {}

  async search(caller: Caller, input: OffersInput, signal?: AbortSignal): Promise<OffersPage> {
    const { secrets, settings } = this.options;
    const key = await secrets.vastKey(caller.userId);
    const filters = filtersOf(input);
    const allocatedStorage = filters.min_disk ?? settings.values(caller.userId).default_disk_size;
    const kept = this.keep(caller.userId, key, filters, allocatedStorage, input.fresh === true);
    const held = await abandonable(kept.answer, signal);
    const sorted = sortOffers(held.offers, input.order ?? 'dph_total', input.descending === true);
    const offers = sorted.slice(input.offset, input.offset + input.limit);
    return {
      offers, count: offers.length, total: sorted.length, not_asked_for: held.notAskedFor, unreadable: held.unreadable,
      fetched_at: new Date(kept.at).toISOString(), allocated_storage: allocatedStorage,
    };
  }

  /** The kept search, or a new one. Those who ask meanwhile share it; nobody who leaves takes it from the others. */
  private keep(userId: string, key: string, filters: OfferFilters, allocatedStorage: number, isFresh: boolean): Kept {
    const { clock } = this.options;
    const mine = this.kept.get(userId) ?? new Map<string, Kept>();
    this.kept.set(userId, mine);
    const name = JSON.stringify([key, allocatedStorage, Object.entries(filters).filter((entry) => entry[1] !== undefined).toSorted((a, b) => a[0].localeCompare(b[0]))]);
    const known = mine.get(name);
    const now = clock.now();
    // One from the future: the clock was set back since.
    if (known && !isFresh && known.at <= now && now - known.at < keptMs) return known;
    const kept: Kept = { at: now, answer: this.ask(userId, key, filters, allocatedStorage) };
    mine.delete(name);
    mine.set(name, kept);
    kept.answer.catch(() => {
      if (mine.get(name) === kept) mine.delete(name);
    });
    for (const oldest of [...mine.keys()].slice(0, Math.max(0, mine.size - keptSearches))) mine.delete(oldest);
    return kept;
  }

  private async ask(userId: string, key: string, filters: OfferFilters, allocatedStorage: number): Promise<Awaited<Kept['answer']>> {
    const { vast, log, clock } = this.options;
    const recent = (this.asked.get(userId) ?? []).filter((at) => at > clock.now() - 60_000 && at <= clock.now());
    const found = await searchAll(
      (query) => {
        recent.push(clock.now());
        this.asked.set(userId, recent);
        return vast.search(key, query);
      },
      { filters: vastFilters(filters, allocatedStorage), type: vastType(filters), allocatedStorage },
      recent.length,
    );
    const offers = found.offers.filter((offer) => matches(offer, filters, allocatedStorage));
    const notAskedFor = found.offers.length - offers.length;
    if (notAskedFor > 0 || !found.complete) log.warn('offers.odd_answer', { not_asked_for: notAskedFor, complete: found.complete, rows: found.offers.length });
    return { ...found, offers, allocatedStorage, notAskedFor };
  }
}

/** The promise's result, unless the caller leaves first. */
const abandonable = async <Result>(promise: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> => {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  return new Promise<Result>((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
};
