// What the offers page shows: filters, order and what turned out to be gone. Kept while the page is left, and written into the address.
import { useLayoutEffect } from 'react';
import { create } from 'zustand';
import { navigate, parseRoute, routeHash, useRoute } from '../../ui/route';
import { criteriaFrom, criteriaTo, type OfferCriteria } from './offer-criteria';
import type { OfferColumn } from './pack-offers';
import type { OfferSort } from './sort-offers';

interface OfferView {
  readonly criteria: OfferCriteria;
  readonly sort: OfferSort;
  /** Offers that were rented or refused as gone: no longer shown. */
  readonly gone: ReadonlySet<number>;
}

/** Columns that can stand in an address as what the rows are sorted by. */
export const sortableColumns: readonly OfferColumn[] = [
  'gpu_name', 'num_gpus', 'gpu_ram', 'price', 'dlperf', 'dlperf_per_dphtotal', 'reliability', 'cpu_cores_effective', 'cpu_ram', 'disk_space', 'inet_down', 'inet_up',
  'inet_down_cost', 'inet_up_cost', 'geolocation', 'cuda_max_good', 'duration', 'marks',
];

const cheapestFirst: OfferSort = { column: 'price', descending: false };

const sortFrom = (params: Readonly<Record<string, string>>): OfferSort => {
  const column = sortableColumns.find((known) => known === params['sort']);
  return column === undefined ? cheapestFirst : { column, descending: params['desc'] === '1' };
};

/** The state of the page, at first what the address says; changed through the functions below. */
export const useOfferView = create<OfferView>(() => {
  const { section, params } = parseRoute(window.location.hash);
  return { criteria: section === 'offers' ? criteriaFrom(params) : {}, sort: sortFrom(params), gone: new Set() };
});

/** The parameters of the address for a view; the default order is not written. */
export const viewParams = (criteria: OfferCriteria, sort: OfferSort): Record<string, string> => ({
  ...criteriaTo(criteria),
  ...(sort.column === 'price' && !sort.descending ? {} : { sort: sort.column, ...(sort.descending ? { desc: '1' } : {}) }),
});

const write = (): void => {
  const { criteria, sort } = useOfferView.getState();
  // Replaced, not pushed: a letter typed into a filter is not a page to go back to.
  if (/^#\/?(?:offers(?:[/?]|$)|$)/.test(window.location.hash)) {
    const id = /^#\/offers\/(\d+)/.exec(window.location.hash)?.[1] ?? null;
    history.replaceState(history.state, '', routeHash('offers', id, viewParams(criteria, sort)));
  }
};

/** Changes some filters; a value of undefined takes one away. */
export const changeCriteria = (change: Readonly<Partial<OfferCriteria>>): void => {
  useOfferView.setState(({ criteria }) => ({
    criteria: Object.fromEntries(Object.entries({ ...criteria, ...change }).filter(([, value]) => value !== undefined && value !== false && value !== '')),
  }));
  write();
};

/** Takes all filters away. */
export const resetCriteria = (): void => {
  useOfferView.setState({ criteria: {} });
  write();
};

export const changeSort = (sort: OfferSort): void => {
  useOfferView.setState({ sort });
  write();
};

/** From now on this offer is not shown: somebody has it. */
export const markGone = (id: number): void => useOfferView.setState(({ gone }) => ({ gone: new Set([...gone, id]) }));

/** Forgets what is gone: a new answer of the market knows better. */
export const forgetGone = (): void => useOfferView.setState({ gone: new Set() });

/** Opens the details of an offer, or closes them; the filters stay in the address. */
export const openOffer = (id: number | null): void => {
  const { criteria, sort } = useOfferView.getState();
  navigate('offers', id, viewParams(criteria, sort));
};

/** Takes the view from the address when it holds one, else puts it there. */
export const useOfferAddress = (): number | null => {
  const route = useRoute();
  const address = JSON.stringify(route.params);
  // Before the paint, so that no unfiltered row is ever seen, or clicked.
  useLayoutEffect(() => {
    const params = JSON.parse(address) as Record<string, string>;
    if (Object.keys(params).length > 0) useOfferView.setState({ criteria: criteriaFrom(params), sort: sortFrom(params) });
    else write();
  }, [address]);
  return route.id !== null && /^\d{1,15}$/.test(route.id) ? Number(route.id) : null;
};
