// Child processes of the scripts: whole output kept, a time limit, and no process left behind, whatever ends the script.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const windows = process.platform === 'win32';
const running = new Set();

/** Ends a child and everything in its process group. */
export const killGroup = (child, signal) => {
  try {
    if (windows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
};

/** Whether anything of a child's process group is left. */
export const groupAlive = (child) => {
  if (windows) return child.exitCode === null && child.signalCode === null;
  try {
    process.kill(-child.pid, 0);
    return true;
  } catch {
    return false;
  }
};

const killAll = () => {
  for (const child of running) killGroup(child, 'SIGKILL');
};

const endings = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
const endNow = (signal) => process.exit(endings[signal]);

/** While a child runs, a signal ends the script, and the script's end ends the child; afterwards signals are the script's own affair again. */
const track = (child) => {
  if (running.size === 0) {
    process.on('exit', killAll);
    for (const signal of Object.keys(endings)) process.on(signal, endNow);
  }
  running.add(child);
};

const untrack = (child) => {
  running.delete(child);
  if (running.size > 0) return;
  process.removeListener('exit', killAll);
  for (const signal of Object.keys(endings)) process.removeListener(signal, endNow);
};

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, limitMs?: number, onText?: (text: string) => void, signal?: AbortSignal }} [options]
 *   `limitMs`: after so many milliseconds the whole group is killed. `onText` sees output as it comes. `signal` kills the group too.
 * @returns {Promise<{ code: number | null, output: string, stdout: string, timedOut: boolean, failure: string | undefined }>}
 *   `failure` says in a few words why it was not a success, undefined on exit code 0.
 */
export const run = (command, args, options = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'], detached: !windows });
    const all = [];
    const out = [];
    let timedOut = false;
    track(child);
    const timer =
      options.limitMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            killGroup(child, 'SIGKILL');
          }, options.limitMs);
    const abort = () => killGroup(child, 'SIGKILL');
    options.signal?.addEventListener('abort', abort, { once: true });
    const take = (kept) => (data) => {
      all.push(data);
      kept?.push(data);
      options.onText?.(data.toString());
    };
    child.stdout.on('data', take(out));
    child.stderr.on('data', take(undefined));
    const end = (code, words) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
      killGroup(child, 'SIGKILL');
      untrack(child);
      const output = Buffer.concat(all).toString();
      resolve({ code, output, stdout: Buffer.concat(out).toString(), timedOut, failure: timedOut ? `no end after ${options.limitMs / 1000} s` : words });
    };
    child.once('error', (error) => end(null, error.code === 'ENOENT' ? `${command} was not found` : error.message));
    // What outlives the child keeps its pipes open: the group is ended on `exit`, then `close` follows.
    child.once('exit', () => killGroup(child, 'SIGKILL'));
    child.once('close', (code, signal) => end(code, code === 0 ? undefined : signal === null ? `exit code ${code}` : `ended by ${signal}`));
  });

/** Program and first arguments that run npm: the one this script came from, else the one beside node, else PATH's. */
export const npmCommand = () => {
  const beside = path.join(path.dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const onWindows = path.join(path.dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const file = [process.env.npm_execpath, onWindows, beside].find((one) => one !== undefined && /npm-cli\.c?js$/.test(one) && existsSync(one));
  return file === undefined ? { command: 'npm', first: [] } : { command: process.execPath, first: [file] };
};

/** Runs npm; see `run`. */
export const npm = (args, options) => {
  const { command, first } = npmCommand();
  return run(command, [...first, ...args], options);
};

/** Absolute path of a program on PATH, or undefined. */
export const which = (name, env = process.env) => {
  const endings = windows ? (env.PATHEXT ?? '.EXE;.CMD').split(';') : [''];
  for (const folder of (env.PATH ?? '').split(path.delimiter)) {
    if (folder === '') continue;
    for (const ending of endings) {
      const file = path.resolve(folder, name + ending);
      if (existsSync(file)) return file;
    }
  }
  return undefined;
};
