import { beforeEach, describe, expect, test } from 'vitest';
import type { InstanceRecord } from './instance-record';
import { beginRestart, beginStop } from './lifecycle';
import { rent } from './renting';
import type { SavedState } from './state-file';
import { World } from './world';

const start = 1_795_400_000;
let wallS = start;
let world: World;

const make = (more: { credit?: number; saved?: SavedState | null } = {}): World =>
  new World({ seed: '1', credit: more.credit ?? 25, bootSeconds: 10, machineCount: 60, wallMs: () => wallS * 1000, saved: more.saved ?? null });

const at = (seconds: number): void => {
  wallS = start + seconds;
  world.settle();
};

const openAsk = (gpus = 1) => {
  const ask = world.market.asks().find((candidate) => candidate.rentable && candidate.slots.length === gpus && candidate.machine.disk.freeGb > 400);
  if (!ask) throw new Error('no open ask');
  return ask;
};

const rented = (body: object = {}): InstanceRecord => {
  const answer = rent(world, openAsk().id, { client_id: 'me', image: 'pytorch/pytorch:2.4.0', disk: 20, label: 'job', runtype: 'ssh_direc ssh_proxy', ...body });
  const record = world.living(answer.new_contract ?? 0);
  if (!record) throw new Error('not rented');
  return record;
};

const prices = (record: InstanceRecord): { gpu: number; disk: number } => ({
  gpu: record.offer['dph_base'] as number,
  disk: ((record.offer['storage_cost'] as number) * record.diskGb) / 720,
});

beforeEach(() => {
  wallS = start;
  world = make();
});

describe('states', () => {
  test('null, created, loading with progress, running', () => {
    const record = rented();
    expect([record.actual, record.cur, record.intended]).toEqual([null, 'running', 'running']);
    at(1.6);
    expect(record.actual).toBe('created');
    at(3.1);
    expect([record.actual, record.message]).toEqual(['loading', '4f4fb700ef54: Pulling fs layer']);
    at(7.1);
    expect(record.message).toContain('Pull complete');
    at(10);
    expect([record.actual, record.message]).toEqual(['running', 'success, running pytorch/pytorch_2.4.0/ssh']);
  });

  test('a stop is intended at once and done a second later; the GPU is free then', () => {
    const record = rented();
    at(20);
    const chunks = world.market.asksOn(record.machineIndex);
    beginStop(record, world.clock.now());
    expect([record.actual, record.intended]).toEqual(['running', 'stopped']);
    at(20.5);
    expect([record.actual, record.cur]).toEqual(['running', 'running']);
    at(21);
    expect([record.actual, record.cur, record.holdsGpus]).toEqual(['exited', 'stopped', false]);
    expect(world.market.asksOn(record.machineIndex)).not.toEqual(chunks);
    expect(world.start(record)).toBe(true);
    expect([record.cur, record.actual]).toEqual(['running', 'exited']);
    at(28);
    expect(record.actual).toBe('running');
  });

  test('an image that does not exist ends as created and stopped, with docker\'s words, and gives the GPU back', () => {
    const record = rented({ image: 'acme/does-not-exist:1' });
    at(60);
    expect([record.actual, record.cur, record.intended, record.holdsGpus]).toEqual(['created', 'stopped', 'stopped', false]);
    expect(record.message).toMatch(/^Error response from daemon: manifest for acme\/does-not-exist:1 not found/);
  });

  test('the image fault strikes as often as told', () => {
    world.faults.set({ image_error: 1 });
    const [first, second] = [rented(), rented()];
    at(60);
    expect([first.actual, second.actual]).toEqual(['created', 'running']);
  });

  test('an outbid instance stops and resumes when the fault is lifted', () => {
    const record = rented({ price: 100 });
    at(20);
    world.faults.set({ outbid: record.id });
    at(21);
    at(23);
    expect([record.actual, record.cur, record.intended]).toEqual(['exited', 'stopped', 'stopped']);
    world.faults.set({ outbid: null });
    at(24);
    at(40);
    expect([record.actual, record.cur]).toEqual(['running', 'running']);
  });

  test('a queued start waits for the fault and then for the GPU', () => {
    const record = rented();
    at(20);
    beginStop(record, world.clock.now());
    at(22);
    world.faults.set({ queued_start: true });
    record.queued = true;
    record.intended = 'running';
    at(500);
    expect(record.cur).toBe('stopped');
    world.faults.set({ queued_start: null });
    at(501);
    at(520);
    expect([record.actual, record.queued]).toEqual(['running', false]);
  });

  test('reboot keeps the GPU, recycle begins a new life', () => {
    const record = rented();
    at(20);
    beginRestart(record, world.clock.now(), 'reboot');
    expect([record.actual, record.holdsGpus]).toEqual(['rebooting', true]);
    at(30);
    expect([record.actual, record.life]).toEqual(['running', 1]);
    beginRestart(record, world.clock.now(), 'recycle');
    at(33);
    expect([record.actual, record.life, record.runSeconds]).toEqual(['running', 2, 0]);
  });
});

describe('money', () => {
  test('booting bills the disk, running GPU and disk, stopped the disk, offline and destroyed nothing, by the second', () => {
    const record = rented();
    const { gpu, disk } = prices(record);
    const spent = (): number => 25 - world.credit;
    at(10);
    expect(spent()).toBeCloseTo((10 / 3600) * disk, 12);
    at(3610);
    expect(spent()).toBeCloseTo((3610 / 3600) * disk + gpu, 10);
    beginStop(record, world.clock.now());
    at(7211);
    const stopped = (7211 / 3600) * disk + gpu * (3601 / 3600);
    expect(spent()).toBeCloseTo(stopped, 10);
    world.faults.set({ host_offline: record.id });
    world.settle();
    at(10_811);
    expect(spent()).toBeCloseTo(stopped, 10);
    world.faults.set({ host_offline: null });
    world.settle();
    world.destroy(record);
    at(20_000);
    expect(spent()).toBeCloseTo(stopped, 10);
    expect(world.chargesById()[record.id]).toBeCloseTo(stopped, 10);
    expect(world.living(record.id)).toBeNull();
  });

  test('what is charged does not depend on how often one asks', () => {
    const often = rented();
    for (let second = 1; second <= 5000; second += 7) at(second);
    at(5000);
    const first = world.chargesById()[often.id];
    wallS = start;
    world = make();
    const once = rented();
    at(5000);
    expect(world.chargesById()[once.id]).toBeCloseTo(first ?? 0, 9);
  });

  test('traffic is billed by the byte, in both directions', () => {
    const record = rented();
    record.upBytes = 3_000_000_000;
    record.downBytes = 2_000_000_000;
    world.settle();
    const cost = 3 * (record.offer['inet_up_cost'] as number) + 2 * (record.offer['inet_down_cost'] as number);
    expect(25 - world.credit).toBeCloseTo(cost, 12);
    expect([record.upGbBilled, record.downGbBilled]).toEqual([3, 2]);
  });

  test('at zero credit everything stops at the very second; disks go on', () => {
    world = make({ credit: 0.05 });
    const record = rented();
    const { gpu, disk } = prices(record);
    at(86_400);
    expect([record.actual, record.cur, record.intended]).toEqual(['exited', 'stopped', 'stopped']);
    const zeroAt = 10 + ((0.05 - (10 / 3600) * disk) / (gpu + disk)) * 3600;
    expect(world.credit).toBeCloseTo(-(gpu / 3600) - ((86_400 - zeroAt) / 3600) * disk, 6);
    expect(() => rented()).toThrow('Your account lacks credit');
  });

  test('a bid is billed at its price', () => {
    const record = rented({ price: 1.5 });
    at(3610);
    expect(25 - world.credit).toBeCloseTo(1.5 + (3610 / 3600) * prices(record).disk, 10);
  });
});

describe('renting', () => {
  test('an offer can be rented once; its machine is cut anew', () => {
    const ask = openAsk();
    const body = { image: 'a/b', disk: 10 };
    expect(rent(world, ask.id, body).success).toBe(true);
    expect(() => rent(world, ask.id, body)).toThrow(`error 410/3907: no_such_ask  Instance type ${ask.id} is no longer available.`);
    expect(() => rent(world, 5, body)).toThrow('error 404/3603: no_such_ask Instance type by id 5 is not available.');
  });

  test.each([
    [{ image: '' }, 'image is required'], [{ disk: 4 }, 'disk must be at least 8'], [{ disk: 10_000_000 }, 'is more than'], [{ env: 'A=b' }, 'env must be an object'],
    [{ label: 'x'.repeat(257) }, 'longer than 256'], [{ price: 0 }, 'price must lie'], [{ runtype: 'shell' }, 'unknown runtype'], [{ image: 5 }, 'image must be a string'],
  ])('%j is refused', (change, text) => {
    expect(() => rented(change)).toThrow(text);
  });

  test('a bid that is too low rents a stopped instance and says so, or nothing at all with cancel_unavail', () => {
    const ask = openAsk();
    expect(() => rent(world, ask.id, { image: 'a/b', disk: 10, price: 0.001, cancel_unavail: true })).toThrow('below the lowest winning bid');
    const answer = rent(world, ask.id, { image: 'a/b', disk: 10, price: 0.001 });
    expect(answer).toMatchObject({ success: false, new_contract: expect.any(Number) as number });
    expect(world.living(answer.new_contract ?? 0)).toMatchObject({ cur: 'stopped', holdsGpus: false });
  });
});

test('a saved world goes on where it was, bills for the time between, and gets fresh credit only at or below zero', () => {
  const record = rented();
  world.clock.advance(100);
  world.settle();
  const saved = JSON.parse(JSON.stringify(world.save())) as SavedState;
  const credit = world.credit;
  wallS += 3600;
  world = make({ saved });
  const { gpu, disk } = prices(record);
  expect(world.credit).toBeCloseTo(credit - gpu - disk, 9);
  expect(world.living(record.id)?.actual).toBe('running');
  expect(world.market.asksOn(record.machineIndex).flatMap((ask) => (ask.rentable ? ask.slots : []))).not.toEqual(expect.arrayContaining([...record.slots]));
  world.credit = -1;
  expect(make({ saved: world.save() }).credit).toBe(25);
});

test('simulated time runs at its rate and never back', () => {
  world.clock.setRate(60);
  wallS += 10;
  expect(world.clock.now()).toBeCloseTo(start + 600, 6);
  world.clock.setRate(0);
  wallS += 1000;
  expect(world.clock.now()).toBeCloseTo(start + 600, 6);
  expect(() => world.clock.advance(-1)).toThrow(RangeError);
});
