// The loopback HTTP server: guards, then the contract, the documentation and the renderer. 127.0.0.1 only.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { SmartCoercionPlugin } from '@orpc/json-schema';
import { OpenAPIHandler } from '@orpc/openapi/node';
import { RequestHeadersPlugin } from '@orpc/server/plugins';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import type { Log } from '../domain/ports';
import type { Services } from '../domain/services';
import type { RequestContext } from '../handlers/context';
import { router } from '../handlers/router';
import { readBody } from './http-body';
import { isDocs, sendDocs } from './http-docs';
import { errorBodyOf, internalRefusal, methodNotAllowed, noSuchRoute, sendRefusal, type Refusal } from './http-errors';
import { sendRenderer } from './http-files';
import { checkRequest, ownHosts } from './http-guards';
import { PortUnavailableError } from './port-unavailable';
import { methodsOf } from './routes';
import { apiHeaders } from './security-headers';

export interface HttpOptions {
  readonly services: Services;
  readonly log: Log;
  /** TCP port on 127.0.0.1; 0 = any free one. */
  readonly port: number;
  /** The built renderer. */
  readonly rendererFolder: string;
}

export interface HttpServer {
  /** `http://127.0.0.1:PORT`. */
  readonly address: string;
  readonly port: number;
  /** Ends every connection and stream; resolves when the port is free. */
  close(): Promise<void>;
}

/** Limits of quality T3: 16 KiB of headers, 100 connections, and times that cover headers and body only, never the answer. */
const limits = { headerBytes: 16 * 1024, connections: 100, headersMs: 10_000, requestMs: 60_000 };

function apiHandler(): OpenAPIHandler<RequestContext> {
  return new OpenAPIHandler<RequestContext>(router, {
    plugins: [new RequestHeadersPlugin(), new SmartCoercionPlugin({ schemaConverters: [new ZodToJsonSchemaConverter()] })],
    customErrorResponseBodyEncoder: errorBodyOf,
  });
}

type Handler = ReturnType<typeof apiHandler>;

async function answerApi(request: IncomingMessage, response: ServerResponse, path: string, handler: Handler, options: HttpOptions): Promise<void> {
  const methods = methodsOf(path);
  if (methods.length === 0) return sendRefusal(response, noSuchRoute(path));
  if (!methods.includes(request.method ?? '')) return sendRefusal(response, methodNotAllowed(methods));
  const body = await readBody(request);
  if (!body.ok) return sendRefusal(response, body.refusal);
  Object.entries(apiHeaders).forEach(([name, value]) => response.setHeader(name, value));
  const { services, log } = options;
  // oRPC takes a body that was parsed already.
  const parsed = Object.assign(request, { body: body.value });
  const { matched } = await handler.handle(parsed, response, { context: { services, log, transport: 'http' } });
  if (!matched) sendRefusal(response, noSuchRoute(path));
}

/** One line a second at most: a page that tries again and again must not wash everything else out of the log. */
function refusalLog(log: Log): (refusal: Refusal) => void {
  let last = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  return (refusal) => {
    if (performance.now() - last < 1_000) {
      unsaid += 1;
      return;
    }
    log.warn('http.refused', { code: refusal.code, status: refusal.status, reason: refusal.data['reason'], unsaid });
    last = performance.now();
    unsaid = 0;
  };
}

interface Serving {
  readonly handler: Handler;
  readonly options: HttpOptions;
  readonly refused: (refusal: Refusal) => void;
  /** Known once the port is. */
  hosts: readonly string[];
}

async function answer(request: IncomingMessage, response: ServerResponse, { handler, options, refused, hosts }: Serving): Promise<void> {
  const refusal = checkRequest(request, hosts);
  if (refusal !== null) {
    refused(refusal);
    return sendRefusal(response, refusal);
  }
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  if (!isDocs(path) && (path === '/health' || path === '/api' || path.startsWith('/api/'))) return answerApi(request, response, path, handler, options);
  if (request.method !== 'GET' && request.method !== 'HEAD') return sendRefusal(response, methodNotAllowed(['GET', 'HEAD']));
  const found = isDocs(path) ? await sendDocs(response, path) : await sendRenderer(response, options.rendererFolder, path);
  if (!found) sendRefusal(response, noSuchRoute(path));
}

/** What Node could not read as a request: one line in our form, then the connection ends. */
function refuseBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(errorBodyOf({ code: 'invalid_input', message: `The request could not be read: ${status.slice(4)}.`, data: {} }));
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') reject(new PortUnavailableError(port, 'busy'));
      else reject(error.code === 'EACCES' ? new PortUnavailableError(port, 'denied') : error);
    });
    server.listen({ host: '127.0.0.1', port }, () => resolve((server.address() as AddressInfo).port));
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Starts to listen. Throws PortUnavailableError. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const serving: Serving = { handler: apiHandler(), options, refused: refusalLog(options.log), hosts: [] };
  const server = createServer(
    { maxHeaderSize: limits.headerBytes, headersTimeout: limits.headersMs, requestTimeout: limits.requestMs, connectionsCheckingInterval: 5_000, requireHostHeader: false },
    (request, response) => {
      answer(request, response, serving).catch((error: unknown) => {
        if (!request.destroyed) options.log.error('http.failed', { error });
        sendRefusal(response, internalRefusal);
      });
    },
  );
  server.maxConnections = limits.connections;
  server.timeout = 0;
  server.on('clientError', (error, socket) => refuseBroken(error, socket as Socket));
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'));
  const port = await listen(server, options.port);
  serving.hosts = ownHosts(port);
  return { address: `http://127.0.0.1:${String(port)}`, port, close: () => closeServer(server) };
}
