// How a command is put so that the host's login shell understands it. See [Note: Other shells].
import { isAppError } from '../../domain/app-error';
import { anyShell } from './shell-quote';
import type { SshInvocation } from './ssh-invocation';

/*
 * [Note: Other shells] sshd gives a command to the user's login shell. Most understand what sh does; fish and csh do not, and answer a probe with nothing but complaints. Such a host is asked
 * again, for `sh` with the command as one word.
 */

/** The login shell of one host: taken for one that understands sh until a probe shows that it does not. */
export class HostShell {
  private isOther = false;

  constructor(private readonly invoke: (remoteCommand: string) => Promise<SshInvocation>) {}

  /** An ssh that runs this command of sh. */
  call(command: string): Promise<SshInvocation> {
    return this.invoke(this.isOther ? `exec sh -c ${anyShell(command)}` : command);
  }

  /** Asks, and once more another way when no shell understood. */
  async asked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      if (this.isOther || !isAppError(error, 'remote_tool_missing') || !error.data.missing.includes('sh')) throw error;
      this.isOther = true;
      return await ask();
    }
  }
}
