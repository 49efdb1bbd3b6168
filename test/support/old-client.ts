// The original REST client in tests: the Python script beside this file and real curl commands, and what they got.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { cleanEnv, type RunningApp } from './run-app';

const execute = promisify(execFile);

/** An answer as the client saw it. */
export interface Seen {
  readonly status: number;
  /** `Content-Type` of the answer. */
  readonly type: string | null;
  readonly body: Record<string, unknown>;
}

const script = path.join(import.meta.dirname, 'old-client.py');

const accountOf = (app: RunningApp): { readonly email: string; readonly password: string } => {
  if (app.demoAccount === undefined) throw new Error('The old client needs the demo account');
  return app.demoAccount;
};

/** Runs the Python client against a demo; gives every answer by the name of its step, in order. Throws with the script's own output when it breaks off. */
export const runPythonClient = async (app: RunningApp): Promise<ReadonlyMap<string, Seen & { readonly seconds: number }>> => {
  const { email, password } = accountOf(app);
  const { stdout } = await execute('python3', ['-I', script, app.url, email, password], { env: cleanEnv(), timeout: 240_000, maxBuffer: 64 * 1024 * 1024 });
  const rows = stdout.trim().split('\n').map((line) => JSON.parse(line) as Seen & { readonly step: string; readonly seconds: number });
  return new Map(rows.map((row) => [row.step, row]));
};

/** Runs one curl command; `args` are as a user types them, after the address of the app. */
export const curl = async (app: RunningApp, target: string, ...args: readonly string[]): Promise<Seen> => {
  const { stdout } = await execute('curl', ['--silent', '--show-error', '--noproxy', '*', '--max-time', '120', '--write-out', '\n%{http_code} %{content_type}', ...args, `${app.url}${target}`], { env: cleanEnv(), maxBuffer: 64 * 1024 * 1024 });
  const at = stdout.lastIndexOf('\n');
  const [, status = '0', type = ''] = /^(\d+) ?(.*)$/.exec(stdout.slice(at + 1)) ?? [];
  const text = stdout.slice(0, at);
  return { status: Number(status), type, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
};
