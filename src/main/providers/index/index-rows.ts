// Rows of the index as files, and many rows in one statement.
import type { IndexedFile, IndexEntry } from '../../domain/file-index-port';
import type { BytePath } from '../../domain/snapshot-ports';
import type { Cell, Database, Row } from '../store/database';
import { integer, integerOrNull, text } from '../store/rows';
import { fromCell, toCell } from './index-names';

/** Columns of a version, in the order in which they are written. */
export const versionColumns = ['file', 'first', 'last', 'type', 'mode', 'uid', 'gid', 'size', 'seconds', 'nanos', 'target', 'sha256', 'stored', 'entries', 'files'] as const;

/** The columns that say what a file is like, for a SELECT. */
export const facts = 'v.type, v.mode, v.uid, v.gid, v.size, v.seconds, v.nanos, v.target, v.sha256, v.stored, v.entries, v.files';

/** What a directory sums up. */
export interface Sums {
  readonly bytes: number;
  readonly files: number;
  readonly entries: number;
}

/** The cells of a new version. */
export const versionCells = (file: number, first: number, last: number, entry: IndexEntry, sums: Sums | null): Cell[] => [
  file, first, last, entry.type, entry.mode, entry.uid, entry.gid, sums?.bytes ?? entry.size, entry.seconds, entry.nanos, entry.target === '' ? '' : toCell(entry.target),
  entry.sha256 === '' ? '' : Buffer.from(entry.sha256, 'hex').toString('base64'), entry.stored ? 1 : 0, sums?.entries ?? null, sums?.files ?? null,
];

/** Whether a stored version says the same as those cells; a hash that one of them lacks does not count. */
export const isSameVersion = (row: Row, cells: readonly Cell[]): boolean =>
  versionColumns.every((column, at) => at < 3 || row[column] === cells[at] || (column === 'sha256' && (row[column] === '' || cells[at] === '')));

/** A row with the columns of `facts` as a file. */
export const fileOf = (row: Row, path: BytePath): IndexedFile => ({
  path,
  type: text(row, 'type'),
  mode: integer(row, 'mode'),
  uid: integer(row, 'uid'),
  gid: integer(row, 'gid'),
  size: integer(row, 'size'),
  mtime: integer(row, 'seconds') * 1000 + Math.floor(integer(row, 'nanos') / 1e6),
  target: fromCell(text(row, 'target')),
  sha256: row.sha256 === '' ? null : Buffer.from(text(row, 'sha256'), 'base64').toString('hex'),
  stored: row.stored === 1,
  entries: integerOrNull(row, 'entries'),
  files: integerOrNull(row, 'files'),
});

/** Rows in one statement: the cost of a statement outweighs that of a row. */
const perStatement = 50;

/** Inserts rows of a table in bunches. */
export class BulkInsert {
  private cells: Cell[] = [];
  private rows = 0;
  /** Of a whole bunch. */
  private readonly statement: string;

  constructor(
    private readonly db: Database,
    private readonly table: string,
    private readonly columns: readonly string[],
  ) {
    this.statement = this.inserting(perStatement);
  }

  push(row: readonly Cell[]): void {
    for (const cell of row) this.cells.push(cell);
    this.rows += 1;
    if (this.rows === perStatement) this.flush();
  }

  flush(): void {
    if (this.rows === 0) return;
    this.db.run(this.rows === perStatement ? this.statement : this.inserting(this.rows), ...this.cells);
    this.cells = [];
    this.rows = 0;
  }

  private inserting(rows: number): string {
    const row = `(${this.columns.map(() => '?').join(',')})`;
    return `INSERT INTO ${this.table} (${this.columns.join(', ')}) VALUES ${Array.from({ length: rows }, () => row).join(',')}`;
  }
}
