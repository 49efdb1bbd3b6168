// Locks that a dead restic left: removed only when every one of them is provably ours and dead. See [Note: Lock healing].
import { hostname, userInfo } from 'node:os';
import { isAlive } from '../process/is-alive';
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
  readonly exclusive: boolean;
}

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

/** Stands for a lock that could not be read: nobody's, and never removed. */
export const unreadableLock: LockFacts = { hostname: '?', username: '?', pid: 0, time: new Date(0).toISOString(), exclusive: true };

/** restic itself holds a lock for stale that was not refreshed for so long, milliseconds; a live restic refreshes every five minutes. */
export const staleAfter = 30 * 60_000;

/** Whether `restic unlock` may be run over this lock when the user asks for it: it looks at the age first, so it sends no signal to anybody for an old one. */
export const mayBeRemoved = (lock: LockFacts, here: Parameters<typeof isDeadAndOurs>[1], now: number): boolean =>
  isDeadAndOurs(lock, here) || (lock !== unreadableLock && now - Date.parse(lock.time) > staleAfter);
