// Fetches everything a search gave, page by page, and keeps it packed for filtering and sorting.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import type { Offer, OfferFilters, OffersPage } from '../../../contract';
import { api, query } from '../../client';
import { packOffers, type PackedOffers } from './pack-offers';

/** Rows of one answer: the contract's limit, about 1 MiB. */
const pageSize = 1000;

export interface HeldOffers {
  readonly packed: PackedOffers;
  /** Rows the market has for this search. */
  readonly total: number;
  readonly notAskedFor: number;
  readonly unreadable: number;
  readonly fetchedAt: string | null;
  /** GB the prices are computed for. */
  readonly allocatedStorage: number | null;
}

const gather = (pages: readonly OffersPage[]): HeldOffers => {
  // A search may be made anew between two pages; an offer that moved from one to the other is held once.
  const byId = new Map<number, Offer>();
  for (const page of pages) for (const offer of page.offers) byId.set(offer.id, offer);
  const first = pages[0];
  const last = pages.at(-1);
  return {
    packed: packOffers([...byId.values()]),
    total: last?.total ?? 0,
    // Each page counts the rows of the whole search, so the largest figure is the truth.
    notAskedFor: Math.max(0, ...pages.map((page) => page.not_asked_for)),
    unreadable: Math.max(0, ...pages.map((page) => page.unreadable)),
    fetchedAt: first?.fetched_at ?? null,
    allocatedStorage: first?.allocated_storage ?? null,
  };
};

const nextOffset = (page: OffersPage, _pages: readonly OffersPage[], offset: number): number | undefined =>
  page.count > 0 && offset + page.count < page.total ? offset + page.count : undefined;

/** The offers of a search. Old rows stay while a changed search is under way (`isPlaceholderData`). */
export function useOffers(search: OfferFilters) {
  const fresh = useRef(false);
  const result = useInfiniteQuery({
    queryKey: [...query.instances.offers.key(), 'all', search],
    queryFn: async ({ pageParam, signal }) => {
      const askMarket = pageParam === 0 && fresh.current;
      if (askMarket) fresh.current = false;
      return api.instances.offers({ ...search, limit: pageSize, offset: pageParam, ...(askMarket ? { fresh: true } : {}) }, { signal });
    },
    initialPageParam: 0,
    getNextPageParam: nextOffset,
    placeholderData: keepPreviousData,
    staleTime: 120_000,
    refetchOnWindowFocus: false,
  });
  const { data, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage, refetch } = result;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);
  const held = useMemo(() => (data === undefined ? null : gather(data.pages)), [data]);
  const askAgain = useCallback(() => {
    fresh.current = true;
    void refetch();
  }, [refetch]);
  return { held, error: result.error, isPending: result.isPending, isFetching, isOld: result.isPlaceholderData, restFailed: isFetchNextPageError, fetchRest: fetchNextPage, askAgain };
}
