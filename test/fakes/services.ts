// Services whose every answer a test sets, and which remember what they were asked: for walking the contract over a transport.
import type { Caller } from '../../src/main/domain/ports';
import type { Services } from '../../src/main/domain/services';

export interface ServiceCall {
  /** Such as `instances.pause`. */
  readonly name: string;
  readonly args: readonly unknown[];
}

type Answer = (...args: readonly unknown[]) => unknown;

/** The one bearer token that the fake accounts know. */
export const goodToken = 'a-good-token';

export const caller: Omit<Caller, 'transport'> = { userId: 'user-1', email: 'ana@example.com' };

/** `answers` decides what each service does; what has no answer fails the test by throwing. */
export class FakeServices {
  readonly calls: ServiceCall[] = [];
  readonly #answers = new Map<string, Answer>();

  /** From now on, `name` (such as `offers.search`) does this. */
  answer(name: string, answer: Answer): void {
    this.#answers.set(name, answer);
  }

  /** Calls of handlers on services, without the look-ups of tokens. */
  get entered(): readonly ServiceCall[] {
    return this.calls.filter((call) => call.name !== 'accounts.authenticate');
  }

  readonly services: Services = new Proxy({} as Services, {
    get: (_target, group) => (group === 'health' ? (...args: unknown[]) => this.#call('health', args) : this.#group(String(group))),
  });

  #group(group: string): unknown {
    return new Proxy({}, { get: (_target, method) => (...args: unknown[]) => this.#call(`${group}.${String(method)}`, args) });
  }

  #call(name: string, args: readonly unknown[]): unknown {
    this.calls.push({ name, args });
    if (name === 'accounts.authenticate' && !this.#answers.has(name)) {
      const [token, transport] = args as [string, Caller['transport']];
      return token === goodToken ? { ...caller, transport } : null;
    }
    const answer = this.#answers.get(name);
    if (answer === undefined) throw new Error(`the test has no answer for ${name}`);
    return answer(...args);
  }
}
