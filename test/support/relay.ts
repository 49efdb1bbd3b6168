// A TCP relay between a test and a server: counts bytes, delays them, and cuts connections after so many of them.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A relay on 127.0.0.1 in front of one port. */
export interface Relay {
  readonly port: number;
  /** Bytes from client to server so far, over all connections. */
  bytesUp(): number;
  /** Bytes from server to client so far, over all connections. */
  bytesDown(): number;
  connections(): number;
  /** Delays each chunk by so many milliseconds in each direction from now on; half a round trip. */
  setDelay(ms: number): void;
  /** Cuts every connection once so many bytes more have come from the server (or gone to it); undefined = never. */
  cutAfter(bytes: number | undefined, direction?: 'down' | 'up'): void;
  /** Calls back at the moment when so many bytes more have come from the server (or are to go to it), before these go on. */
  once(bytes: number, direction: 'down' | 'up', call: () => void): void;
  /** Forgets `once`. */
  unwatch(): void;
  /** Holds everything from now on, old and new connections alike: they stay open and nothing moves. */
  freeze(): void;
  /** Lets go what was held. */
  thaw(): void;
  /** Cuts every open connection now. */
  cut(): void;
  /** New connections go to another port from now on: as when an address is given to another machine. */
  retarget(port: number): void;
  stop(): Promise<void>;
}

/** A gate that can be shut. */
const makeGate = (): { readonly passed: () => Promise<void>; shut(): void; open(): void } => {
  let passed = Promise.resolve();
  let open = (): void => undefined;
  return {
    passed: () => passed,
    shut: () => {
      open();
      passed = new Promise((resolve) => (open = resolve));
    },
    open: () => open(),
  };
};

/** Starts a relay to a port of this computer. */
export const startRelay = async (targetPort: number): Promise<Relay> => {
  const state = { up: 0, down: 0, connections: 0, target: targetPort, delayMs: 0, left: { up: Infinity, down: Infinity } };
  const open = new Set<Socket>();
  const gate = makeGate();
  let watched: { readonly way: 'down' | 'up'; left: number; readonly call: () => void } | undefined;
  const count = (way: 'down' | 'up', bytes: number): void => {
    if (watched?.way !== way) return;
    watched.left -= bytes;
    if (watched.left > 0) return;
    const { call } = watched;
    watched = undefined;
    call();
  };
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  const pump = async (from: Socket, to: Socket, way: 'up' | 'down'): Promise<void> => {
    try {
      for await (const data of from as AsyncIterable<Buffer>) {
        if (state.delayMs > 0) await delay(state.delayMs);
        count(way, data.length);
        await gate.passed();
        const part = data.subarray(0, Math.min(data.length, state.left[way]));
        state[way] += part.length;
        state.left[way] -= part.length;
        if (part.length > 0 && !to.write(part)) await Promise.race([new Promise((resolve) => to.once('drain', resolve)), new Promise((resolve) => to.once('close', resolve))]);
        if (state.left[way] <= 0) cut();
      }
      to.end();
    } catch {
      to.destroy();
    }
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: state.target, host: '127.0.0.1', allowHalfOpen: true });
    state.connections += 1;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      // The other side notices through `close`.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        open.delete(socket);
        (socket === client ? upstream : client).destroy();
      });
    }
    void pump(client, upstream, 'up');
    void pump(upstream, client, 'down');
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    bytesUp: () => state.up,
    bytesDown: () => state.down,
    connections: () => state.connections,
    setDelay: (ms) => (state.delayMs = ms),
    cutAfter: (bytes, direction = 'down') => (state.left[direction] = bytes ?? Infinity),
    once: (bytes, way, call) => (watched = { way, left: bytes, call }),
    unwatch: () => (watched = undefined),
    freeze: () => gate.shut(),
    thaw: () => gate.open(),
    cut,
    retarget: (port) => (state.target = port),
    stop: () =>
      new Promise((resolve) => {
        gate.open();
        server.close(() => resolve());
        cut();
      }),
  };
};
