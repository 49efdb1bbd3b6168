// Renting and destroying on a virtual clock: every way in which an answer can be lost, and days of waiting in no time.
import { beforeEach, describe, expect, test } from 'vitest';
import { ana, lost, RentRig, type FakeVast } from '../../../test/fakes/rent-rig';
import { settle, type VirtualClock } from '../../../test/fakes/virtual-clock';
import { AppError } from './app-error';
import type { RentRequest } from './ports';
import type { Store } from './store-port';

let rig: RentRig;
let clock: VirtualClock;
let vast: FakeVast;
let store: Store;

beforeEach(() => {
  rig = new RentRig();
  ({ clock, vast, store } = rig);
});

describe('a rental is sent once', () => {
  const delays = [0, 900, 3000, 14_000, 55_000, 140_000];

  test.each(delays)('lost after the commit, in the list %i ms later: found by its label', async (delay) => {
    vast.onRent = (request) => {
      void clock.sleep(delay).then(() => vast.add(request));
      return Promise.reject(lost());
    };
    const [first, second] = [rig.create(), rig.create()];
    await clock.pass(300_000);
    expect(vast.rents).toHaveLength(1);
    expect(await first).toEqual(await second);
    expect(rig.operation()).toMatchObject({ state: 'succeeded', instance_id: 101 });
    expect((await first).error?.code ?? 'answered').toBe(delay < 20_000 ? 'answered' : 'rent_unconfirmed');
    expect(vast.attached).toEqual([101]);
  });

  test('lost and never made: said to have rented nothing, and only after the whole window', async () => {
    vast.onRent = () => Promise.reject(lost());
    const outcome = rig.create();
    await clock.pass(140_000);
    expect((await outcome).error).toMatchObject({ code: 'rent_unconfirmed', data: { operation_id: rig.operation().id } });
    expect(rig.operation().state).toBe('running');
    await clock.pass(60_000);
    expect(rig.operation()).toMatchObject({ state: 'failed', error: { code: 'vast_unreachable' } });
    expect(vast.rents).toHaveLength(1);
  });

  test('lost, and Vast cannot be asked for half an hour: unknown, and settled by the first list there is', async () => {
    vast.onRent = (request) => {
      vast.add(request);
      return Promise.reject(lost());
    };
    vast.onList = () => Promise.reject(lost());
    const outcome = rig.create();
    await clock.pass(45 * 60_000);
    expect((await outcome).error?.code).toBe('rent_unconfirmed');
    expect(rig.operation()).toMatchObject({ state: 'unknown', error: { code: 'rent_unconfirmed' } });
    vast.onList = () => Promise.resolve(vast.rows);
    await rig.instances.list(ana, { fresh: true });
    await clock.pass(30_000);
    expect(rig.operation()).toMatchObject({ state: 'succeeded', instance_id: 101 });
    expect(vast.attached).toEqual([101]);
    expect(store.intents.byOperation(rig.operation().id)).toMatchObject({ state: 'confirmed', instanceId: 101 });
    expect(vast.rents).toHaveLength(1);
  });

  test('found only after it was given up: its operation goes on, nothing is rented for the second click', async () => {
    vast.onRent = () => Promise.reject(lost());
    void rig.create();
    await clock.pass(200_000);
    expect(rig.operation().state).toBe('failed');
    vast.add(vast.rents[0] as RentRequest);
    const second = rig.create();
    await clock.pass(60_000);
    expect(await second).toMatchObject({ error: null, value: { id: 101, operation_id: rig.operation().id } });
    expect(rig.operation()).toMatchObject({ state: 'succeeded', instance_id: 101 });
    expect(vast.attached).toEqual([101]);
    expect(vast.rents).toHaveLength(1);
  });

  test('no connection was made: refused at once, nothing to look for', async () => {
    vast.onRent = () => Promise.reject(lost(0));
    expect((await rig.create()).error).toMatchObject({ code: 'vast_unreachable' });
    expect(rig.operation().state).toBe('failed');
    expect(store.intents.open('ana')).toEqual([]);
  });

  test('the intent is written before the request, without values of the environment', async () => {
    let seen: unknown;
    vast.onRent = (request) => {
      seen = store.intents.open('ana')[0];
      return Promise.resolve({ instanceId: vast.add(request), accepted: true, detail: null });
    };
    const outcome = rig.instances.create(ana, { offer_id: 7, label: 'job', env: { HF_TOKEN: 'canary' }, ports: ['8080', '53:53/udp'] });
    await clock.pass(1000);
    await outcome;
    expect(seen).toMatchObject({ state: 'sent', offerId: 7, label: 'job', request: { env_names: ['HF_TOKEN', '-p 8080:8080', '-p 53:53/udp'] } });
    expect(JSON.stringify([seen, store.operations.list('ana', { limit: 10 })])).not.toContain('canary');
    expect(vast.rents[0]).toMatchObject({ disk: 40, bid: null, label: `job [dc-${(seen as { id: string }).id}]`, env: { HF_TOKEN: 'canary', '-p 8080:8080': '1', '-p 53:53/udp': '1' } });
  });

  test('refused, but made all the same: the reason at once, the instance destroyed, over failures and over a restart', async () => {
    vast.onRent = (request) => Promise.resolve({ instanceId: vast.add(request, { actual_status: 'created', cur_state: 'stopped', is_bid: true }), accepted: false, detail: 'bid too low' });
    const { onDestroy } = vast;
    vast.onDestroy = () => Promise.reject(lost());
    const outcome = rig.create();
    await clock.pass(1000);
    expect((await outcome).error).toMatchObject({ code: 'vast_error', data: { slug: 'not_accepted', detail: 'bid too low' } });
    await clock.pass(3_600_000);
    const { id } = rig.operation();
    expect(rig.operation()).toMatchObject({ state: 'running', instance_id: 101 });
    rig.operations.cancelAll('The app quits.');
    await settle();
    rig.start();
    rig.operations.reconcile();
    rig.operations.unlocked('ana');
    await clock.pass(60_000);
    expect(vast.rows).toHaveLength(1);
    vast.onDestroy = onDestroy;
    await clock.pass(600_000);
    expect(rig.operations.get(ana, id)).toMatchObject({ state: 'failed', error: { data: { slug: 'not_accepted' } } });
    expect(vast.rows).toEqual([]);
    expect(vast.rents).toHaveLength(1);
  });

  test('the app ended between the intent and the request: nothing was sent, and that is said', async () => {
    vast.onRent = () => new Promise(() => undefined);
    void rig.create();
    await settle();
    const { id } = rig.operation();
    const intent = store.intents.byOperation(id);
    store.intents.update(intent?.id ?? '', { state: 'intended' });
    rig.start();
    rig.operations.reconcile();
    rig.operations.unlocked('ana');
    await settle();
    expect(rig.operations.get(ana, id)).toMatchObject({ state: 'failed' });
    expect(vast.rents).toHaveLength(1);
  });
});

describe('a destroy is certain', () => {
  const rented = async (): Promise<number> => {
    const outcome = rig.create();
    await clock.pass(30_000);
    const id = (await outcome).value?.id ?? 0;
    await clock.pass(30_000);
    return id;
  };
  const destroying = () => rig.operations.list(ana, { limit: 10 }).operations.find((operation) => operation.kind === 'destroy');

  test('a night of failures: pending until it is gone, never said to be gone before', async () => {
    const id = await rented();
    let fails = true;
    vast.onDestroy = () => (fails ? Promise.reject(lost()) : Promise.resolve());
    const answer = rig.instances.destroy(ana, id);
    await clock.pass(25_000);
    expect((await answer).state).toBe('destroying');
    await clock.pass(10 * 3_600_000);
    // The phase says that nothing comes first any more, though Vast has not taken the request yet.
    expect(destroying()).toMatchObject({ state: 'running', progress: { phase: 'wait' } });
    // Taken, but still listed: not destroyed either.
    fails = false;
    await clock.pass(600_000);
    expect(destroying()?.state).toBe('running');
    vast.rows = [];
    await clock.pass(600_000);
    expect(destroying()?.state).toBe('succeeded');
    expect(vast.destroys).toBeLessThan(200);
  });

  test('a list that leaves it out is no proof: only its own answer is', async () => {
    const id = await rented();
    const [kept] = vast.rows;
    vast.rows = [];
    vast.onDestroy = () => Promise.resolve();
    vast.onGet = () => Promise.resolve(kept ?? null);
    const answer = rig.instances.destroy(ana, id);
    await clock.pass(120_000);
    await answer;
    expect(destroying()?.state).toBe('running');
    vast.onGet = () => Promise.resolve(null);
    await clock.pass(60_000);
    expect(destroying()?.state).toBe('succeeded');
  });

  test('a refused key ends it at once with the reason; after a day of failures it gives up with the last one', async () => {
    const id = await rented();
    vast.onDestroy = () => Promise.reject(new AppError('vast_key_rejected', 'no', {}));
    await expect(rig.instances.destroy(ana, id)).rejects.toMatchObject({ code: 'vast_key_rejected' });
    expect(destroying()).toMatchObject({ state: 'failed', error: { code: 'vast_key_rejected' } });
    vast.onDestroy = () => Promise.reject(lost());
    const again = rig.instances.destroy(ana, id);
    await clock.pass(25 * 3_600_000);
    await again;
    const failed = rig.operations.list(ana, { limit: 10 }).operations.filter((operation) => operation.kind === 'destroy' && operation.state === 'failed');
    expect(new Set(failed.map((operation) => operation.error?.code))).toEqual(new Set(['vast_key_rejected', 'vast_unreachable']));
  });
});
