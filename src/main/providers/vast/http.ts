// Sends one request to Vast: pooled connections, time limits, a size cap, pacing, and repeats where repeating is harmless.
import { createHash } from 'node:crypto';
import { AppError } from '../../domain/app-error';
import type { Clock, Log } from '../../domain/ports';
import { Connections } from './connections';
import type { Endpoint } from './endpoints';
import { tooMuch, type Answer } from './failures';
import { Pacer } from './pacing';
import { fullJitter, maxTries, passing, patienceMs, retryAfterSeconds } from './retry';

export interface HttpOptions {
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly userAgent: string;
  /** Milliseconds without the first header, and without a byte of the body; 30 s each when absent (REL-12). */
  readonly silenceMs?: number;
}

export interface Call {
  readonly key: string | null;
  /** Below the base URL, with its trailing slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** An answer and how many tries it took. */
export interface Answered extends Answer {
  readonly attempts: number;
}

/** Bytes of the largest answer: 10,000 offers of 3 kB. */
const largestAnswer = 48 * 1024 * 1024;
/** So many failures in a row, and calls are no longer repeated until one works. */
const failuresToStopRepeating = 5;
const longestRetryAfterS = 30;

/** Codes of failures before anything was sent. */
const beforeSending = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH']);

/** The code of a network failure, looked for in its causes too. */
export const failureCode = (error: unknown): string => {
  const { code, cause, errors: all } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown; readonly errors?: unknown };
  if (typeof code === 'string') return code;
  if (Array.isArray(all) && all.length > 0) return failureCode(all[0]);
  return cause === undefined ? 'unknown' : failureCode(cause);
};

export class VastHttp {
  readonly connections: Connections;
  private readonly pacer: Pacer;
  private failures = 0;

  constructor(private readonly options: HttpOptions) {
    this.pacer = new Pacer(options.clock);
    this.connections = new Connections({ silenceMs: options.silenceMs ?? 30_000, largestAnswer });
  }

  /**
   * The answer to a call, whatever its status; failures that may pass were repeated where the endpoint allows it.
   *
   * Throws `vast_rate_limited`, sending nothing, while the server has asked for a longer pause than anybody would wait for; `vast_unreachable` when there was no answer; its `attempts` is 0 when no connection was ever made, so that nothing was sent.
   */
  async call(endpoint: Endpoint, call: Call): Promise<Answered> {
    const { clock } = this.options;
    const identity = call.key === null ? 'anonymous' : createHash('sha256').update(call.key).digest('hex').slice(0, 16);
    const started = clock.now();
    for (let tries = 1; ; tries += 1) {
      const last = !endpoint.repeatable || tries >= maxTries || this.failures >= failuresToStopRepeating || clock.now() - started > patienceMs;
      const held = this.pacer.heldMs(identity, endpoint);
      if (held > longestRetryAfterS * 1000) throw tooMuch(held / 1000);
      const outcome = await this.pacer.turn(identity, endpoint, call.signal, () => this.attempt(endpoint, call));
      const wait = this.judge(endpoint, identity, outcome, tries);
      if (wait === null || last || wait > longestRetryAfterS * 1000) {
        if ('answer' in outcome) return { ...outcome.answer, attempts: tries };
        const attempts = beforeSending.has(failureCode(outcome.error)) ? 0 : tries;
        throw new AppError('vast_unreachable', 'Vast.ai could not be reached.', { attempts }, { cause: outcome.error });
      }
      await clock.sleep(wait, call.signal);
    }
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.connections.close();
  }

  /** Milliseconds to wait before another try, or null when the outcome is final. */
  private judge(endpoint: Endpoint, identity: string, outcome: { readonly answer: Answer } | { readonly error: unknown }, tries: number): number | null {
    const { clock, log, random } = this.options;
    const status = 'answer' in outcome ? outcome.answer.status : 0;
    if ('answer' in outcome && !passing(status)) {
      this.failures = 0;
      return null;
    }
    // A 429 is an answer of a server that works: it must not end repeating.
    if (status !== 429) this.failures += 1;
    log.warn('vast.try_failed', { endpoint: endpoint.name, status, code: 'error' in outcome ? failureCode(outcome.error) : null, tries });
    const asked = 'answer' in outcome ? retryAfterSeconds(outcome.answer.retryAfter, clock.now()) : null;
    if (status === 429) this.pacer.penalise(identity, endpoint, Math.max(endpoint.penaltyMs ?? endpoint.intervalMs, (asked ?? 0) * 1000));
    return asked === null ? fullJitter(tries - 1, random) : asked * 1000;
  }

  private async attempt(endpoint: Endpoint, call: Call): Promise<{ readonly answer: Answer } | { readonly error: unknown }> {
    const url = new URL(`${this.options.baseUrl.replace(/\/+$/, '')}${call.path}`);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    const hasBody = endpoint.method !== 'GET';
    try {
      const { statusCode, headers, body } = await this.connections.send(url, {
        once: !endpoint.repeatable,
        method: endpoint.method,
        headers: {
          accept: 'application/json',
          'user-agent': this.options.userAgent,
          ...(call.key === null ? {} : { authorization: `Bearer ${call.key}` }),
          ...(hasBody ? { 'content-type': 'application/json' } : {}),
        },
        ...(hasBody ? { body: JSON.stringify(call.body ?? {}) } : {}),
        signal: call.signal,
      });
      const retryAfter = headers['retry-after'];
      return { answer: { status: statusCode, body: await body.text(), retryAfter: typeof retryAfter === 'string' ? retryAfter : null } };
    } catch (error) {
      if (call.signal?.aborted === true) throw call.signal.reason as unknown;
      if (failureCode(error) === 'UND_ERR_INVALID_ARG') throw error;
      // Asking again would bring the same. What a rental answered stays open: it may have rented.
      if (endpoint.repeatable && failureCode(error) === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
        throw new AppError('vast_error', 'Vast.ai sent more than an answer may hold.', { status: 200, slug: null, detail: 'the answer is too large' }, { cause: error });
      }
      return { error };
    }
  }
}
