// Renting and destroying on a virtual clock: every way in which an answer can be lost, and days of waiting in no time.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Operation } from '../../contract';
import { settle, VirtualClock } from '../../../test/fakes/virtual-clock';
import { openStore } from '../providers/store/open-store';
import { AppError } from './app-error';
import { Instances } from './instances';
import { OperationsLog } from './operations';
import type { RentedInstance, RentRequest, Vast } from './ports';
import { justRented } from './rent-plan';
import type { Store } from './store-port';

const ana = { userId: 'ana', email: 'ana@x.test', transport: 'ipc' as const };
const lost = (attempts = 1): AppError => new AppError('vast_unreachable', 'no answer', { attempts });

/** A Vast that does as it is told. */
class FakeVast {
  rows: RentedInstance[] = [];
  rents: RentRequest[] = [];
  destroys = 0;
  credit = () => Promise.resolve({ credit: 10, email: null });
  attached: number[] = [];
  onRent: (request: RentRequest) => Promise<{ instanceId: number; accepted: boolean; detail: string | null }> = (request) => Promise.resolve({ instanceId: this.add(request), accepted: true, detail: null });
  onList: () => Promise<RentedInstance[]> = () => Promise.resolve(this.rows);
  onGet: (id: number) => Promise<RentedInstance | null> = async (id) => (await this.onList()).find((row) => row.id === id) ?? null;
  onDestroy: (id: number) => Promise<void> = (id) => {
    this.rows = this.rows.filter((row) => row.id !== id);
    return Promise.resolve();
  };

  add(request: RentRequest, more: Partial<RentedInstance> = {}): number {
    const id = 100 + this.rents.length;
    this.rows = [...this.rows, { ...justRented(id, request), actual_status: 'running', ssh: { host: 'h', port: 22, user: 'root', command: 'ssh -p 22 root@h' }, ...more }];
    return id;
  }

  port(): Vast {
    return {
      rent: (_key: string, request: RentRequest) => {
        this.rents.push(request);
        return this.onRent(request);
      },
      list: () => this.onList(),
      get: (_key: string, id: number) => this.onGet(id),
      destroy: (_key: string, id: number) => {
        this.destroys += 1;
        return this.onDestroy(id);
      },
      credit: () => this.credit(),
      attachSshKey: (_key: string, id: number) => {
        this.attached.push(id);
        return Promise.resolve();
      },
    } as unknown as Vast;
  }
}

let clock: VirtualClock;
let vast: FakeVast;
let store: Store;
let operations: OperationsLog;
let instances: Instances;

const makeServices = (): void => {
  const note = (): void => undefined;
  const log = { info: note, warn: note, error: note, hide: note };
  const feed = { tell: note, operation: note };
  operations = new OperationsLog({ store, clock, log, redact: (text) => text, feed });
  const settings = { values: () => ({ default_image: 'pytorch/pytorch:2.4.0', default_disk_size: 40 }) as never };
  instances = new Instances({ vast: vast.port(), secrets: { vastKey: () => Promise.resolve('k') }, settings, store, operations, hints: feed, clock, log, sshKeys: { publicKey: () => Promise.resolve('ssh-ed25519 A'), forget: note }, random: () => 1 });
  for (const kind of ['create', 'destroy'] as const) operations.onTakeUp(kind, 'unlocked', (row) => instances.takeUp(row));
};

beforeEach(() => {
  clock = new VirtualClock();
  vast = new FakeVast();
  store = openStore(':memory:');
  store.users.insert({ id: 'ana', email: ana.email, passwordHash: 'x', createdAt: 0, failedAttempts: 0, blockedUntil: 0 });
  makeServices();
});

/** Starts a create; its outcome once the clock has passed. */
const create = (offerId = 7) => {
  const outcome = instances.create(ana, { offer_id: offerId, label: 'job' }).then(
    (value) => ({ value, error: null }),
    (error: unknown) => ({ value: null, error: error as AppError }),
  );
  return outcome;
};

const only = (): Operation => {
  const [operation, ...more] = operations.list(ana, { limit: 10 }).operations;
  if (!operation || more.length > 0) throw new Error('one operation was expected');
  return operation;
};

describe('a rental is sent once', () => {
  const delays = [0, 900, 3000, 14_000, 55_000, 140_000];

  test.each(delays)('lost after the commit, in the list %i ms later: found by its label', async (delay) => {
    vast.onRent = (request) => {
      void clock.sleep(delay).then(() => vast.add(request));
      return Promise.reject(lost());
    };
    const [first, second] = [create(), create()];
    await clock.pass(300_000);
    expect(vast.rents).toHaveLength(1);
    expect(await first).toEqual(await second);
    expect(only()).toMatchObject({ state: 'succeeded', instance_id: 101 });
    expect((await first).error?.code ?? 'answered').toBe(delay < 20_000 ? 'answered' : 'rent_unconfirmed');
    expect(vast.attached).toEqual([101]);
  });

  test('lost and never made: said to have rented nothing, and only after the whole window', async () => {
    vast.onRent = () => Promise.reject(lost());
    const outcome = create();
    await clock.pass(140_000);
    expect((await outcome).error).toMatchObject({ code: 'rent_unconfirmed', data: { operation_id: only().id } });
    expect(only().state).toBe('running');
    await clock.pass(60_000);
    expect(only()).toMatchObject({ state: 'failed', error: { code: 'vast_unreachable' } });
    expect(vast.rents).toHaveLength(1);
  });

  test('lost, and Vast cannot be asked for half an hour: unknown, and settled by the first list there is', async () => {
    vast.onRent = (request) => {
      vast.add(request);
      return Promise.reject(lost());
    };
    vast.onList = () => Promise.reject(lost());
    const outcome = create();
    await clock.pass(45 * 60_000);
    expect((await outcome).error?.code).toBe('rent_unconfirmed');
    expect(only()).toMatchObject({ state: 'unknown', error: { code: 'rent_unconfirmed' } });
    vast.onList = () => Promise.resolve(vast.rows);
    await instances.list(ana, { fresh: true });
    await clock.pass(30_000);
    expect(only()).toMatchObject({ state: 'succeeded', instance_id: 101 });
    expect(vast.attached).toEqual([101]);
    expect(store.intents.byOperation(only().id)).toMatchObject({ state: 'confirmed', instanceId: 101 });
    expect(vast.rents).toHaveLength(1);
  });

  test('found only after it was given up: its operation goes on, nothing is rented for the second click', async () => {
    vast.onRent = () => Promise.reject(lost());
    void create();
    await clock.pass(200_000);
    expect(only().state).toBe('failed');
    vast.add(vast.rents[0] as RentRequest);
    const second = create();
    await clock.pass(60_000);
    expect(await second).toMatchObject({ error: null, value: { id: 101, operation_id: only().id } });
    expect(only()).toMatchObject({ state: 'succeeded', instance_id: 101 });
    expect(vast.attached).toEqual([101]);
    expect(vast.rents).toHaveLength(1);
  });

  test('no connection was made: refused at once, nothing to look for', async () => {
    vast.onRent = () => Promise.reject(lost(0));
    expect((await create()).error).toMatchObject({ code: 'vast_unreachable' });
    expect(only().state).toBe('failed');
    expect(store.intents.open('ana')).toEqual([]);
  });

  test('the intent is written before the request, without values of the environment', async () => {
    let seen: unknown;
    vast.onRent = (request) => {
      seen = store.intents.open('ana')[0];
      return Promise.resolve({ instanceId: vast.add(request), accepted: true, detail: null });
    };
    const outcome = instances.create(ana, { offer_id: 7, label: 'job', env: { HF_TOKEN: 'canary' }, ports: ['8080', '53:53/udp'] });
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
    const outcome = create();
    await clock.pass(1000);
    expect((await outcome).error).toMatchObject({ code: 'vast_error', data: { slug: 'not_accepted', detail: 'bid too low' } });
    await clock.pass(3_600_000);
    const { id } = only();
    expect(only()).toMatchObject({ state: 'running', instance_id: 101 });
    operations.cancelAll('The app quits.');
    await settle();
    makeServices();
    operations.reconcile();
    operations.unlocked('ana');
    await clock.pass(60_000);
    expect(vast.rows).toHaveLength(1);
    vast.onDestroy = onDestroy;
    await clock.pass(600_000);
    expect(operations.get(ana, id)).toMatchObject({ state: 'failed', error: { data: { slug: 'not_accepted' } } });
    expect(vast.rows).toEqual([]);
    expect(vast.rents).toHaveLength(1);
  });

  test('the app ended between the intent and the request: nothing was sent, and that is said', async () => {
    vast.onRent = () => new Promise(() => undefined);
    void create();
    await settle();
    const { id } = only();
    const intent = store.intents.byOperation(id);
    store.intents.update(intent?.id ?? '', { state: 'intended' });
    makeServices();
    operations.reconcile();
    operations.unlocked('ana');
    await settle();
    expect(operations.get(ana, id)).toMatchObject({ state: 'failed' });
    expect(vast.rents).toHaveLength(1);
  });
});

describe('a destroy is certain', () => {
  const rented = async (): Promise<number> => {
    const outcome = create();
    await clock.pass(30_000);
    const id = (await outcome).value?.id ?? 0;
    await clock.pass(30_000);
    return id;
  };
  const destroying = () => operations.list(ana, { limit: 10 }).operations.find((operation) => operation.kind === 'destroy');

  test('a night of failures: pending until it is gone, never said to be gone before', async () => {
    const id = await rented();
    let fails = true;
    vast.onDestroy = () => (fails ? Promise.reject(lost()) : Promise.resolve());
    const answer = instances.destroy(ana, id);
    await clock.pass(25_000);
    expect((await answer).state).toBe('destroying');
    await clock.pass(10 * 3_600_000);
    expect(destroying()?.state).toBe('running');
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
    const answer = instances.destroy(ana, id);
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
    await expect(instances.destroy(ana, id)).rejects.toMatchObject({ code: 'vast_key_rejected' });
    expect(destroying()).toMatchObject({ state: 'failed', error: { code: 'vast_key_rejected' } });
    vast.onDestroy = () => Promise.reject(lost());
    const again = instances.destroy(ana, id);
    await clock.pass(25 * 3_600_000);
    await again;
    const failed = operations.list(ana, { limit: 10 }).operations.filter((operation) => operation.kind === 'destroy' && operation.state === 'failed');
    expect(new Set(failed.map((operation) => operation.error?.code))).toEqual(new Set(['vast_key_rejected', 'vast_unreachable']));
  });
});
