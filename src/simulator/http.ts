// The HTTP side of the simulator: guards first, then faults, key, route and answer. Loopback only.
import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from './api-error';
import type { Hosts } from './hosts';
import { LogShelf } from './logs';
import { Pacing } from './pacing';
import { findRoute, type Call, type Reply, type Route } from './route';
import { accountRoutes } from './routes/account';
import { controlRoutes } from './routes/control';
import { instanceRoutes } from './routes/instances';
import { outputRoutes } from './routes/output';
import { searchRoutes } from './routes/search';
import type { World } from './world';

const mostBody = 1_048_576;
const routes: readonly Route[] = [...controlRoutes, ...searchRoutes, ...instanceRoutes, ...accountRoutes, ...outputRoutes];

/** What the HTTP side works on. */
export interface ApiParts {
  readonly world: World;
  readonly hosts: Hosts;
  /** Brings world and SSH servers up to now. */
  refresh(): Promise<void>;
  /** Called after a request that may have changed something. */
  changed(): void;
}

const gatewayPage = (status: number): Reply => ({
  status,
  text: `<html>\r\n<head><title>${status} Bad Gateway</title></head>\r\n<body>\r\n<center><h1>${status} Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`,
  type: 'text/html',
});

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > mostBody) throw new ApiError(413, 'bad_request', 'The body is too large.');
    parts.push(part as Buffer);
  }
  if (size === 0) return {};
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown;
  } catch {
    throw new ApiError(400, 'invalid_args', 'Invalid json_body');
  }
};

const sameText = (left: string, right: string): boolean => {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const checkKey = (request: IncomingMessage, world: World): void => {
  const header = request.headers.authorization ?? '';
  if (header === '') throw new ApiError(403, 'auth_error', 'This action requires login.');
  const key = /^Bearer\s+(.+)$/i.exec(header)?.[1] ?? '';
  if (!sameText(key, world.apiKey)) throw new ApiError(world.faults.get().wrong_key_status ?? 404, 'auth_error', 'Invalid user key');
};

const checkOrigin = (request: IncomingMessage, port: number): void => {
  const host = request.headers.host ?? '';
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) throw new ApiError(403, 'bad_host', 'This address is not served.');
  if (request.headers.origin !== undefined) throw new ApiError(403, 'bad_origin', 'Web pages are not served.');
};

const errorReply = (error: unknown): Reply =>
  error instanceof ApiError
    ? { status: error.status, json: { success: false, error: error.slug, msg: error.message, ...error.extra } }
    : { status: 500, json: { success: false, error: 'server_error', msg: 'internal error' } };

const send = (request: IncomingMessage, response: ServerResponse, reply: Reply): number => {
  if ('special' in reply) {
    if (reply.special === 'drop') request.socket.destroy();
    return 0;
  }
  const body = Buffer.from('json' in reply ? JSON.stringify(reply.json) : reply.text);
  const status = reply.status ?? 200;
  // The official client compares this header with `===`: no charset.
  response.writeHead(status, { 'Content-Type': 'json' in reply ? 'application/json' : reply.type, 'Content-Length': body.length, 'Cache-Control': 'no-store' });
  response.end(request.method === 'HEAD' ? undefined : body);
  return status;
};

/** The listening API. */
export interface ApiServer {
  readonly url: string;
  readonly server: Server;
  close(): Promise<void>;
}

const makeAnswer = (parts: ApiParts, port: () => number) => {
  const { world, hosts } = parts;
  const logs = new LogShelf();
  const pacing = new Pacing(() => performance.now() / 1000);
  return async (request: IncomingMessage, path: string, query: URLSearchParams): Promise<Reply> => {
    checkOrigin(request, port());
    const method = request.method ?? 'GET';
    const control = path.startsWith('/sim/');
    const { slow_ms: slowMs, rate_limit: rateLimit } = world.faults.get();
    if (!control && slowMs !== null) await delay(slowMs);
    const body = await readBody(request);
    const broken = control ? null : world.faults.gateway(path);
    if (broken !== null) return gatewayPage(broken);
    const found = findRoute(routes, method, path);
    if (found?.route.open !== true) checkKey(request, world);
    if (!found) throw new ApiError(404, 'not_found', `No route ${method} ${path}`);
    const early = control ? null : pacing.refuse(found.route, rateLimit);
    if (early) return early;
    await parts.refresh();
    const call: Call = { method, path, params: found.params, query, body, world, hosts, logs, baseUrl: `http://127.0.0.1:${port()}`, refresh: () => parts.refresh() };
    const reply = await found.route.handle(call);
    if (method !== 'GET') {
      await parts.refresh();
      parts.changed();
    }
    return reply;
  };
};

/** Listens on 127.0.0.1 (`port` 0 = any free one). Rejects when the port is taken. */
export const serveApi = async (parts: ApiParts, wantedPort: number): Promise<ApiServer> => {
  let port = wantedPort;
  const answer = makeAnswer(parts, () => port);
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const entry = parts.world.ledger.request(parts.world.clock.now(), request.method ?? 'GET', url.pathname);
    let reply: Reply;
    try {
      reply = await answer(request, url.pathname, url.searchParams);
    } catch (error) {
      reply = errorReply(error);
    }
    entry.status = send(request, response, reply);
  };
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wantedPort, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the simulator has no port');
  port = address.port;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, server, close };
};
