// The connections to Vast.ai. undici is read at the first request: nothing of it is needed to start, or to show a window.
import type { Agent, Dispatcher, request } from 'undici';

export interface ConnectionLimits {
  /** Milliseconds without the first header, and without a byte of the body. */
  readonly silenceMs: number;
  /** Bytes of the largest answer. */
  readonly largestAnswer: number;
}

export interface Sent {
  readonly method: Dispatcher.HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** Must not be repeated: it gets a connection of its own, since one kept open may be closed by the server at the moment it is used. */
  readonly once?: boolean;
}

interface Opened {
  readonly request: typeof request;
  readonly kept: Agent;
  readonly once: Agent;
}

const connectMs = 10_000;

export class Connections {
  private opened: Promise<Opened> | null = null;

  constructor(private readonly limits: ConnectionLimits) {}

  /** Sends one request and gives what came back, whatever its status. Throws undici's errors, which carry a `code`. */
  async send(url: URL, { once = false, signal, ...rest }: Sent): Promise<Dispatcher.ResponseData> {
    this.opened ??= this.open();
    const { request: ask, ...agents } = await this.opened;
    return ask(url, { ...rest, dispatcher: once ? agents.once : agents.kept, signal: signal ?? null });
  }

  /** Ends all of them, and what runs over them. */
  async close(): Promise<void> {
    const opened = await this.opened;
    await Promise.all([opened?.kept.destroy(), opened?.once.destroy()]);
  }

  private async open(): Promise<Opened> {
    const { Agent: Pool, request: ask } = await import('undici');
    const { silenceMs, largestAnswer } = this.limits;
    const limits = { connect: { timeout: connectMs }, headersTimeout: silenceMs, bodyTimeout: silenceMs, maxResponseSize: largestAnswer };
    return { request: ask, kept: new Pool({ ...limits, connections: 8, pipelining: 1 }), once: new Pool({ ...limits, pipelining: 0 }) };
  }
}
