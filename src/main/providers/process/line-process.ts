// A Node script in a process of its own that says one line when it is ready, such as the simulator.
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** A running child, however it was started. */
export interface LineProcess {
  /** What it said first. Rejects when it ended before, or took too long. */
  readonly firstLine: Promise<string>;
  onExit(callback: () => void): void;
  /** Asks it to end, and after `ms` makes it; resolves when it has. */
  stop(ms: number): Promise<void>;
}

/** UTF-16 units; a longer first line is not ours. */
const lineLimit = 4096;
/** Of what it complained about, this much is told when it does not start. */
const complaintLimit = 500;

/** What a child of ours needs of our environment; nothing else is passed on. */
const passedOn = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'SystemRoot', 'TEMP', 'TMP', 'USERPROFILE'];

function readFirstLine(stream: Readable, complaint: () => string, ended: Promise<void>, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const late = setTimeout(() => reject(new Error(`it was not ready after ${String(timeoutMs)} ms`)), timeoutMs);
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      if (text.length > lineLimit) return;
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length > lineLimit) reject(new Error('its first line is too long'));
    });
    void ended.then(() => reject(new Error(`it ended before it was ready ${complaint()}`.trim())));
    stream.once('close', () => clearTimeout(late));
  });
}

/**
 * Starts `script` with this process's own Node.
 *
 * The child's stdin stays open as long as we live: a child that reads to its end knows when we are gone.
 */
export function spawnNode(script: string, args: readonly string[], timeoutMs = 30_000): LineProcess {
  const env = Object.fromEntries(passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  const child = spawn(process.execPath, [script, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaint = (complaint + chunk).slice(-complaintLimit);
  });
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const firstLine = readFirstLine(child.stdout, () => complaint.trim(), ended, timeoutMs);
  firstLine.catch(() => undefined);
  return {
    firstLine,
    onExit(callback) {
      child.once('exit', callback);
    },
    async stop(ms) {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), ms);
      await ended;
      clearTimeout(late);
    },
  };
}
