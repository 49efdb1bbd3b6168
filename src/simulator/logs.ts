// Logs and command output that appear at an unguessable address some time after they were asked for, as uploads do.
import { randomBytes } from 'node:crypto';

interface Shelved {
  readonly readyAt: number;
  readonly text: string;
}

const keptResults = 200;

/** Texts by the hash in their address. */
export class LogShelf {
  private readonly results = new Map<string, Shelved>();

  /** Keeps a text that can be fetched from `readyAt` (epoch seconds) on; answers its path. */
  put(text: string, readyAt: number): string {
    const hash = randomBytes(32).toString('hex');
    this.results.set(hash, { readyAt, text });
    for (const oldest of this.results.keys()) {
      if (this.results.size <= keptResults) break;
      this.results.delete(oldest);
    }
    return `/instance_logs/${hash}.log`;
  }

  /** The text of a file name, or null while it is not there. */
  get(name: string, nowS: number): string | null {
    const found = this.results.get(name.replace(/\.log$/, ''));
    return found && found.readyAt <= nowS ? found.text : null;
  }
}
