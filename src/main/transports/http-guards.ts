// The checks that every HTTP request passes before routing and before its session is looked at. Pure: a table of requests tests it.
import { badRequest, forbidden, unsupportedMediaType, type Refusal } from './http-errors';

/** What the guards read of a request. */
export interface GuardedRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Names and values in turn, as they came: Node keeps one of two Host headers in `headers`. */
  readonly rawHeaders: readonly string[];
}

const readOnlyMethods = new Set(['GET', 'HEAD']);

function countOf(request: GuardedRequest, name: string): number {
  return request.rawHeaders.filter((word, at) => at % 2 === 0 && word.toLowerCase() === name).length;
}

function one(request: GuardedRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

/** The names by which this computer may call the server, exact but for case: what stops DNS rebinding. */
export function ownHosts(port: number): readonly string[] {
  return [`127.0.0.1:${String(port)}`, `localhost:${String(port)}`, `[::1]:${String(port)}`];
}

function checkHost(request: GuardedRequest, hosts: readonly string[]): Refusal | null {
  const host = one(request, 'host');
  if (countOf(request, 'host') > 1) return forbidden('host', 'More than one Host header.');
  return host !== undefined && hosts.includes(host.toLowerCase()) ? null : forbidden('host', 'The Host header does not name this server.');
}

/** A browser says where a request comes from; other programs send neither header. */
function checkOrigin(request: GuardedRequest, hosts: readonly string[]): Refusal | null {
  const origin = one(request, 'origin');
  if (countOf(request, 'origin') > 1) return forbidden('origin', 'More than one Origin header.');
  if (origin !== undefined && !hosts.some((host) => origin.toLowerCase() === `http://${host}`)) {
    return forbidden('origin', 'Requests from other pages are not answered.');
  }
  const site = one(request, 'sec-fetch-site');
  return site === undefined || site === 'same-origin' || site === 'none' ? null : forbidden('site', 'Requests from other sites are not answered.');
}

/** Whether a body comes with it, as its headers say. */
export function hasBody(request: Pick<GuardedRequest, 'headers'>): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (typeof length === 'string' && length !== '0');
}

/** A page can send a body of other types without asking first; JSON it cannot. */
function checkMediaType(request: GuardedRequest): Refusal | null {
  if (readOnlyMethods.has(request.method ?? '') || !hasBody(request)) return null;
  const type = one(request, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  return type === 'application/json' ? null : unsupportedMediaType();
}

function checkAddress(url: string | undefined): Refusal | null {
  if (url === undefined || !url.startsWith('/')) return badRequest('The address must be a path: absolute-form addresses are not proxied.');
  if (url.startsWith('//') || url.includes('\\')) return badRequest('The address is not a plain path.');
  const mark = url.indexOf('?');
  const [path, query] = mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
  if (path.includes('#')) return badRequest('The address must not carry a fragment.');
  for (const name of new URLSearchParams(query).keys()) {
    if (/(?:^|[[.])(?:__proto__|constructor|prototype)(?:$|[[\].])/.test(name)) return badRequest('The address has a parameter of a forbidden name.');
  }
  return null;
}

/**
 * Null when the request may go on.
 *
 * Order: Host, Origin and Sec-Fetch-Site, OPTIONS (there is no CORS, so no preflight is answered), media type, form of the address.
 * Headers that would override the method are never read.
 */
export function checkRequest(request: GuardedRequest, hosts: readonly string[]): Refusal | null {
  return (
    checkHost(request, hosts) ??
    checkOrigin(request, hosts) ??
    (request.method === 'OPTIONS' ? forbidden('preflight', 'There is no access from other origins.') : null) ??
    checkMediaType(request) ??
    checkAddress(request.url)
  );
}
