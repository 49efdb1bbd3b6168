import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiCaller } from './api-caller';
import type { Row } from './offer-row';
import { startSimulator, type Simulator } from './start';

// The requests of the official command-line client, as it sends them: default values spelled out, numbers as strings, form-quoted JSON.
let simulator: Simulator;
let id = 0;
const { call, later, list } = apiCaller(() => simulator);
const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPgRykcfU0JqnYDoUcCP/gl/s4jpC6LUpAhVMhb3TORb test@example';

beforeAll(async () => {
  simulator = await startSimulator({ machineCount: 400 });
});
afterAll(() => simulator.close());

const formQuoted = (value: unknown): string => encodeURIComponent(JSON.stringify(value, null, 1).replaceAll(/\n */g, ' ')).replaceAll('%20', '+');
const tableColumns = [
  'cuda_max_good', 'num_gpus', 'pcie_bw', 'cpu_ghz', 'cpu_cores_effective', 'cpu_ram', 'gpu_ram', 'disk_space', 'dph_total', 'dlperf', 'dlperf_per_dphtotal',
  'score', 'inet_up', 'inet_down', 'reliability', 'duration', 'machine_id', 'host_id', 'direct_port_count',
];

test('search offers "num_gpus=1 dph_total<0.5" -o dph_total: every column of its table is a number', async () => {
  const answer = await call('POST', '/api/v0/bundles/', {
    verified: { eq: true }, external: { eq: false }, rentable: { eq: true }, num_gpus: { eq: '1' }, dph_total: { lt: '0.5' }, gpu_ram: { gte: 16_000 },
    order: [['dph_total', 'asc'], ['reliability', 'desc']], type: 'on-demand', allocated_storage: 5,
  });
  expect([answer.status, answer.type]).toEqual([200, 'application/json']);
  const offers = answer.json['offers'] as Row[];
  expect(offers).toHaveLength(64);
  for (const column of tableColumns) expect([column, typeof offers[0]?.[column]]).toEqual([column, 'number']);
  expect(offers[0]).toMatchObject({ gpu_name: expect.any(String) as string, driver_version: expect.stringMatching(/^\d+\.\d+/) as string, verification: 'verified' });
});

test('create instance ID --image I --ssh --direct: the body with all its nulls', async () => {
  const [offer] = (await call('POST', '/api/v0/bundles/', { num_gpus: { eq: '1' }, direct_port_count: { gt: '1' }, order: [['dph_total', 'asc']], allocated_storage: 40 })).json['offers'] as Row[];
  const answer = await call('PUT', `/api/v0/asks/${String(offer?.['id'])}/`, {
    client_id: 'me', image: 'pytorch/pytorch:2.4.0', env: { TZ: 'UTC', '-p 8080:8080': '1' }, price: null, disk: 40, label: 'job-1', extra: null, onstart: 'echo hi',
    image_login: null, python_utf8: false, lang_utf8: false, use_jupyter_lab: false, jupyter_dir: null, force: false, cancel_unavail: false, template_hash_id: null,
    user: null, runtype: 'ssh_direc ssh_proxy',
  });
  expect(answer.json).toEqual({ success: true, new_contract: expect.any(Number) as number, instance_api_key: expect.any(String) as string });
  id = answer.json['new_contract'] as number;
});

test('show instances: rows have a numeric start_date and extra_env as pairs; the filters of its table are there', async () => {
  await later(10);
  const rows = (await list(`select_filters=${formQuoted({})}&order_by=${formQuoted([{ col: 'id', dir: 'asc' }])}&limit=25`))['instances'] as Row[];
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ id, extra_env: [['TZ', 'UTC'], ['-p 8080:8080', '1']], start_date: expect.any(Number) as number, volume_info: [] });
  const { filters } = (await call('GET', '/api/v0/instances/filters/')).json as { filters: Row[] };
  expect(filters).toEqual([{ actual_status: 'running', verification: 'verified', gpu_name: rows[0]?.['gpu_name'] }]);
});

test('ssh-url: the direct address', async () => {
  const row = (await call('GET', `/api/v0/instances/${id}/?owner=me`)).json['instances'] as Row & { ports: Record<string, { HostPort: string }[]> };
  expect(`ssh://root@${String(row['public_ipaddr']).trim()}:${row.ports['22/tcp']?.[0]?.HostPort}`).toMatch(/^ssh:\/\/root@127\.0\.0\.1:\d+$/);
});

test('show instance of an unknown id: instances is null', async () => {
  expect((await call('GET', '/api/v0/instances/999/?owner=me')).json).toEqual({ instances: null });
});

test('label, stop, start, reboot, logs', async () => {
  expect((await call('PUT', `/api/v0/instances/${id}/`, { label: 'renamed' })).json['msg']).toBe(`label for ${id} set to 'renamed'`);
  expect((await call('PUT', `/api/v0/instances/${id}/`, { state: 'stopped' })).json).toEqual({ success: true });
  await later(2);
  expect((await call('PUT', `/api/v0/instances/${id}/`, { state: 'running' })).json).toEqual({ success: true });
  await later(10);
  expect((await call('PUT', `/api/v0/instances/reboot/${id}/`, {})).json).toEqual({ success: true });
  const { result_url: url } = (await call('PUT', `/api/v0/instances/request_logs/${id}/`, { tail: '1000' })).json as { result_url: string };
  expect(new URL(url).origin).toBe(simulator.url);
  await later(2);
  expect((await fetch(url)).status).toBe(200);
});

test('create ssh-key, show ssh-keys, attach, detach', async () => {
  expect((await call('POST', '/api/v0/ssh/', { ssh_key: ed25519 })).json).toMatchObject({ success: true, key: { public_key: ed25519 } });
  expect(JSON.parse((await call('GET', '/api/v0/ssh/')).text)).toMatchObject([{ key: ed25519 }]);
  expect((await call('POST', `/api/v0/instances/${id}/ssh/`, { ssh_key: ed25519 })).json['msg']).toBe('SSH key added to instance.');
});

test('start instances and destroy in bulk, then destroy again', async () => {
  expect((await call('PUT', '/api/v0/instances/', { state: 'stopped', ids: [id] })).json['success']).toBe(true);
  expect((await call('DELETE', `/api/v0/instances/${id}/`, {})).json['success']).toBe(true);
  expect((await call('DELETE', `/api/v0/instances/${id}/`, {})).json).toMatchObject({ success: false, error: 'no_such_instance' });
  expect((await call('DELETE', '/api/v0/instances/', { instance_ids: [id] })).json).toEqual({ success: true });
});
