// Vast's endpoints as this app calls them, with the minimum interval each one asks for.

/*
 * [Note: Vast's API] What this folder and the domain know of it comes from Vast's official client (vast-cli, August 2026), from its documentation, and from observations that others
 * published with a date; where these differ, what the client sends counts.
 */

/** How an endpoint is called. */
export interface Endpoint {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Milliseconds between two requests of one key. */
  readonly intervalMs: number;
  /** In place of an interval: so many requests in any minute. */
  readonly perMinute?: number;
  /** Milliseconds to stay away after a 429; the interval when absent. */
  readonly penaltyMs?: number;
  /** Doing it twice is as good as once, so it may be repeated after a failure. */
  readonly repeatable: boolean;
}

const read = (name: string, intervalMs: number): Endpoint => ({ name, method: 'GET', intervalMs, repeatable: true });
const change = (name: string, method: Endpoint['method'], intervalMs: number): Endpoint => ({ name, method, intervalMs, repeatable: true });

export const endpoints = {
  search: { name: 'search', method: 'POST', intervalMs: 0, perMinute: 10, penaltyMs: 6000, repeatable: true },
  /** The only call that is never repeated: a lost answer may hide a rental. See [Note: Rent intent]. */
  rent: { name: 'rent', method: 'PUT', intervalMs: 4500, penaltyMs: 12_000, repeatable: false },
  list: read('list', 1000),
  show: read('show', 2000),
  update: change('update', 'PUT', 1000),
  destroy: change('destroy', 'DELETE', 3000),
  requestLogs: change('requestLogs', 'PUT', 1000),
  account: read('account', 1000),
  accountKeys: read('accountKeys', 1000),
  addAccountKey: change('addAccountKey', 'POST', 1000),
  instanceKeys: read('instanceKeys', 1000),
  attachKey: change('attachKey', 'POST', 1000),
} as const satisfies Record<string, Endpoint>;
