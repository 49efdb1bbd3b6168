// The user's own SSH key and the pinned host keys: files of mode 0600 in `<data>/ssh/<userId>/`, because OpenSSH reads files.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../domain/app-error';
import { runProgram } from '../process/execa';
import { childEnvironment } from './ssh-invocation';

const userIdForm = /^[A-Za-z0-9-]{1,64}$/;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** The name under which an instance's host key is pinned: by id, since Vast gives addresses to others later. */
export const hostKeyAlias = (instanceId: number): string => `vast-${instanceId}`;

/** The fingerprint of a line of `known_hosts`, as ssh prints it; empty for one that is none. */
export const fingerprintOf = (line: string): string => {
  const key = line.split(' ')[2];
  return key === undefined ? '' : `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`;
};

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
    const result = await runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'dumont-cloud', '-f', fresh], { env: childEnvironment() });
    if (result.exitCode !== 0) {
      throw new AppError('ssh_missing', 'No ssh-keygen program was found on this computer.', { hint: 'Install the OpenSSH client.' }, { cause: result.cause });
    }
    await rename(fresh, target);
    await rename(`${fresh}.pub`, `${target}.pub`);
  }

  /** The fingerprint of the pinned host key of an instance; empty before the first contact. */
  async pinned(userId: string, instanceId: number): Promise<string> {
    const line = (await this.pins(userId)).find((one) => one.startsWith(`${hostKeyAlias(instanceId)} `));
    return line === undefined ? '' : fingerprintOf(line);
  }

  /** Forgets the pinned host key of an instance. */
  forget(userId: string, instanceId: number): Promise<void> {
    return this.replace(userId, instanceId, []);
  }

  /** Pins these lines of `known_hosts` in place of what is pinned of an instance. */
  async replace(userId: string, instanceId: number, lines: readonly string[]): Promise<void> {
    const pins = await this.pins(userId);
    const left = pins.filter((line) => !line.startsWith(`${hostKeyAlias(instanceId)} `));
    if (left.length === pins.length && lines.length === 0) return;
    const file = this.knownHostsFile(userId);
    const fresh = `${file}.${randomBytes(6).toString('hex')}`;
    await writeFile(fresh, [...left, ...lines].map((line) => `${line}\n`).join(''), { mode: 0o600, flag: 'wx' });
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
