// One signed-in connection for many commands on a host: OpenSSH's multiplexing. Runs in the capture worker, or in a test's own thread.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { holdCommand } from './remote-commands';
import type { Sharing, SshInvocation } from './ssh-invocation';
import { within } from './ssh-pace';
import { startSsh, type SshChild } from './ssh-process';

/*
 * [Note: Shared connection] A connection costs a key exchange and a sign-in: round trips of the way, and of a first run of 200,000 files, which makes sixteen, 3 of 18 s of work of both sides'
 * processors. From the second fetch on one ssh, the master, signs in and listens on a socket in the app's own folder, which nobody else may enter; the others find it there. It runs a command
 * that ends with its stdin, so that it is gone when the app is, however that ends. Where there is no such connection - Windows' ssh knows none, a host may allow one session only, the socket's
 * name may be too long, it may just have been cut - ssh makes one of its own for the command.
 */

/** Bytes of such a host's stdout; a login shell may greet. */
const mostSaid = 65_536;
/** Bytes of a socket's name on macOS, the least of all systems; ssh makes it under a name that is longer by a point and 16 letters, and there is a zero. */
const longestSocket = 104 - 17 - 1;
/** Of our sockets, also while ssh makes one. */
const socketForm = /^c-[0-9a-f]{12}(\.\w{16})?$/;

/** The folder is there, for this user only, without sockets of an earlier start whose ssh was killed too. Call once, before this start runs any ssh. */
export const readySshFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) if (socketForm.test(name)) rmSync(path.join(folder, name), { force: true });
};

export class SharedConnection {
  private master: Promise<SshChild | null> | null = null;
  /** Where it listens; null: there is none. */
  private socket: string | null = null;
  private isPossible = process.platform !== 'win32';

  /** `folder`: for its socket, and nobody else's; `patience`: for it to be made, milliseconds. */
  constructor(
    private readonly folder: string,
    private readonly invocation: (command: string, sharing: Sharing) => Promise<SshInvocation>,
    private readonly patience: number,
  ) {}

  /** An ssh of this command; over the shared connection if there is one. */
  invoke(command: string): Promise<SshInvocation> {
    return this.invocation(command, this.socket === null ? null : { as: 'session', socket: this.socket });
  }

  /** There is one afterwards, if that is possible. Never throws: whoever makes a connection of its own hears what is wrong. */
  async share(signal: AbortSignal): Promise<void> {
    if (!this.isPossible) return;
    this.master ??= this.begin(signal).catch(() => null);
    // What could not be made at first is not tried again.
    if ((await this.master) === null) this.isPossible = false;
  }

  private async begin(signal: AbortSignal): Promise<SshChild> {
    const socket = path.join(this.folder, `c-${randomBytes(6).toString('hex')}`);
    if (Buffer.byteLength(socket) > longestSocket) throw new Error('No system takes a socket of such a name');
    const child = await startSsh(await this.invocation(holdCommand, { as: 'master', socket }), { stdin: true, signal });
    child.stdin?.on('error', () => undefined);
    const over = child.ended.then(() => false, () => false);
    void over.then(() => this.forget(socket));
    try {
      if (!(await within(Promise.race([this.answer(child), over]), this.patience, 'connect'))) throw new Error('It ended before it was there');
      this.socket = socket;
      return child;
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  private answer(child: SshChild): Promise<true> {
    let said = 0;
    return new Promise((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.length;
        if (said > mostSaid) child.kill();
        resolve(true);
      });
    });
  }

  private forget(socket: string): void {
    this.socket = null;
    this.master = null;
    // ssh does so itself, unless it was killed.
    void rm(socket, { force: true });
  }

  end(): void {
    this.isPossible = false;
    void this.master?.then((child) => child?.kill());
  }
}
