// An SSH server that lets every key in and answers commands as a test says: what no real sshd can be made to do.
import { createServer, type AddressInfo, type Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';

/** What it does; each part may be left out. */
export interface Lies {
  /** For each command; without it the command is refused. */
  readonly exec?: (channel: ServerChannel, command: string) => void;
  /** Never answers the request to run a command. */
  readonly ignoreExec?: boolean;
  /** Never answers an attempt to sign in. */
  readonly ignoreAuth?: boolean;
  /** Called once somebody is in. */
  readonly onReady?: (connection: Connection) => void;
  readonly banner?: string;
  /** Takes the connection before SSH does. */
  readonly raw?: (socket: Socket) => void;
}

/** A running one. */
export interface LyingSsh {
  readonly port: number;
  /** Attempts to sign in so far, and commands that were asked for. */
  readonly seen: { readonly auth: string[]; readonly commands: string[]; bytes: number };
  stop(): Promise<void>;
}

/** Starts one with this host key (OpenSSH form). */
export const startLyingSsh = async (hostKey: string, lies: Lies): Promise<LyingSsh> => {
  const seen: LyingSsh['seen'] = { auth: [], commands: [], bytes: 0 };
  const server = new ssh2.Server({ hostKeys: [hostKey], banner: lies.banner, algorithms: { cipher: ['aes128-gcm@openssh.com', 'aes128-ctr'] } }, (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => {
      seen.auth.push(context.method);
      if (lies.ignoreAuth === true) return;
      if (context.method === 'publickey') context.accept();
      else context.reject(['publickey']);
    });
    connection.on('ready', () => {
      lies.onReady?.(connection);
      connection.on('session', (accept) => {
        const session = accept();
        session.on('env', (allow) => allow?.());
        session.on('exec', (allow, refuse, info) => {
          seen.commands.push(info.command);
          if (lies.ignoreExec === true) return;
          if (lies.exec === undefined) {
            refuse();
            return;
          }
          const channel = allow();
          channel.on('error', () => undefined);
          lies.exec(channel, info.command);
        });
      });
    });
  });
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => (seen.bytes += data.length));
    socket.once('close', () => sockets.delete(socket));
    if (lies.raw === undefined) server.injectSocket(socket);
    else lies.raw(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    seen,
    stop: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
