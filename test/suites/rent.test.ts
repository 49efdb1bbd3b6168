// The whole life of an instance through the domain and the real provider, against the simulator.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CreateInstance, Offer } from '../../src/contract';
import { splitLabel } from '../../src/main/domain/labels';
import type { Simulator } from '../../src/simulator/start';
import { caller, makeApp, startWorld, type App } from '../fakes/vast-world';

const rate = 40;

let simulator: Simulator;
let app: App;
let again: (store?: App['store'], silenceMs?: number) => App;

const enter = async (...options: Parameters<typeof startWorld>): Promise<void> => {
  const world = await startWorld(...options);
  simulator = world.simulator;
  again = (store, silenceMs) => makeApp({ clock: world.clock, baseUrl: simulator.url, apiKey: simulator.apiKey, store, silenceMs });
  app = again();
};
const leave = async (): Promise<void> => {
  await app.quit();
  await simulator.close();
};

beforeEach(() => enter(rate));
afterEach(leave);

const cheapest = async (from: App = app): Promise<Offer> => {
  const { offers } = await from.offers.search(caller, { limit: 1, offset: 0, num_gpus: 1 });
  const offer = offers[0];
  if (!offer) throw new Error('the market is empty');
  return offer;
};

/** Every caller's outcome, settled. */
const outcomes = async (calls: readonly Promise<{ readonly id: number; readonly operation_id: string }>[]) => {
  const settled = await Promise.allSettled(calls);
  return settled.map((one) => (one.status === 'fulfilled' ? { id: one.value.id, operation: one.value.operation_id } : { error: one.reason as { code: string; data: { operation_id: string } } }));
};

/** Rents and gives both ids. A slow machine may need longer than the twenty (fast) seconds an answer waits: then the operation tells. */
const rent = async (input: CreateInstance): Promise<{ readonly id: number; readonly operation_id: string }> => {
  const [result] = await outcomes([app.instances.create(caller, input)]);
  if (result?.error && result.error.code !== 'rent_unconfirmed') throw result.error as unknown as Error;
  const operationId = result?.operation ?? result?.error?.data.operation_id ?? '';
  for await (const event of app.operations.follow(caller, operationId)) {
    if (event.type === 'operation' && event.operation.instance_id !== null) return { id: event.operation.instance_id, operation_id: operationId };
  }
  throw new Error('nothing was rented');
};

/** Why nothing was rented: from the call, else from its operation, as above. */
const refusal = async (input: CreateInstance): Promise<unknown> => {
  const [result] = await outcomes([app.instances.create(caller, input)]);
  return result?.error?.code === 'rent_unconfirmed' ? (await app.ended(result.error.data.operation_id)).error : result?.error;
};

/** Another world in place of the one that each test gets. */
const moveTo = (...options: Parameters<typeof startWorld>): Promise<void> => leave().then(() => enter(...options));

describe('a whole life', () => {
  test('search, rent, run, pause, resume, relabel, logs, destroy', async () => {
    const offer = await cheapest();
    const rented = await rent({ offer_id: offer.id, disk_size: 40, label: 'my gpu', max_dph: offer.dph_total * 1.01, ports: ['8080'], env: { DATA_DIRECTORY: '/data/' } });
    expect(await app.instances.get(caller, rented.id)).toMatchObject({ label: 'my gpu', operation_id: rented.operation_id, data_directory: '/data', disk_space: 40, machine_id: offer.machine_id });
    expect(await app.ended(rented.operation_id)).toMatchObject({ kind: 'create', state: 'succeeded', instance_id: rented.id });
    const running = await app.instances.get(caller, rented.id);
    expect(running).toMatchObject({ state: 'running', operation_id: null });
    expect(running.cost_per_hour).toBeCloseTo(running.dph_total);
    expect(running.ssh).toMatchObject({ user: 'root', host: '127.0.0.1' });
    expect(simulator.control.world.instances[0]?.keys).toHaveLength(1);

    const paused = await app.instances.pause(caller, rented.id);
    expect(paused.operation_id).not.toBe(rented.operation_id);
    expect((await app.ended(paused.operation_id)).state).toBe('succeeded');
    const stopped = await app.instances.get(caller, rented.id);
    expect(stopped).toMatchObject({ state: 'stopped', ssh: null, uptime_s: null });
    expect(stopped.cost_per_hour).toBeCloseTo(stopped.storage_total_cost);
    await expect(app.instances.pause(caller, rented.id)).rejects.toMatchObject({ code: 'instance_state', data: { state: 'stopped' } });

    const resumed = await app.instances.resume(caller, rented.id);
    expect((await app.ended(resumed.operation_id)).state).toBe('succeeded');
    expect((await app.instances.get(caller, rented.id)).state).toBe('running');

    expect((await app.instances.relabel(caller, rented.id, 'other name')).label).toBe('other name');
    expect(splitLabel(simulator.control.world.instances[0]?.label ?? null).intentId).not.toBeNull();
    expect((await app.instances.logs(caller, rented.id, { tail: 5 })).lines.length).toBeGreaterThan(0);
    const account = await app.instances.account(caller);
    expect(account.credit).toBeGreaterThan(900);
    expect(account.burn_per_hour).toBeCloseTo(running.dph_total);

    const destroyed = await app.instances.destroy(caller, rented.id);
    expect((await app.ended(destroyed.operation_id)).state).toBe('succeeded');
    await expect(app.instances.get(caller, rented.id)).rejects.toMatchObject({ code: 'not_found', data: { kind: 'instance', id: rented.id } });
    expect((await app.instances.list(caller, { fresh: true })).instances).toEqual([]);
    expect(app.forgotten).toEqual([rented.id]);
    expect(app.log.lines.join('\n')).not.toContain(simulator.apiKey);
  });
});

describe('never twice', () => {
  test('the answer is dropped after the server has committed, clicked twice, in two windows: one rental', async () => {
    const offer = await cheapest();
    await simulator.control.setFaults({ create_commit_then_drop: true });
    const window = { ...caller, transport: 'http' as const };
    const request = { offer_id: offer.id, disk_size: 40, label: 'once' };
    const results = await outcomes([app.instances.create(caller, request), app.instances.create(caller, request), app.instances.create(window, request), app.instances.create(window, request)]);
    expect(simulator.control.world.ledger.rentals).toHaveLength(1);
    const id = simulator.control.world.ledger.rentals[0]?.instance_id;
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
    const operation = await app.ended(results[0]?.operation ?? results[0]?.error?.data.operation_id ?? '');
    expect(operation).toMatchObject({ state: 'succeeded', instance_id: id });
    expect(app.operations.list(caller, { limit: 10 }).operations).toHaveLength(1);
    expect(app.store.intents.byOperation(operation.id)).toMatchObject({ state: 'confirmed', instanceId: id });
  });

  test('a thousand clicks on ten offers whose answers are lost, in a storm of 502: each rented once', async () => {
    await moveTo(400, { machineCount: 200 });
    const { offers } = await app.offers.search(caller, { limit: 40, offset: 0, verified_only: false });
    const machines = [...new Map(offers.map((offer) => [offer.machine_id, offer])).values()].slice(0, 10);
    await simulator.control.setFaults({ create_commit_then_drop: true, bad_gateway: { count: 30, path: '/api/v1/instances/' } });
    const clicks = Array.from({ length: 100 }).flatMap(() => machines.map((offer) => app.instances.create(caller, { offer_id: offer.id, label: `job ${offer.id}` })));
    const results = await outcomes(clicks);
    const unconfirmed = results.flatMap((result) => (result.error ? [result.error] : []));
    expect(unconfirmed.every((error) => error.code === 'rent_unconfirmed')).toBe(true);
    for (const operation of app.operations.list(caller, { limit: 500 }).operations) expect((await app.ended(operation.id)).instance_id).not.toBeNull();
    const byLabel = simulator.control.world.ledger.rentalsByLabel();
    expect(Object.values(byLabel).map((ids) => ids.length)).toEqual(machines.map(() => 1));
    expect(app.store.intents.open(caller.userId)).toEqual([]);
  });

  test('an answer that takes longer than people wait: said to be unconfirmed, found by its label, and a new click joins it', async () => {
    const offer = await cheapest();
    // The list fails for longer than twenty seconds, then works again.
    await simulator.control.setFaults({ create_commit_then_drop: 1, bad_gateway: { count: 1000, path: '/api/v1/instances/' } });
    const error = await app.instances.create(caller, { offer_id: offer.id, label: 'late' }).catch((caught: unknown) => caught as { code: string; data: { operation_id: string } });
    expect(error).toMatchObject({ code: 'rent_unconfirmed' });
    await expect(app.instances.create(caller, { offer_id: offer.id, label: 'late' })).rejects.toMatchObject({ code: 'rent_unconfirmed', data: { operation_id: (error as { data: { operation_id: string } }).data.operation_id } });
    await simulator.control.setFaults({ bad_gateway: null });
    const ended = await app.ended((error as { data: { operation_id: string } }).data.operation_id);
    expect(ended).toMatchObject({ state: 'succeeded', instance_id: simulator.control.world.ledger.rentals[0]?.instance_id });
    expect(simulator.control.world.ledger.rentals).toHaveLength(1);
  });

  test('a server that commits and then says nothing: found by its label', async () => {
    const offer = await cheapest();
    await app.quit();
    app = again(app.store, 250);
    await simulator.control.setFaults({ timeout_after_commit: 1 });
    const [result] = await outcomes([app.instances.create(caller, { offer_id: offer.id, label: 'silent' })]);
    const operation = await app.ended(result?.operation ?? result?.error?.data.operation_id ?? '');
    expect(operation).toMatchObject({ state: 'succeeded', instance_id: simulator.control.world.ledger.rentals[0]?.instance_id });
    expect(simulator.control.world.ledger.rentals).toHaveLength(1);
  });

  test('the app ends while the outcome is not known: the next start finds it and rents nothing', async () => {
    const offer = await cheapest();
    await simulator.control.setFaults({ create_commit_then_drop: 1, bad_gateway: { count: 1000, path: '/api/v1/instances/' } });
    const error = (await app.instances.create(caller, { offer_id: offer.id, label: 'restart' }).catch((caught: unknown) => caught)) as { data: { operation_id: string } };
    await app.quit();
    const { store } = app;
    await simulator.control.setFaults({ bad_gateway: null });
    app = again(store);
    app.operations.reconcile();
    app.operations.unlocked(caller.userId);
    expect(await app.ended(error.data.operation_id)).toMatchObject({ state: 'succeeded', instance_id: simulator.control.world.ledger.rentals[0]?.instance_id });
    expect(simulator.control.world.ledger.rentals).toHaveLength(1);
  });

  test('what never reached the server is said to have rented nothing, and may be tried again', async () => {
    const offer = await cheapest();
    await simulator.control.setFaults({ bad_gateway: { count: 1, path: '/api/v0/asks/' } });
    // Longer than twenty seconds of looking: the call says it is not confirmed, the operation that nothing was rented.
    const error = (await app.instances.create(caller, { offer_id: offer.id }).catch((caught: unknown) => caught)) as { code: string; data: { operation_id: string } };
    expect(error.code).toBe('rent_unconfirmed');
    expect(await app.ended(error.data.operation_id)).toMatchObject({ state: 'failed', error: { code: 'vast_unreachable' } });
    expect(simulator.control.world.ledger.rentals).toEqual([]);
    const rented = await rent({ offer_id: offer.id });
    expect((await app.ended(rented.operation_id)).state).toBe('succeeded');
    expect(simulator.control.world.ledger.rentals).toHaveLength(1);
  });
});

describe('refusals', () => {
  test('an offer that somebody took, a price that rose, no credit', async () => {
    const offer = await cheapest();
    await expect(app.instances.create(caller, { offer_id: offer.id, max_dph: offer.dph_total / 2 })).rejects.toMatchObject({ code: 'price_changed', data: { shown_dph: offer.dph_total / 2 } });
    expect(app.operations.list(caller, { limit: 10 }).operations).toEqual([]);
    const first = await rent({ offer_id: offer.id });
    expect(await refusal({ offer_id: offer.id })).toMatchObject({ code: 'offer_gone', data: { offer_id: offer.id } });
    await app.ended(first.operation_id);
    simulator.control.world.credit = -1;
    await simulator.control.refresh();
    const { offers } = await app.offers.search(caller, { limit: 1, offset: 0, fresh: true });
    expect(await refusal({ offer_id: offers[0]?.id ?? 0 })).toMatchObject({ code: 'insufficient_credit' });
    expect(app.store.intents.open(caller.userId)).toEqual([]);
  });

  test('a bid that loses is made and billed by Vast: it is destroyed and the reason said', async () => {
    const offer = await cheapest();
    expect(await refusal({ offer_id: offer.id, bid: 0.001 })).toMatchObject({ code: 'vast_error', data: { slug: 'not_accepted' } });
    const [operation] = app.operations.list(caller, { limit: 1 }).operations;
    expect(await app.ended(operation?.id ?? '')).toMatchObject({ state: 'failed', error: { data: { slug: 'not_accepted' } } });
    expect(simulator.control.world.ledger.rentals).toHaveLength(1);
    expect(simulator.control.world.instances).toEqual([]);
  });
});

describe('boots and hosts that fail', () => {
  test('an image that does not exist: destroyed, and the docker error is the reason', async () => {
    const offer = await cheapest();
    await simulator.control.setFaults({ image_error: 1 });
    const rented = await rent({ offer_id: offer.id });
    const ended = await app.ended(rented.operation_id);
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'vast_error', data: { slug: 'boot_failed' } } });
    expect(ended.error?.message).toMatch(/manifest/);
    expect(simulator.control.world.instances).toEqual([]);
  });

  test('still loading after twenty minutes: asked, answered wait, asked again, answered destroy', async () => {
    await moveTo(2000, { bootSeconds: 86_400 });
    const offer = await cheapest();
    const rented = await rent({ offer_id: offer.id });
    const answers: ('wait' | 'destroy')[] = ['wait', 'destroy'];
    for await (const event of app.operations.follow(caller, rented.operation_id)) {
      if (event.type !== 'operation' || event.operation.asks !== 'still_loading') continue;
      const answer = answers.shift();
      if (answer) app.operations.answer(caller, rented.operation_id, answer);
    }
    expect(answers).toEqual([]);
    expect(app.operations.get(caller, rented.operation_id)).toMatchObject({ state: 'failed', error: { data: { slug: 'boot_failed' } } });
    expect(simulator.control.world.instances).toEqual([]);
  });

  test('a queued start shows as scheduling, is taken back by a pause, and runs once the GPU is free', async () => {
    const offer = await cheapest();
    const rented = await rent({ offer_id: offer.id });
    await app.ended(rented.operation_id);
    await app.ended((await app.instances.pause(caller, rented.id)).operation_id);
    await simulator.control.setFaults({ queued_start: true });
    const queued = await app.instances.resume(caller, rented.id);
    expect(queued.state).toBe('scheduling');
    expect(queued.cost_per_hour).toBeCloseTo(queued.storage_total_cost);
    const takenBack = await app.instances.pause(caller, rented.id);
    expect((await app.ended(queued.operation_id)).state).toBe('cancelled');
    expect((await app.ended(takenBack.operation_id)).state).toBe('succeeded');
    const second = await app.instances.resume(caller, rented.id);
    await simulator.control.setFaults({ queued_start: null });
    expect((await app.ended(second.operation_id)).state).toBe('succeeded');
  });

  test('offline costs nothing, outbid is stopped', async () => {
    const offer = await cheapest();
    const rented = await rent({ offer_id: offer.id });
    await app.ended(rented.operation_id);
    await simulator.control.setFaults({ host_offline: rented.id });
    expect((await app.instances.list(caller, { fresh: true })).instances[0]).toMatchObject({ state: 'offline', cost_per_hour: 0 });
    await simulator.control.setFaults({ host_offline: null, outbid: rented.id });
    await simulator.control.advance(5);
    expect((await app.instances.list(caller, { fresh: true })).instances[0]).toMatchObject({ state: 'stopped' });
  });
});

describe('destroying', () => {
  test('a row that lingers is destroying until Vast says it is gone; a second click joins', async () => {
    // It boots for as long as the test needs: the destroy takes the place of the rental's wait.
    await moveTo(rate, { bootSeconds: 86_400 });
    const offer = await cheapest();
    const rented = await rent({ offer_id: offer.id });
    await simulator.control.setFaults({ destroy_lingers: 120 });
    const [first, second] = await Promise.all([app.instances.destroy(caller, rented.id), app.instances.destroy(caller, rented.id)]);
    expect(first.operation_id).toBe(second.operation_id);
    expect(first.state).toBe('destroying');
    expect((await app.ended(rented.operation_id)).state).toBe('cancelled');
    expect(app.operations.get(caller, first.operation_id).state).toBe('running');
    expect((await app.ended(first.operation_id)).state).toBe('succeeded');
    await simulator.control.refresh();
    expect(simulator.control.world.instances).toEqual([]);
  });

  test('a storm of 502: answered as destroying, never as destroyed, and done when it is over, even after a restart', async () => {
    const offer = await cheapest();
    const rented = await rent({ offer_id: offer.id });
    await app.ended(rented.operation_id);
    await simulator.control.setFaults({ bad_gateway: { count: 100_000, path: '/api/v0/instances/' } });
    const destroying = await app.instances.destroy(caller, rented.id);
    expect(destroying.state).toBe('destroying');
    await app.quit();
    expect(app.store.operations.get(destroying.operation_id)?.state).toBe('running');
    const { store } = app;
    app = again(store);
    app.operations.reconcile();
    app.operations.unlocked(caller.userId);
    expect(simulator.control.world.instances).toHaveLength(1);
    await simulator.control.setFaults({ bad_gateway: null });
    expect((await app.ended(destroying.operation_id)).state).toBe('succeeded');
    expect(simulator.control.world.instances).toEqual([]);
  });
});
