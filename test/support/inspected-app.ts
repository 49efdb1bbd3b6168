// The built desktop app with nothing but an inspector on its main process. Playwright's own connection keeps every page awake, as if it were seen: what the app does when nobody looks shows only without it.
import path from 'node:path';
import { WebSocket } from 'undici';
import { electronProgram, homeEnvironment } from './electron-app';
import { killTree, startProgram, stopCleanly, type Program } from './processes';
import { builtFile, cleanEnv } from './run-app';
import { makeTempDir } from './temp-dir';

export interface InspectedApp {
  readonly pid: number;
  /** Of its local API; empty when it was not asked to listen. */
  readonly address: string;
  /** The value of an expression in the main process, where `electron` is at hand; a promise is waited for. */
  evaluate(expression: string): Promise<unknown>;
  /** Quits it, and removes its data. */
  stop(): Promise<void>;
}

interface Reply {
  readonly id?: number;
  readonly result?: { readonly result: { readonly value?: unknown }; readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } } };
}

const root = path.resolve(import.meta.dirname, '../..');

const connect = (address: string): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(address);
    socket.addEventListener('open', () => resolve(socket), { once: true });
    socket.addEventListener('error', () => reject(new Error('The inspector did not answer')), { once: true });
  });

const asker = (socket: WebSocket): ((expression: string) => Promise<unknown>) => {
  let last = 0;
  return (expression) =>
    new Promise((resolve, reject) => {
      last += 1;
      const id = last;
      const hear = ({ data }: { readonly data: unknown }): void => {
        const reply = JSON.parse(String(data)) as Reply;
        if (reply.id !== id) return;
        socket.removeEventListener('message', hear);
        const { result, exceptionDetails } = reply.result ?? {};
        if (exceptionDetails === undefined) resolve(result?.value);
        else reject(new Error(exceptionDetails.exception?.description ?? exceptionDetails.text));
      };
      socket.addEventListener('message', hear);
      const electron = `(async (electron) => (${expression}))(process.getBuiltinModule('module').createRequire(${JSON.stringify(root + path.sep)})('electron'))`;
      socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params: { expression: electron, awaitPromise: true, returnByValue: true } }));
    });
};

/** Where the inspector of a starting program listens: it says so on stderr. */
const inspectorOf = (program: Program): Promise<string> =>
  new Promise((resolve, reject) => {
    program.child.stderr?.on('data', () => {
      const found = /ws:\/\/\S+/.exec(program.stderr());
      if (found !== null) resolve(found[0]);
    });
    program.ended.then(() => reject(new Error(`The app ended: ${program.stderr()}`)), reject);
  });

/** Starts the built app with these flags. */
export const startInspected = async (flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<InspectedApp> => {
  builtFile('main', 'main.js');
  const [data, home] = [makeTempDir('dumont-data'), makeTempDir('dumont-home')];
  const switches = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const program = startProgram(electronProgram(), ['--inspect=127.0.0.1:0', ...switches, root, '--data-dir', data.path, ...flags], { env: cleanEnv({ ...homeEnvironment(home), ...env }) });
  const clean = (): void => {
    data.remove();
    home.remove();
  };
  try {
    const socket = await connect(await inspectorOf(program));
    const listening = flags.includes('--port') ? await program.line(/^Dumont Cloud .*(http:\/\/127\.0\.0\.1:\d+)/) : null;
    return {
      pid: program.pid,
      address: listening?.[1] ?? '',
      evaluate: asker(socket),
      stop: async () => {
        socket.close();
        await stopCleanly(program).finally(clean);
      },
    };
  } catch (error) {
    await killTree(program);
    clean();
    throw error;
  }
};
