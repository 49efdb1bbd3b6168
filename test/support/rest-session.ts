// A signed-in REST client of a running app, for suites over real processes.
import type { RunningApp } from './run-app';

/** An answer with its parsed body. */
export interface RestReply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** One session. */
export interface RestSession {
  /** Any answer, also an error. */
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', target: string, body?: unknown): Promise<RestReply>;
  /** The body of a good answer; throws with the error's body else. */
  good(method: 'GET' | 'POST' | 'PUT' | 'DELETE', target: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Asks until the wish holds, for a minute; gives the body. */
  until(target: string, wish: (reply: RestReply) => boolean): Promise<Record<string, unknown>>;
  /** Opens a stream and waits for its first bytes; gives what has come so far, also after the server has ended it. */
  stream(target: string): Promise<() => string>;
}

/** A client with or without a session's token. */
export const restSession = (app: Pick<RunningApp, 'url'>, token?: string): RestSession => {
  const bearer: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const call: RestSession['call'] = async (method, target, body) => {
    const sent = body === undefined ? { headers: bearer } : { headers: { ...bearer, 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await fetch(`${app.url}${target}`, { method, ...sent });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return {
    call,
    good: async (method, target, body) => {
      const reply = await call(method, target, body);
      if (reply.status >= 300) throw new Error(`${method} ${target}: ${reply.status} ${JSON.stringify(reply.body)}`);
      return reply.body;
    },
    until: async (target, wish) => {
      for (const end = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 300))) {
        const reply = await call('GET', target);
        if (wish(reply)) return reply.body;
        if (Date.now() > end) throw new Error(`GET ${target} never became what was wished for: ${reply.status} ${JSON.stringify(reply.body)}`);
      }
    },
    stream: async (target) => {
      const answer = await fetch(`${app.url}${target}`, { headers: bearer });
      if (answer.body === null || !answer.ok) throw new Error(`GET ${target}: ${answer.status}`);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = (await reader.read()).value ?? '';
      const readOn = async (): Promise<void> => {
        for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
      };
      // A server that ends cuts the stream.
      readOn().catch(() => undefined);
      return () => text;
    },
  };
};

/** Makes the first account with the code that the start printed, and gives its session. */
export const firstAccount = async (app: RunningApp, email: string, password: string): Promise<RestSession> => {
  const [, code] = await app.program.line(/^Setup code for the first account: (\S+)$/);
  const { token } = await restSession(app).good('POST', '/api/v1/auth/register', { email, password, setup_code: code });
  return restSession(app, String(token));
};
