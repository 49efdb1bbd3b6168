// What every handler is given: the services, the transport that the request came over, its headers and the log.
import type { Caller, Log } from '../domain/ports';
import type { Services } from '../domain/services';

/** The same over IPC and HTTP, so that a handler cannot tell them apart except where a rule asks it to. */
export interface RequestContext {
  readonly services: Services;
  readonly transport: Caller['transport'];
  readonly log: Log;
  /** Put here by oRPC's RequestHeadersPlugin. */
  readonly reqHeaders?: Headers;
}

/** The token of `Authorization: Bearer ...`, or null. */
export function bearerOf(headers: Headers | undefined): string | null {
  const match = /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i.exec(headers?.get('authorization') ?? '');
  return match?.[1] ?? null;
}
