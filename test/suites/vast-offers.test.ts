// Searching the simulated market through the domain and the real provider: every filter, a server that ignores them, and one that cuts its answers.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Offer, OfferFilters, OffersPage } from '../../src/contract';
import type { Simulator } from '../../src/simulator/start';
import { caller, makeApp, startWorld, type App } from '../fakes/vast-world';

let simulator: Simulator;
let app: App;
let everything: OffersPage;

const search = (filters: OfferFilters = {}, more: { limit?: number; fresh?: boolean } = {}): Promise<OffersPage> => app.offers.search(caller, { limit: 1000, offset: 0, verified_only: false, ...filters, ...more });

beforeAll(async () => {
  // Fast, so that ten searches a minute do not hold the suite up; the simulated market stands still meanwhile.
  const world = await startWorld(2000, { machineCount: 250 });
  simulator = world.simulator;
  await simulator.control.setRate(0);
  app = makeApp({ clock: world.clock, baseUrl: simulator.url, apiKey: simulator.apiKey });
  everything = await search();
});

afterEach(() => simulator.control.world.faults.clear());

afterAll(async () => {
  await app.quit();
  await simulator.close();
});

describe('filters', () => {
  const europe = new Set(['DE', 'FR', 'PL', 'NO', 'SE', 'NL', 'GB', 'CZ', 'ES', 'IT', 'RO', 'BG', 'FI', 'HU', 'AT', 'BE', 'CH', 'DK', 'EE', 'GR', 'IE', 'IS', 'LT', 'LV', 'PT', 'SI', 'SK', 'UA', 'HR', 'MD', 'MK']);
  const lines: readonly [OfferFilters, (offer: Offer) => boolean][] = [
    [{ verified_only: true }, (offer) => offer.verified],
    [{ gpu_name: 'RTX 4090' }, (offer) => offer.gpu_name === 'RTX 4090'],
    [{ gpu_name: 'RTX_3090' }, (offer) => offer.gpu_name === 'RTX 3090'],
    [{ num_gpus: 2 }, (offer) => offer.num_gpus === 2],
    [{ min_gpu_ram: 40 }, (offer) => offer.gpu_ram >= 40_000],
    [{ min_cpu_cores: 32 }, (offer) => (offer.cpu_cores_effective ?? 0) >= 32],
    [{ min_cpu_ram: 128 }, (offer) => (offer.cpu_ram ?? 0) >= 128_000],
    [{ min_inet_down: 1000 }, (offer) => (offer.inet_down ?? 0) >= 1000],
    [{ max_price: 0.5 }, (offer) => offer.dph_total <= 0.5],
    [{ min_cuda: 12.6 }, (offer) => (offer.cuda_max_good ?? 0) >= 12.6],
    [{ min_reliability: 0.99 }, (offer) => (offer.reliability ?? 0) >= 0.99],
    [{ region: 'US' }, (offer) => offer.country_code === 'US'],
    [{ region: 'EU' }, (offer) => offer.country_code !== null && europe.has(offer.country_code)],
    [{ static_ip: true }, (offer) => offer.static_ip],
  ];

  test.each(lines)('%j: exactly the offers of the market that pass', async (filters, passes) => {
    const found = await search(filters);
    expect(found).toMatchObject({ not_asked_for: 0, unreadable: 0, allocated_storage: 40 });
    const wanted = everything.offers.filter(passes).map((offer) => offer.id);
    expect(wanted.length).toBeGreaterThan(0);
    expect(new Set(found.offers.map((offer) => offer.id))).toEqual(new Set(wanted));
  });

  test('prices are for the disk that is asked for; interruptible ones are bids', async () => {
    const large = await search({ min_disk: 400 });
    expect(large.allocated_storage).toBe(400);
    expect(large.offers.every((offer) => offer.disk_space >= 400 && Math.abs(offer.storage_total_cost - (offer.storage_cost * 400) / 720) < 1e-9)).toBe(true);
    const bids = await search({ type: 'interruptible' });
    expect(bids.offers.length).toBe(everything.offers.length);
    expect(bids.offers.every((offer) => offer.is_bid && offer.dph_base === offer.min_bid)).toBe(true);
  });

  test('cheapest first, pages without gaps', async () => {
    const pages = await Promise.all([0, 50, 100].map((offset) => app.offers.search(caller, { limit: 50, offset, verified_only: false })));
    const ids = pages.flatMap((page) => page.offers.map((offer) => offer.id));
    expect(ids).toEqual(everything.offers.slice(0, 150).map((offer) => offer.id));
    expect(everything.offers.every((offer, index) => index === 0 || offer.dph_total >= (everything.offers[index - 1]?.dph_total ?? 0))).toBe(true);
    expect(pages[0]).toMatchObject({ count: 50, total: everything.total });
  });
});

describe('a server that does as it likes', () => {
  test('rows that were not asked for are dropped and counted', async () => {
    await simulator.control.setFaults({ ignore_filters: 5 });
    const found = await search({ gpu_name: 'RTX 4090' }, { fresh: true });
    expect(found.not_asked_for).toBe(5);
    expect(found.offers.every((offer) => offer.gpu_name === 'RTX 4090')).toBe(true);
  });

  test('an answer that is cut at 64 rows is walked up the price', async () => {
    await simulator.control.setFaults({ limit_cap: 64 });
    const all = everything.offers.filter((offer) => offer.gpu_name === 'RTX 4090');
    expect(all.length).toBeGreaterThan(64);
    const before = simulator.control.world.ledger.requests.length;
    const found = await search({ gpu_name: 'RTX 4090' }, { fresh: true });
    expect(found.offers.map((offer) => offer.id)).toEqual(all.map((offer) => offer.id));
    expect(simulator.control.world.ledger.requests.length - before).toBeLessThanOrEqual(7);
  });
});
