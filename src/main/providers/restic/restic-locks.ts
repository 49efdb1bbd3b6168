// Locks that a dead restic left: removed only when every one of them is provably ours and dead. See [Note: Lock healing].
import { hostname, userInfo } from 'node:os';
import { decodeLine, lockSchema } from './restic-lines';
import { isOwnChild } from './restic-process';

/*
 * [Note: Lock healing] restic never removes a stale lock by itself, and one stale shared lock makes every forget fail from then on. A lock is healed when its host and user
 * are this computer's and this user's, its process is not one of our children, and there is no process of that number. `restic unlock` sends a signal to the
 * processes of all other locks to see whether they live, so it is run only when all locks are dead ones of ours. Everything else is shown, never removed.
 */
export interface LockFacts {
  readonly hostname: string;
  readonly username: string;
  readonly pid: number;
  readonly time: string;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
};

/** Whether this lock was left by a process of ours that is gone. */
export const isDeadAndOurs = (lock: LockFacts, here: { readonly hostname: string; readonly username: string; readonly isAlive: (pid: number) => boolean }): boolean =>
  lock.hostname === here.hostname && lock.username === here.username && lock.pid > 1 && !here.isAlive(lock.pid);

export const thisComputer = (): Parameters<typeof isDeadAndOurs>[1] => ({ hostname: hostname(), username: userInfo().username, isAlive: (pid) => isOwnChild(pid) || isAlive(pid) });

/** The JSON that `restic cat lock` printed over several lines, among other text. */
export const parseLock = (output: string): LockFacts | null => {
  const from = output.indexOf('{');
  const to = output.lastIndexOf('}');
  const decoded = from === -1 ? null : decodeLine(output.slice(from, to + 1).replaceAll('\n', ' '));
  const read = decoded?.kind === 'json' ? lockSchema.safeParse(decoded.value) : null;
  return read?.success === true ? read.data : null;
};
