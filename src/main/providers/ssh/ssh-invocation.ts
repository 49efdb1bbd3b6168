// The command line of one ssh call: every option is ours, nothing of the user's own configuration is read.
import { isIP } from 'node:net';
import { AppError } from '../../domain/app-error';
import type { HostTarget } from '../../domain/snapshot-ports';

/** What a worker thread or this one needs to start ssh. */
export interface SshInvocation {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Fingerprint of the pinned host key; empty before the first contact. */
  readonly pinned: string;
}

/** Fastest first, as measured over loopback: 774, 764 and 490 MB/s; the CTR modes are for servers without GCM. */
const ciphers = 'aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr';

/** Variables that a child may see; no agent, no secret. */
const passed = ['PATH', 'HOME', 'USERPROFILE', 'SystemRoot', 'SYSTEMROOT', 'windir', 'TMPDIR', 'TEMP', 'TMP', 'PATHEXT'] as const;

export const childEnvironment = (): Record<string, string> => ({
  ...Object.fromEntries(passed.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
  LC_ALL: 'C',
});

const hostName = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}))*$/;
const userName = /^[a-z_][a-z0-9_-]{0,31}$/;

/** Throws `ssh_unreachable` for an address that could be taken for anything else. */
export const checkTarget = (target: HostTarget): void => {
  const { host, port, user, instanceId } = target;
  const fine = (isIP(host) !== 0 || hostName.test(host)) && Number.isInteger(port) && port > 0 && port < 65_536 && userName.test(user) && Number.isSafeInteger(instanceId) && instanceId > 0;
  if (!fine) throw new AppError('ssh_unreachable', 'The address of the instance is not valid.', { host: JSON.stringify(host).slice(0, 100), port: Number.isFinite(port) ? port : 0, detail: 'invalid address' });
};

/** A path as an option of ssh wants it: quoted, and without percent tokens. Windows has no quotes in names, and its ssh takes slashes of either kind. */
const optionPath = (file: string): string => `"${(process.platform === 'win32' ? file.replaceAll('\\', '/') : file.replaceAll(/["\\]/g, String.raw`\$&`)).replaceAll('%', '%%')}"`;

/** What a call has to do with a shared connection: nothing; it is the one at this socket; or it goes over it, and makes its own where that is gone. See [Note: Shared connection]. */
export type Sharing = null | { readonly as: 'master' | 'session'; readonly socket: string };

/** The arguments up to and with the remote command. */
export const sshArguments = (
  target: HostTarget,
  files: { readonly identity: string; readonly knownHosts: string; readonly firstContact: boolean; readonly alias: string },
  remoteCommand: string,
  sharing: Sharing = null,
): readonly string[] => {
  checkTarget(target);
  const options = [
    'BatchMode=yes', 'IdentitiesOnly=yes', 'IdentityAgent=none', 'PreferredAuthentications=publickey', 'PasswordAuthentication=no', 'KbdInteractiveAuthentication=no',
    `IdentityFile=${optionPath(files.identity)}`, `UserKnownHostsFile=${optionPath(files.knownHosts)}`, 'GlobalKnownHostsFile=none', `HostKeyAlias=${files.alias}`, 'CheckHostIP=no', 'HashKnownHosts=no',
    `StrictHostKeyChecking=${files.firstContact ? 'accept-new' : 'yes'}`, 'UpdateHostKeys=no', 'VerifyHostKeyDNS=no',
    'ForwardAgent=no', 'ForwardX11=no', 'ClearAllForwardings=yes', 'PermitLocalCommand=no', 'ProxyCommand=none', 'CanonicalizeHostname=no', 'EscapeChar=none',
    `ControlMaster=${sharing?.as === 'master' ? 'yes' : 'no'}`, `ControlPath=${sharing === null ? 'none' : optionPath(sharing.socket)}`,
    'RequestTTY=no', 'Compression=no', 'ConnectTimeout=15', 'ServerAliveInterval=15', 'ServerAliveCountMax=3', 'LogLevel=ERROR', `Ciphers=${ciphers}`,
  ];
  return ['-F', 'none', '-T', ...options.flatMap((option) => ['-o', option]), '-p', String(target.port), '-l', target.user, '--', target.host, remoteCommand];
};
