// The faults a test or a demo can switch on: what each is called, what value it takes, and counting the ones that wear off.
import { isObject } from './filters';

/** Every fault by name; null or absent means off. Counts wear off as they strike, `true` stays on. */
export interface Faults {
  /** 429 below a minimum interval per endpoint: `true` = the documented thresholds; or seconds for all endpoints and the body's form. */
  rate_limit: true | { readonly interval_s?: number; readonly body?: 'text' | 'detail' | 'object' } | null;
  /** That many requests (to paths containing `path`) get an HTML page with status 502 (or `status`). */
  bad_gateway: number | { readonly count: number; readonly path?: string; readonly status?: 502 | 503 | 504 } | null;
  /** Rent, then cut the connection without an answer. */
  create_commit_then_drop: true | number | null;
  /** Rent, then never answer. */
  timeout_after_commit: true | number | null;
  /** New instances fail to get their image. */
  image_error: true | number | null;
  /** Instance ids whose host is disconnected. */
  host_offline: number | readonly number[] | null;
  /** Instance ids that somebody outbid; they resume when the fault is lifted. */
  outbid: number | readonly number[] | null;
  /** Starting a stopped instance is queued until the fault is lifted. */
  queued_start: true | null;
  /** Milliseconds before every answer. */
  slow_ms: number | null;
  /** Search answers begin with rows nobody asked for (`true` = 3). */
  ignore_filters: true | number | null;
  /** Seconds until a requested log can be fetched (default 1.5). */
  logs_delay: number | null;
  /** Seconds for which a destroyed instance still shows. */
  destroy_lingers: number | null;
  /** The most rows a search answers, whatever was asked (default 4096). */
  limit_cap: number | null;
  /** Status of a wrong key: live servers say 404, the documents 401 (default 404). */
  wrong_key_status: 401 | 404 | null;
}

/** The names that {@link Faults} has, in the order of its declaration. */
export const faultNames = [
  'rate_limit', 'bad_gateway', 'create_commit_then_drop', 'timeout_after_commit', 'image_error', 'host_offline', 'outbid',
  'queued_start', 'slow_ms', 'ignore_filters', 'logs_delay', 'destroy_lingers', 'limit_cap', 'wrong_key_status',
] as const satisfies readonly (keyof Faults)[];

type Countable = 'create_commit_then_drop' | 'timeout_after_commit' | 'image_error';

const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isIds = (value: unknown): boolean => isCount(value) || (Array.isArray(value) && value.every(isCount));
const isCountOrTrue = (value: unknown): boolean => value === true || isCount(value);

const accepts: Readonly<Record<keyof Faults, (value: unknown) => boolean>> = {
  rate_limit: (value) => value === true || isObject(value),
  bad_gateway: (value) => isCount(value) || (isObject(value) && isCount(value['count'])),
  create_commit_then_drop: isCountOrTrue,
  timeout_after_commit: isCountOrTrue,
  image_error: isCountOrTrue,
  host_offline: isIds,
  outbid: isIds,
  queued_start: (value) => value === true,
  slow_ms: isCount,
  ignore_filters: isCountOrTrue,
  logs_delay: isCount,
  destroy_lingers: isCount,
  limit_cap: isCount,
  wrong_key_status: (value) => value === 401 || value === 404,
};

const none = (): Faults => ({
  rate_limit: null, bad_gateway: null, create_commit_then_drop: null, timeout_after_commit: null, image_error: null, host_offline: null, outbid: null,
  queued_start: null, slow_ms: null, ignore_filters: null, logs_delay: null, destroy_lingers: null, limit_cap: null, wrong_key_status: null,
});

/** The faults that are on, and the count of those that wear off. */
export class FaultSwitches {
  private current = none();

  /** What is on now. */
  get(): Readonly<Faults> {
    return this.current;
  }

  /** Switches faults on (a value) or off (null). Throws RangeError for an unknown name or a wrong value. */
  set(changes: Partial<Faults> | Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(changes)) {
      if (!(faultNames as readonly string[]).includes(name)) throw new RangeError(`unknown fault '${name}'`);
      if (value !== null && value !== undefined && !accepts[name as keyof Faults](value)) throw new RangeError(`wrong value for fault '${name}'`);
    }
    this.current = { ...this.current, ...changes };
  }

  /** Switches everything off. */
  clear(): void {
    this.current = none();
  }

  /** True when a countable fault strikes now; uses up one of its strikes. */
  strike(name: Countable): boolean {
    const value = this.current[name];
    if (value === true) return true;
    if (value === null || value <= 0) return false;
    this.current[name] = value > 1 ? value - 1 : null;
    return true;
  }

  /** The 5xx status with which a request to this path fails now, or null; uses up one strike. */
  gateway(path: string): 502 | 503 | 504 | null {
    const value = this.current.bad_gateway;
    if (value === null) return null;
    const rule = typeof value === 'number' ? { count: value } : value;
    if (rule.count <= 0 || (rule.path !== undefined && !path.includes(rule.path))) return null;
    this.current.bad_gateway = rule.count > 1 ? { ...rule, count: rule.count - 1 } : null;
    return rule.status ?? 502;
  }

  /** Whether an instance is under a fault that names instances. */
  names(fault: 'host_offline' | 'outbid', id: number): boolean {
    const value = this.current[fault];
    return typeof value === 'number' ? value === id : (value?.includes(id) ?? false);
  }
}
