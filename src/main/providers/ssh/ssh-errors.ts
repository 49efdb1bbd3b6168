// From what ssh printed and how it ended to the app's errors.
import { AppError } from '../../domain/app-error';
import { safeText } from '../../domain/snapshot-names';
import type { HostTarget } from '../../domain/snapshot-ports';

/** How an ssh process ended. */
export interface SshEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  /** The last part of its stderr. */
  readonly stderr: string;
  /** Fingerprint of the host key that was pinned when it began; empty when there was none. */
  readonly pinned: string;
  /** Something came on its stdout. */
  readonly answered: boolean;
}

/** ssh's own failures end with this code; a remote command's code is passed on. */
const ownFailure = 255;

/** The last lines of an untrusted stderr, safe to show and log. */
export const safeLines = (stderr: string, most = 20): readonly string[] =>
  stderr
    .split('\n')
    .map((line) => safeText(line.replace(/\r$/, ''), 300))
    .filter((line) => line !== '')
    .slice(-most);

/** The longest line that is shown, characters. */
const longestLine = 300;

/** An untrusted stream as lines that are safe to show, one by one; what is beyond the length of a line is dropped. */
export class SafeLines {
  private rest = '';

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    const lines = (this.rest + chunk.toString('latin1')).split('\n');
    this.rest = (lines.pop() ?? '').slice(0, 4 * longestLine);
    for (const line of lines) this.tell(line);
  }

  end(): void {
    this.tell(this.rest);
    this.rest = '';
  }

  private tell(line: string): void {
    const text = safeText(Buffer.from(line, 'latin1').toString('utf8').replace(/\r$/, ''), longestLine);
    if (text !== '') this.onLine(text);
  }
}

/** A command that ended with a code that it should not end with. */
export const failed = (exitCode: number | null, stderr: string, phase: string): AppError =>
  new AppError('remote_failed', `A command failed on the instance (${phase}).`, { phase, exit_code: exitCode, detail: safeLines(stderr, 5).join(' ') });

/** The error that this end means, or null when ssh itself did its work. */
export const sshFailure = (end: SshEnd, target: HostTarget, phase: string): AppError | null => {
  if (end.exitCode !== ownFailure && end.exitCode !== null) return null;
  const { host, port } = target;
  const said = end.stderr;
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed|host key .*(?:differs|mismatch)/i.test(said)) {
    const found = /fingerprint for the \S+ key sent by the remote host is\s+(SHA256:[A-Za-z0-9+/]{43})/.exec(said)?.[1] ?? '';
    return new AppError('host_key_changed', 'The host key of this instance changed. Nothing was sent.', { instance_id: target.instanceId, host, port, known: end.pinned, found });
  }
  if (end.answered) return new AppError('connection_cut', 'The connection to the instance was cut. What was fetched is kept.', { phase });
  // Said before the host refuses whom nothing signs in for.
  const exposed = /UNPROTECTED PRIVATE KEY FILE[^]*?Permissions \d+ for '([^'\n]+)' are too open/.exec(said)?.[1];
  if (exposed !== undefined) return new AppError('ssh_key_exposed', 'ssh does not use the key of the app: others on this computer could read its file.', { path: exposed });
  if (/Permission denied|Too many authentication failures|no such identity/i.test(said)) {
    return new AppError('ssh_refused', 'The instance does not accept the SSH key yet.', { host, port });
  }
  const established = /client_loop|Connection to .* closed by remote host|Timeout, server .* not responding|Broken pipe/i.test(said);
  // Over a shared connection nothing is said: that is for the ssh that made it.
  if (established || (phase !== 'connect' && (said.trim() === '' || /Connection (?:closed|reset)/i.test(said)))) {
    return new AppError('connection_cut', 'The connection to the instance was cut. What was fetched is kept.', { phase });
  }
  return new AppError('ssh_unreachable', `The instance could not be reached over SSH at ${host} port ${port}.`, { host, port, detail: safeLines(said, 3).join(' ') });
};
