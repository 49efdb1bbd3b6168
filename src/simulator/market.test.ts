import { expect, test } from 'vitest';
import { Market } from './market';
import { gpuPriceAt, offerRow, type Row } from './offer-row';

const epoch = 1_795_392_000;
const now = epoch + 5000;
const market = (seed = '1', held: ReadonlySet<number> = new Set()): Market => new Market({ seed, epoch }, (index) => (index === 3 ? held : new Set()));
const num = (row: Row, field: string): number => row[field] as number;

test('a seed always gives the same market, another seed another one', () => {
  const rows = (seed: string): string => JSON.stringify(new Market({ seed, epoch, machineCount: 300 }, () => new Set()).asks().map((ask) => offerRow(ask, now, { storageGb: 8, bid: false })));
  expect(rows('1')).toBe(rows('1'));
  expect(rows('2')).not.toBe(rows('1'));
});

test('there are at least 3000 verified, rentable offers with unique ids, from RTX 3060 to B200, on every continent', () => {
  const rows = market().asks().map((ask) => offerRow(ask, now, { storageGb: 8, bid: false }));
  expect(rows.filter((row) => row['rentable'] === true && row['verification'] === 'verified').length).toBeGreaterThanOrEqual(3000);
  expect(new Set(rows.map((row) => row['id'])).size).toBe(rows.length);
  const price = (name: string): number => Math.min(...rows.filter((row) => row['gpu_name'] === name).map((row) => num(row, 'dph_base') / num(row, 'num_gpus')));
  expect(price('RTX 3060')).toBeLessThan(price('RTX 4090'));
  expect(price('RTX 4090')).toBeLessThan(price('H100 SXM'));
  expect(price('H100 SXM')).toBeLessThan(price('B200'));
  const countries = new Set(rows.map((row) => String(row['geolocation']).split(', ').at(-1)));
  for (const country of ['US', 'DE', 'BR', 'JP', 'CA']) expect(countries).toContain(country);
});

test.each([false, true])('the arithmetic of prices holds exactly (bid: %s)', (bid) => {
  for (const ask of market().asks().slice(0, 400)) {
    const row = offerRow(ask, now, { storageGb: 37.5, bid });
    const diskHour = (num(row, 'storage_cost') * 37.5) / 720;
    expect(row['storage_total_cost']).toBe(diskHour);
    expect(row['dph_total']).toBe(num(row, 'dph_base') + diskHour);
    expect(row['dph_total_adj']).toBe(num(row, 'dph_total') + num(row, 'inet_up_cost') + num(row, 'inet_down_cost'));
    expect(row['duration']).toBe(num(row, 'end_date') - now);
    expect(row['dlperf_per_dphtotal']).toBe(num(row, 'dlperf') / num(row, 'dph_total'));
    expect(row['flops_per_dphtotal']).toBe(num(row, 'total_flops') / num(row, 'dph_total'));
    expect(row['vram_costperhour']).toBe(num(row, 'dph_base') / (num(row, 'gpu_total_ram') / 1024));
    expect(row['gpu_total_ram']).toBe(num(row, 'gpu_ram') * num(row, 'num_gpus'));
    expect(row['internet_up_cost_per_tb']).toBe(num(row, 'inet_up_cost') * 1024);
    expect(row['search']).toMatchObject({ gpuCostPerHour: row['dph_base'], diskHour, totalHour: row['dph_total'] });
    expect(row['instance']).toMatchObject({ gpuCostPerHour: 0, diskHour, totalHour: diskHour });
    expect(row['is_bid']).toBe(bid);
    expect(row['dph_base'] === row['min_bid']).toBe(bid);
  }
});

test('prices hold still for ten minutes and drift by a few percent over a day', () => {
  const [machine] = market().machines;
  if (!machine) throw new Error('no machine');
  const start = Math.floor(now / 600) * 600;
  expect(gpuPriceAt(machine, start)).toBe(gpuPriceAt(machine, start + 599));
  const day = Array.from({ length: 144 }, (_, step) => gpuPriceAt(machine, start + step * 600));
  expect(new Set(day).size).toBeGreaterThan(5);
  expect(Math.max(...day) / Math.min(...day)).toBeLessThan(1.12);
});

test('an offer id is used up when its machine is cut anew; a made-up id was never one', () => {
  const held = new Set<number>();
  const here = market('1', held);
  const before = here.asksOn(3);
  const first = before.find((ask) => ask.rentable);
  if (!first) throw new Error('machine 3 of this seed has no free GPU');
  expect(here.find(first.id).state).toBe('open');
  for (const slot of first.slots) held.add(slot);
  here.rechunk(3);
  expect(here.find(first.id).state).toBe('gone');
  expect(here.asksOn(3).map((ask) => ask.id)).not.toEqual(expect.arrayContaining(before.map((ask) => ask.id)));
  expect(here.asksOn(3).some((ask) => ask.rentable && ask.slots.some((slot) => held.has(slot)))).toBe(false);
  expect(here.find(17).state).toBe('unknown');
  expect(here.find(first.id + 16 * 20).state).toBe('unknown');
});

test('a machine with eight free GPUs is offered in eights, fours, twos and ones', () => {
  const here = market();
  const whole = here.machines.find((machine) => machine.gpuCount === 8 && machine.taken.length === 0);
  if (!whole) throw new Error('no free machine of eight');
  expect(here.asksOn(whole.index).map((ask) => ask.slots.length)).toEqual([8, 4, 2, 1]);
});
