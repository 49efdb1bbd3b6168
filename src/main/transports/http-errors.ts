// Errors that the HTTP transport itself gives, in the same form as those of the contract.
import type { ServerResponse } from 'node:http';
import { errorTable } from '../../contract';
import { apiHeaders } from './security-headers';

/** Why a request was turned away before it reached a handler. Status and code belong together; `code` is in `details.code`. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that comes from where none of ours does. `reason` says which check it failed. */
export function forbidden(reason: string, message: string): Refusal {
  return { status: 403, code: 'forbidden', message, data: { reason } };
}

export function badRequest(message: string, path = ''): Refusal {
  return { status: 400, code: 'invalid_input', message, data: { issues: [{ path, message }] } };
}

export function unsupportedMediaType(): Refusal {
  return { status: 415, code: 'unsupported_media_type', message: 'A request with a body needs Content-Type: application/json.', data: {} };
}

/** `limit` in bytes. */
export function bodyTooLarge(limit: number): Refusal {
  return { status: 413, code: 'body_too_large', message: `The body is larger than ${String(limit)} bytes.`, data: { limit }, headers: { Connection: 'close' } };
}

export function noSuchRoute(path: string): Refusal {
  return { status: 404, code: 'not_found', message: 'There is nothing at this address.', data: { kind: 'address', id: path.slice(0, 200) } };
}

export function methodNotAllowed(allowed: readonly string[]): Refusal {
  return { status: 405, code: 'method_not_allowed', message: `This address answers ${allowed.join(', ')} only.`, data: { allowed }, headers: { Allow: allowed.join(', ') } };
}

export const internalRefusal: Refusal = { status: errorTable.internal.status, code: 'internal', message: errorTable.internal.message, data: {} };

/** The body of every error answer: `errorBody` of the contract. */
export function errorBodyOf(error: { readonly code: string; readonly message: string; readonly data: unknown }): { error: string; details: { code: string; data: unknown } } {
  return { error: error.message, details: { code: error.code, data: error.data ?? {} } };
}

/** Answers with a refusal, unless an answer has begun. */
export function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = JSON.stringify(errorBodyOf(refusal));
  response.writeHead(refusal.status, { ...apiHeaders, ...refusal.headers, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
