// What a page may send to main: messages of our own client, and nothing that could harm the process.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { IpcPair, type FakePage } from '../../../test/fakes/ipc-pair';
import { MemoryLog } from '../../../test/fakes/log';
import { FakeServices, goodToken } from '../../../test/fakes/services';
import { serveIpc, type IpcServer } from './ipc';
import { maxMessageSize } from './ipc-message';

let fake: FakeServices;
let log: MemoryLog;
let pages: IpcPair;
let page: FakePage;
let ipc: IpcServer;
const rejections: unknown[] = [];
const remember = (reason: unknown): void => void rejections.push(reason);

beforeEach(() => {
  fake = new FakeServices();
  fake.answer('health', () => ({ status: 'ok', name: 'Dumont Cloud', version: '0.1.0', uptime_s: 1 }));
  log = new MemoryLog();
  pages = new IpcPair();
  page = pages.open(goodToken);
  ipc = serveIpc({ services: fake.services, log, channel: pages.channel });
  rejections.length = 0;
  process.on('unhandledRejection', remember);
});

afterEach(() => {
  process.off('unhandledRejection', remember);
  ipc.close();
});

const call = (change: object = {}): string => JSON.stringify({ i: 'ours', p: { u: '/system/health', b: {}, ...change } });

const hostile: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['a number', 7],
  ['an object', { i: '1', p: { u: '/system/health' } }],
  ['an array', ['1']],
  ['text that is no JSON', '{"i":'],
  ['an empty text', ''],
  ['JSON of another form', '[1,2,3]'],
  ['a call without an id', JSON.stringify({ p: { u: '/system/health' } })],
  ['an id that is an object', JSON.stringify({ i: {}, p: { u: '/system/health' } })],
  ['no payload', JSON.stringify({ i: '1' })],
  ['a payload that is null', JSON.stringify({ i: '1', p: null })],
  ['no address', JSON.stringify({ i: '1', p: { b: {} } })],
  ['an address elsewhere', call({ u: 'http://evil.test/system/health' })],
  ['an address that is no address', call({ u: 'system' })],
  ['an unknown type', JSON.stringify({ i: '1', t: 9, p: {} })],
  ['a stream event without payload', JSON.stringify({ i: '1', t: 3 })],
  ['headers that are no object', call({ h: 'x' })],
  ['a header that is no text', call({ h: { authorization: {} } })],
  ['a header with a line break', call({ h: { authorization: 'a\r\nb' } })],
  ['a form as body', call({ h: { 'content-type': 'multipart/form-data; boundary=x' }, b: 'x' })],
  ['a stream as body', call({ h: { 'content-type': 'text/event-stream' } })],
  ['a file as body', call({ h: { 'content-disposition': 'attachment; filename="x"' } })],
  ['a method that is none', call({ m: 'get it' })],
  ['prototype names', `{"i":"1","p":{"u":"/system/health","b":{"json":{"__proto__":{"admin":true}}}}}`],
  ['depth', `{"i":"1","p":{"u":"/system/health","b":${'['.repeat(40)}${']'.repeat(40)}}}`],
  ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0x00])],
  ['too much text', call({ b: 'x'.repeat(maxMessageSize) })],
  ['too many bytes', new Uint8Array(maxMessageSize + 1)],
];

test.each(hostile)('drops %s, with a line in the log, and goes on', async (_what, message) => {
  page.post(message);
  expect(log.lines.map((line) => line.event)).toEqual(['ipc.malformed']);
  expect(await page.api.system.health()).toMatchObject({ status: 'ok' });
  expect(rejections).toEqual([]);
  expect(fake.entered).toHaveLength(1);
});

test('what oRPC refuses itself is an answer, not an end', async () => {
  page.post(call({ u: '/no/such/endpoint' }));
  page.post(call({ u: '/auth/login', b: { json: {}, meta: [[9, 'constructor', 'prototype']] } }).replace('"ours"', '"second"'));
  page.post(call({ u: '/system/health', b: { meta: 7 } }).replace('"ours"', '"third"'));
  page.post(JSON.stringify({ i: '99', t: 4 }));
  page.post(JSON.stringify({ i: '99', t: 3, p: { e: 'message', d: 1 } }));
  expect(await page.api.system.health()).toMatchObject({ status: 'ok' });
  expect(rejections).toEqual([]);
  expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
});

test('bytes of a message are as good as its text', async () => {
  const answered = page.received.length;
  page.post(new TextEncoder().encode(call()));
  await expect.poll(() => page.received.length).toBe(answered + 1);
  expect(String(page.received.at(-1))).toContain('Dumont Cloud');
});

test('each page has its own session and its own answers', async () => {
  const other = pages.open(null);
  fake.answer('accounts.me', () => ({ authenticated: true, user: 'ana@example.com', secret_store: 'vault' }));
  expect(await page.api.auth.me()).toMatchObject({ user: 'ana@example.com' });
  const before = page.received.length;
  await expect(other.api.auth.me()).rejects.toMatchObject({ code: 'unauthorized' });
  expect(page.received.length).toBe(before);
});

test('an answer that cannot be sent is a line in the log', async () => {
  const send = (): never => {
    throw new Error('Object has been destroyed');
  };
  const second = new IpcPair();
  serveIpc({ services: fake.services, log, channel: { ...second.channel, send } });
  second.open(null).post(call());
  await expect.poll(() => log.lines.map((line) => line.event)).toEqual(['ipc.not_sent']);
  expect(rejections).toEqual([]);
});

test('after close nothing is answered', async () => {
  ipc.close();
  page.post(call());
  expect(fake.entered).toEqual([]);
});
