import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiCaller } from './api-caller';
import { startSimulator, type Simulator } from './start';

let simulator: Simulator;
const { call, offers, create, list, show, later, faults } = apiCaller(() => simulator);

beforeEach(async () => {
  simulator = await startSimulator({ machineCount: 150, wallMs: () => 1_795_400_000_000 });
});
afterEach(() => simulator.close());

describe('faults', () => {
  test('commit then drop: the answer is lost, the rental is not', async () => {
    await faults({ create_commit_then_drop: 1 });
    await expect(create({ label: 'lost' })).rejects.toThrow('fetch failed');
    expect((await list())['label_counts']).toEqual({ lost: 1 });
    expect(await create({ label: 'kept' })).toBeTypeOf('number');
  });

  test('timeout after commit: no answer ever, the rental is there', async () => {
    await faults({ timeout_after_commit: 1 });
    const [offer] = await offers({ limit: 1 });
    const cut = new AbortController();
    const pending = fetch(`${simulator.url}/api/v0/asks/${String(offer?.['id'])}/`, {
      method: 'PUT', signal: cut.signal, headers: { authorization: `Bearer ${simulator.apiKey}` }, body: JSON.stringify({ image: 'a/b', disk: 8, label: 'hung' }),
    });
    await expect.poll(() => simulator.control.world.ledger.rentalsByLabel()).toHaveProperty('hung');
    cut.abort();
    await expect(pending).rejects.toThrow('aborted');
  });

  test('502 HTML for a number of requests to a path', async () => {
    await faults({ bad_gateway: { count: 2, path: '/instances' } });
    expect((await call('GET', '/api/v0/users/current')).status).toBe(200);
    expect(await call('GET', '/api/v1/instances/')).toMatchObject({ status: 502, type: 'text/html' });
    expect((await call('GET', '/api/v1/instances/')).status).toBe(502);
    expect((await call('GET', '/api/v1/instances/')).status).toBe(200);
  });

  test('429 below the interval, in three kinds of body, without Retry-After', async () => {
    await faults({ rate_limit: { interval_s: 1000 } });
    expect((await call('GET', '/api/v1/instances/')).status).toBe(200);
    expect(await call('GET', '/api/v1/instances/')).toMatchObject({ status: 429, type: 'text/plain', text: 'API requests too frequent: endpoint threshold=1000' });
    await faults({ rate_limit: { interval_s: 1000, body: 'detail' } });
    expect((await call('GET', '/api/v1/instances/')).json).toEqual({ detail: 'API requests too frequent: endpoint threshold=1000' });
    await faults({ rate_limit: { interval_s: 1000, body: 'object' } });
    expect((await call('GET', '/api/v1/instances/')).json).toMatchObject({ success: false });
    await faults({ rate_limit: true });
    expect((await call('GET', '/api/v0/users/current')).status).toBe(200);
    expect((await call('GET', '/api/v0/users/current')).status).toBe(429);
    await faults({ rate_limit: null });
    expect((await call('GET', '/api/v0/users/current')).status).toBe(200);
  });

  test('offline, lingering destroy, limit cap, stray rows, image error', async () => {
    await faults({ image_error: 1, limit_cap: 64 });
    const broken = await create();
    const id = await create();
    await later(10);
    expect(await show(broken)).toMatchObject({ actual_status: 'created', intended_status: 'stopped', status_msg: expect.stringContaining('manifest unknown') as string });
    await faults({ host_offline: [id], destroy_lingers: 30 });
    expect(await show(id)).toMatchObject({ actual_status: 'offline', cur_state: 'running' });
    await call('DELETE', `/api/v0/instances/${broken}/`, {});
    expect((await list())['total_instances']).toBe(2);
    expect((await call('DELETE', `/api/v0/instances/${broken}/`, {})).status).toBe(200);
    await later(31);
    expect((await list())['total_instances']).toBe(1);
    await faults({ ignore_filters: 2 });
    const rows = await offers({ gpu_name: { eq: 'RTX 4090' }, limit: 5000 });
    expect(rows.length).toBeLessThanOrEqual(64);
    expect(rows.slice(0, 2).some((row) => row['gpu_name'] !== 'RTX 4090')).toBe(true);
  });

  test('slow answers take their time, controls do not', async () => {
    await faults({ slow_ms: 60 });
    const start = performance.now();
    await call('GET', '/api/v0/users/current');
    expect(performance.now() - start).toBeGreaterThan(55);
    await faults({ slow_ms: 600_000 });
    expect((await call('GET', '/sim/faults')).json['faults']).toMatchObject({ slow_ms: 600_000 });
  });

  test('unknown faults and wrong values are refused', async () => {
    expect((await faults({ nonsense: true })).status).toBe(400);
    expect((await faults({ slow_ms: 'x' })).status).toBe(400);
    expect((await call('POST', '/sim/clock', { advance_s: -5 })).status).toBe(400);
  });
});
