// The OS keychain as the domain sees it: tagged answers, never a bare null; keytar itself runs in another process.
import { randomBytes } from 'node:crypto';
import type { Clock, Keychain, SecretProblem, SecretRead, SecretWrite } from '../../domain/ports';
import { HelperCalls, type CallResult, type HelperProcess } from './helper-calls';

export type { HelperProcess } from './helper-calls';

/** Windows keeps at most 2,560 bytes of UTF-16 in one entry; below this many bytes a value fits everywhere. */
const valueLimit = 2000;

/** Words by which libsecret says that nothing is there to be unlocked: no bus, no service on it, one that went away during the call, no library. */
const nothingThere = /autolaunch|d-?bus|recipient disconnected|not provided by any|serviceunknown|service ?name|no such file|could not connect|connection refused|cannot open shared object|native addon|no such interface|closed/i;
/** Words by which a service that is there says that it will not open. */
const willNotOpen = /locked|dismissed|prompt|no such secret collection|collection/i;

const classify = (error: string): SecretProblem => {
  if (willNotOpen.test(error)) return 'locked';
  return nothingThere.test(error) ? 'unavailable' : 'locked';
};

const problemOf = (result: Exclude<CallResult, { readonly kind: 'answered' }>): { readonly kind: SecretProblem; readonly reason: string } =>
  result.kind === 'failed' ? { kind: classify(result.error), reason: result.error } : { kind: result.kind, reason: result.reason };

type Probe = 'ready' | { readonly kind: SecretProblem; readonly reason: string };

/**
 * Keychain over a helper process.
 *
 * A locked Linux keyring answers null to `get`, exactly as an empty one does, so a null counts as absent only after a canary was set, read
 * back and deleted. It is probed once: repeated probing makes some desktops prompt.
 */
export class ProcessKeychain implements Keychain {
  readonly #service: string;
  readonly #calls: HelperCalls;
  #probe: Promise<Probe> | null = null;

  constructor(options: { readonly service: 'dumont-cloud' | 'dumont-cloud-demo'; readonly fork: () => HelperProcess; readonly clock: Clock; readonly timeoutMs?: number }) {
    this.#service = options.service;
    this.#calls = new HelperCalls({ fork: options.fork, clock: options.clock, timeoutMs: options.timeoutMs ?? 5000 });
  }

  async probe(again = false): Promise<'ready' | SecretProblem> {
    const probe = await this.#probed(again);
    return probe === 'ready' ? probe : probe.kind;
  }

  async get(account: string): Promise<SecretRead> {
    const probe = await this.#probed(false);
    if (probe !== 'ready') return probe;
    const result = await this.#call('get', account);
    if (result.kind !== 'answered') return problemOf(result);
    if (typeof result.value === 'string') return { kind: 'found', value: result.value };
    // The keyring may have been locked since the probe, and then it answers null too.
    const now = await this.#probed(true);
    return now === 'ready' ? { kind: 'absent' } : now;
  }

  async set(account: string, value: string): Promise<SecretWrite> {
    if (Buffer.byteLength(value) >= valueLimit) throw new RangeError(`A keychain value must be shorter than ${valueLimit} bytes`);
    const probe = await this.#probed(false);
    if (probe !== 'ready') return probe;
    const result = await this.#change('set', account, value);
    return result.kind === 'answered' ? { kind: 'done' } : problemOf(result);
  }

  async delete(account: string): Promise<SecretWrite> {
    const probe = await this.#probed(false);
    if (probe !== 'ready') return probe;
    const result = await this.#change('delete', account);
    if (result.kind !== 'answered') return problemOf(result);
    if (result.value === true) return { kind: 'done' };
    // False: there was none, or it is locked.
    const now = await this.#probed(true);
    return now === 'ready' ? { kind: 'done' } : now;
  }

  close(): Promise<void> {
    this.#calls.close();
    return Promise.resolve();
  }

  #call(op: 'get' | 'set' | 'delete', account: string, value?: string): Promise<CallResult> {
    return this.#calls.call({ op, service: this.#service, account, ...(value === undefined ? {} : { value }) });
  }

  /**
   * A change, after a read that was answered.
   *
   * A daemon that hangs keeps what it was sent and does it when it goes on, long after the caller was told that nothing was written; so
   * nothing is sent to one that does not answer.
   */
  async #change(op: 'set' | 'delete', account: string, value?: string): Promise<CallResult> {
    const awake = await this.#call('get', account);
    return awake.kind === 'answered' ? this.#call(op, account, value) : awake;
  }

  #probed(again: boolean): Promise<Probe> {
    if (again || this.#probe === null) this.#probe = this.#runProbe();
    return this.#probe;
  }

  async #runProbe(): Promise<Probe> {
    const account = `probe:${randomBytes(8).toString('hex')}`;
    const canary = randomBytes(16).toString('hex');
    const written = await this.#change('set', account, canary);
    if (written.kind !== 'answered') return problemOf(written);
    const read = await this.#call('get', account);
    if (read.kind !== 'answered') return problemOf(read);
    const deleted = await this.#call('delete', account);
    if (deleted.kind !== 'answered') return problemOf(deleted);
    return read.value === canary ? 'ready' : { kind: 'locked', reason: 'the keychain did not give back what was written' };
  }
}
