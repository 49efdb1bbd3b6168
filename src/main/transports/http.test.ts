// The rest of the HTTP server: the old client's calls as they are, the renderer's files, the documentation, busy ports.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MemoryLog } from '../../../test/fakes/log';
import { requestText, sendRaw } from '../../../test/fakes/raw-http';
import { RestClient } from '../../../test/fakes/rest-client';
import * as samples from '../../../test/fakes/samples';
import { FakeServices, goodToken } from '../../../test/fakes/services';
import { startHttp, type HttpServer } from './http';
import { openapiText } from './openapi';
import { apiHeaders, appHeaders, contentSecurityPolicy } from './security-headers';

const fake = new FakeServices();
let folder: string;
let http: HttpServer;
let rest: RestClient;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'renderer-'));
  await mkdir(path.join(folder, 'app', 'assets'), { recursive: true });
  await writeFile(path.join(folder, 'secret.html'), 'outside');
  await writeFile(path.join(folder, 'app', 'index.html'), '<!doctype html><title>Dumont Cloud</title>');
  await writeFile(path.join(folder, 'app', 'assets', 'index-abc123.js'), 'export {}');
  await writeFile(path.join(folder, 'app', 'assets', 'data.bin'), 'no');
  await writeFile(path.join(folder, 'app', '.hidden.js'), 'no');
  http = await startHttp({ services: fake.services, log: new MemoryLog(), port: 0, rendererFolder: path.join(folder, 'app') });
  rest = new RestClient(http.address);
});

afterAll(async () => {
  await rest.close();
  await http.close();
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  fake.calls.length = 0;
});

describe("the old client's calls", () => {
  const headers = { authorization: `Bearer ${goodToken}` };
  const json = { ...headers, 'content-type': 'application/json' };

  test('login', async () => {
    fake.answer('accounts.login', () => ({ user: 'ana@example.com', token: 't' }));
    const body = JSON.stringify({ username: 'ana@example.com', password: 'correct horse' });
    expect(await rest.raw('POST', '/api/v1/auth/login', { headers: { 'content-type': 'application/json' }, body })).toMatchObject({ status: 200, body: { success: true, user: 'ana@example.com', token: 't' } });
  });

  test.each(['gpu_name=RTX 4090&max_price=1.0', 'gpu_name=RTX%204090&max_price=1.0', 'gpu_name=RTX+4090&max_price=1.0'])('offers?%s', async (query) => {
    fake.answer('offers.search', () => samples.offersPage);
    const answer = await sendRaw(http.port, requestText('GET', `/api/v1/instances/offers?${query.replace('RTX 4090', 'RTX%204090')}`, [`Host: 127.0.0.1:${String(http.port)}`, `Authorization: Bearer ${goodToken}`]));
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([200, { offers: [{ gpu_name: 'RTX 4090' }], count: 1, total: 1 }]);
    expect(fake.entered[0]?.args[1]).toEqual({ gpu_name: 'RTX 4090', max_price: 1, limit: 64, offset: 0 });
  });

  test('every filter of a search arrives as what it is', async () => {
    fake.answer('offers.search', () => samples.offersPage);
    const query = 'num_gpus=2&min_gpu_ram=24&min_cpu_cores=8&min_cpu_ram=32.5&min_disk=100&min_inet_down=500&min_cuda=12.4&min_reliability=0.95&region=EU&verified_only=false&static_ip=true&type=interruptible&order=dlperf&limit=5&offset=10';
    expect((await rest.raw('GET', `/api/v1/instances/offers?${query}`, { headers })).status).toBe(200);
    expect(fake.entered[0]?.args[1]).toEqual({
      num_gpus: 2, min_gpu_ram: 24, min_cpu_cores: 8, min_cpu_ram: 32.5, min_disk: 100, min_inet_down: 500, min_cuda: 12.4, min_reliability: 0.95, region: 'EU', verified_only: false, static_ip: true,
      type: 'interruptible', order: 'dlperf', limit: 5, offset: 10,
    });
  });

  test('rent', async () => {
    fake.answer('instances.create', () => samples.instanceWithOperation);
    const body = JSON.stringify({ offer_id: 31196032, disk_size: 100, label: 'my-gpu-instance' });
    expect(await rest.raw('POST', '/api/v1/instances', { headers: json, body })).toMatchObject({ status: 200, body: { id: 7, operation_id: samples.operationId } });
  });

  test.each(['pause', 'resume'])('%s, without a body and without a type', async (action) => {
    fake.answer(`instances.${action}`, () => samples.instanceWithOperation);
    expect(await rest.raw('POST', `/api/v1/instances/7/${action}`, { headers })).toMatchObject({ status: 200, body: { id: 7, operation_id: samples.operationId } });
    expect(fake.entered[0]?.args[1]).toBe(7);
  });

  test('pause as some clients send it: a JSON type and an empty body', async () => {
    fake.answer('instances.pause', () => samples.instanceWithOperation);
    const answer = await sendRaw(http.port, requestText('POST', '/api/v1/instances/7/pause', [`Host: 127.0.0.1:${String(http.port)}`, `Authorization: Bearer ${goodToken}`, 'Content-Type: application/json', 'Content-Length: 0']));
    expect(answer.status).toBe(200);
  });

  test('snapshot', async () => {
    fake.answer('snapshots.create', () => samples.createdSnapshot);
    const body = JSON.stringify({ instance_id: 7, source_path: '/workspace', tags: ['auto-backup'] });
    expect(await rest.raw('POST', '/api/v1/snapshots', { headers: json, body })).toMatchObject({ status: 200, body: { snapshot_id: samples.snapshotId, files_new: 3, data_added: 900 } });
    expect(fake.entered[0]?.args[1]).toEqual({ instance_id: 7, source_path: '/workspace', tags: ['auto-backup'], wait: true });
  });

  test('snapshot that does not wait', async () => {
    fake.answer('snapshots.create', () => ({ operation_id: samples.operationId }));
    expect((await rest.raw('POST', '/api/v1/snapshots', { headers: json, body: '{"instance_id":7,"wait":false}' })).body).toEqual({ operation_id: samples.operationId });
  });
});

describe('the renderer', () => {
  test.each(['/', '/offers', '/instances/7'])('%s is the index', async (address) => {
    const answer = await rest.raw('GET', address);
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache', 'content-security-policy': contentSecurityPolicy, 'x-content-type-options': 'nosniff' } });
    expect(answer.body).toContain('Dumont Cloud');
  });

  test.each([
    ['the page', '/', 200, appHeaders],
    ['a file of it', '/assets/index-abc123.js', 200, appHeaders],
    ['the documentation', '/docs', 200, appHeaders],
    ['an answer of the API', '/health', 200, apiHeaders],
    ['a refusal of a handler', '/api/v1/instances', 401, apiHeaders],
    ['no such file', '/no-such-file.js', 404, apiHeaders],
    ['no such address', '/api/v1/no-such-thing', 404, apiHeaders],
  ])('SEC-05 %s carries the one set of headers', async (_what, address, status, wanted) => {
    fake.answer('health', () => ({ status: 'ok', name: 'Dumont Cloud', version: '0.1.0', uptime_s: 1 }));
    const answer = await rest.raw('GET', address);
    const lower = Object.fromEntries(Object.entries(wanted).map(([name, value]) => [name.toLowerCase(), value]));
    expect(answer).toMatchObject({ status, headers: lower });
  });

  test('files with a hash in their name may be kept', async () => {
    expect(await rest.raw('GET', '/assets/index-abc123.js')).toMatchObject({ status: 200, body: 'export {}', headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=31536000, immutable' } });
  });

  test('HEAD gives the head', async () => {
    expect(await rest.raw('HEAD', '/assets/index-abc123.js')).toMatchObject({ status: 200, body: '', headers: { 'content-length': '9' } });
  });

  test.each([
    '/../secret.html', '/%2e%2e/secret.html', '/..%2fsecret.html', '/assets/..%2f..%2fsecret.html', '/%252e%252e/secret.html', '/assets/../../secret.html', '/.hidden.js', '/assets/data.bin', '/no.js', '/%00.js', '/c:%5csecret.html', '/%zz.js',
  ])('%s is not found', async (address) => {
    const answer = await sendRaw(http.port, requestText('GET', address, [`Host: 127.0.0.1:${String(http.port)}`]));
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([404, { details: { code: 'not_found' } }]);
  });
});

describe('the documentation', () => {
  test('is a page of our own files, with no inline script and nothing from elsewhere', async () => {
    const answer = await rest.raw('GET', '/docs');
    const page = String(answer.body);
    expect(answer.headers['content-security-policy']).toBe(contentSecurityPolicy);
    expect(page).not.toMatch(/<script(?![^>]*src=)|https?:\/\/| on[a-z]+=/);
    const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) expect((await rest.raw('GET', link)).status).toBe(200);
    expect((await rest.raw('GET', '/docs/start.js')).body).toContain('/api/v1/openapi.json');
  });

  test.each(['/docs/package.json', '/docs/index.html', '/docs/../package.json', '/docs/swagger-ui.js.map'])('%s is not served', async (address) => {
    expect((await sendRaw(http.port, requestText('GET', address, [`Host: 127.0.0.1:${String(http.port)}`]))).status).toBe(404);
  });

  test('the document is served as it is kept', async () => {
    const answer = await rest.raw('GET', '/api/v1/openapi.json');
    expect(answer.body).toEqual(JSON.parse(await openapiText()));
  });
});

test('a port that is taken is an error of its own', async () => {
  const again = startHttp({ services: fake.services, log: new MemoryLog(), port: http.port, rendererFolder: folder });
  await expect(again).rejects.toMatchObject({ name: 'PortUnavailableError', reason: 'busy', port: http.port, message: expect.stringContaining(String(http.port)) });
});
