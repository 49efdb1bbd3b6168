// Real child processes in tests: their output by line, a clean end within a limit, and proof that nothing of them is left.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running program whose output is kept. */
export interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  stdout(): string;
  stderr(): string;
  /** The first line of stdout that matches; rejects when the program ends before it or after `limitMs` (default 30 s). */
  line(pattern: RegExp, limitMs?: number): Promise<RegExpExecArray>;
}

const windows = process.platform === 'win32';

/** Pid and parent of every process. Each column is asked for by itself: of `pid=,ppid=` macOS makes one column with a name. */
const processTable = (): string =>
  windows
    ? execFileSync('powershell.exe', ['-NoProfile', '-Command', 'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId)" }'], { encoding: 'utf8' })
    : execFileSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid='], { encoding: 'utf8' });

/** Pids below a process, from the system's process list; children that have moved to another session count too. */
export const descendants = (pid: number): number[] => {
  const rows = processTable().trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const below = new Set([pid]);
  for (let size = 0; size !== below.size; ) {
    size = below.size;
    for (const [child, parent] of rows) if (child !== undefined && parent !== undefined && below.has(parent)) below.add(child);
  }
  below.delete(pid);
  return [...below];
};

/** Whether a process is there and not merely waiting to be reaped, which nothing does on Windows. */
export const isAlive = (pid: number): boolean => {
  try {
    return windows ? process.kill(pid, 0) : !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim().startsWith('Z');
  } catch {
    return false;
  }
};

/** Waits until all are gone; gives those that are left after the limit. */
export const waitGone = async (pids: readonly number[], limitMs: number): Promise<readonly number[]> => {
  const until = Date.now() + limitMs;
  for (;;) {
    const left = pids.filter(isAlive);
    if (left.length === 0 || Date.now() > until) return left;
    await delay(50);
  }
};

const watchLines = (program: { readonly child: ChildProcess; readonly ended: Promise<Ended>; stdout(): string; stderr(): string }) =>
  (pattern: RegExp, limitMs = 30_000): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const said = (): string => `\n--- stdout\n${program.stdout()}\n--- stderr\n${program.stderr()}`;
      const look = (): boolean => {
        // Whole lines only: what follows the last newline may still grow.
        const lines = program.stdout().split('\n').slice(0, -1);
        const match = lines.map((line) => pattern.exec(line)).find((one) => one !== null);
        if (match === undefined || match === null) return false;
        finish();
        resolve(match);
        return true;
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`No line ${String(pattern)} within ${limitMs} ms${said()}`));
      }, limitMs);
      const finish = (): void => {
        clearTimeout(timer);
        program.child.stdout?.removeListener('data', look);
      };
      if (look()) return;
      program.child.stdout?.on('data', look);
      void program.ended.then((end) => {
        if (look()) return;
        finish();
        reject(new Error(`Ended (${end.signal ?? `exit code ${end.code}`}) before a line ${String(pattern)}${said()}`));
      });
    });

/** Starts a program in a process group of its own; `input: true` keeps its stdin open. */
export const startProgram = (command: string, args: readonly string[], options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string; readonly input?: boolean } = {}): Program => {
  const child = spawn(command, args, { env: options.env ?? process.env, cwd: options.cwd, detached: true, stdio: [options.input === true ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<Ended>((resolve) => {
    child.once('error', (error) => {
      err += `${error.message}\n`;
      resolve({ code: null, signal: null });
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const program = { child, pid: child.pid ?? -1, ended, stdout: () => out, stderr: () => err };
  return { ...program, line: watchLines(program) };
};

/** Ends a program and all below it at once; for what has no clean end of its own, and after failures. */
export const killTree = async (program: Program): Promise<void> => {
  if (program.pid < 0) return;
  const all = [program.pid, ...descendants(program.pid)];
  for (const pid of all) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone meanwhile.
    }
  }
  await program.ended;
  await waitGone(all, 5000);
};

/**
 * Asks a program to end and checks that it does so well: exit code 0 within `limitMs` (5 s, what the app promises), and none of its children left.
 * Throws with its output otherwise, after killing what is left.
 */
export const stopCleanly = async (program: Program, signal: NodeJS.Signals = 'SIGTERM', limitMs = 5000): Promise<void> => {
  if (program.pid < 0) throw new Error(program.stderr());
  const below = descendants(program.pid);
  const began = Date.now();
  program.child.kill(signal);
  const end = await Promise.race([program.ended, delay(limitMs, undefined)]);
  const left = await waitGone(below, Math.max(0, limitMs - (Date.now() - began)));
  if (end?.code === 0 && left.length === 0) return;
  await killTree(program);
  for (const pid of left) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  const why = end === undefined ? `no end within ${limitMs} ms` : end.code === 0 ? `left ${left.length} children running` : `ended with ${end.signal ?? `exit code ${end.code}`}`;
  throw new Error(`After ${signal}: ${why}\n--- stdout\n${program.stdout()}\n--- stderr\n${program.stderr()}`);
};
