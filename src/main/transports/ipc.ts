// Serves the contract to the windows of the desktop: one message port per window over one channel. Electron itself is behind `IpcChannel`.
import { EventEmitter } from 'node:events';
import { RPCHandler } from '@orpc/server/message-port';
import { RequestHeadersPlugin } from '@orpc/server/plugins';
import type { Log } from '../domain/ports';
import type { Services } from '../domain/services';
import type { RequestContext } from '../handlers/context';
import { router } from '../handlers/router';
import { readMessage } from './ipc-message';

/** Messages from and to pages whose sender was checked already. */
export interface IpcChannel {
  onMessage(callback: (senderId: number, data: unknown) => void): void;
  /** The page reloaded, crashed or went: its calls and streams end. */
  onGone(callback: (senderId: number) => void): void;
  send(senderId: number, data: unknown): void;
}

export interface IpcOptions {
  readonly services: Services;
  readonly log: Log;
  readonly channel: IpcChannel;
}

export interface IpcServer {
  /** Ends all calls and streams. */
  close(): void;
}

/** What oRPC accepts as a message port: `on('message' | 'close')` and `postMessage`. */
class WindowPort extends EventEmitter {
  readonly #send: (data: unknown) => void;

  constructor(send: (data: unknown) => void) {
    super();
    this.#send = send;
  }

  postMessage(data: unknown): void {
    this.#send(data);
  }
}

/** Starts to answer. A message that our own client would not send is dropped, with a line in the log. */
export function serveIpc({ services, log, channel }: IpcOptions): IpcServer {
  const handler = new RPCHandler<RequestContext>(router, { plugins: [new RequestHeadersPlugin()] });
  const ports = new Map<number, WindowPort>();
  let closed = false;

  const portOf = (senderId: number): WindowPort => {
    const known = ports.get(senderId);
    if (known !== undefined) return known;
    const port = new WindowPort((data) => {
      try {
        if (ports.get(senderId) === port) channel.send(senderId, data);
      } catch (error) {
        log.warn('ipc.not_sent', { error });
      }
    });
    handler.upgrade(port, { context: { services, log, transport: 'ipc' } });
    ports.set(senderId, port);
    return port;
  };

  const drop = (senderId: number): void => {
    const port = ports.get(senderId);
    ports.delete(senderId);
    port?.emit('close');
  };

  channel.onMessage((senderId, data) => {
    if (closed) return;
    const text = readMessage(data);
    if (text === null) log.warn('ipc.malformed', { type: typeof data });
    else portOf(senderId).emit('message', { data: text });
  });
  channel.onGone(drop);
  return {
    close() {
      closed = true;
      // A Map may lose entries while it is walked.
      for (const senderId of ports.keys()) drop(senderId);
    },
  };
}
