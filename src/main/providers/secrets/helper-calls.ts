// Calls to the keychain process: one at a time, each with a time limit, the process started when needed and given up on when it keeps dying.
import type { Clock, SecretProblem } from '../../domain/ports';
import { keychainAnswer, type KeychainCall } from './messages';

/** A process with a message channel, however it was started. */
export interface HelperProcess {
  postMessage(message: unknown): void;
  onMessage(callback: (message: unknown) => void): void;
  onExit(callback: () => void): void;
  kill(): void;
}

/** What came of a call: keytar's value, the words of its error, or no answer at all. */
export type CallResult =
  | { readonly kind: 'answered'; readonly value: string | boolean | null }
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: Exclude<SecretProblem, 'locked'>; readonly reason: string };

/** Restarts after a crash or a hang within `restartWindowMs`; a process that ended because it was idle does not count. */
const restartLimit = 3;
const restartWindowMs = 10 * 60_000;

/** The process ends by itself after 60 s without a call; one that has been quiet for this long is replaced, so that no call meets its end. */
const retireAfterMs = 50_000;

interface Running {
  readonly process: HelperProcess;
  /** Settles the call that waits. */
  settle: ((result: CallResult, id: number | null) => void) | null;
}

export class HelperCalls {
  readonly #fork: () => HelperProcess;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #running: Running | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #failures: number[] = [];
  #nextId = 1;
  #lastUsedAt = 0;
  #closed = false;

  constructor(options: { readonly fork: () => HelperProcess; readonly clock: Clock; readonly timeoutMs: number }) {
    this.#fork = options.fork;
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs;
  }

  /** Makes the call after those before it have ended. Never rejects. */
  call(call: Omit<KeychainCall, 'id'>): Promise<CallResult> {
    const result = this.#queue.then(() => this.#callNow(call));
    this.#queue = result;
    return result;
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }

  async #callNow(call: Omit<KeychainCall, 'id'>): Promise<CallResult> {
    if (this.#closed) return { kind: 'unavailable', reason: 'the app is ending' };
    const now = this.#clock.now();
    if (now - this.#lastUsedAt > retireAfterMs) this.#stop();
    this.#lastUsedAt = now;
    const running = this.#running ?? this.#start();
    if (running === null) return { kind: 'unavailable', reason: 'the keychain process failed repeatedly' };
    const id = this.#nextId++;
    const limit = new AbortController();
    const answered = new Promise<CallResult>((resolve) => {
      running.settle = (result, ofId) => {
        if (ofId === null || ofId === id) resolve(result);
      };
    });
    const late = this.#clock.sleep(this.#timeoutMs, limit.signal).then(
      (): CallResult => ({ kind: 'timeout', reason: `no answer within ${this.#timeoutMs} ms` }),
      () => answered,
    );
    try {
      running.process.postMessage({ id, ...call });
    } catch {
      running.settle?.({ kind: 'unavailable', reason: 'the keychain process is gone' }, id);
    }
    const result = await Promise.race([answered, late]);
    limit.abort();
    running.settle = null;
    if (result.kind === 'timeout') {
      // Whatever it still does, nobody listens: a late write of a value that the caller believes unwritten must not happen.
      this.#failures.push(this.#clock.now());
      this.#stop();
    }
    return result;
  }

  #start(): Running | null {
    const now = this.#clock.now();
    this.#failures = this.#failures.filter((at) => now - at < restartWindowMs);
    if (this.#failures.length > restartLimit) return null;
    try {
      const running: Running = { process: this.#fork(), settle: null };
      running.process.onMessage((message) => {
        const said = keychainAnswer.safeParse(message);
        if (!said.success) return;
        running.settle?.(said.data.ok ? { kind: 'answered', value: said.data.value } : { kind: 'failed', error: said.data.error }, said.data.id);
      });
      running.process.onExit(() => this.#ended(running));
      this.#running = running;
      return running;
    } catch {
      this.#failures.push(now);
      return null;
    }
  }

  #ended(running: Running): void {
    if (this.#running === running) this.#running = null;
    // Idle processes end by themselves between calls; one that ends during a call has crashed.
    if (running.settle === null) return;
    this.#failures.push(this.#clock.now());
    running.settle({ kind: 'unavailable', reason: 'the keychain process crashed' }, null);
  }

  #stop(): void {
    const running = this.#running;
    this.#running = null;
    if (running === null) return;
    running.settle?.({ kind: 'unavailable', reason: 'the keychain process was stopped' }, null);
    running.settle = null;
    running.process.kill();
  }
}
