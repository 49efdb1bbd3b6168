// The way over HTTP, for the page in a browser.
import { ORPCError, type ClientContext, type ClientLink } from '@orpc/client';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { config } from 'zod';
import { contract } from '../contract';
import { record } from './record';

export interface LinkOptions {
  readonly headers: () => Record<string, string>;
  readonly interceptors: ((call: { readonly next: () => Promise<unknown> }) => Promise<unknown>)[];
}

// The content security policy forbids eval, which zod's compiler would try.
config({ jitless: true });

/** Reads `{"error", "details": {"code", "data"}}`, the body of every error over HTTP. */
function restError(body: unknown, response: Readonly<{ status: number }>): ORPCError<string, unknown> | null {
  const { error, details } = record(body);
  const { code, data } = record(details);
  if (typeof code !== 'string') return null;
  return new ORPCError(code, { status: response.status, message: typeof error === 'string' ? error : code, data });
}

/** The contract over the server that the page came from. */
export const makeHttpLink = (options: LinkOptions): ClientLink<ClientContext> =>
  new OpenAPILink(contract, { url: window.location.origin, ...options, customErrorResponseBodyDecoder: restError });
