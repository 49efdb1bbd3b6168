// The official Vast command-line client's requests, replayed against the simulator as a process of its own, and what that client demands of each answer.
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProgram, stopCleanly, type Program } from '../support/processes';
import { cleanEnv } from '../support/run-app';
import { makeKeyPair } from '../support/sshd';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { instanceColumns, offerColumns, sshUrl, VastCli, type Row } from '../support/vast-cli';

const root = path.resolve(import.meta.dirname, '../..');
const number: unknown = expect.any(Number);
const text: unknown = expect.any(String);

let program: Program;
let cli: VastCli;
let folder: TempDir;
let publicKey = '';
let offer: Row = {};
let id = 0;

beforeAll(async () => {
  folder = makeTempDir('dumont-vast-cli');
  publicKey = makeKeyPair(folder.at('key')).publicKey;
  program = startProgram(process.execPath, [path.join(root, 'scripts', 'simulator.mjs'), '--port', '0', '--seed', '7'], { env: cleanEnv(), cwd: root });
  const [line] = await program.line(/^\{.*\}$/, 120_000);
  const ready = JSON.parse(line) as { url: string; api_key: string };
  cli = new VastCli(ready.url, ready.api_key);
}, 150_000);

afterAll(async () => {
  try {
    if (program !== undefined) await stopCleanly(program, 'SIGINT');
  } finally {
    folder?.remove();
  }
});

test('prints its address and key as one JSON line and nothing else, on loopback', () => {
  expect(program.stdout().trimEnd().split('\n')).toHaveLength(1);
  expect(Object.keys(JSON.parse(program.stdout()) as object)).toEqual(['url', 'api_key']);
  expect(cli.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test('names of GPUs, which the client fetches at its start', async () => {
  const { gpu_names: names } = await cli.good('GET', '/api/v0/gpu_names/unique/');
  expect(names).toContain('RTX 4090');
  expect((names as string[]).filter((name) => name.includes('_'))).toEqual([]);
});

test("search offers 'gpu_name=RTX_4090 num_gpus=1 gpu_ram>=20 dph_total<0.8' -o 'dph_total,reliability-' --limit 5", async () => {
  const filters = { verified: { eq: true }, external: { eq: false }, rentable: { eq: true }, gpu_name: { eq: 'RTX 4090' }, num_gpus: { eq: '1' }, gpu_ram: { gte: 20_000 }, dph_total: { lt: '0.8' } };
  const query = { ...filters, order: [['dph_total', 'asc'], ['reliability', 'desc']], type: 'on-demand', limit: 5, allocated_storage: 5 };
  const answer = await cli.call('POST', '/api/v0/bundles/', { body: query });
  // Any other value, even with a charset, is "invalid return Content-Type" there.
  expect([answer.status, answer.type]).toEqual([200, 'application/json']);
  const { offers } = answer.json as { offers: Row[] };
  expect(offers).toHaveLength(5);
  for (const row of offers) {
    for (const column of offerColumns) expect([column, row[column]]).toEqual([column, number]);
    expect(row).toMatchObject({ gpu_name: 'RTX 4090', num_gpus: 1, verification: 'verified', driver_version: expect.stringMatching(/^\d+\.\d+/) as string, geolocation: text });
    expect(row['dph_total']).toBeLessThan(0.8);
  }
  expect(offers.map((row) => row['dph_total'])).toEqual(offers.map((row) => Number(row['dph_total'])).toSorted((a, b) => a - b));
  offer = offers[0] ?? {};
  // `--new`, which the server answers alike but for its defaults.
  const other = await cli.call('PUT', '/api/v0/search/asks/', { body: { select_cols: ['*'], q: query } });
  expect([other.status, other.type]).toEqual([200, 'application/json']);
  expect((other.json as { offers: Row[] }).offers.map((row) => row['id'])).toEqual(offers.map((row) => row['id']));
});

test("search offers --type bid, days of duration, countries, a driver version, and what is not there", async () => {
  const search = async (body: Row): Promise<Row[]> => (await cli.good('POST', '/api/v0/bundles/', { body: { verified: { eq: true }, external: { eq: false }, rentable: { eq: true }, order: [['score', 'desc']], ...body } }))['offers'] as Row[];
  const bids = await search({ type: 'bid', geolocation: { in: ['US', 'CA'] }, duration: { gt: 172_800 }, driver_version: { gte: 535_086_005 } });
  expect(bids.length).toBeGreaterThan(10);
  for (const row of bids) {
    expect(row).toMatchObject({ is_bid: true, geolocation: expect.stringMatching(/, (US|CA)$/) as string });
    expect([row['dph_base'], Number(row['duration']) > 172_800, Number(row['driver_vers']) >= 535_086_005]).toEqual([row['min_bid'], true, true]);
  }
  expect(await search({ type: 'on-demand', gpu_name: { eq: 'RTX_4090' } })).toEqual([]);
  const wrong = await cli.call('POST', '/api/v0/bundles/', { body: { bogus_field: { eq: '1' } } });
  expect([wrong.status, wrong.json]).toEqual([400, { success: false, error: 'bad_request', msg: expect.stringContaining('bogus_field') as string }]);
});

const createBody = (more: Row = {}): Row => ({
  client_id: 'me', image: 'pytorch/pytorch:2.4.0', env: { TZ: 'UTC', '-p 8080:8080': '1' }, price: null, disk: 40, label: 'job-1', extra: null, onstart: 'echo hi', image_login: null,
  python_utf8: false, lang_utf8: false, use_jupyter_lab: false, jupyter_dir: null, force: false, cancel_unavail: false, template_hash_id: null, user: null, runtype: 'ssh_direc ssh_proxy', ...more,
});

test('create instance ID --image I --env E --disk 40 --label job-1 --ssh --direct, then the offer is used up', async () => {
  const made = await cli.good('PUT', `/api/v0/asks/${String(offer['id'])}/`, { body: createBody() });
  expect(made).toEqual({ success: true, new_contract: number, instance_api_key: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
  id = Number(made['new_contract']);
  const again = await cli.call('PUT', `/api/v0/asks/${String(offer['id'])}/`, { body: createBody() });
  expect([again.status, again.json]).toEqual([410, { success: false, error: 'no_such_ask', msg: `error 410/3907: no_such_ask  Instance type ${String(offer['id'])} is no longer available.`, ask_id: offer['id'] }]);
  const unknown = await cli.call('PUT', '/api/v0/asks/7/', { body: createBody() });
  expect([unknown.status, unknown.json]).toMatchObject([404, { error: 'invalid_args', msg: expect.stringContaining('no_such_ask') as string }]);
});

test('show instances: rows that the table can print, at once and while running', async () => {
  const list = async (): Promise<Row> => cli.good('GET', '/api/v1/instances/', { query: { select_filters: {}, order_by: [{ col: 'id', dir: 'asc' }], limit: 25 } });
  const [early] = (await list())['instances'] as Row[];
  // The client reads `extra_env` as pairs and takes the time off `start_date`, whatever the state.
  expect(early).toMatchObject({ id, start_date: number, extra_env: [['TZ', 'UTC'], ['-p 8080:8080', '1']], label: 'job-1' });
  expect(early?.['ports']).not.toBeNull();
  await cli.until(id, 'running');
  const page = await list();
  expect(page).toMatchObject({ success: true, instances_found: 1, total_instances: 1, next_token: null, label_counts: { 'job-1': 1 } });
  const [row] = page['instances'] as Row[];
  for (const column of instanceColumns) expect([column, row?.[column]]).toEqual([column, number]);
  expect(row).toMatchObject({ id, actual_status: 'running', cur_state: 'running', intended_status: 'running', image_uuid: 'pytorch/pytorch:2.4.0', image_runtype: 'ssh_direc ssh_proxy', gpu_name: 'RTX 4090', status_msg: 'success, running pytorch/pytorch_2.4.0/ssh', volume_info: [] });
  const { filters } = await cli.good('GET', '/api/v0/instances/filters/');
  expect(filters).toEqual([{ actual_status: 'running', verification: 'verified', gpu_name: 'RTX 4090' }]);
  const old = await cli.call('GET', '/api/v0/instances/', { query: { owner: 'me' } });
  expect([old.status, old.json]).toMatchObject([410, { error: 'deprecated_endpoint' }]);
});

test('show instance and ssh-url: the direct address; an unknown id is null, not an error', async () => {
  const row = await cli.show(id);
  expect(row).toMatchObject({ id, label: 'job-1', ports: { '22/tcp': [{ HostIp: '0.0.0.0', HostPort: expect.stringMatching(/^\d+$/) as string }, {}] } });
  expect(sshUrl(row ?? {})).toMatch(/^ssh:\/\/root@127\.0\.0\.1:\d+$/);
  expect(await cli.show(999)).toBeNull();
});

test('label instance, stop instance, start instance, reboot instance', async () => {
  expect(await cli.good('PUT', `/api/v0/instances/${id}/`, { body: { label: 'renamed by hand' } })).toEqual({ success: true, msg: `label for ${id} set to 'renamed by hand'` });
  expect(await cli.good('PUT', `/api/v0/instances/${id}/`, { body: { state: 'stopped' } })).toEqual({ success: true });
  const stopped = await cli.until(id, 'exited');
  expect(stopped).toMatchObject({ label: 'renamed by hand', cur_state: 'stopped', intended_status: 'stopped' });
  // Not running: the key is left out or empty, and the client takes the proxy address.
  expect(sshUrl(stopped)).toBe(`ssh://root@${String(stopped['ssh_host'])}:${String(stopped['ssh_port'])}`);
  expect(await cli.good('PUT', `/api/v0/instances/${id}/`, { body: { state: 'running' } })).toEqual({ success: true });
  await cli.until(id, 'running');
  expect(await cli.good('PUT', `/api/v0/instances/reboot/${id}/`)).toEqual({ success: true });
  await cli.until(id, 'running');
});

test('logs: an absolute address that needs no key, not there at first, then text, for each request anew', async () => {
  const asked = await cli.good('PUT', `/api/v0/instances/request_logs/${id}/`, { body: { tail: '1000' } });
  expect(asked).toMatchObject({ success: true, result_url: text });
  const { statuses, text: log } = await cli.poll(String(asked['result_url']));
  expect(statuses.at(-1)).toBe(200);
  expect(log).toContain('pytorch/pytorch:2.4.0');
  const few = await cli.good('PUT', `/api/v0/instances/request_logs/${id}/`, { body: { tail: '1' } });
  expect(few['result_url']).not.toBe(asked['result_url']);
  expect((await cli.poll(String(few['result_url']))).text.trimEnd().split(/\r?\n/)).toHaveLength(1);
});

test('create ssh-key, show ssh-keys, attach ssh, detach ssh, delete ssh-key', async () => {
  const made = await cli.good('POST', '/api/v0/ssh/', { body: { ssh_key: publicKey } });
  expect(made).toMatchObject({ success: true, key: { id: number, public_key: publicKey } });
  const keys = (await cli.call('GET', '/api/v0/ssh/')).json as Row[];
  expect([Array.isArray(keys), keys.map((row) => row['key'])]).toEqual([true, [publicKey]]);
  const attached = await cli.good('POST', `/api/v0/instances/${id}/ssh/`, { body: { ssh_key: publicKey } });
  expect(attached).toMatchObject({ success: true, msg: 'SSH key added to instance.', key: text });
  expect((await cli.good('POST', `/api/v0/instances/${id}/ssh/`, { body: { ssh_key: publicKey } }))['msg']).toBe('SSH key already associated with instance.');
  const shown = await cli.good('GET', `/api/v0/instances/${id}/ssh/`);
  // A JSON text inside JSON.
  const rows = JSON.parse(String(shown['ssh_keys'])) as Row[];
  expect(rows.map((row) => row['public_key'])).toEqual([publicKey]);
  expect(await cli.good('DELETE', `/api/v0/instances/${id}/ssh/${String(rows[0]?.['id'])}/`)).toEqual({ success: true, msg: 'SSH key removed from instance.' });
  expect(JSON.parse(String((await cli.good('GET', `/api/v0/instances/${id}/ssh/`))['ssh_keys']))).toEqual([]);
  expect(await cli.good('DELETE', `/api/v0/ssh/${String((made['key'] as Row)['id'])}/`)).toEqual({ success: true });
});

test('show user: the credit; no owner=me', async () => {
  expect(await cli.good('GET', '/api/v0/users/current')).toMatchObject({ credit: number, email: text, api_key: cli.key });
  expect((await cli.call('GET', '/api/v0/users/current', { query: { owner: 'me' } })).status).toBe(400);
});

test('a wrong key: an object with words in it, and the slug that means the key and not the instance', async () => {
  for (const [method, target] of [['GET', '/api/v1/instances/'], ['GET', `/api/v0/instances/${id}/`], ['DELETE', `/api/v0/instances/${id}/`], ['GET', '/api/v0/users/current']] as const) {
    const answer = await cli.call(method, target, { key: '0'.repeat(64) });
    expect([target, answer.status, answer.json]).toEqual([target, expect.toSatisfy((status: number) => status === 401 || status === 404), { success: false, error: 'auth_error', msg: text }]);
  }
  expect(await cli.show(id)).not.toBeNull();
});

test('destroy instance, and again as version 1.5.2 does; execute on what is gone', async () => {
  expect(await cli.good('DELETE', `/api/v0/instances/${id}/`)).toMatchObject({ success: true });
  expect(await cli.show(id)).toBeNull();
  const again = await cli.call('DELETE', `/api/v0/instances/${id}/`);
  expect([again.status, again.json]).toEqual([404, { success: false, error: 'no_such_instance', msg: `Instance ${id} not found.` }]);
  expect(await cli.good('DELETE', '/api/v0/instances/', { body: { instance_ids: [id, id + 1] } })).toEqual({ success: true });
  expect((await cli.call('PUT', `/api/v0/instances/${id}/`, { body: { state: 'running' } })).json).toMatchObject({ error: 'no_such_instance' });
});

test('a busy port is one line and exit code 2; so is an unknown flag', async () => {
  for (const [flags, said] of [[['--port', new URL(cli.url).port], /^simulator: port \d+ is already in use$/], [['--colour', 'blue'], /^simulator: .*--colour.*$/]] as const) {
    const second = startProgram(process.execPath, [path.join(root, 'scripts', 'simulator.mjs'), ...flags], { env: cleanEnv(), cwd: root });
    await once(second.child, 'exit');
    expect([(await second.ended).code, second.stdout()]).toEqual([2, '']);
    expect(second.stderr().trimEnd()).toMatch(said);
  }
});
