// Streams over both transports: events arrive as they happen, errors keep their form, and a generator stops when its reader goes.
import { request, Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contractCases } from '../../../test/fakes/contract-cases';
import { IpcPair } from '../../../test/fakes/ipc-pair';
import { MemoryLog } from '../../../test/fakes/log';
import { operationId } from '../../../test/fakes/samples';
import { FakeServices, goodToken } from '../../../test/fakes/services';
import { AppError } from '../domain/app-error';
import { startHttp, type HttpServer } from './http';
import { serveIpc, type IpcServer } from './ipc';

let fake: FakeServices;
let log: MemoryLog;
let http: HttpServer;
let ipc: IpcServer;
let pages: IpcPair;
let agent: Agent;

beforeEach(async () => {
  fake = new FakeServices();
  log = new MemoryLog();
  agent = new Agent();
  http = await startHttp({ services: fake.services, log, port: 0, rendererFolder: '/nonexistent' });
  pages = new IpcPair();
  ipc = serveIpc({ services: fake.services, log, channel: pages.channel });
});

afterEach(async () => {
  ipc.close();
  await agent.destroy();
  await http.close();
});

/** A service that gives these events, then waits for its signal; `stopped` settles when its generator has ended. */
function endless(name: string, events: readonly unknown[]): { readonly stopped: Promise<void> } {
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  fake.answer(name, (...args) => {
    const signal = args.at(-1) as AbortSignal;
    return (async function* stream() {
      try {
        yield* events;
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          else signal.addEventListener('abort', () => resolve());
        });
      } finally {
        stop();
      }
    })();
  });
  return { stopped };
}

async function openSse(path: string): Promise<{ readonly status: number; readonly type: string; readonly chunks: AsyncIterator<Buffer>; destroy(): void }> {
  const answer = await request(http.address + path, { headers: { authorization: `Bearer ${goodToken}` }, dispatcher: agent });
  return { status: answer.statusCode, type: String(answer.headers['content-type']), chunks: answer.body[Symbol.asyncIterator](), destroy: () => answer.body.destroy() };
}

/** Reads until so many messages have come; comments that keep the connection alive are passed over. */
async function readMessages(chunks: AsyncIterator<Buffer>, count: number): Promise<unknown[]> {
  let text = '';
  for (;;) {
    const found = [...text.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1] ?? 'null') as unknown);
    if (found.length >= count) return found;
    const { value, done } = await chunks.next();
    if (done === true) return found;
    text += value.toString('utf8');
  }
}

const streams = [
  { name: 'operations.follow', path: `/api/v1/operations/${operationId}/events` },
  { name: 'events.watch', path: '/api/v1/events' },
];

describe.each(streams)('$name', ({ name, path }) => {
  const events = contractCases[name]?.stream ?? [];
  const openInWindow = (page = pages.open(goodToken)) => (name === 'events.watch' ? page.api.events.watch() : page.api.operations.follow({ id: operationId }));

  test('sends the same events over both transports', async () => {
    endless(name, events);
    const sse = await openSse(path);
    expect([sse.status, sse.type]).toEqual([200, 'text/event-stream']);
    expect(await readMessages(sse.chunks, events.length)).toEqual(events);
    const inWindow: unknown[] = [];
    for await (const event of await openInWindow()) {
      inWindow.push(event);
      if (inWindow.length === events.length) break;
    }
    expect(inWindow).toEqual(events);
    expect(fake.entered.map((call) => call.name)).toEqual([name, name]);
  });

  test('ends with its session: what comes after a sign-out is not sent', async () => {
    const { stopped } = endless(name, [...events, ...events]);
    let uses = 0;
    // Asked once for the call itself and once before each event.
    fake.answer('accounts.authenticate', () => ((uses += 1) <= 2 ? { userId: 'u', email: 'ana@example.com', transport: 'ipc' } : null));
    const heard: unknown[] = [];
    const reading = (async () => {
      for await (const event of await openInWindow()) heard.push(event);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'unauthorized' });
    expect(heard).toEqual(events.slice(0, 1));
    await stopped;
  });

  test('stops the generator when the HTTP client goes', async () => {
    const { stopped } = endless(name, events);
    const sse = await openSse(path);
    await readMessages(sse.chunks, events.length);
    sse.destroy();
    expect(await stopped).toBeUndefined();
  });

  test('stops the generator when the server closes', async () => {
    const { stopped } = endless(name, events);
    const sse = await openSse(path);
    await readMessages(sse.chunks, events.length);
    await http.close();
    await stopped;
    await expect(readMessages(sse.chunks, 1)).rejects.toThrow(/closed|terminated|aborted/);
  });

  test('stops the generator when the loop in the window breaks, the page reloads, or main closes', async () => {
    for (const way of ['break', 'reload', 'close'] as const) {
      const { stopped } = endless(name, events);
      const page = pages.open(goodToken);
      const stream = await openInWindow(page);
      await stream.next();
      if (way === 'break') await stream.return?.();
      else if (way === 'reload') page.go();
      else ipc.close();
      expect(await stopped).toBeUndefined();
    }
  });

  test('a failure before the first event has the form of any other', async () => {
    fake.answer(name, () => {
      throw new AppError('not_found', 'There is no such operation.', { kind: 'operation', id: operationId });
    });
    const answer = await request(http.address + path, { headers: { authorization: `Bearer ${goodToken}` }, dispatcher: agent });
    expect([answer.statusCode, await answer.body.json()]).toEqual([404, { error: 'There is no such operation.', details: { code: 'not_found', data: { kind: 'operation', id: operationId } } }]);
    await expect(openInWindow()).rejects.toMatchObject({ code: 'not_found', status: 404 });
  });

  test('a bug in the middle of a stream is told as an internal error and logged', async () => {
    fake.answer(name, () =>
      (async function* stream() {
        yield* events;
        throw new TypeError('secret detail');
      })(),
    );
    const seen: unknown[] = [];
    await expect(
      (async () => {
        for await (const event of await openInWindow()) seen.push(event);
      })(),
    ).rejects.toMatchObject({ code: 'internal' });
    expect(seen).toEqual(events);
    const sse = await openSse(path);
    const messages = await readMessages(sse.chunks, events.length + 1);
    expect(JSON.stringify(messages.at(-1))).toContain('internal');
    expect(JSON.stringify(messages)).not.toContain('secret detail');
    expect(log.lines.map((line) => line.event)).toEqual(['handler.failed', 'handler.failed']);
  });
});

test('cancel works while the operation is followed, over both transports', async () => {
  const { stopped } = endless('operations.follow', contractCases['operations.follow']?.stream ?? []);
  fake.answer('operations.cancel', () => contractCases['operations.cancel']?.gives);
  const sse = await openSse(`/api/v1/operations/${operationId}/events`);
  await readMessages(sse.chunks, 1);
  const answer = await request(`${http.address}/api/v1/operations/${operationId}/cancel`, { method: 'POST', headers: { authorization: `Bearer ${goodToken}` }, dispatcher: agent });
  expect(answer.statusCode).toBe(200);
  await answer.body.dump();
  const page = pages.open(goodToken);
  expect(await page.api.operations.cancel({ id: operationId })).toMatchObject({ id: operationId });
  sse.destroy();
  await stopped;
});
