// One app per data folder: a lock file with the process's id and start time, so that one left by a crash is known to be dead.
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { asDiskFull } from '../../domain/disk-room';
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

/** Moves a dead lock away; one that somebody took in between is put back. */
function removeDead(file: string, seen: string, aside: string): void {
  try {
    renameSync(file, aside);
    if (read(aside) !== seen) linkSync(aside, file);
  } catch {
    // Somebody else was faster; the next turn sees what is there now.
  }
  rmSync(aside, { force: true });
}

/** Takes the lock of a data folder (made if need be), or says who holds it. Throws `disk_full`. */
export function takeInstanceLock(folder: string): LockResult {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, 'instance.lock');
  const mine = `${file}.${randomUUID()}`;
  const text = JSON.stringify({ pid: process.pid, started: startOf(process.pid) });
  try {
    writeFileSync(mine, text, { flag: 'wx', mode: 0o600 });
    for (;;) {
      try {
        linkSync(mine, file);
        return { ok: true, release: () => (read(file) === text ? rmSync(file, { force: true }) : undefined) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const seen = read(file);
      if (seen === null) continue;
      const holder = readHolder(seen);
      if (holder !== null && isHeld(holder)) return { ok: false, pid: holder.pid };
      removeDead(file, seen, `${mine}.dead`);
    }
  } catch (error) {
    throw asDiskFull(error, folder);
  } finally {
    // On a full disk too, where an empty file was made: each start would leave one.
    rmSync(mine, { force: true });
  }
}
