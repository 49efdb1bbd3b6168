// The Vast key is changed while something is pending: what another account does not have is neither gone nor never rented.
import { beforeEach, describe, expect, test } from 'vitest';
import type { OperationKind, Operation } from '../../contract';
import { ana, lost, RentRig, type FakeVast } from '../../../test/fakes/rent-rig';
import { settle, type VirtualClock } from '../../../test/fakes/virtual-clock';

let rig: RentRig;
let clock: VirtualClock;
let vast: FakeVast;

beforeEach(() => {
  rig = new RentRig();
  ({ clock, vast } = rig);
  vast.shownTo = (key) => key !== 'another account';
});

const rented = async (): Promise<number> => {
  const outcome = rig.create();
  await clock.pass(60_000);
  return (await outcome).value?.id ?? 0;
};
const newest = (kind: OperationKind): Operation | undefined => rig.operations.list(ana, { limit: 10 }).operations.find((operation) => operation.kind === kind);
const rejected = { state: 'failed', error: { code: 'vast_key_rejected', message: expect.stringContaining('still be billed') } };

describe('a destroy', () => {
  const pending = async (): Promise<void> => {
    const id = await rented();
    vast.onDestroy = () => Promise.reject(lost());
    void rig.instances.destroy(ana, id);
    await clock.pass(30_000);
    expect(newest('destroy')?.state).toBe('running');
  };

  test('is not done because another account does not have it', async () => {
    await pending();
    rig.key = 'another account';
    await clock.pass(600_000);
    expect(newest('destroy')).toMatchObject(rejected);
    rig.key = 'k';
    expect((await rig.instances.list(ana, { fresh: true })).instances.map(({ id }) => id)).toEqual(vast.rows.map(({ id }) => id));
    expect(vast.rows).toHaveLength(1);
  });

  test('that is taken up at the next start isn\'t either', async () => {
    await pending();
    rig.operations.cancelAll('The app quits.');
    rig.key = 'another account';
    await rig.restart();
    await clock.pass(600_000);
    expect(newest('destroy')).toMatchObject(rejected);
  });

  test('goes on with a new key of the same account, also over a restart', async () => {
    await pending();
    rig.key = 'a new key';
    await clock.pass(600_000);
    expect(newest('destroy')?.state).toBe('running');
    await rig.restart();
    vast.onDestroy = () => {
      vast.rows = [];
      return Promise.resolve();
    };
    await clock.pass(600_000);
    expect(newest('destroy')?.state).toBe('succeeded');
  });

  test('of what was listed to the former key is refused', async () => {
    const id = await rented();
    rig.key = 'another account';
    await expect(rig.instances.destroy(ana, id)).rejects.toMatchObject({ code: 'vast_key_rejected' });
    expect(vast.destroys).toBe(0);
  });
});

test('a pause and a boot do not say that it does not exist', async () => {
  const id = await rented();
  void rig.instances.pause(ana, id);
  await settle();
  rig.key = 'another account';
  await clock.pass(60_000);
  expect(newest('pause')).toMatchObject(rejected);
  rig.key = 'k';
  vast.onRent = (request) => Promise.resolve({ instanceId: vast.add(request, { actual_status: 'loading', ssh: null }), accepted: true, detail: null });
  void rig.create(8);
  await clock.pass(60_000);
  rig.key = 'another account';
  await clock.pass(60_000);
  expect(newest('create')).toMatchObject(rejected);
});

test('a rental whose answer was lost is not said to be none, and is found once its account is back', async () => {
  vast.onRent = (request) => {
    vast.add(request);
    return Promise.reject(lost());
  };
  vast.onList = () => Promise.reject(lost());
  void rig.create();
  await clock.pass(30_000);
  vast.onList = () => Promise.resolve(vast.rows);
  rig.key = 'another account';
  await clock.pass(600_000);
  expect(rig.operation()).toMatchObject({ state: 'failed', error: { code: 'vast_key_rejected' } });
  // Long enough for a rental that was never made; but these are another account's lists.
  await clock.pass(30 * 60_000);
  await rig.instances.list(ana, { fresh: true });
  const { id } = rig.operation();
  expect(rig.store.intents.byOperation(id)).toMatchObject({ state: 'unknown' });
  vast.onRent = () => Promise.reject(lost(0));
  void rig.create();
  await clock.pass(1000);
  expect(rig.store.intents.byOperation(id)).toMatchObject({ state: 'unknown' });
  rig.key = 'k';
  await rig.instances.list(ana, { fresh: true });
  await clock.pass(60_000);
  expect(rig.operations.get(ana, id)).toMatchObject({ state: 'succeeded', instance_id: 101 });
});

test('what is remembered of the key is not the key', async () => {
  rig.key = 'canary-key';
  const id = await rented();
  void rig.instances.destroy(ana, id);
  await clock.pass(60_000);
  const rows = rig.store.operations.list('ana', { limit: 10 });
  expect(rows.map(({ context }) => context['account'])).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
  expect(JSON.stringify(rows)).not.toContain('canary');
});
