// Calls an endpoint over a real socket the way a REST client would: path, query or JSON body by its route.
import { Agent, request } from 'undici';
import type { Route } from '../../src/main/transports/routes';

export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** The address of a route with its path and query filled in, and what is left for the body. */
export function addressOf(route: Pick<Route, 'method' | 'path'>, input: Readonly<Record<string, unknown>> = {}): { readonly path: string; readonly body: Record<string, unknown> } {
  const rest = { ...input };
  const path = route.path.replace(/\{([^}]+)\}/g, (_whole, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  if (route.method !== 'GET') return { path, body: rest };
  const query = new URLSearchParams(Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)])).toString();
  return { path: query === '' ? path : `${path}?${query}`, body: {} };
}

/** One connection pool per test file; close it at the end. */
export class RestClient {
  readonly #agent = new Agent({ keepAliveTimeout: 1000 });

  constructor(readonly address: string) {}

  async call(route: Pick<Route, 'method' | 'path'>, options: { readonly input?: Readonly<Record<string, unknown>>; readonly token?: string | null; readonly headers?: Readonly<Record<string, string>> } = {}): Promise<RestAnswer> {
    const { path, body } = addressOf(route, options.input);
    const hasBody = Object.keys(body).length > 0;
    return this.raw(route.method, path, {
      headers: {
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
        ...(typeof options.token === 'string' ? { authorization: `Bearer ${options.token}` } : {}),
        ...options.headers,
      },
      body: hasBody ? JSON.stringify(body) : null,
    });
  }

  async raw(method: string, path: string, options: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer | null } = {}): Promise<RestAnswer> {
    const answer = await request(this.address + path, { method: method as 'GET', headers: { ...options.headers }, body: options.body ?? null, dispatcher: this.#agent });
    const text = await answer.body.text();
    return { status: answer.statusCode, headers: answer.headers, body: String(answer.headers['content-type']).startsWith('application/json') ? JSON.parse(text) : text };
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}
