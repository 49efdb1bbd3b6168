// A real OpenSSH server for tests: its own host keys and authorized keys, on a free port of 127.0.0.1, as this user.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { killTree, startProgram, type Program } from './processes';
import { startRelay, type Relay } from './relay';
import { makeTempDir } from './temp-dir';

/** A key pair on disk. */
export interface KeyPair {
  readonly privateFile: string;
  /** One line, as in `authorized_keys`. */
  readonly publicKey: string;
}

/** A running server. */
export interface Sshd {
  readonly host: '127.0.0.1';
  /** The relay's port where there is one, else the server's own. */
  readonly port: number;
  readonly user: string;
  /** The home directory of its sessions; empty but for the server's own files. */
  readonly home: string;
  /** Of the process that listens; its sessions are below it. */
  readonly pid: number;
  /** Its host key, one line without a comment. */
  readonly hostKey: string;
  readonly authorizedKeysFile: string;
  readonly relay: Relay | undefined;
  /** Lets a public key in. */
  authorize(publicKey: string): void;
  /** What the server logged so far. */
  log(): string;
  /** Ends the server and every session. */
  stop(): Promise<void>;
}

/** Makes an ed25519 key pair without a passphrase. */
export const makeKeyPair = (file: string): KeyPair => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'dumont-test', '-f', file]);
  return { privateFile: file, publicKey: readFileSync(`${file}.pub`, 'utf8').trim() };
};

const programPath = (): string => {
  const file = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/local/bin/sshd', '/usr/bin/sshd'].find((one) => existsSync(one));
  if (file === undefined) throw new Error('sshd was not found; on Debian: apt-get install openssh-server');
  return file;
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

const isEnv = (line: string): boolean => line.startsWith('SetEnv ');

const settings = (folder: string, port: number, authorizedKeysFile: string, more: readonly string[]): string =>
  [
    // sshd takes the first line of each kind.
    ...more.filter((line) => !isEnv(line)),
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host_key`,
    'PidFile none',
    `AuthorizedKeysFile ${authorizedKeysFile}`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'Subsystem sftp internal-sftp',
    'PrintMotd no',
    'MaxStartups 100',
    'MaxSessions 100',
    'LogLevel VERBOSE',
    // What this user's shell does at its start, and what that prints, is no part of the test.
    `SetEnv HOME=${folder}${more.filter(isEnv).map((line) => line.slice('SetEnv'.length)).join('')}`,
    '',
  ].join('\n');

/** sshd cannot be told port 0, so a port found free is tried; another program may take it meanwhile. */
const listen = async (folder: string, authorizedKeysFile: string, more: readonly string[]): Promise<{ readonly program: Program; readonly port: number }> => {
  let said = '';
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const port = await freePort();
    writeFileSync(`${folder}/sshd_config`, settings(folder, port, authorizedKeysFile, more));
    // Its log goes to stderr; stdout tells that the line has come.
    const program = startProgram('sh', ['-c', 'exec "$0" -D -e -f "$1" 2>&1', programPath(), `${folder}/sshd_config`]);
    try {
      await program.line(/Server listening on 127\.0\.0\.1 port/, 10_000);
      return { program, port };
    } catch {
      said = program.stdout() + program.stderr();
      await killTree(program);
    }
  }
  throw new Error(`sshd does not start:\n${said}`);
};

/**
 * Starts a server that lets the given keys in.
 * @param options `authorizedKeysFile` uses another file, such as one that the simulator writes; `relay` puts a relay in front; `settings` adds lines to `sshd_config`.
 */
export const startSshd = async (
  options: { readonly authorizedKeys?: readonly string[]; readonly authorizedKeysFile?: string; readonly relay?: boolean; readonly settings?: readonly string[] } = {},
): Promise<Sshd> => {
  // As root, sshd wants its empty folder for privilege separation, which a package's service would make.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const folder = makeTempDir('dumont-sshd');
  const authorizedKeysFile = options.authorizedKeysFile ?? folder.at('authorized_keys');
  const authorize = (key: string): void => appendFileSync(authorizedKeysFile, `${key.trim()}\n`, { mode: 0o600 });
  if (options.authorizedKeysFile === undefined) writeFileSync(authorizedKeysFile, '', { mode: 0o600 });
  for (const key of options.authorizedKeys ?? []) authorize(key);
  const hostKey = makeKeyPair(folder.at('host_key')).publicKey.split(' ').slice(0, 2).join(' ');
  const { program, port } = await listen(folder.path, authorizedKeysFile, options.settings ?? []);
  const relay = options.relay === true ? await startRelay(port) : undefined;
  return {
    host: '127.0.0.1',
    port: relay?.port ?? port,
    user: userInfo().username,
    home: folder.path,
    pid: program.pid,
    hostKey,
    authorizedKeysFile,
    relay,
    authorize,
    log: () => program.stdout(),
    stop: async () => {
      await relay?.stop();
      await killTree(program);
      folder.remove();
    },
  };
};
