// The Vast.ai provider against a server that lies: any value in any field, every form of error, addresses that are none.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { instance } from '../../src/contract/instances';
import { offersPage } from '../../src/contract/offers';
import { isAppError } from '../../src/main/domain/app-error';
import { toInstance } from '../../src/main/domain/instance-view';
import type { OfferQuery } from '../../src/main/domain/ports';
import { VastClient } from '../../src/main/providers/vast/client';
import { fastClock } from '../fakes/fast-clock';
import { keptLog } from '../fakes/vast-world';
import { VirtualClock } from '../fakes/virtual-clock';

const query = (): OfferQuery => ({ filters: {}, type: 'on-demand', order: [['dph_total', 'asc']], limit: 5000, allocatedStorage: 40 });

/** A server that answers everything with one body. */
const lying = async (answer: (path: string) => { status?: number; body: string; headers?: Record<string, string> }): Promise<{ url: string; close: () => Promise<void>; paths: string[] }> => {
  const paths: string[] = [];
  const server: Server = createServer((request, response) => {
    paths.push(`${request.method ?? ''} ${request.url ?? ''}`);
    const { status = 200, body, headers = {} } = answer(request.url ?? '');
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close, paths };
};

const withLiar = async <Result>(answer: Parameters<typeof lying>[0], work: (vast: VastClient, paths: string[]) => Promise<Result>): Promise<Result> => {
  const liar = await lying(answer);
  const vast = new VastClient({ baseUrl: liar.url, clock: fastClock(100), log: keptLog(), userAgent: 'x' });
  try {
    return await work(vast, liar.paths);
  } finally {
    await vast.close();
    await liar.close();
  }
};

const goodOffer = { id: 7, machine_id: 1, gpu_name: 'RTX 4090', num_gpus: 1, gpu_ram: 24_564, disk_space: 100, dph_base: 0.3, dph_total: 0.4, storage_total_cost: 0.1 };
const hostile: readonly unknown[] = [
  null, true, -1, 0, 1e308, '1e999', 'NaN', '', ' ', '<img src=x onerror=alert(1)>', '\u202Egnp.exe', 'a\u0000b\u001b[2Jc', '\ud800', 'x'.repeat(100_000), '-oProxyCommand=touch /tmp/pwn',
  [], [[]], {}, { length: 1 }, [null], { toString: 'x' }, '__proto__', '{"a":1}', '$(touch /tmp/pwn)', '=cmd()', Number.MAX_SAFE_INTEGER + 2, 65_536,
];
const offerFields = Object.keys(offersPage.shape.offers.element.shape).concat('verification', 'vericode', 'hosting_type', 'reliability2');
const instanceFields = [...Object.keys(instance.shape), 'public_ipaddr', 'ports', 'ssh_host', 'ssh_port', 'image_runtype', 'image_uuid', 'extra_env', 'next_state', 'storage_cost', 'dph_base'];

const isSafe = (value: unknown): boolean => JSON.stringify(value).length < 20_000 && !/[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/u.test(Object.values(value as object).filter((part) => typeof part === 'string').join(''));

describe('a lying server', () => {
  test('any value in any field of an offer: the row is of the contract and safe to show, or dropped and counted', async () => {
    const rows = offerFields.flatMap((field) => hostile.map((value) => ({ ...goodOffer, [field]: value })));
    await withLiar(() => ({ body: JSON.stringify({ offers: [...rows, goodOffer, null, 5, 'x', []] }) }), async (vast) => {
      const { offers, unreadable } = await vast.search('k'.repeat(64), query());
      expect(offers.length + unreadable).toBe(rows.length + 5);
      expect(() => z.array(offersPage.shape.offers.element).parse(offers)).not.toThrow();
      expect(offers.every(isSafe)).toBe(true);
      expect(offers.every((offer) => offer.dph_total >= 0 && offer.dph_total <= 1000 * offer.num_gpus)).toBe(true);
    });
  });

  test('a price below nothing, of no number or above 1000 $/h a GPU drops the row', async () => {
    const prices = [-0.01, 'NaN', null, 1000.01, '0.5', 1000];
    await withLiar(() => ({ body: JSON.stringify({ offers: prices.map((dph_total, index) => ({ ...goodOffer, id: index + 1, dph_total })) }) }), async (vast) => {
      const { offers, unreadable } = await vast.search(null, query());
      expect(offers.map((offer) => offer.dph_total)).toEqual([0.5, 1000]);
      expect(unreadable).toBe(4);
    });
  });

  test('any value in any field of an instance: never dropped for it, always of the contract, never an address that is none', async () => {
    const good = { id: 9, actual_status: 'running', cur_state: 'running', intended_status: 'running', public_ipaddr: '203.0.113.5\n', ports: { '22/tcp': [{ HostPort: '41000' }] }, image_runtype: 'ssh_direc ssh_proxy' };
    const fields = instanceFields.filter((field) => field !== 'id');
    const rows = fields.flatMap((field, at) => hostile.map((value, index) => ({ ...good, [field]: value, id: at * 100 + index + 1 })));
    await withLiar(() => ({ body: JSON.stringify({ instances: [...rows, null, { id: 'x' }, {}], next_token: null }) }), async (vast) => {
      const read = await vast.list('k'.repeat(64));
      expect(read).toHaveLength(rows.length);
      const shown = read.map((row) => toInstance(row, [], Date.now()));
      expect(() => z.array(instance).parse(shown)).not.toThrow();
      expect(shown.every(isSafe)).toBe(true);
      expect(shown.every((row) => row.ssh === null || /^ssh -p \d{1,5} root@[A-Za-z0-9:][\w.:-]*$/.test(row.ssh.command))).toBe(true);
      expect(shown.every((row) => row.ssh === null || (/^[A-Za-z0-9:]/.test(row.ssh.host) && row.ssh.port > 0 && row.ssh.port < 65_536))).toBe(true);
    });
  });

  test('error bodies: what each one means, and no secret in what is said', async () => {
    const key = 'c'.repeat(20).concat('d'.repeat(44));
    const cases: readonly [number, string, string][] = [
      [401, '{"success":false,"error":"auth_error","msg":"Invalid user key"}', 'vast_key_rejected'],
      [401, '{"msg":"This needs Two Factor Authentication"}', 'vast_key_rejected'],
      [404, '{"error":"auth_error","msg":"Session expired. Please log in again."}', 'vast_key_rejected'],
      [401, '{"msg":"Authorization Error. Your key lacks the api.instance.list route access which is required for this action."}', 'vast_permission'],
      [403, '{"success":false,"error":"auth_error","msg":"This action requires login."}', 'vast_key_rejected'],
      [403, '{"error":"invalid_args","msg":"error 403/3586: Offer 5 is not your own."}', 'vast_permission'],
      [400, '{"error":"insufficient_credit","msg":"Your account lacks credit; see the billing page."}', 'insufficient_credit'],
      [400, '{"msg":"Your account lacks credit; see the billing page."}', 'insufficient_credit'],
      [400, `{"message":"key ${key} is odd"}`, 'vast_error'],
      [200, '{"success":false,"error":"invalid_request","msg":"no"}', 'vast_error'],
      [400, `{"success":false,"api_key":"${key}","instance_api_key":"short-secret"}`, 'vast_error'],
      [200, 'not json', 'vast_error'],
      [200, '[]', 'vast_error'],
      [200, '{"instances":"x"}', 'vast_error'],
      [308, '', 'vast_error'],
      [429, 'API requests too frequent', 'vast_rate_limited'],
      [429, '{"detail":"API requests too frequent endpoint threshold=4.5"}', 'vast_rate_limited'],
      [401, 'Invalid user key', 'vast_key_rejected'],
      [403, '<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head></html>', 'vast_unreachable'],
      [403, 'error code: 1020', 'vast_unreachable'],
      [401, '<html><body>Session expired: sign in to the hotel network</body></html>', 'vast_unreachable'],
      [404, '<html><body>nginx</body></html>', 'vast_unreachable'],
      [407, 'Proxy Authentication Required', 'vast_unreachable'],
      [302, '<a href="http://portal.hotel.test/">Found</a>', 'vast_unreachable'],
      [503, '<html><body>Service Unavailable</body></html>', 'vast_unreachable'],
    ];
    for (const [status, body, code] of cases) {
      await withLiar(() => ({ status, body }), async (vast) => {
        const error = await vast.list(key).catch((caught: unknown) => caught);
        expect([body, isAppError(error) ? error.code : error]).toEqual([body, code]);
        for (const secret of [key, 'short-secret']) expect(JSON.stringify([error, (error as Error).message])).not.toContain(secret);
      });
    }
  });

  test('Retry-After is honoured, and said when it is too long to wait', async () => {
    await withLiar(() => ({ status: 429, body: 'slow', headers: { 'retry-after': '100' } }), async (vast, paths) => {
      await expect(vast.list('k'.repeat(64))).rejects.toMatchObject({ code: 'vast_rate_limited', data: { retry_after_s: 100 } });
      expect(paths).toHaveLength(1);
    });
  });

  test('a Retry-After of a day holds for two minutes: meanwhile nothing is sent and nobody waits, then Vast is asked again', async () => {
    const clock = new VirtualClock();
    let answer: { status?: number; body: string; headers?: Record<string, string> } = { status: 429, body: 'slow', headers: { 'retry-after': '86400' } };
    const liar = await lying(() => answer);
    const vast = new VastClient({ baseUrl: liar.url, clock, log: keptLog(), userAgent: 'x' });
    const list = (): Promise<unknown> => vast.list('k'.repeat(64));
    await expect(list()).rejects.toMatchObject({ code: 'vast_rate_limited', data: { retry_after_s: 120 } });
    answer = { body: '{"instances":[],"next_token":null}' };
    await clock.pass(60_000);
    await expect(list()).rejects.toMatchObject({ code: 'vast_rate_limited', data: { retry_after_s: 60 } });
    expect(liar.paths).toHaveLength(1);
    await clock.pass(60_000);
    await expect(list()).resolves.toEqual([]);
    await vast.close();
    await liar.close();
  });

  test('a list without end, a row of another instance, a log at a strange address', async () => {
    let page = 0;
    await withLiar((path) => ({ body: path.includes('request_logs') ? '{"success":true,"result_url":"http://169.254.169.254/latest"}' : path.includes('/v0/') ? '{"instances":{"id":5}}' : JSON.stringify({ instances: [], next_token: String((page += 1)) }) }), async (vast) => {
      await expect(vast.list('k'.repeat(64))).rejects.toMatchObject({ code: 'vast_error' });
      await expect(vast.get('k'.repeat(64), 6)).rejects.toMatchObject({ code: 'vast_error' });
      await expect(vast.logs('k'.repeat(64), 6, { tail: 5 })).rejects.toMatchObject({ code: 'vast_error' });
    });
  });

  test('an answer without end is cut at its cap, once; the outcome of a rental stays open', async () => {
    const huge = 'x'.repeat(50 * 1024 * 1024);
    await withLiar(() => ({ body: huge }), async (vast, paths) => {
      await expect(vast.list('k'.repeat(64))).rejects.toMatchObject({ code: 'vast_error', data: { detail: 'the answer is too large' } });
      expect(paths).toHaveLength(1);
      await expect(vast.rent('k'.repeat(64), { offerId: 1, image: 'x', disk: 10, label: 'x', env: {}, onstart: null, bid: null })).rejects.toMatchObject({ code: 'vast_unreachable', data: { attempts: 1 } });
    });
  });

  test('a page that refuses is no word of Vast: not that a key is wrong, not that nothing was rented, not that an instance is gone', async () => {
    await withLiar(() => ({ status: 403, body: '<html><body>Requires login</body></html>', headers: { 'content-type': 'text/html' } }), async (vast) => {
      await expect(vast.credit('k'.repeat(64))).rejects.toMatchObject({ code: 'vast_unreachable' });
      await expect(vast.destroy('k'.repeat(64), 5)).rejects.toMatchObject({ code: 'vast_unreachable' });
      await expect(vast.rent('k'.repeat(64), { offerId: 1, image: 'x', disk: 10, label: 'x', env: {}, onstart: null, bid: null })).rejects.toMatchObject({ code: 'vast_unreachable', data: { attempts: 1 } });
    });
  });

  test('a page of a captive portal is no answer, to a destroy or to a rental', async () => {
    await withLiar(() => ({ body: '<html>Welcome to the hotel</html>', headers: { 'content-type': 'text/html' } }), async (vast) => {
      await expect(vast.destroy('k'.repeat(64), 5)).rejects.toMatchObject({ code: 'vast_error' });
      await expect(vast.get('k'.repeat(64), 5)).rejects.toMatchObject({ code: 'vast_error' });
      await expect(vast.rent('k'.repeat(64), { offerId: 1, image: 'x', disk: 10, label: 'x', env: {}, onstart: null, bid: null })).rejects.toMatchObject({ code: 'vast_unreachable', data: { attempts: 1 } });
    });
  });

  test('a storm in which every second answer is a 429: every call ends well or says when to try again, and no more is sent than the interval allows', async () => {
    const clock = fastClock(50);
    const times: number[] = [];
    const liar = await lying(() => {
      times.push(clock.now());
      return times.length % 2 === 1 ? { status: 429, body: 'API requests too frequent' } : { body: '{"instances":[],"next_token":null}' };
    });
    const vast = new VastClient({ baseUrl: liar.url, clock, log: keptLog(), userAgent: 'x' });
    const calls = await Promise.allSettled(Array.from({ length: 15 }, () => vast.list('k'.repeat(64))));
    const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000;
    expect(calls.filter((call) => call.status === 'fulfilled').length).toBeGreaterThan(7);
    const told = calls.map((call) => (call.status === 'fulfilled' ? 'done' : isAppError(call.reason, 'vast_rate_limited') ? `in ${call.reason.data.retry_after_s} s` : call.reason));
    expect(told.filter((outcome) => outcome !== 'done' && outcome !== 'in 1 s')).toEqual([]);
    expect(times.length / seconds).toBeLessThan(1.2);
    await vast.close();
    await liar.close();
  });

  test('the log is fetched without our key', async () => {
    let base = '';
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      if (request.url?.startsWith('/log')) response.writeHead(seen.length < 4 ? 403 : 200).end('line\n');
      else response.writeHead(200).end(JSON.stringify({ success: true, result_url: `${base}/log` }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const vast = new VastClient({ baseUrl: base, clock: fastClock(100), log: keptLog(), userAgent: 'x' });
    expect(await vast.logs('k'.repeat(64), 1, { tail: 5 })).toBe('line\n');
    expect(seen).toEqual([`Bearer ${'k'.repeat(64)}`, undefined, undefined, undefined]);
    await vast.close();
    await new Promise((resolve) => server.close(resolve));
  });
});
