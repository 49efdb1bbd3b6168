// Why the local API could not listen; apart from the server, which is read only where it is to listen.

/** The port is taken, or may not be used. */
export class PortUnavailableError extends Error {
  readonly port: number;
  readonly reason: 'busy' | 'denied';

  constructor(port: number, reason: 'busy' | 'denied') {
    super(reason === 'busy' ? `Port ${String(port)} is in use: end the other program, or choose another with --port` : `Port ${String(port)} may not be used: choose another with --port`);
    this.name = 'PortUnavailableError';
    this.port = port;
    this.reason = reason;
  }
}
