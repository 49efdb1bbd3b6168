// A log that remembers what it was told.
import type { Log } from '../../src/main/domain/ports';

export interface LoggedLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Keeps lines and hidden values in memory. */
export class MemoryLog implements Log {
  readonly lines: LoggedLine[] = [];
  readonly hidden: string[] = [];

  info(event: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.lines.push({ level: 'info', event, facts });
  }

  warn(event: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.lines.push({ level: 'warn', event, facts });
  }

  error(event: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.lines.push({ level: 'error', event, facts });
  }

  hide(secret: string): void {
    this.hidden.push(secret);
  }
}
