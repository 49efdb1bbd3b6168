// Every route against every kind of request that must not reach a handler: the expected refusal, and no service entered.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { contractCases } from '../../../test/fakes/contract-cases';
import { MemoryLog } from '../../../test/fakes/log';
import { requestText, sendRaw } from '../../../test/fakes/raw-http';
import { addressOf, RestClient } from '../../../test/fakes/rest-client';
import { FakeServices, goodToken } from '../../../test/fakes/services';
import { startHttp, type HttpServer } from './http';
import { maxBodyBytes } from './http-body';
import { routes, type Route } from './routes';

const fake = new FakeServices();
const log = new MemoryLog();
let http: HttpServer;
let rest: RestClient;

beforeAll(async () => {
  http = await startHttp({ services: fake.services, log, port: 0, rendererFolder: '/nonexistent' });
  rest = new RestClient(http.address);
});

afterAll(async () => {
  await rest.close();
  await http.close();
});

beforeEach(() => {
  fake.calls.length = 0;
});

interface Attack {
  readonly what: string;
  readonly status: number;
  readonly code: string;
  readonly token?: string | null;
  readonly host?: readonly string[];
  readonly headers?: readonly string[];
  readonly target?: (path: string) => string;
  readonly body?: string;
  readonly applies?: (route: Route) => boolean;
}

const isMutating = (route: Route): boolean => route.method !== 'GET';
const needsSession = (route: Route): boolean => contractCases[route.name]?.open !== true;

const attacks: readonly Attack[] = [
  { what: 'no token', status: 401, code: 'unauthorized', token: null, applies: needsSession },
  { what: 'a wrong token', status: 401, code: 'unauthorized', token: 'wrong-token', applies: needsSession },
  { what: 'a foreign Host (DNS rebinding)', status: 403, code: 'forbidden', host: ['evil.test:PORT'] },
  { what: 'our Host with another port', status: 403, code: 'forbidden', host: ['127.0.0.1:1'] },
  { what: 'our Host with a trailing dot', status: 403, code: 'forbidden', host: ['localhost.:PORT'] },
  { what: 'our Host with userinfo', status: 403, code: 'forbidden', host: ['evil.test@127.0.0.1:PORT'] },
  { what: 'no Host', status: 403, code: 'forbidden', host: [] },
  { what: 'two Hosts, ours first', status: 403, code: 'forbidden', host: ['127.0.0.1:PORT', 'evil.test'] },
  { what: 'two Hosts, ours last', status: 403, code: 'forbidden', host: ['evil.test', '127.0.0.1:PORT'] },
  { what: 'a foreign Origin', status: 403, code: 'forbidden', headers: ['Origin: http://evil.test'] },
  { what: 'the Origin of another local port', status: 403, code: 'forbidden', headers: ['Origin: http://127.0.0.1:1'] },
  { what: 'our Origin over https', status: 403, code: 'forbidden', headers: ['Origin: https://127.0.0.1:PORT'] },
  { what: 'Origin null', status: 403, code: 'forbidden', headers: ['Origin: null'] },
  { what: 'two Origins', status: 403, code: 'forbidden', headers: ['Origin: http://127.0.0.1:PORT', 'Origin: http://evil.test'] },
  { what: 'Sec-Fetch-Site cross-site', status: 403, code: 'forbidden', headers: ['Sec-Fetch-Site: cross-site'] },
  { what: 'Sec-Fetch-Site same-site', status: 403, code: 'forbidden', headers: ['Sec-Fetch-Site: same-site'] },
  { what: 'a form as body', status: 415, code: 'unsupported_media_type', headers: ['Content-Type: application/x-www-form-urlencoded', 'Content-Length: 3'], body: 'a=b', applies: isMutating },
  { what: 'a JSON body called text', status: 415, code: 'unsupported_media_type', headers: ['Content-Type: text/plain;charset=application/json', 'Content-Length: 2'], body: '{}', applies: isMutating },
  { what: 'a body without a type', status: 415, code: 'unsupported_media_type', headers: ['Content-Length: 2'], body: '{}', applies: isMutating },
  { what: 'a chunked body without a type', status: 415, code: 'unsupported_media_type', headers: ['Transfer-Encoding: chunked'], body: '2\r\n{}\r\n0\r\n\r\n', applies: isMutating },
  { what: 'an absolute-form address', status: 400, code: 'invalid_input', target: (path) => `http://127.0.0.1:PORT${path}` },
  { what: 'an address that begins with two slashes', status: 400, code: 'invalid_input', target: (path) => `/${path}` },
  { what: 'a backslash in the address', status: 400, code: 'invalid_input', target: (path) => `${path}\\..` },
  { what: 'a prototype name in the query', status: 400, code: 'invalid_input', target: (path) => `${path}?__proto__%5Badmin%5D=1` },
  { what: 'a body that is too large by its length', status: 413, code: 'body_too_large', headers: ['Content-Type: application/json', `Content-Length: ${String(maxBodyBytes + 1)}`], applies: isMutating },
  { what: 'a body that is not JSON', status: 400, code: 'invalid_input', headers: ['Content-Type: application/json', 'Content-Length: 4'], body: '{"a"', applies: isMutating },
  { what: 'a body with a prototype name', status: 400, code: 'invalid_input', headers: ['Content-Type: application/json', 'Content-Length: 30'], body: '{"__proto__": {"admin": true}}', applies: isMutating },
];

const forPort = (text: string): string => text.replaceAll('PORT', String(http.port));

async function attack({ token = goodToken, host = ['127.0.0.1:PORT'], headers = [], target = (path) => path, body = '' }: Attack, route: Route): Promise<{ status: number; code: unknown }> {
  const [path = ''] = addressOf(route, contractCases[route.name]?.input).path.split('?', 1);
  const lines = [...host.map((name) => `Host: ${name}`), ...(token === null ? [] : [`Authorization: Bearer ${token}`]), ...headers];
  const answer = await sendRaw(http.port, requestText(route.method, forPort(target(path)), lines.map(forPort), body));
  return { status: answer.status, code: (JSON.parse(answer.body) as { details: { code: unknown } }).details.code };
}

describe.each(attacks)('$what', (one) => {
  test.each(routes.filter((route) => one.applies?.(route) ?? true))('$method $path', async (route) => {
    expect(await attack(one, route)).toEqual({ status: one.status, code: one.code });
    expect(fake.entered).toEqual([]);
  });
});

describe('what a client of ours sends passes', () => {
  const route = routes.find((one) => one.name === 'system.health') as Route;
  const health = { status: 'ok', name: 'Dumont Cloud', version: '0.1.0', uptime_s: 1 };

  test.each(['127.0.0.1:PORT', 'LOCALHOST:PORT', '[::1]:PORT'])('Host %s', async (host) => {
    fake.answer('health', () => health);
    const answer = await sendRaw(http.port, requestText('GET', route.path, [`Host: ${forPort(host)}`]));
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, health]);
  });

  test.each([['Origin', 'http://127.0.0.1:PORT'], ['Origin', 'http://localhost:PORT'], ['Sec-Fetch-Site', 'same-origin'], ['Sec-Fetch-Site', 'none']])('%s: %s', async (name, value) => {
    fake.answer('health', () => health);
    expect(await rest.call(route, { headers: { [name]: forPort(value) } })).toMatchObject({ status: 200, body: health });
  });
});

describe('other ways in', () => {
  test('OPTIONS is refused, whatever it asks for, and nothing speaks of CORS', async () => {
    const answer = await rest.raw('OPTIONS', '/api/v1/instances', { headers: { 'access-control-request-method': 'POST' } });
    expect(answer).toMatchObject({ status: 403, body: { details: { code: 'forbidden', data: { reason: 'preflight' } } } });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('headers that override the method are not read', async () => {
    const headers = { authorization: `Bearer ${goodToken}`, 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' };
    fake.answer('instances.get', () => contractCases['instances.get']?.gives);
    expect((await rest.raw('GET', '/api/v1/instances/7?_method=DELETE', { headers })).status).toBe(200);
    expect(fake.entered.map((call) => call.name)).toEqual(['instances.get']);
  });

  test('an upgrade is refused and closed', async () => {
    const answer = await sendRaw(http.port, requestText('GET', '/api/v1/events', [`Host: 127.0.0.1:${String(http.port)}`, 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==']));
    expect(answer.status).toBe(403);
    expect(fake.calls).toEqual([]);
  });

  test('headers of more than 16 KiB are 431', async () => {
    const answer = await sendRaw(http.port, requestText('GET', '/health', [`Host: 127.0.0.1:${String(http.port)}`, `X-Long: ${'a'.repeat(17_000)}`]));
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([431, { details: { code: 'invalid_input' } }]);
  });

  test.each([
    ['two lengths', ['Content-Length: 2', 'Content-Length: 3']],
    ['a length and chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked']],
    ['a folded header', ['X-Folded: a', '  b']],
  ])('smuggling: %s', async (_what, headers) => {
    const answer = await sendRaw(http.port, requestText('POST', '/api/v1/auth/login', [`Host: 127.0.0.1:${String(http.port)}`, 'Content-Type: application/json', ...headers], '{}'));
    expect(answer.status).toBe(400);
    expect(fake.entered).toEqual([]);
  });

  test('a body that grows too large while it comes is 413', async () => {
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    const headers = [`Host: 127.0.0.1:${String(http.port)}`, 'Content-Type: application/json', 'Transfer-Encoding: chunked'];
    const answer = await sendRaw(http.port, requestText('POST', '/api/v1/auth/login', headers, `${chunk.repeat(17)}0\r\n\r\n`));
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([413, { details: { code: 'body_too_large', data: { limit: maxBodyBytes } } }]);
    expect(fake.entered).toEqual([]);
  });

  test('a body of exactly the limit is read', async () => {
    fake.answer('accounts.login', () => ({ user: 'ana@example.com', token: 't' }));
    const short = JSON.stringify({ username: 'ana@example.com', password: 'x' });
    const body = short + ' '.repeat(maxBodyBytes - short.length);
    expect((await rest.raw('POST', '/api/v1/auth/login', { headers: { 'content-type': 'application/json; charset=utf-8' }, body })).status).toBe(200);
  });

  test('JSON deeper than 32 levels is refused', async () => {
    const deep = (levels: number): string => `{"username":"ana@example.com","password":"x","more":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    fake.answer('accounts.login', () => ({ user: 'ana@example.com', token: 't' }));
    const send = (body: string) => rest.raw('POST', '/api/v1/auth/login', { headers: { 'content-type': 'application/json' }, body });
    expect((await send(deep(31))).status).toBe(200);
    expect(await send(deep(32))).toMatchObject({ status: 400, body: { details: { code: 'invalid_input' } } });
  });

  test('an unknown address is 404 and a wrong method 405, in the form of every error', async () => {
    expect(await rest.raw('GET', '/api/v1/nothing')).toMatchObject({ status: 404, body: { error: expect.any(String), details: { code: 'not_found', data: { kind: 'address' } } } });
    expect(await rest.raw('GET', '/api/v1/instances/')).toMatchObject({ status: 404 });
    const answer = await rest.raw('PUT', '/api/v1/instances');
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, POST' }, body: { details: { code: 'method_not_allowed', data: { allowed: ['GET', 'POST'] } } } });
    expect((await rest.raw('POST', '/')).status).toBe(405);
  });

  test('answers of the API are not kept and carry the security headers', async () => {
    const { headers } = await rest.raw('GET', '/api/v1/nothing');
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-resource-policy': 'same-origin' });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });
});
