// What a route of the simulated API is, and finding the one for a path; both spellings of the trailing slash are the same.
import type { Hosts } from './hosts';
import type { LogShelf } from './logs';
import type { World } from './world';

/** A request as a route sees it, after guards, key and faults. */
export interface Call {
  readonly method: string;
  readonly path: string;
  /** Values of the `{...}` parts of the route's path, in order. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  /** Parsed JSON, `{}` when there was none. */
  readonly body: unknown;
  readonly world: World;
  readonly hosts: Hosts;
  readonly logs: LogShelf;
  /** `http://127.0.0.1:PORT` */
  readonly baseUrl: string;
  /** Brings world and SSH servers up to now. */
  refresh(): Promise<void>;
}

/** What is sent back; `drop` cuts the connection and `hang` never answers, both after the work is done. */
export type Reply =
  | { readonly status?: number; readonly json: unknown }
  | { readonly status: number; readonly text: string; readonly type: string }
  | { readonly special: 'drop' | 'hang' };

/** One route. Thresholds are the documented ones of [Note: Rate limits]. */
export interface Route {
  readonly method: string;
  readonly path: string;
  /** Needs no key. */
  readonly open?: boolean;
  /** Least seconds between two requests when the rate limit is on. */
  readonly interval?: number;
  /** Most requests in any minute when the rate limit is on; in place of an interval. */
  readonly perMinute?: number;
  /** Seconds during which everything is refused after a request that came too early. */
  readonly penalty?: number;
  handle(call: Call): Reply | Promise<Reply>;
}

const segmentsOf = (path: string): readonly string[] => path.split('/').filter((segment) => segment !== '');

const matchOne = (pattern: readonly string[], path: readonly string[]): readonly string[] | null => {
  if (pattern.length !== path.length) return null;
  const params: string[] = [];
  for (const [index, expected] of pattern.entries()) {
    const actual = path[index] ?? '';
    if (expected.startsWith('{')) params.push(actual);
    else if (expected !== actual) return null;
  }
  return params;
};

/** Finds the route of a request; literal routes must stand before those with parameters. */
export const findRoute = (routes: readonly Route[], method: string, path: string): { readonly route: Route; readonly params: readonly string[] } | null => {
  const segments = segmentsOf(path);
  for (const route of routes) {
    const params = route.method === method ? matchOne(segmentsOf(route.path), segments) : null;
    if (params) return { route, params };
  }
  return null;
};

/** The numeric id in a route's path, NaN when it is none. */
export const idParam = (call: Call, index = 0): number => Number(call.params[index] ?? Number.NaN);
