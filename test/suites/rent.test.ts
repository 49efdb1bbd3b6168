// The whole life of an instance through the domain and the real provider, against the simulator.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Offer } from '../../src/contract';
import { splitLabel } from '../../src/main/domain/labels';
import type { Simulator } from '../../src/simulator/start';
import { caller, makeApp, startWorld, type App } from '../fakes/vast-world';

const rate = 40;

let simulator: Simulator;
let app: App;
let again: (store?: App['store']) => App;

beforeEach(async () => {
  const world = await startWorld(rate);
  simulator = world.simulator;
  again = (store) => makeApp({ clock: world.clock, baseUrl: simulator.url, apiKey: simulator.apiKey, store });
  app = again();
});

afterEach(async () => {
  await app.quit();
  await simulator.close();
});

const cheapest = async (from: App = app): Promise<Offer> => {
  const { offers } = await from.offers.search(caller, { limit: 1, offset: 0, num_gpus: 1 });
  const offer = offers[0];
  if (!offer) throw new Error('the market is empty');
  return offer;
};

describe('a whole life', () => {
  test('search, rent, run, pause, resume, relabel, logs, destroy', async () => {
    const offer = await cheapest();
    const rented = await app.instances.create(caller, { offer_id: offer.id, disk_size: 40, label: 'my gpu', max_dph: offer.dph_total * 1.01, ports: ['8080'], env: { DATA_DIRECTORY: '/data/' } });
    expect(rented).toMatchObject({ label: 'my gpu', data_directory: '/data', disk_space: 40, machine_id: offer.machine_id });
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
