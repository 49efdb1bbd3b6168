// Runs one restic child: password on stdin, an environment of our own, SIGINT to stop it.
import type { Readable } from 'node:stream';
import { AppError } from '../../domain/app-error';
import { keepTail } from '../process/kept-tail';
import { loadExeca } from '../process/execa';

/** Variables that restic may see; none of the user's own RESTIC_*. */
const passed = ['PATH', 'HOME', 'USERPROFILE', 'LOCALAPPDATA', 'SystemRoot', 'SYSTEMROOT', 'windir', 'TMPDIR', 'TEMP', 'TMP', 'PATHEXT'] as const;

/** After SIGINT restic removes its lock; then it is killed, milliseconds: removing it took 30 to 150 with 0.14.0, 0.18.0 and 0.19.1. */
const patience = 10_000;

const mostStderr = 262_144;

/** Children that run now: a lock with one of these process ids is not stale. */
const running = new Set<number>();

export const isOwnChild = (pid: number): boolean => running.has(pid);

export interface ResticEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stderr: string;
  /** It had to be killed, so its lock may be left. */
  readonly killed: boolean;
}

export interface ResticChild {
  readonly stdout: Readable;
  /** How it ended. `restic_missing` when it could not start. After an abort it still resolves: who aborted knows. */
  readonly ended: Promise<ResticEnd>;
  stop(): void;
}

export const resticEnvironment = (): Record<string, string> => ({
  ...Object.fromEntries(passed.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
  RESTIC_PROGRESS_FPS: '3',
});

export const resticMissing = (): AppError =>
  new AppError('restic_missing', 'No restic program was found on this computer.', { hint: 'Install restic 0.14 or newer (Debian: apt install restic), or set its path in the settings.' });

/** Starts restic. `password` null: the command needs none. */
export const startRestic = async (file: string, args: readonly string[], options: { readonly password: string | null; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string; readonly signal?: AbortSignal }): Promise<ResticChild> => {
  const execa = await loadExeca();
  const child = execa(file, [...args], {
    reject: false, buffer: false, stdin: options.password === null ? 'ignore' : 'pipe', stdout: 'pipe', stderr: 'pipe', extendEnv: false, env: { ...options.env, ...resticEnvironment() }, windowsHide: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const pid = child.pid ?? -1;
  if (pid > 0) running.add(pid);
  // A restic that ends before it reads the password shows it in how it ends.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(`${options.password ?? ''}\n`);
  const stderr = keepTail(child.stderr, mostStderr);
  let killed = false;
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    if (timer !== undefined) return;
    killed = process.platform === 'win32';
    child.kill(process.platform === 'win32' ? 'SIGKILL' : 'SIGINT');
    timer = setTimeout(() => {
      killed = true;
      child.kill('SIGKILL');
    }, patience);
  };
  if (options.signal?.aborted === true) stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  const ended = (async (): Promise<ResticEnd> => {
    const result = await child;
    running.delete(pid);
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', stop);
    if (result.code === 'ENOENT' || result.code === 'EACCES') throw resticMissing();
    return { exitCode: result.exitCode ?? null, stderr: stderr().toString('utf8'), killed };
  })();
  ended.catch(() => undefined);
  return { stdout: child.stdout, ended, stop };
};
