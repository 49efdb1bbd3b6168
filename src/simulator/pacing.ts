// The rate limit: a minimum interval between requests per route, in real time, as the live API enforces it when switched on.
import type { Faults } from './faults';
import type { Reply, Route } from './route';

// [Note: Rate limits] The live API refuses a request that comes sooner after the last one than the route's threshold; creates
// are then refused for a penalty. It sends no Retry-After, and the body is plain text, `{"detail"}` or the usual error object.
// Routes carry the documented thresholds; routes without one fall back to one second.
const usualInterval = 1;

/** Remembers when each route was last asked. */
export class Pacing {
  private readonly last = new Map<Route, number>();
  private readonly blockedUntil = new Map<Route, number>();

  /** `seconds` is a monotonic clock. */
  constructor(private readonly seconds: () => number) {}

  /** The 429 for a request that came too early, or null. */
  refuse(route: Route, fault: Faults['rate_limit']): Reply | null {
    if (fault === null) return null;
    const now = this.seconds();
    const rule = fault === true ? {} : fault;
    const interval = rule.interval_s ?? route.interval ?? usualInterval;
    const early = now - (this.last.get(route) ?? -Infinity) < interval;
    const blocked = now < (this.blockedUntil.get(route) ?? -Infinity);
    if (!early && !blocked) {
      this.last.set(route, now);
      return null;
    }
    if (!blocked && route.penalty !== undefined && rule.interval_s === undefined) this.blockedUntil.set(route, now + route.penalty);
    const text = `API requests too frequent: endpoint threshold=${interval}`;
    if (rule.body === 'detail') return { status: 429, json: { detail: text } };
    if (rule.body === 'object') return { status: 429, json: { success: false, error: 'too_many_requests', msg: text } };
    return { status: 429, text, type: 'text/plain' };
  }
}
