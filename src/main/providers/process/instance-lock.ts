// One app per data folder: a lock file with the process's id and start time, so that one left by a crash is known to be dead.
import { randomUUID } from 'node:crypto';
import { closeSync, constants, copyFileSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { asDiskFull } from '../../domain/disk-room';
import { codeOf, makeFoldersSync } from './folders';
import { isAlive, startOf } from './is-alive';

interface Holder {
  readonly pid: number;
  /** As the system writes it; null where it does not say. Another start time is another process with a used-up id. */
  readonly started: string | null;
}

export type LockResult = { readonly ok: true; release(): void } | { readonly ok: false; readonly pid: number };

function isHeld({ pid, started }: Holder): boolean {
  if (!isAlive(pid)) return false;
  const now = startOf(pid);
  return started === null || now === null || now === started;
}

function readHolder(text: string): Holder | null {
  try {
    const { pid, started } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === 'number' && Number.isInteger(pid) && pid > 0 ? { pid, started: typeof started === 'string' ? started : null } : null;
  } catch {
    return null;
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Whether a disk said that it has no hard links, as exFAT and FAT. */
const hasNoLinks = (error: unknown): boolean => ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'EINVAL'].includes(codeOf(error));

/** Gives a file that is there a second name, all at once; where the disk cannot, it is copied, which others see half-done. Throws with EEXIST when the name is taken. */
function nameToo(file: string, name: string): void {
  try {
    linkSync(file, name);
  } catch (error) {
    if (!hasNoLinks(error)) throw error;
    copyFileSync(file, name, constants.COPYFILE_EXCL);
  }
}

/** What others do here takes less, milliseconds; FAT keeps times to two seconds. */
const momentary = 2500;

const pause = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);

/** Whether a file is so new that whoever made it may still be at it. */
function isFresh(file: string): boolean {
  const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Math.abs(Date.now() - made) < momentary;
}

/** Puts one's own in the place of a dead lock, one process at a time: between the look and the change nobody else can have taken it. False when that has to be tried again. */
function takeOver(file: string, seen: string, mine: string): boolean {
  const turn = `${file}.turn`;
  try {
    closeSync(openSync(turn, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    // One that is old was left by a crash.
    if (isFresh(turn)) pause();
    else rmSync(turn, { force: true });
    return false;
  }
  try {
    if (read(file) !== seen) return false;
    renameSync(mine, file);
    return true;
  } finally {
    rmSync(turn, { force: true });
  }
}

/** Takes the lock of a data folder (made if need be), or says who holds it. Throws `disk_full`. */
export function takeInstanceLock(folder: string): LockResult {
  makeFoldersSync(folder);
  const file = path.join(folder, 'instance.lock');
  const mine = `${file}.${randomUUID()}`;
  const text = JSON.stringify({ pid: process.pid, started: startOf(process.pid) });
  const release = (): void => {
    if (read(file) === text) rmSync(file, { force: true });
  };
  try {
    writeFileSync(mine, text, { flag: 'wx', mode: 0o600 });
    for (;;) {
      try {
        nameToo(mine, file);
        return { ok: true, release };
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
      const seen = read(file);
      if (seen === null) continue;
      const holder = readHolder(seen);
      if (holder !== null && isHeld(holder)) return { ok: false, pid: holder.pid };
      if (seen === '' && isFresh(file)) pause();
      else if (takeOver(file, seen, mine)) return { ok: true, release };
    }
  } catch (error) {
    throw asDiskFull(error, folder);
  } finally {
    // On a full disk too, where an empty file was made: each start would leave one.
    rmSync(mine, { force: true });
  }
}
