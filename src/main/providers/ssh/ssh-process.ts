// Runs one ssh child: bounded stderr, end on abort, typed failures. Used in main and in the capture worker.
import type { Readable, Writable } from 'node:stream';
import { AppError } from '../../domain/app-error';
import { keepTail } from '../process/kept-tail';
import { loadExeca } from '../process/execa';
import type { SshEnd } from './ssh-errors';
import type { BytePath } from '../../domain/snapshot-ports';
import type { SshInvocation } from './ssh-invocation';

/** What is kept of a stderr, bytes: its end says why. */
export const mostStderr = 65_536;

/** A running ssh. */
export interface SshChild {
  readonly stdout: Readable;
  readonly stdin: Writable | null;
  /** How it ended; `ssh_missing` when it could not start, `cancelled` after an abort. */
  readonly ended: Promise<Omit<SshEnd, 'answered'>>;
  kill(): void;
}

/** Starts ssh. Killing it is safe: the remote side sees its pipes close. */
export const startSsh = async (invocation: SshInvocation, options: { readonly stdin: boolean; readonly signal: AbortSignal | null }): Promise<SshChild> => {
  const execa = await loadExeca();
  options.signal?.throwIfAborted();
  const child = execa(invocation.file, [...invocation.args], {
    reject: false, buffer: false, stdin: options.stdin ? 'pipe' : 'ignore', stdout: 'pipe', stderr: 'pipe', extendEnv: false, env: { ...invocation.env }, windowsHide: true, forceKillAfterDelay: 3000,
  });
  const stderr = keepTail(child.stderr, mostStderr);
  const kill = (): void => {
    child.kill('SIGTERM');
  };
  options.signal?.addEventListener('abort', kill, { once: true });
  const ended = (async (): Promise<Omit<SshEnd, 'answered'>> => {
    const result = await child;
    options.signal?.removeEventListener('abort', kill);
    if (options.signal?.aborted === true) throw new AppError('cancelled', 'The operation was cancelled.', {});
    if (result.code === 'ENOENT' || result.code === 'EACCES') {
      throw new AppError('ssh_missing', 'No ssh program was found on this computer.', { hint: 'Install the OpenSSH client.' });
    }
    return { exitCode: result.exitCode ?? null, stderr: stderr().toString('latin1'), pinned: invocation.pinned };
  })();
  // Whoever awaits it later gets the failure; nobody may be waiting yet.
  ended.catch(() => undefined);
  return { stdout: child.stdout, stdin: child.stdin ?? null, ended, kill };
};

/** A name as tar and xargs are given it, latin1. */
export const askedName = (path: BytePath): string => `./${path}\0`;

/** Names on a command's stdin. It may end before it has read them all: that shows in how it ended. */
export const sendNames = (child: SshChild, paths: readonly BytePath[]): void => {
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(Buffer.from(paths.map(askedName).join(''), 'latin1'));
};
