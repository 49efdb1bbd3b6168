// The user's own SSH key and the pinned host keys: files of mode 0600 in `<data>/ssh/<userId>/`, because OpenSSH reads files.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { AppError } from '../../domain/app-error';
import { childEnvironment } from './ssh-invocation';

const userIdForm = /^[A-Za-z0-9-]{1,64}$/;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** The name under which an instance's host key is pinned: by id, since Vast gives addresses to others later. */
export const hostKeyAlias = (instanceId: number): string => `vast-${instanceId}`;

/** Keys of users below one folder. */
export class SshKeys {
  private readonly making = new Map<string, Promise<void>>();

  constructor(private readonly folder: string) {}

  private at(userId: string, file: string): string {
    if (!userIdForm.test(userId)) throw new Error('A user id has an unexpected form');
    return path.join(this.folder, userId, file);
  }

  identityFile(userId: string): string {
    return this.at(userId, 'id_ed25519');
  }

  knownHostsFile(userId: string): string {
    return this.at(userId, 'known_hosts');
  }

  /** One line; the pair is made on first use. `ssh_missing` when there is no ssh-keygen. */
  async publicKey(userId: string): Promise<string> {
    const file = `${this.identityFile(userId)}.pub`;
    const read = async (): Promise<string | null> =>
      readFile(file, 'utf8').then(
        (text) => text.trim(),
        (error: unknown) => {
          if (isMissing(error)) return null;
          throw error;
        },
      );
    const found = await read();
    if (found !== null) return found;
    const running = this.making.get(userId) ?? this.make(userId).finally(() => this.making.delete(userId));
    this.making.set(userId, running);
    await running;
    return (await read()) ?? '';
  }

  /** Made under another name and renamed, the public half last, so that a crash leaves no half pair. */
  private async make(userId: string): Promise<void> {
    const target = this.identityFile(userId);
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    const fresh = `${target}.${randomBytes(6).toString('hex')}`;
    const result = await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'dumont-cloud', '-f', fresh], { reject: false, stdin: 'ignore', extendEnv: false, env: childEnvironment() });
    if (result.exitCode !== 0) {
      throw new AppError('ssh_missing', 'No ssh-keygen program was found on this computer.', { hint: 'Install the OpenSSH client.' }, { cause: result.cause });
    }
    await rename(fresh, target);
    await rename(`${fresh}.pub`, `${target}.pub`);
  }

  /** Whether the host key of this instance is pinned. */
  async isPinned(userId: string, instanceId: number): Promise<boolean> {
    return (await this.pins(userId)).some((line) => line.startsWith(`${hostKeyAlias(instanceId)} `));
  }

  /** Forgets the pinned host key of an instance. */
  async forget(userId: string, instanceId: number): Promise<void> {
    const lines = await this.pins(userId);
    const left = lines.filter((line) => !line.startsWith(`${hostKeyAlias(instanceId)} `));
    if (left.length === lines.length) return;
    const file = this.knownHostsFile(userId);
    const fresh = `${file}.${randomBytes(6).toString('hex')}`;
    await writeFile(fresh, left.map((line) => `${line}\n`).join(''), { mode: 0o600, flag: 'wx' });
    await rename(fresh, file);
    // ssh keeps a copy when it edits the file itself.
    await rm(`${file}.old`, { force: true });
  }

  private async pins(userId: string): Promise<readonly string[]> {
    try {
      return (await readFile(this.knownHostsFile(userId), 'utf8')).split('\n').filter((line) => line !== '');
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }
}
