// The rate limit: a minimum interval between requests per route, in real time, as the live API enforces it when switched on.
import type { Faults } from './faults';
import type { Reply, Route } from './route';

// [Note: Rate limits] The live API refuses a request that comes sooner after the last one than the route's threshold; creates
// are then refused for a penalty. It sends no Retry-After, and the body is plain text, `{"detail"}` or the usual error object.
// Routes carry the documented thresholds; routes without one fall back to one second.
const usualInterval = 1;

/** Remembers when each route was asked. */
export class Pacing {
  /** Accepted requests of the last minute, or the last one, by route. */
  private readonly accepted = new Map<Route, readonly number[]>();
  private readonly blockedUntil = new Map<Route, number>();

  /** `seconds` is a monotonic clock. */
  constructor(private readonly seconds: () => number) {}

  /** The 429 for a request that came too early, or null. */
  refuse(route: Route, fault: Faults['rate_limit']): Reply | null {
    if (fault === null) return null;
    const now = this.seconds();
    const rule = fault === true ? {} : fault;
    const windowed = route.perMinute !== undefined && rule.interval_s === undefined;
    const interval = windowed ? 60 : (rule.interval_s ?? route.interval ?? usualInterval);
    const recent = (this.accepted.get(route) ?? []).filter((at) => now - at < interval);
    const early = recent.length >= (windowed ? (route.perMinute ?? 1) : 1);
    const blocked = now < (this.blockedUntil.get(route) ?? -Infinity);
    if (!early && !blocked) {
      this.accepted.set(route, [...recent, now]);
      return null;
    }
    if (!blocked && route.penalty !== undefined && rule.interval_s === undefined) this.blockedUntil.set(route, now + route.penalty);
    const text = `API requests too frequent: endpoint threshold=${windowed ? interval / (route.perMinute ?? 1) : interval}`;
    if (rule.body === 'detail') return { status: 429, json: { detail: text } };
    if (rule.body === 'object') return { status: 429, json: { success: false, error: 'too_many_requests', msg: text } };
    return { status: 429, text, type: 'text/plain' };
  }
}
