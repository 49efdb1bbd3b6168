// One app per data folder: a lock file with the process's id and start time, so that one left by a crash is known to be dead.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface Holder {
  readonly pid: number;
  /** As the system writes it; null where it does not say. Another start time is another process with a used-up id. */
  readonly started: string | null;
}

export type LockResult = { readonly ok: true; release(): void } | { readonly ok: false; readonly pid: number };

const ended = 'ended';

/** When it started, `ended` for one that only its id is left of, null where the system does not say. */
function startOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
      // The name in brackets may hold spaces; state and start time are the 1st and 20th field after it (proc(5): fields 3 and 22).
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // A process that ended but was not waited for still has its id: in containers without an init, for long.
      return fields[0] === 'Z' || fields[0] === 'X' ? ended : (fields[19] ?? null);
    }
    if (process.platform === 'darwin') return execFileSync('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: { LC_ALL: 'C' }, timeout: 2000 }).trim() || null;
  } catch {
    return null;
  }
  return null;
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return now !== ended && (started === null || now === null || now === started);
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

/** Takes the lock of a data folder (made if need be), or says who holds it. */
export function takeInstanceLock(folder: string): LockResult {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, 'instance.lock');
  const mine = `${file}.${randomUUID()}`;
  const text = JSON.stringify({ pid: process.pid, started: startOf(process.pid) });
  writeFileSync(mine, text, { flag: 'wx', mode: 0o600 });
  try {
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
      if (holder !== null && isAlive(holder)) return { ok: false, pid: holder.pid };
      removeDead(file, seen, `${mine}.dead`);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}
