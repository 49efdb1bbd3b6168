// Locks that a dead restic left: removed only when every one of them is ours and left behind. See [Note: Lock healing].
import { hostname, userInfo } from 'node:os';
import { safeText } from '../../domain/snapshot-names';
import { isAlive } from '../process/is-alive';
import { decodeLine, lockSchema } from './restic-lines';
import { isOwnChild } from './restic-process';

/*
 * [Note: Lock healing] restic never removes a stale lock by itself, and one stale shared lock makes every forget fail from then on. A lock is healed when its host and user
 * are this computer's and this user's, its process is not one of our children, and either there is no process of that number or the lock was not refreshed for so long that restic itself
 * calls it stale: after a power cut, or in a container, the number often belongs to something else by then. `restic unlock` sends a signal to the processes of all locks that are not stale by
 * age to see whether they live, so it is run only when all locks are such ones of ours; what it leaves of them in a local repository, because it takes a process that ended and was not waited for to be alive, is removed after it. Everything else is shown, never removed.
 */
export interface LockFacts {
  readonly hostname: string;
  readonly username: string;
  readonly pid: number;
  readonly time: string;
  readonly exclusive: boolean;
}

/** Who we are, and which processes there are. */
export interface ThisComputer {
  readonly hostname: string;
  readonly username: string;
  /** There is a process of this number. */
  readonly isAlive: (pid: number) => boolean;
  /** It is a restic that this app runs now. */
  readonly isOwnChild: (pid: number) => boolean;
}

const isOurs = (lock: LockFacts, here: ThisComputer): boolean => lock.hostname === here.hostname && lock.username === here.username && !here.isOwnChild(lock.pid);

/** Whether this lock was left by a process of ours that is gone. */
export const isDeadAndOurs = (lock: LockFacts, here: ThisComputer): boolean => isOurs(lock, here) && lock.pid > 1 && !here.isAlive(lock.pid);

export const thisComputer = (): ThisComputer => ({ hostname: hostname(), username: userInfo().username, isAlive, isOwnChild });

/** The JSON that `restic cat lock` printed over several lines, among other text. */
export const parseLock = (output: string): LockFacts | null => {
  const from = output.indexOf('{');
  const to = output.lastIndexOf('}');
  const decoded = from === -1 ? null : decodeLine(output.slice(from, to + 1).replaceAll('\n', ' '));
  const read = decoded?.kind === 'json' ? lockSchema.safeParse(decoded.value) : null;
  return read?.success === true ? read.data : null;
};

/** Such as `me@laptop (process 123)`. */
export const holderOf = (lock: LockFacts): string => safeText(`${lock.username}@${lock.hostname} (process ${lock.pid})`, 300);

/** Whether something may still be done under it by a process that this app does not run. */
export const mayStillWork = (lock: LockFacts, here: ThisComputer): boolean => !isDeadAndOurs(lock, here) && !(lock.hostname === here.hostname && here.isOwnChild(lock.pid));

/** Stands for a lock that could not be read: nobody's, and never removed. */
export const unreadableLock: LockFacts = { hostname: '?', username: '?', pid: 0, time: new Date(0).toISOString(), exclusive: true };

/** restic itself holds a lock for stale that was not refreshed for so long, milliseconds; a live restic refreshes every five minutes. */
export const staleAfter = 30 * 60_000;

const isStale = (lock: LockFacts, now: number): boolean => now - Date.parse(lock.time) > staleAfter;

/** Whether this lock may be removed without asking: a process of ours left it. */
export const isLeftByUs = (lock: LockFacts, here: ThisComputer, now: number): boolean => isDeadAndOurs(lock, here) || (isOurs(lock, here) && isStale(lock, now));

/** Whether `restic unlock` may be run over this lock when the user asks for it: it looks at the age first, so it sends no signal to anybody for an old one. */
export const mayBeRemoved = (lock: LockFacts, here: ThisComputer, now: number): boolean => isDeadAndOurs(lock, here) || (lock !== unreadableLock && isStale(lock, now));
