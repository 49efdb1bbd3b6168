// One SSH server of one instance, on loopback: public key only, no shell, the fixed commands only.
import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ServerChannel, type Session } from 'ssh2';
import type { RemoteIo } from './remote-io';

/** What a server needs of its instance; asked anew for every connection and command. */
export interface SshHostParts {
  /** OpenSSH private key. */
  readonly hostKey: string;
  /** Public keys that may log in, in authorized_keys form. */
  keys(): readonly string[];
  /** Runs a command line; answers its exit code. */
  run(line: string, io: RemoteIo): Promise<number>;
  /** Bytes that went out of and into the instance. */
  traffic(up: number, down: number): void;
}

/** A listening server. */
export interface SshHost {
  readonly port: number;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

// chacha20-poly1305 fails inside Electron, whose crypto library lacks the raw cipher.
const ciphers = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes256-ctr'] as const;

/** A fresh ed25519 host key in OpenSSH form. */
export const makeHostKey = (): string => {
  // The generator now and then writes a key that its own parser refuses (a leading zero); such a key is thrown away.
  for (let attempt = 0; attempt < 50; attempt += 1) {
    try {
      const pair = ssh2.utils.generateKeyPairSync('ed25519');
      if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair.private;
    } catch {
      // Try again.
    }
  }
  throw new Error('no usable host key could be made');
};

const same = (left: Buffer, right: Buffer): boolean => left.length === right.length && timingSafeEqual(left, right);

const authenticate = (context: AuthContext, keys: readonly string[]): void => {
  if (context.method !== 'publickey' || context.username !== 'root') return context.reject(['publickey']);
  for (const text of keys) {
    const known = ssh2.utils.parseKey(text);
    if (known instanceof Error || Array.isArray(known) || context.key.algo !== known.type || !same(context.key.data, known.getPublicSSH())) continue;
    if (!context.signature || !context.blob) return context.accept();
    if (known.verify(context.blob, context.signature, context.hashAlgo) === true) return context.accept();
  }
  return context.reject(['publickey']);
};

/** Waits until a channel takes more, or rejects when it is gone. */
const drained = (channel: ServerChannel): Promise<void> =>
  new Promise((resolve, reject) => {
    const done = (): void => {
      channel.off('drain', onDrain);
      channel.off('close', onClose);
    };
    const onDrain = (): void => {
      done();
      resolve();
    };
    const onClose = (): void => {
      done();
      reject(new Error('the connection is gone'));
    };
    channel.on('drain', onDrain);
    channel.on('close', onClose);
  });

const ioOf = (channel: ServerChannel, parts: SshHostParts): RemoteIo => {
  let open = true;
  channel.on('close', () => {
    open = false;
  });
  async function* input(): AsyncGenerator<Buffer> {
    // Iterating to the end must not destroy the channel: the exit code is still to be sent on it.
    for await (const chunk of channel.iterator({ destroyOnReturn: false })) {
      parts.traffic(0, (chunk as Buffer).length);
      yield chunk as Buffer;
    }
  }
  return {
    stdin: input(),
    stdout: async (part) => {
      if (!open) throw new Error('the connection is gone');
      parts.traffic(part.length, 0);
      if (!channel.write(part)) await drained(channel);
    },
    stderr: (text) => {
      if (open) channel.stderr.write(text);
    },
  };
};

const serveCommand = async (channel: ServerChannel, line: string, parts: SshHostParts): Promise<void> => {
  channel.on('error', () => channel.destroy());
  let code = 255;
  try {
    code = await parts.run(line, ioOf(channel, parts));
  } catch {
    // The caller went away, or the disk is full: the exit code is all a remote side ever tells.
  }
  if (channel.destroyed) return;
  channel.exit(code);
  channel.end();
  // Input that nobody read must not keep the channel open.
  channel.resume();
};

const serveSession = (session: Session, parts: SshHostParts): void => {
  session.on('pty', (accept) => accept?.());
  session.on('env', (accept) => accept?.());
  session.on('exec', (accept, _reject, info) => void serveCommand(accept(), info.command, parts));
  session.on('shell', (accept) => void serveCommand(accept(), '', parts));
};

const serveConnection = (connection: Connection, parts: SshHostParts): void => {
  connection.on('error', () => connection.end());
  connection.on('authentication', (context) => authenticate(context, parts.keys()));
  connection.on('ready', () => {
    connection.on('session', (accept) => serveSession(accept(), parts));
  });
};

const listen = (server: NetServer, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the SSH server has no port'));
      else resolve(address.port);
    });
  });

/** Opens a server on 127.0.0.1, at `wantedPort` if that is free (0 = any). */
export const openSshHost = async (parts: SshHostParts, wantedPort: number): Promise<SshHost> => {
  const ssh = new ssh2.Server({ hostKeys: [parts.hostKey], algorithms: { cipher: [...ciphers] }, ident: 'simulated-host' }, (connection) => serveConnection(connection, parts));
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    ssh.injectSocket(socket);
  });
  const port = await listen(server, wantedPort).catch((error: unknown) => {
    if (wantedPort === 0) throw error;
    return listen(server, 0);
  });
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
