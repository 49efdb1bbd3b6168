import { expect, test } from 'vitest';
import { Market } from './market';
import { BadQuery, searchOffers } from './offers-query';
import { offerJson, viewRow, type Row } from './offer-row';

const nowS = 1_795_400_000;
const asks = new Market({ seed: '1', epoch: 1_795_392_000 }, () => new Set()).asks();
const search = (query: unknown, more: object = {}): readonly Row[] =>
  searchOffers(query, { asks, nowS, limitCap: 10_000, serverDefaults: true, rentedMachines: new Set(), strayRows: 0, ...more }).map((found) => {
    const row = viewRow(found.view);
    // What is sent is the row, to the letter.
    expect(JSON.parse(offerJson(found.ask, found.view))).toEqual(row);
    return row;
  });
const num = (row: Row, field: string): number => row[field] as number;

test('numbers may come as strings, as the official client sends them', () => {
  const rows = search({ gpu_name: { eq: 'RTX 4090' }, num_gpus: { eq: '1' }, dph_total: { lt: '0.4' }, gpu_ram: { gte: 24000 }, limit: 5000 });
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) expect([row['gpu_name'], row['num_gpus'], num(row, 'dph_total') < 0.4]).toEqual(['RTX 4090', 1, true]);
  expect(search({ gpu_name: { eq: 'RTX 4090' }, num_gpus: { eq: 1 }, dph_total: { lt: 0.4 }, limit: 5000 })).toEqual(rows);
});

test('the server adds verified and rentable unless told otherwise; asks search adds nothing', () => {
  const defaults = search({ limit: 9000 });
  expect(defaults.every((row) => row['verification'] === 'verified' && row['rentable'] === true)).toBe(true);
  const any = search({ verified: { eq: 'any' }, rentable: { eq: 'any' }, limit: 9000 });
  expect(any).toHaveLength(asks.length);
  expect(search({ limit: 9000 }, { serverDefaults: false })).toHaveLength(asks.length);
  expect(any.some((row) => row['verification'] === 'unverified')).toBe(true);
});

test('virtual fields: country, data centre, duration, driver number, GB aliases, target reliability', () => {
  const rows = search({
    geolocation: { in: ['US', 'CA'] }, datacenter: { eq: true }, duration: { gt: 100 * 86_400 }, driver_version: { gte: 535_086_005 },
    gpu_ram_GB: { gte: '24' }, target_reliability: { eq: 0.95 }, limit: 5000,
  });
  expect(rows.length).toBeGreaterThan(5);
  for (const row of rows) {
    expect(String(row['geolocation'])).toMatch(/, (US|CA)$/);
    expect(row['hosting_type']).toBe(1);
    expect(num(row, 'duration')).toBeGreaterThan(100 * 86_400);
    expect(num(row, 'gpu_ram')).toBeGreaterThanOrEqual(24_000);
    expect(num(row, 'expected_reliability')).toBeGreaterThanOrEqual(0.95);
  }
  expect(search({ geolocation: { notin: ['US'] }, limit: 5000 }).some((row) => String(row['geolocation']).endsWith('US'))).toBe(false);
});

test('null in external counts as false; rented is ignored; id finds nothing, ask_contract_id does', () => {
  expect(search({ external: { eq: false }, rented: { eq: true }, limit: 5 })).toHaveLength(5);
  const [row] = search({ limit: 1 });
  expect(search({ id: { eq: row?.['id'] } })).toHaveLength(0);
  expect(search({ ask_contract_id: { eq: String(row?.['id'] as number) } })).toEqual([row]);
});

test('order by several fields, default by score; limit 64 by default, capped when told', () => {
  const rows = search({ order: [['num_gpus', 'desc'], ['dph_total', 'asc']], limit: 500 });
  for (let at = 1; at < rows.length; at += 1) {
    const [before, after] = [rows[at - 1] as Row, rows[at] as Row];
    const gpus = num(before, 'num_gpus') - num(after, 'num_gpus');
    expect(gpus > 0 || (gpus === 0 && num(before, 'dph_total') <= num(after, 'dph_total'))).toBe(true);
  }
  const byScore = search({});
  expect(byScore).toHaveLength(64);
  expect(num(byScore[0] as Row, 'score')).toBeGreaterThanOrEqual(num(byScore[63] as Row, 'score'));
  expect(search({ limit: 5000 }, { limitCap: 64 })).toHaveLength(64);
});

test('allocated_storage prices the disk and asks for that much free space', () => {
  const rows = search({ allocated_storage: 500, limit: 5000 });
  for (const row of rows) {
    expect(num(row, 'disk_space')).toBeGreaterThanOrEqual(500);
    expect(row['storage_total_cost']).toBe((num(row, 'storage_cost') * 500) / 720);
  }
});

test('bid searches carry bid prices', () => {
  for (const row of search({ type: 'bid' })) expect([row['is_bid'], row['dph_base']]).toEqual([true, row['min_bid']]);
});

test('unknown keys and malformed filters are refused in the server\'s words', () => {
  expect(() => search({ bogus_field: { eq: 1 } })).toThrow('bogus_field is not a valid search key');
  expect(() => search({ gpu_name: 'RTX 4090' })).toThrow('q.gpu_name: Input should be a valid dictionary');
  expect(() => search({ gpu_name: { like: 'x' } })).toThrow(BadQuery);
  expect(() => search([])).toThrow(BadQuery);
});

test('the stray-row fault puts rows first that nobody asked for', () => {
  const rows = search({ gpu_name: { eq: 'B200' }, limit: 9000 }, { strayRows: 3 });
  expect(rows.filter((row) => row['gpu_name'] !== 'B200').length).toBeGreaterThan(0);
});
