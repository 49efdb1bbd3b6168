// Filters, the split of cut searches, the half minute that a search is kept, and the order of pages.
import { describe, expect, test } from 'vitest';
import type { Offer, OfferFilters } from '../../contract';
import { matches, vastFilters, vastType } from './offer-filters';
import { searchAll } from './offer-search';
import { Offers, sortOffers } from './offers';
import type { OfferQuery } from './ports';

const offer = (more: Partial<Offer> = {}): Offer => ({
  id: 1, machine_id: 1, host_id: 1, gpu_name: 'RTX 4090', num_gpus: 1, gpu_ram: 24_564, gpu_total_ram: 24_564, gpu_mem_bw: null, gpu_arch: null, compute_cap: null,
  cuda_max_good: 12.8, driver_version: null, cpu_name: null, cpu_cores_effective: 16, cpu_ram: 64_000, disk_space: 500, disk_bw: null, disk_name: null, inet_up: 100,
  inet_down: 500, inet_up_cost: 0, inet_down_cost: 0, pcie_bw: null, direct_port_count: 10, geolocation: 'Texas, US', country_code: 'US', datacenter: false,
  static_ip: false, verified: true, reliability: 0.99, dlperf: 100, dlperf_per_dphtotal: 200, total_flops: 80, score: 10, dph_base: 0.4, dph_total: 0.5, min_bid: 0.2,
  is_bid: false, storage_cost: 0.15, storage_total_cost: 0.1, duration: 1000, ...more,
});

describe('filters', () => {
  test('each is sent in Vast’s words and units', () => {
    const filters: OfferFilters = {
      gpu_name: 'RTX_4090', num_gpus: 2, min_gpu_ram: 24, min_cpu_cores: 8, min_cpu_ram: 32, min_disk: 100, min_inet_down: 200, max_price: 1, min_cuda: 12.4,
      min_reliability: 0.98, region: 'us', static_ip: true,
    };
    expect(vastFilters(filters, 100)).toEqual({
      verified: { eq: true }, external: { eq: false }, rentable: { eq: true }, gpu_name: { eq: 'RTX 4090' }, num_gpus: { eq: 2 }, gpu_ram: { gte: 24_000 },
      cpu_cores_effective: { gte: 8 }, cpu_ram: { gte: 32_000 }, disk_space: { gte: 100 }, inet_down: { gte: 200 }, dph_total: { lte: 1 }, cuda_max_good: { gte: 12.4 },
      reliability: { gte: 0.98 }, geolocation: { in: ['US'] }, static_ip: { eq: true },
    });
    expect(vastFilters({ verified_only: false }, 40)).toEqual({ verified: { eq: 'any' }, external: { eq: false }, rentable: { eq: true }, disk_space: { gte: 40 } });
    expect(vastType({ type: 'interruptible' })).toBe('bid');
    expect(vastType({})).toBe('on-demand');
  });

  test.each<[OfferFilters, Partial<Offer>]>([
    [{}, { verified: false }],
    [{ gpu_name: 'RTX 4090' }, { gpu_name: 'RTX 4090 D' }],
    [{ num_gpus: 1 }, { num_gpus: 2 }],
    [{ min_gpu_ram: 24 }, { gpu_ram: 23_999 }],
    [{ min_cpu_cores: 16 }, { cpu_cores_effective: null }],
    [{ min_cpu_ram: 64 }, { cpu_ram: 63_999 }],
    [{ min_disk: 400 }, { disk_space: 399 }],
    [{ min_inet_down: 500 }, { inet_down: 499 }],
    [{ max_price: 0.5 }, { dph_total: 0.51 }],
    [{ min_cuda: 12.8 }, { cuda_max_good: 12.7 }],
    [{ min_reliability: 0.99 }, { reliability: 0.98 }],
    [{ region: 'US' }, { country_code: 'CA' }],
    [{ region: 'EU' }, { country_code: null }],
    [{ static_ip: true, region: 'US' }, { static_ip: false }],
  ])('%j lets the good one in and keeps %j out', (filters, wrong) => {
    expect(matches(offer({ static_ip: true }), { ...filters, ...(filters.region === 'EU' ? { region: 'US' } : {}) }, 40)).toBe(true);
    expect(matches(offer({ static_ip: true, ...wrong }), filters, 40)).toBe(false);
  });

  test('regions, and sums of floats at the price', () => {
    expect(matches(offer({ country_code: 'DE' }), { region: 'eu' }, 40)).toBe(true);
    expect(matches(offer({ country_code: 'JP' }), { region: 'ASIA' }, 40)).toBe(true);
    expect(matches(offer({ country_code: 'JP' }), { region: 'jp' }, 40)).toBe(true);
    expect(matches(offer({ dph_total: 0.1 + 0.2 }), { max_price: 0.3 }, 40)).toBe(true);
    expect(matches(offer({ disk_space: 30 }), {}, 40)).toBe(false);
  });
});

/** A market that answers in order of price and never more than `cap` rows. */
const market = (count: number, cap: number, price = (index: number): number => Math.floor(index / 3) / 100) => {
  const all = Array.from({ length: count }, (_, index) => offer({ id: index + 1, dph_total: price(index) }));
  const queries: OfferQuery[] = [];
  const search = (_key: string | null, query: OfferQuery): Promise<{ offers: Offer[]; unreadable: number }> => {
    queries.push(query);
    const { gt = -1, gte = -1, lte = Infinity } = (query.filters['dph_total'] ?? {}) as Record<string, number>;
    const found = all.filter((one) => one.dph_total > gt && one.dph_total >= gte && one.dph_total <= lte);
    return Promise.resolve({ offers: found.slice(0, cap), unreadable: 0 });
  };
  return { search, queries };
};

const base = { filters: {}, type: 'on-demand' as const, allocatedStorage: 40 };

describe('a server that cuts its answers', () => {
  test('an answer that was not cut is asked for once', async () => {
    const { search, queries } = market(50, 64);
    expect(await searchAll((query) => search(null, query), base, 0)).toMatchObject({ complete: true, offers: { length: 50 } });
    expect(queries).toHaveLength(1);
  });

  test('a cut one is walked up the price until nothing is left out', async () => {
    const { search, queries } = market(300, 64);
    const found = await searchAll((query) => search(null, query), base, 0);
    expect(found.complete).toBe(true);
    expect(new Set(found.offers.map((one) => one.id)).size).toBe(300);
    expect(queries.length).toBeLessThanOrEqual(6);
  });

  test('the budget of requests ends the walk, and what others asked in this minute counts', async () => {
    const { search, queries } = market(5000, 64);
    const found = await searchAll((query) => search(null, query), base, 0);
    expect(found.complete).toBe(false);
    expect(queries).toHaveLength(7);
    expect(found.offers.length).toBeGreaterThan(400);
    queries.length = 0;
    await searchAll((query) => search(null, query), base, 9);
    expect(queries).toHaveLength(1);
  });

  test('a whole answer of one price is gone past, and a price limit is kept', async () => {
    const { search, queries } = market(200, 64, (index) => (index < 100 ? 1 : 2));
    const found = await searchAll((query) => search(null, query), { ...base, filters: { dph_total: { lte: 2 } } }, 0);
    expect(found.offers.length).toBeGreaterThanOrEqual(128);
    expect(queries.every((query) => query.filters['dph_total']?.['lte'] === 2)).toBe(true);
  });

  test('a failure on the way keeps what was found; at the first request it is thrown', async () => {
    const { search, queries } = market(300, 64);
    const failing = (query: OfferQuery) => (queries.length > 0 ? Promise.reject(new Error('cut')) : search(null, query));
    expect(await searchAll(failing, base, 0)).toMatchObject({ complete: false, offers: { length: 64 } });
    await expect(searchAll(() => Promise.reject(new Error('cut')), base, 0)).rejects.toThrow('cut');
  });
});

const service = (rows: readonly Offer[]) => {
  let now = 1_000_000;
  let searches = 0;
  const log: string[] = [];
  const note = (event: string): void => void log.push(event);
  const offers = new Offers({
    vast: { search: () => Promise.resolve({ offers: rows, unreadable: (searches += 1) && 2 }) },
    secrets: { vastKey: (userId) => Promise.resolve(`key of ${userId}`) },
    settings: { values: () => ({ default_disk_size: 40 }) as never },
    clock: { now: () => now, sleep: () => Promise.resolve() },
    log: { info: note, warn: note, error: note, hide: () => undefined },
  });
  return { offers, searches: () => searches, pass: (ms: number) => void (now += ms) };
};

const ana = { userId: 'ana', email: 'a@x', transport: 'ipc' as const };

describe('the service', () => {
  test('keeps a search for half a minute, per user and per question; order and page are no question', async () => {
    const { offers, searches, pass } = service([offer()]);
    await Promise.all([offers.search(ana, { limit: 1, offset: 0 }), offers.search(ana, { limit: 5, offset: 1, order: 'dlperf', descending: true })]);
    expect(searches()).toBe(1);
    await offers.search({ ...ana, userId: 'bob' }, { limit: 1, offset: 0 });
    await offers.search(ana, { limit: 1, offset: 0, num_gpus: 1 });
    expect(searches()).toBe(3);
    pass(29_000);
    await offers.search(ana, { limit: 1, offset: 0 });
    expect(searches()).toBe(3);
    pass(2000);
    await offers.search(ana, { limit: 1, offset: 0 });
    await offers.search(ana, { limit: 1, offset: 0, fresh: true });
    expect(searches()).toBe(5);
  });

  test('a search from the future, before the clock was set back, is old', async () => {
    const { offers, searches, pass } = service([offer()]);
    await offers.search(ana, { limit: 1, offset: 0 });
    pass(-360_000);
    const page = await offers.search(ana, { limit: 1, offset: 0 });
    expect(searches()).toBe(2);
    expect(page.fetched_at).toBe(new Date(1_000_000 - 360_000).toISOString());
  });

  test('drops and counts what was not asked for and what could not be read', async () => {
    const { offers } = service([offer(), offer({ id: 2, gpu_name: 'GTX 1080' }), offer({ id: 3, dph_total: 9 })]);
    const page = await offers.search(ana, { limit: 64, offset: 0, gpu_name: 'RTX 4090', max_price: 1 });
    expect(page).toMatchObject({ count: 1, total: 1, not_asked_for: 2, unreadable: 2, allocated_storage: 40 });
  });

  test('a caller who leaves does not take the search from the others', async () => {
    const { offers } = service([offer()]);
    const leaving = new AbortController();
    const left = offers.search(ana, { limit: 1, offset: 0 }, leaving.signal);
    const stays = offers.search(ana, { limit: 1, offset: 0 });
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect((await stays).count).toBe(1);
  });

  test('sorts by any column, those that do not say last, equals by price and id', () => {
    const rows = [offer({ id: 1, dlperf: null }), offer({ id: 3, dlperf: 5 }), offer({ id: 2, dlperf: 5 }), offer({ id: 4, dlperf: 9 })];
    expect(sortOffers(rows, 'dlperf', true).map((one) => one.id)).toEqual([4, 2, 3, 1]);
    expect(sortOffers(rows, 'dlperf', false).map((one) => one.id)).toEqual([2, 3, 4, 1]);
  });
});
