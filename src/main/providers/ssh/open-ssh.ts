// The system's OpenSSH as the way to rented hosts: own configuration, own key per user, host keys pinned per instance.
import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../domain/app-error';
import type { ListingLimits } from '../../domain/snapshot-manifest';
import type { HostManner, HostTarget, RemoteHost, RemoteHosts } from '../../domain/snapshot-ports';
import { runProgram } from '../process/execa';
import { OpenSshHost } from './remote-host';
import { safeLines } from './ssh-errors';
import { fingerprintOf, hostKeyAlias, SshKeys } from './ssh-keys';
import { SharedConnection } from './shared-connection';
import { SmallFiles } from './small-files';
import { childEnvironment, sshArguments, type Sharing, type SshInvocation } from './ssh-invocation';
import { patience, type SshPatience } from './ssh-pace';

const missing = (): AppError => new AppError('ssh_missing', 'No ssh program was found on this computer.', { hint: 'Install the OpenSSH client (Debian: apt install openssh-client).' });

/** The first file of this name on PATH that can be run. */
export const findOnPath = async (name: string): Promise<string | null> => {
  const names = process.platform === 'win32' ? [`${name}.exe`, name] : [name];
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    if (folder === '') continue;
    for (const one of names) {
      const file = path.join(folder, one);
      const usable = await access(file, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (usable) return file;
    }
  }
  return null;
};

/** Rented hosts through OpenSSH. */
export class OpenSsh implements RemoteHosts {
  private readonly keys: SshKeys;
  private known: { readonly path: string; readonly version: string } | null = null;
  private program: string | null = null;

  /** `folder` holds the users' keys, `<data>/ssh`; `program` is ssh's path, null = the one on PATH; `writer` is the program of the thread that writes small files, null = there is none. */
  constructor(
    private readonly options: { readonly folder: string; readonly program?: string | null; readonly patience?: SshPatience; readonly limits?: ListingLimits; readonly writer?: string | null },
  ) {
    this.keys = new SshKeys(options.folder);
  }

  async tool(): Promise<{ readonly path: string; readonly version: string } | null> {
    if (this.known !== null) return this.known;
    const file = await this.file();
    if (file === null) return null;
    const result = await runProgram(file, ['-V'], { timeout: 10_000, env: childEnvironment() });
    const version = /OpenSSH\S*/.exec(`${result.stderr}${result.stdout}`)?.[0];
    if (result.exitCode !== 0 || version === undefined) return null;
    this.known = { path: file, version: version.replace(/,$/, '') };
    return this.known;
  }

  private async file(): Promise<string | null> {
    return (this.program ??= this.options.program ?? (await findOnPath('ssh')));
  }

  publicKey(userId: string): Promise<string> {
    return this.keys.publicKey(userId);
  }

  forget(userId: string, instanceId: number): Promise<void> {
    return this.keys.forget(userId, instanceId);
  }

  /** Asks the host for its key without signing in, and pins it when it is the one that was agreed to; nothing else is sent. */
  async trust(target: HostTarget, fingerprint: string): Promise<void> {
    const { userId, instanceId, host, port } = target;
    const tool = await this.tool();
    if (tool === null) throw missing();
    await this.keys.publicKey(userId);
    const seen = `${this.keys.knownHostsFile(userId)}.${randomBytes(6).toString('hex')}`;
    try {
      const files = { identity: this.keys.identityFile(userId), knownHosts: seen, firstContact: true, alias: hostKeyAlias(instanceId) };
      // The first value of an option counts.
      const args = ['-o', 'PreferredAuthentications=none', '-o', 'PubkeyAuthentication=no', ...sshArguments(target, files, 'true')];
      const { stderr } = await runProgram(tool.path, args, { timeout: 30_000, env: childEnvironment() });
      const lines = (await readFile(seen, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
      if (lines.length === 0) throw new AppError('ssh_unreachable', `The instance could not be reached over SSH at ${host} port ${port}.`, { host, port, detail: safeLines(stderr, 3).join(' ') });
      const agreed = lines.filter((line) => fingerprintOf(line) === fingerprint);
      if (agreed.length === 0) {
        const known = await this.keys.pinned(userId, instanceId);
        throw new AppError('host_key_changed', 'The instance shows yet another host key. Nothing was sent.', { instance_id: instanceId, host, port, known, found: fingerprintOf(lines[0] ?? '') });
      }
      await this.keys.replace(userId, instanceId, agreed);
    } finally {
      await rm(seen, { force: true });
      await rm(`${seen}.old`, { force: true });
    }
  }

  host(target: HostTarget, manner: HostManner = { bytesPerSecond: null, lowPriority: true }): RemoteHost {
    const { folder, patience: waits = patience, limits, writer = null } = this.options;
    const connection = new SharedConnection(folder, (command, sharing) => this.invocation(target, command, sharing), waits.answer.ms);
    return new OpenSshHost(target, connection, waits, manner, limits, writer === null ? null : new SmallFiles(writer));
  }

  private async invocation(target: HostTarget, remoteCommand: string, sharing: Sharing): Promise<SshInvocation> {
    const file = await this.file();
    if (file === null) throw missing();
    const { userId, instanceId } = target;
    await this.keys.publicKey(userId);
    await mkdir(this.options.folder, { recursive: true, mode: 0o700 });
    const pinned = await this.keys.pinned(userId, instanceId);
    const files = { identity: this.keys.identityFile(userId), knownHosts: this.keys.knownHostsFile(userId), firstContact: pinned === '', alias: hostKeyAlias(instanceId) };
    return { file, args: sshArguments(target, files, remoteCommand, sharing), env: childEnvironment(), pinned };
  }
}
