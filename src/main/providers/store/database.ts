// One SQLite connection: statements prepared once, transactions, and failures translated at the spot where they happen.
import { statfsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSyncInstance } from '@photostructure/sqlite';
import { AppError } from '../../domain/app-error';
import { StoreError } from './store-error';

/** What a column can hold here. */
export type Cell = string | number | null;
/** A row as SQLite gives it. */
export type Row = Readonly<Record<string, Cell>>;

// SQLite's primary result codes, https://www.sqlite.org/rescode.html
const readOnly = 8;
const ioError = 10;
const corrupt = 11;
const full = 13;
const cannotOpen = 14;
const constraint = 19;
const notADatabase = 26;

/** SQLite's primary result code of an error; extended codes carry it in their low byte. 0 for an error that is not SQLite's. */
const resultCode = (error: unknown): number =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;

/** Whether a statement failed on a constraint, such as a value that must be unique. */
export const isConstraintFailure = (error: unknown): boolean => resultCode(error) === constraint;

/** Bytes that SQLite needs beside a database that is opened: 32 KiB of shared memory and the first frames of its log. */
const roomToOpen = 64 * 1024;

/** The files beside the database fail to be made with "cannot open" or "input/output error" where a write to itself would say that the disk is full. */
const hasNoRoom = (file: string): boolean => {
  try {
    const { bavail, bsize } = statfsSync(path.dirname(file));
    return bavail * bsize < roomToOpen;
  } catch {
    return false;
  }
};

const diskFull = (cause: unknown, file: string): AppError<'disk_full'> => new AppError('disk_full', 'The disk is full. The database kept its last state.', { path: file }, { cause });
const inaccessible = (cause: unknown, file: string): StoreError => new StoreError('inaccessible', file, `The database ${file} cannot be opened or written.`, { cause });

/** The error to throw in place of one of SQLite's. */
export const translate = (error: unknown, file: string): unknown => {
  switch (resultCode(error)) {
    case corrupt:
    case notADatabase:
      return new StoreError('damaged', file, `The database ${file} is damaged. It was left as it is: move it away to start anew, or put a copy back.`, { cause: error });
    case full:
      return diskFull(error, file);
    case ioError:
    case cannotOpen:
      if (hasNoRoom(file)) return diskFull(error, file);
      return inaccessible(error, file);
    case readOnly:
      return inaccessible(error, file);
    default:
      return error;
  }
};

/** A connection. Every call is synchronous and, outside `transaction`, durable when it returns. */
export class Database {
  readonly file: string;
  readonly #connection: InstanceType<typeof DatabaseSync>;
  readonly #statements = new Map<string, StatementSyncInstance>();
  #depth = 0;

  /** `file` may be `:memory:`. Throws StoreError. */
  constructor(file: string) {
    this.file = file;
    // 2 s: a copy made by a backup program may hold the file for a moment.
    this.#connection = this.#translated(() => new DatabaseSync(file, { timeout: 2000, enableForeignKeyConstraints: true }));
  }

  /** The first row, or null. */
  get(sql: string, ...values: readonly Cell[]): Row | null {
    return this.#translated(() => (this.#prepared(sql).get(...values) as Row | undefined) ?? null);
  }

  all(sql: string, ...values: readonly Cell[]): readonly Row[] {
    return this.#translated(() => this.#prepared(sql).all(...values) as Row[]);
  }

  run(sql: string, ...values: readonly Cell[]): void {
    this.#translated(() => this.#prepared(sql).run(...values));
  }

  /** Statements without parameters, one after the other. */
  script(sql: string): void {
    this.#translated(() => this.#connection.exec(sql));
  }

  /** All or nothing. Inside another transaction it is part of that one. */
  transaction<Result>(work: () => Result): Result {
    if (this.#depth > 0) return work();
    this.script('BEGIN IMMEDIATE');
    this.#depth += 1;
    try {
      const result = work();
      this.script('COMMIT');
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  /**
   * Closes. Everything is in the main file afterwards.
   *
   * This package gives its prepared statements back only when they are collected, and until then SQLite keeps the files open and the
   * write-ahead log beside them; so what the log holds is moved to the main file here and not left to SQLite's own close.
   */
  close(): void {
    if (!this.#connection.isOpen) return;
    try {
      this.#connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // A full or damaged disk: the log stays, and the next start reads it.
    }
    this.abandon();
  }

  /** Closes without writing anything: for a database that is not ours to touch. */
  abandon(): void {
    this.#statements.clear();
    this.#connection.close();
  }

  #rollback(): void {
    try {
      this.#connection.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full: the first error tells what happened.
    }
  }

  #prepared(sql: string): StatementSyncInstance {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #translated<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw translate(error, this.file);
    }
  }
}
