// Runs the user's own check of a rehearsal: a shell command in the scratch folder, with a bare environment and an end.
import { spawn, type ChildProcess } from 'node:child_process';
import { AppError } from '../../domain/app-error';
import type { RunCheck } from '../../domain/proof-ports';
import { safeText } from '../../domain/snapshot-names';
import { keepTail } from '../process/kept-tail';

/** What is kept of its output, bytes. */
const mostOutput = 16_384;

/** Its last lines, without what a terminal would obey. */
const lastLines = (text: string): string => text.split('\n').map((line) => safeText(line.trimEnd(), 300)).filter((line) => line !== '').slice(-10).join('\n');

/** Programs are found and nothing else is passed on: no token, no key, no agent. HOME is the scratch folder, so that nothing of the user's own is read or written by habit. */
const environment = (folder: string): Record<string, string> => ({
  ...Object.fromEntries(['PATH', 'SystemRoot', 'SYSTEMROOT', 'windir', 'PATHEXT', 'COMSPEC'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
  HOME: folder, USERPROFILE: folder, TMPDIR: folder, TEMP: folder, TMP: folder, LANG: 'C.UTF-8',
});

/** All of it: on POSIX it leads a process group of its own. */
const end = (child: ChildProcess): void => {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
};

/** See RunCheck. What it leaves running in its process group ends with it. */
export const runCheck: RunCheck = (command, folder, limitMs, signal) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const shell = process.platform === 'win32' ? { file: process.env['COMSPEC'] ?? 'cmd.exe', args: ['/d', '/s', '/c', command] } : { file: '/bin/sh', args: ['-c', command] };
    const child = spawn(shell.file, shell.args, { cwd: folder, env: environment(folder), stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32', windowsHide: true });
    const out = keepTail(child.stdout, mostOutput);
    const err = keepTail(child.stderr, mostOutput);
    let overdue = false;
    const timer = setTimeout(() => {
      overdue = true;
      end(child);
    }, limitMs);
    const stop = (): void => end(child);
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', reject);
    child.once('exit', () => end(child));
    child.once('close', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(new AppError('cancelled', 'The operation was cancelled.', {}));
      else resolve({ exitCode: overdue ? null : (code ?? 1), output: lastLines(`${out().toString('utf8')}\n${err().toString('utf8')}`) });
    });
  });
