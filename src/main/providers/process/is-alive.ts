// Whether a process of this computer lives, and since when: an id alone may be another one's by now, or a dead one's that nobody waited for.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const ended = 'ended';

/** When it started, `ended` for one that only its id is left of, null where the system does not say. */
export function startOf(pid: number): string | null {
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

/** One of another user lives too. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return startOf(pid) !== ended;
}
