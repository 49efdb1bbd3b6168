// Walks every endpoint of the contract over IPC and over HTTP: same results, same errors, nothing forgotten.
import { ORPCError, safe } from '@orpc/client';
import { traverseContractProcedures } from '@orpc/server';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { contractCases, type ContractCase } from '../../../test/fakes/contract-cases';
import { IpcPair, type FakePage } from '../../../test/fakes/ipc-pair';
import { MemoryLog } from '../../../test/fakes/log';
import { RestClient } from '../../../test/fakes/rest-client';
import { errorSamples } from '../../../test/fakes/samples';
import { FakeServices, goodToken } from '../../../test/fakes/services';
import { contract, errorTable, type ErrorCode } from '../../contract';
import { AppError } from '../domain/app-error';
import { startHttp, type HttpServer } from './http';
import { serveIpc, type IpcServer } from './ipc';
import { routes, type Route } from './routes';

let fake: FakeServices;
let log: MemoryLog;
let http: HttpServer;
let rest: RestClient;
let ipc: IpcServer;
let pages: IpcPair;
let page: FakePage;
let stranger: FakePage;

/** The services of the running servers, exchanged before each test. */
const live = new Proxy({} as FakeServices['services'], { get: (_target, group) => Reflect.get(fake.services, group) });
const liveLog = new Proxy({} as MemoryLog, { get: (_target, name) => Reflect.get(log, name).bind(log) });

beforeAll(async () => {
  http = await startHttp({ services: live, log: liveLog, port: 0, rendererFolder: '/nonexistent' });
  rest = new RestClient(http.address);
  pages = new IpcPair();
  ipc = serveIpc({ services: live, log: liveLog, channel: pages.channel });
  page = pages.open(goodToken);
  stranger = pages.open(null);
});

afterAll(async () => {
  ipc.close();
  await rest.close();
  await http.close();
});

beforeEach(() => {
  fake = new FakeServices();
  log = new MemoryLog();
  fake.answer('accounts.confirmPassword', () => Promise.resolve());
});

interface Seen {
  readonly ok: boolean;
  readonly status: number;
  readonly code: string | null;
  readonly message: string | null;
  readonly data: unknown;
}

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

async function overHttp(route: Route, input: ContractCase['input'], token: string | null): Promise<Seen> {
  const { status, body } = await rest.call(route, { input, token });
  if (status < 400) return { ok: true, status, code: null, message: null, data: body };
  const { error, details } = body as { error: string; details: { code: string; data: unknown } };
  return { ok: false, status, code: details.code, message: error, data: details.data };
}

type Call = (input?: unknown) => Promise<unknown>;

async function overIpc(name: string, input: ContractCase['input'], from: FakePage): Promise<Seen> {
  const call = name.split('.').reduce<unknown>((at, part) => Reflect.get(at as object, part), from.api) as Call;
  const { error, data } = await safe(call(input));
  if (error === null) return { ok: true, status: 200, code: null, message: null, data: json(data) };
  if (!(error instanceof ORPCError)) throw error;
  return { ok: false, status: error.status, code: error.code, message: error.message, data: error.data };
}

const caseOf = (route: Route): ContractCase => contractCases[route.name] as ContractCase;
const plain = routes.filter((route) => caseOf(route)?.stream === undefined);

/** What each endpoint says it can fail with. */
const declared = new Map<string, readonly ErrorCode[]>();
traverseContractProcedures({ router: contract, path: [] }, ({ contract: procedure, path }) => {
  declared.set(path.join('.'), Object.keys(procedure['~orpc'].errorMap) as ErrorCode[]);
});

test('the table of cases names every endpoint of the contract, and no other', () => {
  expect(Object.keys(contractCases).toSorted()).toEqual(routes.map((route) => route.name).toSorted());
});

describe.each(plain.filter((route) => caseOf(route).windowOnly !== true && caseOf(route).bytes === undefined))('$name', (route) => {
  const { service, gives, reads, input } = caseOf(route);

  test('gives the same over both transports', async () => {
    fake.answer(service, () => gives);
    const [inWindow, inBrowser] = [await overIpc(route.name, input, page), await overHttp(route, input, goodToken)];
    expect(inWindow).toMatchObject({ ok: true, data: json(reads ?? gives) });
    expect(inBrowser).toEqual({ ...inWindow, status: route.name === 'auth.register' ? 201 : 200 });
    const [first, second, ...more] = fake.entered.filter((call) => call.name === service);
    const asked = (args: readonly unknown[] | undefined): unknown => JSON.parse(JSON.stringify(args ?? []).replaceAll('"http"', '"ipc"'));
    expect(asked(second?.args)).toEqual(asked(first?.args));
    expect(more).toEqual([]);
  });

  test.each((declared.get(route.name) ?? []).map((code) => ({ code })))('fails with $code alike', async ({ code }) => {
    fake.answer(service, () => {
      throw new AppError(code, `a sentence about ${code}`, errorSamples[code]);
    });
    const expected = { ok: false, status: errorTable[code].status, code, message: `a sentence about ${code}`, data: errorSamples[code] };
    expect(await overIpc(route.name, input, page)).toEqual(expected);
    expect(await overHttp(route, input, goodToken)).toEqual(expected);
    expect(log.lines).toEqual([]);
  });

  test('hides what nobody expected, and logs it', async () => {
    fake.answer(service, () => {
      throw new TypeError('secret detail');
    });
    const expected = { ok: false, status: 500, code: 'internal', message: errorTable.internal.message, data: {} };
    expect(await overIpc(route.name, input, page)).toEqual(expected);
    expect(await overHttp(route, input, goodToken)).toEqual(expected);
    expect(log.lines).toMatchObject(Array.from({ length: 2 }, () => ({ level: 'error', event: 'handler.failed', facts: { endpoint: route.name } })));
  });
});

test.each(plain.filter((route) => caseOf(route).windowOnly === true))('$name answers in the window only', async (route) => {
  const { service, gives, input } = caseOf(route);
  fake.answer(service, () => gives);
  expect(await overIpc(route.name, input, page)).toMatchObject({ ok: true, data: gives });
  expect(await overHttp(route, input, goodToken)).toMatchObject({ ok: false, status: 501, code: 'desktop_only' });
  expect(fake.entered).toHaveLength(1);
});

const ofBytes = plain.filter((route) => caseOf(route).bytes !== undefined);

test.each(ofBytes)('$name answers with bytes of a known kind', async (route) => {
  const { service, gives, input, bytes } = caseOf(route);
  fake.answer(service, () => Promise.resolve(gives));
  const answer = await rest.call(route, { input, token: goodToken });
  expect([answer.status, answer.body, answer.headers['content-type'], answer.headers['x-content-type-options']]).toEqual([200, bytes?.text, bytes?.type, 'nosniff']);
  expect(answer.headers['content-disposition']).toMatch(bytes?.httpOnly === true ? /^attachment; filename=".+"; filename\*=UTF-8''.+/ : /image\.gif/);
  const call = route.name.split('.').reduce<unknown>((at, part) => Reflect.get(at as object, part), page.api) as (asked: unknown) => Promise<unknown>;
  const { error, data } = await safe(call(input));
  const inWindow = error instanceof ORPCError ? error.code : [await (data as File).text(), (data as File).type];
  expect(inWindow).toEqual(bytes?.httpOnly === true ? 'http_only' : [bytes?.text, bytes?.type]);
});

test.each(ofBytes.flatMap((route) => (declared.get(route.name) ?? []).map((code) => ({ name: route.name, route, code }))))('$name fails with $code before its first byte', async ({ route, code }) => {
  const { service, input } = caseOf(route);
  fake.answer(service, () => Promise.reject(new AppError(code, `a sentence about ${code}`, errorSamples[code])));
  expect(await overHttp(route, input, goodToken)).toEqual({ ok: false, status: errorTable[code].status, code, message: `a sentence about ${code}`, data: errorSamples[code] });
});

test.each(plain.filter((route) => caseOf(route).wrong !== undefined && caseOf(route).bytes?.httpOnly !== true))('$name refuses a wrong input before any service is entered', async (route) => {
  const wrong = caseOf(route).wrong;
  for (const seen of [await overIpc(route.name, wrong?.input, page), await overHttp(route, wrong?.input, goodToken)]) {
    expect(seen).toMatchObject({ ok: false, status: 400, code: 'invalid_input', data: { issues: [{ path: wrong?.path }] } });
  }
  expect(fake.entered).toEqual([]);
});

test.each(routes.filter((route) => caseOf(route).open !== true))('$name asks for a session', async (route) => {
  const { input } = caseOf(route);
  for (const seen of [await overIpc(route.name, input, stranger), await overHttp(route, input, null), await overHttp(route, input, 'wrong-token')]) {
    expect(seen).toMatchObject({ ok: false, status: 401, code: 'unauthorized', data: {} });
  }
  expect(fake.entered).toEqual([]);
});

test('an answer that is not what the contract says is an internal error, with the place in the log', async () => {
  fake.answer('accounts.me', () => ({ authenticated: true, user: 7, secret_store: 'vault' }));
  const route = routes.find((one) => one.name === 'auth.me') as Route;
  expect(await overHttp(route, undefined, goodToken)).toMatchObject({ status: 500, code: 'internal' });
  expect(await overIpc('auth.me', undefined, page)).toMatchObject({ status: 500, code: 'internal' });
  expect(log.lines[0]?.facts['issues']).toEqual([expect.objectContaining({ path: 'user' })]);
});

test('a rejected promise fails like a thrown error', async () => {
  fake.answer('instances.get', () => Promise.reject(new AppError('not_found', 'gone', { kind: 'instance', id: 7 })));
  const route = routes.find((one) => one.name === 'instances.get') as Route;
  expect(await overHttp(route, { id: 7 }, goodToken)).toEqual({ ok: false, status: 404, code: 'not_found', message: 'gone', data: { kind: 'instance', id: 7 } });
});

test('the recovery key asks for the password first', async () => {
  fake.answer('accounts.confirmPassword', () => Promise.reject(new AppError('wrong_credentials', 'no', {})));
  expect(await overIpc('settings.recoveryKey', { password: 'guess' }, page)).toMatchObject({ status: 401, code: 'wrong_credentials' });
  expect(fake.entered.map((call) => call.name)).toEqual(['accounts.confirmPassword']);
});

test.each(['pause', 'destroy'])('whether a snapshot comes before a %s is a field of its body', async (verb) => {
  fake.answer(`instances.${verb}`, () => contractCases[`instances.${verb}`]?.gives);
  const route = routes.find((one) => one.name === `instances.${verb}`) as Route;
  for (const input of [{ id: 7 }, { id: 7, snapshot_first: true }, { id: 7, snapshot_first: false }]) await overHttp(route, input, goodToken);
  expect(fake.entered.map((call) => call.args.slice(1))).toEqual([[7, { snapshot_first: undefined }], [7, { snapshot_first: true }], [7, { snapshot_first: false }]]);
});

test('register passes on who is signed in', async () => {
  fake.answer('accounts.register', () => ({ user: 'b@example.com', token: 't' }));
  const input = { email: 'b@example.com', password: 'correct horse' };
  const route = routes.find((one) => one.name === 'auth.register') as Route;
  await overHttp(route, input, goodToken);
  await overHttp(route, input, null);
  expect(fake.entered.map((call) => call.args[1])).toMatchObject([{ transport: 'http', caller: { userId: 'user-1' } }, { transport: 'http', caller: null }]);
});
