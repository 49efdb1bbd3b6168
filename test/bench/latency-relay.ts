// A relay that adds a round trip and a bandwidth to a connection without reordering: what comes in waits in one queue for its time.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface LatencyRelay {
  readonly port: number;
  /** Bytes that came from the server. */
  bytesDown(): number;
  stop(): Promise<void>;
}

/** Each way takes half of `rtt` milliseconds, and at most `mbit` megabits per second in all. */
export const startLatencyRelay = async (target: number, rtt: number, mbit: number): Promise<LatencyRelay> => {
  const open = new Set<Socket>();
  const perByte = 8 / (mbit * 1000);
  let down = 0;
  const pump = (from: Socket, to: Socket, isDown: boolean): void => {
    const queue: { readonly due: number; readonly data: Buffer }[] = [];
    let free = 0;
    let held = 0;
    let timer: NodeJS.Timeout | null = null;
    let ended = false;
    const flush = (): void => {
      timer = null;
      for (let first = queue[0]; first !== undefined && first.due <= performance.now() + 0.5; first = queue[0]) {
        queue.shift();
        held -= first.data.length;
        to.write(first.data);
      }
      if (held < 4 << 20 && from.isPaused()) from.resume();
      if (queue[0] !== undefined) timer = setTimeout(flush, Math.max(0, queue[0].due - performance.now()));
      else if (ended) to.end();
    };
    from.on('data', (data: Buffer) => {
      if (isDown) down += data.length;
      free = Math.max(free, performance.now()) + data.length * perByte;
      queue.push({ due: free + rtt / 2, data });
      held += data.length;
      if (held >= 4 << 20) from.pause();
      timer ??= setTimeout(flush, rtt / 2);
    });
    from.on('end', () => {
      ended = true;
      timer ??= setTimeout(flush, rtt / 2);
    });
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        open.delete(socket);
        (socket === client ? upstream : client).destroy();
      });
    }
    pump(client, upstream, false);
    pump(upstream, client, true);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    bytesDown: () => down,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
};
