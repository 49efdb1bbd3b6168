// Between rows of the database and values of the domain: columns by name, JSON columns read tolerantly, partial updates.
import type * as z from 'zod';
import type { Cell, Database, Row } from './database';

/** A text column that is never null. */
export const text = (row: Row, column: string): string => {
  const cell = row[column];
  return typeof cell === 'string' ? cell : String(cell ?? '');
};

/** A text column that may be null. */
export const textOrNull = (row: Row, column: string): string | null => {
  const cell = row[column];
  return typeof cell === 'string' ? cell : null;
};

/** A number column that is never null. */
export const integer = (row: Row, column: string): number => Number(row[column] ?? 0);

/** A number column that may be null. */
export const integerOrNull = (row: Row, column: string): number | null => {
  const cell = row[column];
  return typeof cell === 'number' ? cell : null;
};

/** A 0 or 1 column. */
export const flag = (row: Row, column: string): boolean => row[column] === 1;

/** A JSON column; `otherwise` where it does not parse or has another form (an older or newer version wrote it). */
export const json = <Schema extends z.ZodType, Otherwise>(row: Row, column: string, schema: Schema, otherwise: Otherwise): z.output<Schema> | Otherwise => {
  const parsed = schema.safeParse(parsedOrUndefined(textOrNull(row, column)));
  return parsed.success ? parsed.data : otherwise;
};

/** The value of JSON text, or undefined. */
export const parsedOrUndefined = (source: string | null): unknown => {
  if (source === null) return undefined;
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
};

/** A value as a cell: numbers and text as they are, booleans as 0 and 1, objects as JSON. */
export const cell = (value: unknown): Cell => {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return JSON.stringify(value);
};

/** Names of a row's fields in the domain, each with its column. */
export type Columns = Readonly<Record<string, string>>;

/** Inserts the fields that `columns` names. */
export const insertRow = (db: Database, table: string, columns: Columns, row: object): void => {
  const fields = Object.keys(columns);
  const values = fields.map((field) => cell((row as Readonly<Record<string, unknown>>)[field]));
  db.run(`INSERT INTO ${table} (${fields.map((field) => columns[field]).join(', ')}) VALUES (${fields.map(() => '?').join(', ')})`, ...values);
};

/** Changes the fields that are present (`undefined` counts as absent); nothing when none is. */
export const updateRow = (db: Database, table: string, columns: Columns, id: string, change: object): void => {
  const changes = Object.entries(change).filter(([field, value]) => value !== undefined && columns[field] !== undefined && field !== 'id');
  if (changes.length === 0) return;
  const assignments = changes.map(([field]) => `${columns[field]} = ?`).join(', ');
  db.run(`UPDATE ${table} SET ${assignments} WHERE id = ?`, ...changes.map(([, value]) => cell(value)), id);
};
