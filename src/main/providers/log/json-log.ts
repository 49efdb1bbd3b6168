// The log of a process: JSON lines in files of bounded size, written at once, without secrets.
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Clock, Log } from '../../domain/ports';
import type { Redactor } from '../../domain/redact';

type Level = 'info' | 'warn' | 'error';

/** Bytes of one file, and how many files there are: 25 MB in all. */
const fileLimit = 5 * 1024 * 1024;
const fileCount = 5;
/** UTF-16 units of one line. */
const lineLimit = 16 * 1024;

export interface JsonLogOptions {
  /** Made if need be, for this user only. */
  readonly folder: string;
  /** `dumont` gives dumont.log, dumont.1.log ... */
  readonly name: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly redactor: Redactor;
  readonly fileLimit?: number;
}

/**
 * Writes to `<folder>/<name>.log`; a full file becomes `.1`, the fifth goes.
 *
 * A line is in the file when the call returns, so a crash loses none. A log that cannot be written is silent: no operation fails for it.
 */
export class JsonLog implements Log {
  readonly #options: JsonLogOptions;
  readonly #limit: number;
  #fd: number | null = null;
  #size = 0;

  constructor(options: JsonLogOptions) {
    this.#options = options;
    this.#limit = options.fileLimit ?? fileLimit;
  }

  info(event: string, facts?: Readonly<Record<string, unknown>>): void {
    this.#write('info', event, facts);
  }

  warn(event: string, facts?: Readonly<Record<string, unknown>>): void {
    this.#write('warn', event, facts);
  }

  error(event: string, facts?: Readonly<Record<string, unknown>>): void {
    this.#write('error', event, facts);
  }

  hide(secret: string): void {
    this.#options.redactor.hide(secret);
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #file(age: number): string {
    return path.join(this.#options.folder, age === 0 ? `${this.#options.name}.log` : `${this.#options.name}.${String(age)}.log`);
  }

  #open(): number {
    mkdirSync(this.#options.folder, { recursive: true, mode: 0o700 });
    const fd = openSync(this.#file(0), 'a', 0o600);
    this.#size = fstatSync(fd).size;
    this.#fd = fd;
    return fd;
  }

  #rotate(): void {
    this.close();
    rmSync(this.#file(fileCount - 1), { force: true });
    for (let age = fileCount - 2; age >= 0; age -= 1) {
      try {
        renameSync(this.#file(age), this.#file(age + 1));
      } catch {
        // That one does not exist yet.
      }
    }
  }

  #write(level: Level, event: string, facts: Readonly<Record<string, unknown>> = {}): void {
    const { clock, redactor } = this.#options;
    try {
      const whole = JSON.stringify({ at: new Date(clock.now()).toISOString(), level, event, ...redactor.fields(facts) });
      const line = whole.length <= lineLimit ? whole : JSON.stringify({ at: new Date(clock.now()).toISOString(), level, event, cut: whole.slice(0, lineLimit) });
      const bytes = Buffer.from(`${line}\n`);
      let fd = this.#fd ?? this.#open();
      if (this.#size > 0 && this.#size + bytes.length > this.#limit) {
        this.#rotate();
        fd = this.#open();
      }
      this.#size += writeSync(fd, bytes);
    } catch {
      // A full disk or a folder that went: what the app does matters more than its log.
    }
  }
}
