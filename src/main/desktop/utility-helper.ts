// Processes of ours under Electron: utilityProcess, since child_process.fork stops working once the runAsNode fuse is off.
import { utilityProcess } from 'electron';
import type { LineProcess } from '../providers/process/line-process';
import { keychainEnvironment } from '../providers/secrets/fork-node';
import type { HelperProcess } from '../providers/secrets/keychain';

/** Starts a bundled script in a process of its own, with a message port. */
export function forkUtility(script: string): HelperProcess {
  const child = utilityProcess.fork(script, [], { serviceName: 'Dumont Cloud keychain', stdio: 'ignore', env: keychainEnvironment(process.env) });
  return {
    postMessage: (message) => child.postMessage(message),
    onMessage: (callback) => void child.on('message', callback),
    onExit: (callback) => void child.on('exit', () => callback()),
    kill: () => void child.kill(),
  };
}

/** Milliseconds that a script may take to say its first line. */
const readyWithin = 30_000;

/** Starts a bundled script that says one line when it is ready. It ends with this process: its pipe to us breaks. */
export function startUtility(script: string, args: readonly string[]): LineProcess {
  // Its stdin is not a pipe here, so the flag that watches it would end it at once.
  const child = utilityProcess.fork(script, args.filter((arg) => arg !== '--exit-with-parent'), { serviceName: 'Dumont Cloud simulator', stdio: 'pipe' });
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  const firstLine = new Promise<string>((resolve, reject) => {
    let text = '';
    const late = setTimeout(() => reject(new Error(`it was not ready after ${String(readyWithin)} ms`)), readyWithin);
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end < 0) return;
      clearTimeout(late);
      resolve(text.slice(0, end));
    });
    void ended.then(() => reject(new Error('it ended before it was ready')));
  });
  firstLine.catch(() => undefined);
  child.stderr?.resume();
  return {
    firstLine,
    onExit: (callback) => void child.once('exit', () => callback()),
    async stop(ms) {
      if (!child.kill()) return;
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, ms))]);
    },
  };
}
