// The Vast.ai provider over real HTTP: against the simulator and its faults.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { OfferQuery } from '../../src/main/domain/ports';
import { systemClock } from '../../src/main/providers/process/system-clock';
import { VastClient } from '../../src/main/providers/vast/client';
import { offersPage } from '../../src/contract/offers';
import { startSimulator, type Simulator } from '../../src/simulator/start';
import { fastClock } from '../fakes/fast-clock';
import { keptLog, publicKey } from '../fakes/vast-world';

const query = (more: Partial<OfferQuery> = {}): OfferQuery => ({ filters: { verified: { eq: true } }, type: 'on-demand', order: [['dph_total', 'asc']], limit: 5000, allocatedStorage: 40, ...more });
const rental = (offerId: number, label = 'suite') => ({ offerId, image: 'pytorch/pytorch:2.4.0', disk: 20, label, env: { TZ: 'UTC', '-p 8080:8080': '1' }, onstart: null, bid: null });

describe('over the simulator', () => {
  const rate = 50;
  let simulator: Simulator;
  let key: string;
  let vast: VastClient;
  const log = keptLog();

  beforeAll(async () => {
    simulator = await startSimulator({ machineCount: 300, credit: 1000 });
    await simulator.control.setRate(rate);
    key = simulator.apiKey;
    vast = new VastClient({ baseUrl: `${simulator.url}/`, clock: fastClock(rate), log, userAgent: 'dumont-cloud/test' });
  });

  afterEach(() => simulator.control.world.faults.clear());

  afterAll(async () => {
    await vast.close();
    await simulator.close();
  });

  const offerIds = async (count: number): Promise<readonly number[]> => {
    const { offers } = await vast.search(key, query());
    const machines = [...new Map(offers.map((offer) => [offer.machine_id, offer.id])).values()];
    return machines.slice(0, count);
  };

  const untilRunning = async (id: number) => {
    for (;;) {
      const row = await vast.get(key, id);
      if (row?.actual_status === 'running') return row;
      await simulator.control.advance(1);
    }
  };

  test('a search gives offers of the contract, every one, and works without a key', async () => {
    const { offers, unreadable } = await vast.search(null, query());
    expect(unreadable).toBe(0);
    expect(offers.length).toBeGreaterThan(200);
    expect(() => z.array(offersPage.shape.offers.element).parse(offers)).not.toThrow();
    const first = offers[0];
    expect(first?.dph_total).toBeCloseTo((first?.dph_base ?? 0) + (first?.storage_total_cost ?? 0), 9);
    expect(offers.every((offer) => offer.country_code === null || /^[A-Z]{2}$/.test(offer.country_code))).toBe(true);
  });

  test('rent, list over pages, get, stop, queued start, relabel, logs, keys, destroy', async () => {
    const ids: number[] = [];
    for (const offer of await offerIds(27)) ids.push((await vast.rent(key, rental(offer, `job ${offer}`))).instanceId);
    const rows = await vast.list(key);
    expect(new Set(rows.map((row) => row.id))).toEqual(new Set(ids));
    expect(rows).toHaveLength(ids.length);
    const id = ids[0] ?? 0;
    const running = await untilRunning(id);
    expect(running.ssh).toEqual({ host: '127.0.0.1', port: expect.any(Number), user: 'root', command: expect.stringMatching(/^ssh -p \d+ root@127\.0\.0\.1$/) });
    expect(running.extra_env).toEqual({ TZ: 'UTC', '-p 8080:8080': '1' });
    await vast.attachSshKey(key, id, publicKey);
    await vast.attachSshKey(key, id, publicKey);
    await vast.addSshKey(key, publicKey);
    expect(simulator.control.world.accountKeys.map((known) => known.public_key)).toEqual([publicKey]);
    expect(simulator.control.world.instances.find((record) => record.id === id)?.keys.map((known) => known.public_key)).toEqual([publicKey]);
    await vast.stop(key, id);
    await simulator.control.advance(5);
    expect((await vast.get(key, id))?.actual_status).toBe('exited');
    await simulator.control.setFaults({ queued_start: true });
    expect(await vast.start(key, id)).toBe('queued');
    await simulator.control.setFaults({ queued_start: null });
    await untilRunning(id);
    await vast.relabel(key, id, 'renamed');
    expect((await vast.get(key, id))?.full_label).toBe('renamed');
    expect((await vast.logs(key, id, { tail: 3 })).length).toBeGreaterThan(0);
    await vast.destroy(key, id);
    await vast.destroy(key, id);
    expect(await vast.get(key, id)).toBeNull();
    await expect(vast.stop(key, id)).rejects.toMatchObject({ code: 'not_found', data: { kind: 'instance', id } });
    expect(await vast.credit(key)).toMatchObject({ email: 'demo@example.test', credit: expect.any(Number) });
    const written = log.lines.join('\n');
    for (const secret of [key, ...simulator.control.world.instances.map((record) => record.apiKey)]) expect(written).not.toContain(secret);
  });

  test.each([404, 401] as const)('a wrong key is a wrong key, whether said by %i or not, and never "gone"', async (status) => {
    await simulator.control.setFaults({ wrong_key_status: status });
    const wrong = 'f'.repeat(64);
    const calls = [() => vast.list(wrong), () => vast.get(wrong, 35_000_001), () => vast.destroy(wrong, 35_000_001), () => vast.credit(wrong), () => vast.rent(wrong, rental(1)), () => vast.attachSshKey(wrong, 1, publicKey)];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'vast_key_rejected' });
  });

  test('a taken offer and an unknown one are gone; no credit is said', async () => {
    const [offer = 0, other = 0] = await offerIds(2);
    await vast.rent(key, rental(offer));
    await expect(vast.rent(key, rental(offer))).rejects.toMatchObject({ code: 'offer_gone', data: { offer_id: offer } });
    await expect(vast.rent(key, rental(1))).rejects.toMatchObject({ code: 'offer_gone', data: { offer_id: 1 } });
    const { credit } = simulator.control.world;
    simulator.control.world.credit = 0;
    await expect(vast.rent(key, rental(other))).rejects.toMatchObject({ code: 'insufficient_credit' });
    simulator.control.world.credit = credit;
  });

  test('a 502 page is repeated past for idempotent calls, and never for a rental', async () => {
    await simulator.control.setFaults({ bad_gateway: 3 });
    expect((await vast.list(key)).length).toBeGreaterThan(0);
    const before = simulator.control.world.ledger.requests.length;
    await simulator.control.setFaults({ bad_gateway: { count: 1, path: '/asks/' } });
    await expect(vast.rent(key, rental((await offerIds(1))[0] ?? 0))).rejects.toMatchObject({ code: 'vast_unreachable', data: { attempts: 1 } });
    expect(simulator.control.world.ledger.requests.slice(before).filter((request) => request.path.includes('/asks/'))).toHaveLength(1);
  });

  test('an answer dropped after the commit: one request, one rental, and the outcome left open', async () => {
    const [offer = 0] = await offerIds(1);
    const { ledger } = simulator.control.world;
    const [requests, rentals] = [ledger.requests.length, ledger.rentals.length];
    await simulator.control.setFaults({ create_commit_then_drop: 1 });
    await expect(vast.rent(key, rental(offer))).rejects.toMatchObject({ code: 'vast_unreachable', data: { attempts: 1 } });
    expect(ledger.requests.slice(requests).filter((request) => request.path.includes('/asks/'))).toHaveLength(1);
    expect(ledger.rentals.length - rentals).toBe(1);
  });

  test('a losing bid names the instance that was made all the same', async () => {
    const [offer = 0] = await offerIds(1);
    const answer = await vast.rent(key, { ...rental(offer), bid: 0.001 });
    expect(answer).toMatchObject({ accepted: false, detail: expect.stringContaining('not winning') });
    await vast.destroy(key, answer.instanceId);
  });

  test('no connection at all: nothing was sent, and that is said', async () => {
    const nobody = new VastClient({ baseUrl: 'http://127.0.0.1:1', clock: fastClock(1000), log, userAgent: 'x' });
    await expect(nobody.rent(key, rental(1))).rejects.toMatchObject({ code: 'vast_unreachable', data: { attempts: 0 } });
    await expect(nobody.list(key)).rejects.toMatchObject({ code: 'vast_unreachable' });
    await nobody.close();
  });

  test('a call that is abandoned ends at once with the reason', async () => {
    const reason = new Error('left');
    const leaving = new AbortController();
    await simulator.control.setFaults({ slow_ms: 5000 });
    const call = vast.list(key, leaving.signal);
    leaving.abort(reason);
    await expect(call).rejects.toBe(reason);
  });
});

describe('the rate limit', () => {
  test.each(['text', 'detail', 'object'] as const)('a hurry of calls stays below the thresholds; a 429 (%s) is waited out', async (body) => {
    const simulator = await startSimulator({ machineCount: 20 });
    await simulator.control.setFaults({ rate_limit: { interval_s: 1, body } });
    const vast = new VastClient({ baseUrl: simulator.url, clock: systemClock, log: keptLog(), userAgent: 'x' });
    const other = new VastClient({ baseUrl: simulator.url, clock: systemClock, log: keptLog(), userAgent: 'x' });
    // Two apps with one key know nothing of each other: there the 429 comes.
    await Promise.all([vast.list(simulator.apiKey), vast.list(simulator.apiKey), vast.list(simulator.apiKey), other.list(simulator.apiKey)]);
    const statuses = simulator.control.world.ledger.requests.map((request) => request.status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(4);
    expect(statuses.length).toBeLessThanOrEqual(12);
    await vast.close();
    await other.close();
    await simulator.close();
  });
});
