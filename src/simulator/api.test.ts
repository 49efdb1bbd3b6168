import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiCaller, type Answer } from './api-caller';
import type { Row } from './offer-row';
import { rent } from './renting';
import { startSimulator, type Simulator } from './start';

const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPgRykcfU0JqnYDoUcCP/gl/s4jpC6LUpAhVMhb3TORb test@example';
let wallMs = 1_795_400_000_000;
let simulator: Simulator;

const { call, offers, create, list, show, later, faults } = apiCaller(() => simulator);

beforeEach(async () => {
  wallMs = 1_795_400_000_000;
  simulator = await startSimulator({ machineCount: 150, wallMs: () => wallMs });
});
afterEach(() => simulator.close());

/** fetch refuses to set Host; node's own request does not. */
const rawStatus = (headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    request(`${simulator.url}/api/v0/gpu_names/unique/`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', reject).end();
  });

describe('guards', () => {
  test('another Host or any Origin is refused, even where no key is needed', async () => {
    const port = new URL(simulator.url).port;
    expect(await rawStatus({})).toBe(200);
    expect(await rawStatus({ host: `localhost:${port}` })).toBe(200);
    expect(await rawStatus({ host: `evil.example:${port}` })).toBe(403);
    expect(await rawStatus({ host: '127.0.0.1' })).toBe(403);
    expect(await rawStatus({ origin: 'https://evil.example' })).toBe(403);
    expect(await rawStatus({ origin: 'null' })).toBe(403);
  });

  test('no key is 403, a wrong key 404 as live servers send it, or 401 when told; controls need the key too', async () => {
    expect(await call('GET', '/api/v1/instances/', undefined, { authorization: '' })).toMatchObject({ status: 403, json: { error: 'auth_error', msg: 'This action requires login.' } });
    const wrong = { authorization: 'Bearer wrong' };
    expect(await call('GET', '/api/v1/instances/', undefined, wrong)).toMatchObject({ status: 404, json: { success: false, error: 'auth_error', msg: 'Invalid user key' } });
    expect((await call('POST', '/sim/clock', { advance_s: 1 }, wrong)).status).toBe(404);
    await faults({ wrong_key_status: 401 });
    expect((await call('GET', '/api/v0/users/current', undefined, wrong)).status).toBe(401);
    expect((await call('POST', '/api/v0/bundles/', {}, { authorization: '' })).status).toBe(200);
  });

  test('bad JSON, huge bodies and unknown routes are JSON errors', async () => {
    const bad = await fetch(`${simulator.url}/api/v0/bundles/`, { method: 'POST', body: '{' });
    expect([bad.status, await bad.json()]).toEqual([400, { success: false, error: 'invalid_args', msg: 'Invalid json_body' }]);
    expect((await call('POST', '/api/v0/bundles/', { x: 'y'.repeat(1_100_000) })).status).toBe(413);
    expect(await call('GET', '/api/v0/nothing/')).toMatchObject({ status: 404, json: { success: false } });
  });
});

describe('search and create', () => {
  test('the content type is exactly application/json, with and without the last slash', async () => {
    for (const path of ['/api/v0/bundles/', '/api/v0/bundles', '/api/v0/gpu_names/unique', '/api/v0/users/current', '/api/v0/users/current/']) {
      const answer = await call(path.includes('bundles') ? 'POST' : 'GET', path, path.includes('bundles') ? {} : undefined);
      expect([path, answer.status, answer.type]).toEqual([path, 200, 'application/json']);
    }
  });

  test('POST, GET with q and the asks search find the same', async () => {
    const query = { gpu_name: { eq: 'RTX 4090' }, verified: { eq: true }, rentable: { eq: true }, limit: 7 };
    const ids = (answer: Answer): unknown => (answer.json['offers'] as Row[]).map((row) => row['id']);
    const posted = ids(await call('POST', '/api/v0/bundles/', query));
    expect(posted).toHaveLength(7);
    expect(ids(await call('GET', `/api/v0/bundles/?q=${encodeURIComponent(JSON.stringify(query))}`))).toEqual(posted);
    expect(ids(await call('PUT', '/api/v0/search/asks/', { select_cols: ['*'], q: query }))).toEqual(posted);
    expect((await call('PUT', '/api/v0/search/asks/', query)).status).toBe(400);
    expect(await call('POST', '/api/v0/bundles/', { bogus_field: { eq: 1 } })).toMatchObject({ status: 400, json: { error: 'bad_request', msg: 'bogus_field is not a valid search key' } });
  });

  test('an offer is used up by renting', async () => {
    const [offer] = await offers({ limit: 1 });
    const path = `/api/v0/asks/${String(offer?.['id'])}/`;
    const body = { client_id: 'me', image: 'a/b', disk: 8 };
    expect(await call('PUT', path, body)).toMatchObject({ status: 200, json: { success: true, new_contract: expect.any(Number) as number, instance_api_key: expect.stringMatching(/^[0-9a-f]{64}$/) as string } });
    expect(await call('PUT', path, body)).toMatchObject({ status: 410, json: { success: false, error: 'no_such_ask', ask_id: offer?.['id'] } });
    expect(await call('PUT', '/api/v0/asks/7/', body)).toMatchObject({ status: 404, json: { error: 'invalid_args', ask_id: 7 } });
    simulator.control.world.credit = 0;
    const [next] = await offers({ limit: 1 });
    expect(await call('PUT', `/api/v0/asks/${String(next?.['id'] as number)}/`, body)).toMatchObject({ status: 400, json: { error: 'insufficient_credit' } });
  });

  test('bulk and launch rent too', async () => {
    const two = await offers({ num_gpus: { eq: 1 }, limit: 300 });
    const ids = [...new Map(two.map((row) => [row['machine_id'], row['id']])).values()].slice(0, 2);
    expect((await call('POST', '/api/v0/asks/bulk/', { ids, image: 'a/b', disk: 8 })).json['new_contracts']).toHaveLength(2);
    expect((await call('PUT', '/api/v0/launch_instance/', { gpu_name: 'RTX_4090', num_gpus: '1', image: 'a/b', disk: 16 })).json['success']).toBe(true);
    expect((await list())['total_instances']).toBe(3);
  });
});

describe('instances', () => {
  test('from provisioning to running to gone', async () => {
    const id = await create({ label: 'one', env: { DATA_DIRECTORY: '/workspace/', '-p 8080:8080': '1' } });
    expect(await show(id)).toMatchObject({ id, actual_status: null, cur_state: 'running', intended_status: 'running', ssh_host: null, label: 'one' });
    await later(7);
    const row = await show(id);
    expect(row).toMatchObject({ actual_status: 'running', extra_env: [['DATA_DIRECTORY', '/workspace/'], ['-p 8080:8080', '1']], image_uuid: 'pytorch/pytorch:2.4.0' });
    expect([typeof row?.['start_date'], typeof row?.['gpu_util'], typeof row?.['gpu_totalram']]).toEqual(['number', 'number', 'number']);
    expect(await call('DELETE', `/api/v0/instances/${id}/`, {})).toMatchObject({ status: 200, json: { success: true } });
    expect(await show(id)).toBeNull();
    expect(await call('DELETE', `/api/v0/instances/${id}/`, {})).toMatchObject({ status: 404, json: { error: 'no_such_instance', msg: `Instance ${id} not found.` } });
    expect((await call('GET', '/api/v0/instances/')).json['error']).toBe('deprecated_endpoint');
  });

  test('a direct ssh instance reports 127.0.0.1 and its port both ways; a jupyter one a proxy port one lower', async () => {
    const plain = await create({ runtype: 'ssh_direc ssh_proxy' });
    const jupyter = await create({ runtype: 'jupyter_direc ssh_direc ssh_proxy' });
    expect((await show(plain))?.['ports']).toBeUndefined();
    await later(7);
    for (const [id, less] of [[plain, 0], [jupyter, 1]] as const) {
      const row = (await show(id)) as Row & { ports: Record<string, readonly { HostPort: string }[]> };
      expect(row).toMatchObject({ public_ipaddr: '127.0.0.1', ssh_host: '127.0.0.1' });
      expect(Number(row.ports['22/tcp']?.[0]?.HostPort) - less).toBe(row['ssh_port']);
    }
  });

  test('start and stop, queued start, label, bulk, restart, bid', async () => {
    const id = await create();
    await later(7);
    const path = `/api/v0/instances/${id}/`;
    expect((await call('PUT', path, { label: 'new name' })).json).toEqual({ success: true, msg: `label for ${id} set to 'new name'` });
    expect((await call('PUT', path, { label: 'x'.repeat(1025) })).json['error']).toBe('label_too_long');
    expect((await call('PUT', path, { state: 'stopped' })).json).toEqual({ success: true });
    expect(await show(id)).toMatchObject({ intended_status: 'stopped', actual_status: 'running', label: 'new name' });
    await later(2);
    expect(await show(id)).toMatchObject({ actual_status: 'exited', cur_state: 'stopped', instance: { gpuCostPerHour: 0 } });
    await faults({ queued_start: true });
    expect(await call('PUT', path, { state: 'running' })).toMatchObject({ status: 200, json: { success: false, error: 'resources_unavailable' } });
    await faults({ queued_start: null });
    await later(10);
    expect(await show(id)).toMatchObject({ actual_status: 'running' });
    expect((await call('PUT', `/api/v0/instances/reboot/${id}/`, {})).json['success']).toBe(true);
    expect(await show(id)).toMatchObject({ actual_status: 'rebooting' });
    expect((await call('PUT', `/api/v0/instances/bid_price/${id}/`, { price: 1 })).status).toBe(400);
    await later(5);
    expect((await call('PUT', '/api/v0/instances/', { state: 'stopped', ids: [id] })).json['success']).toBe(true);
    expect((await call('DELETE', '/api/v0/instances/', { instance_ids: [id] })).json['success']).toBe(true);
    expect((await call('PUT', path, { state: 'running' })).json['error']).toBe('no_such_instance');
  });

  test('the list pages by 25 with a token, filters, orders, picks columns and counts labels', async () => {
    for (let index = 0; index < 30; index += 1) await create({ label: index % 2 === 0 ? 'even' : 'odd' });
    const first = await list('order_by=[{"col":"id","dir":"asc"}]&limit=100');
    expect([first['instances_found'], first['total_instances'], (first['instances'] as Row[]).length]).toEqual([25, 30, 25]);
    expect(first['label_counts']).toEqual({ even: 15, odd: 15 });
    const second = await list(`order_by=[{"col":"id","dir":"asc"}]&after_token=${String(first['next_token'])}`);
    expect([second['instances_found'], second['next_token']]).toEqual([5, null]);
    const ids = [...(first['instances'] as Row[]), ...(second['instances'] as Row[])].map((row) => row['id'] as number);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(new Set(ids).size).toBe(30);
    const odd = await list(`select_filters=${encodeURIComponent('{"label":{"eq":"odd"}}')}&limit=3&select_cols=["id","label","nonsense"]`);
    expect([odd['total_instances'], (odd['instances'] as Row[])[0]]).toEqual([15, { id: expect.any(Number) as number, label: 'odd', nonsense: null }]);
    expect((await list('limit=0'))['instances_found']).toBe(5);
    expect(await call('GET', '/api/v1/instances/?select_filters={"dph_total":{"gt":1}}')).toMatchObject({ status: 400, json: { error: 'invalid_request', msg: 'Error in query parameters: dph_total is not a valid search key' } });
    expect((await call('GET', '/api/v1/instances/?after_token=zzz')).json['error']).toBe('invalid_token');
    expect((await call('GET', '/api/v0/instances/filters/')).json).toMatchObject({ success: true, filters: expect.any(Array) as unknown[] });
  });
});

describe('logs, keys, money', () => {
  test('a log appears at its own address after a while, without a key', async () => {
    const id = await create();
    await later(60);
    const { result_url: url } = (await call('PUT', `/api/v0/instances/request_logs/${id}/`, { tail: '3' })).json as { result_url: string };
    const early = await fetch(url);
    expect([early.status, early.headers.get('content-type')]).toEqual([404, 'application/xml']);
    await later(2);
    const ready = await fetch(url);
    expect(ready.status).toBe(200);
    expect((await ready.text()).split('\r\n')).toHaveLength(4);
    expect((await fetch(`${simulator.url}/instance_logs/${'0'.repeat(64)}.log`)).status).toBe(404);
    expect((await call('PUT', '/api/v0/instances/request_logs/1/', {})).json['error']).toBe('invalid_id');
    await faults({ logs_delay: 0 });
    const listed = (await call('PUT', `/api/v0/instances/command/${id}/`, { command: 'ls -l /workspace' })).json as { result_url: string };
    expect(await (await fetch(listed.result_url)).text()).toContain('train.py');
    expect((await call('PUT', `/api/v0/instances/command/${id}/`, { command: 'cat /etc/passwd' })).status).toBe(400);
  });

  test('account keys and instance keys, the latter as JSON in a string', async () => {
    expect((await call('GET', '/api/v0/ssh/')).status).toBe(404);
    expect((await call('POST', '/api/v0/ssh/', { ssh_key: 'not a key' })).json['error']).toBe('no_ssh_key');
    const added = (await call('POST', '/api/v0/ssh/', { ssh_key: ed25519 })).json['key'] as Row;
    expect((await call('GET', '/api/v0/ssh/')).text).toMatch(/^\[\{"id":/);
    const id = await create();
    const path = `/api/v0/instances/${id}/ssh/`;
    const keys = async (): Promise<Row[]> => JSON.parse((await call('GET', path)).json['ssh_keys'] as string) as Row[];
    expect((await keys()).map((key) => key['public_key'])).toEqual([ed25519]);
    expect((await call('POST', path, { ssh_key: ed25519 })).json['msg']).toBe('SSH key already associated with instance.');
    expect((await call('DELETE', `${path}${String(added['id'] as number)}/`)).json['msg']).toBe('SSH key removed from instance.');
    const attached = await call('POST', path, { ssh_key: ed25519 });
    expect(attached.json['msg']).toBe('SSH key added to instance.');
    expect(JSON.parse(attached.json['key'] as string)).toMatchObject({ public_key: ed25519 });
    expect((await call('DELETE', `/api/v0/ssh/${String(added['id'] as number)}/`)).json['success']).toBe(true);
  });

  test('credit and charges agree with the ledger', async () => {
    const id = await create({ label: 'paid' });
    await later(86_400 * 1.5);
    const user = (await call('GET', '/api/v0/users/current')).json;
    const now = simulator.control.world.clock.now();
    const charged = (await call('GET', `/api/v0/charges/?select_filters=${encodeURIComponent(JSON.stringify({ day: { gte: 0, lte: now } }))}`)).json;
    const rows = charged['results'] as { amount: number; source: string; items: { amount: number }[] }[];
    const total = rows.reduce((sum, row) => sum + row.amount, 0);
    expect(rows.every((row) => row.source === `instance-${id}`)).toBe(true);
    expect(rows.length).toBeGreaterThan(1);
    expect(25 - (user['credit'] as number)).toBeCloseTo(total, 9);
    expect(rows[0]?.items.reduce((sum, item) => sum + item.amount, 0)).toBeCloseTo(rows[0]?.amount ?? 0, 12);
    expect((await call('GET', '/api/v0/charges/')).json['msg']).toBe("Must provide both 'day' gte and lte filters for instance charges");
    expect((await call('GET', '/api/v0/users/current?owner=me')).status).toBe(400);
    const ledger = (await call('GET', '/sim/ledger')).json as { charges: Record<string, number>; rentals_by_label: Record<string, number[]> };
    expect(ledger.charges[id]).toBeCloseTo(total, 9);
    expect(ledger.rentals_by_label).toEqual({ paid: [id] });
  });
});

test('a state folder brings everything back: key, credit, clock, instances', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sim-state-'));
  const wall = (): number => wallMs;
  const first = await startSimulator({ state: folder, machineCount: 150, wallMs: wall, seed: 'x' });
  const ask = first.control.world.market.asks().find((item) => item.rentable && item.slots.length === 1);
  const answer = rent(first.control.world, ask?.id ?? 0, { image: 'a/b', disk: 8, label: 'kept' });
  await first.control.advance(3600);
  const { credit } = first.control.world;
  await first.close();
  const second = await startSimulator({ state: folder, machineCount: 150, wallMs: wall });
  expect([second.apiKey, second.control.world.credit, second.control.world.clock.now()]).toEqual([first.apiKey, credit, wallMs / 1000 + 3600]);
  expect(second.control.world.living(answer.new_contract ?? 0)).toMatchObject({ label: 'kept', actual: 'running' });
  await second.close();
  rmSync(folder, { recursive: true });
});
