// A client of the REST API of a running demo, signed in as its account.

export interface DemoClient {
  get<Body>(path: string): Promise<Body>;
  send<Body>(method: string, path: string, body?: unknown): Promise<Body>;
}

/** Signs in at `http://127.0.0.1:PORT`. Calls throw when the answer is no success. */
export async function demoClient(url: string): Promise<DemoClient> {
  const call = async <Body>(method: string, path: string, body?: unknown, token?: string): Promise<Body> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${await response.text()}`);
    return (await response.json()) as Body;
  };
  const { demo } = await call<{ demo: { email: string; password: string } }>('GET', '/api/v1/welcome');
  const { token } = await call<{ token: string }>('POST', '/api/v1/auth/login', { username: demo.email, password: demo.password });
  return { get: (path) => call('GET', path, undefined, token), send: (method, path, body) => call(method, path, body, token) };
}
