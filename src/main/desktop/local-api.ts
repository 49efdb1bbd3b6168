// The desktop's local REST API: listens when the flag or the user's setting asks, and stops when it no longer does.
import type { Log } from '../domain/ports';
import type { HttpOptions, HttpServer } from '../transports/http';

export class LocalApi {
  readonly #options: Omit<HttpOptions, 'port'>;
  readonly #log: Log;
  #server: HttpServer | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: Omit<HttpOptions, 'port'>) {
    this.#options = options;
    this.#log = options.log;
  }

  get address(): string | null {
    return this.#server?.address ?? null;
  }

  /** Listens at once; throws PortUnavailableError. For the flag, where a busy port ends the start. */
  async listen(port: number): Promise<void> {
    // Read here: most people never ask for it, and it is a good part of what main would read at its start.
    const { startHttp } = await import('../transports/http');
    this.#server = await startHttp({ ...this.#options, port });
  }

  /** Follows the setting. A port that is taken is logged and the address stays empty: the window works without it. */
  follow(wanted: boolean, port: number): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      if (wanted === (this.#server !== null)) return;
      if (!wanted) return this.close();
      try {
        await this.listen(port);
      } catch (error) {
        this.#log.warn('local_api.not_listening', { problem: error instanceof Error ? error.message : String(error) });
      }
    });
    return this.#turn;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await server?.close();
  }
}
