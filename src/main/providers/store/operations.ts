// Operations with their logs: what ran, what runs, and what a restart must look after.
import * as z from 'zod';
import { logLine, operation, operationKind, operationState } from '../../../contract/operations';
import type { LogLine } from '../../../contract';
import type { OperationRow, Store } from '../../domain/store-port';
import type { Cell, Database, Row } from './database';
import { flag, insertRow, integerOrNull, json, text, textOrNull, updateRow } from './rows';

/** Lines that are kept of one operation. */
export const keptLogLines = 5000;

const columns = {
  id: 'id', userId: 'user_id', kind: 'kind', state: 'state', instance_id: 'instance_id', snapshot_id: 'snapshot_id', title: 'title', progress: 'progress',
  cancellable: 'cancellable', asks: 'asks', error: 'error', warnings: 'warnings', context: 'context', created_at: 'created_at', ended_at: 'ended_at',
};

const changeable: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(columns).filter(([field]) => field !== 'id' && field !== 'userId'));

const toOperation = (row: Row): OperationRow => ({
  id: text(row, 'id'),
  userId: text(row, 'user_id'),
  kind: operationKind.parse(row.kind),
  // A state that this version does not know is one that nobody here can vouch for.
  state: operationState.catch('unknown').parse(row.state),
  instance_id: integerOrNull(row, 'instance_id'),
  snapshot_id: textOrNull(row, 'snapshot_id'),
  title: text(row, 'title'),
  progress: json(row, 'progress', operation.shape.progress, null),
  cancellable: flag(row, 'cancellable'),
  asks: textOrNull(row, 'asks'),
  error: json(row, 'error', operation.shape.error, null),
  warnings: json(row, 'warnings', z.array(z.string()), []),
  context: json(row, 'context', z.record(z.string(), z.unknown()), {}),
  created_at: text(row, 'created_at'),
  ended_at: textOrNull(row, 'ended_at'),
});

/** Operations of a kind that this version does not know are left alone, not shown. */
const known = (rows: readonly Row[]): readonly OperationRow[] => rows.filter((row) => operationKind.safeParse(row.kind).success).map(toOperation);

const toLine = (row: Row): LogLine => ({
  at: text(row, 'at'),
  level: logLine.shape.level.catch('info').parse(row.level),
  // In doubt the rented host said it: that is the kind which is never trusted.
  src: logLine.shape.src.catch('remote').parse(row.src),
  text: text(row, 'text'),
});

/** The operations in this database. */
export const operationsIn = (db: Database): Store['operations'] => ({
  insert: (row) => insertRow(db, 'operations', columns, row),
  update: (id, change) => updateRow(db, 'operations', changeable, id, change),
  get: (id) => {
    const row = db.get('SELECT * FROM operations WHERE id = ?', id);
    return row === null ? null : (known([row])[0] ?? null);
  },
  list: (userId, filter) => {
    const conditions = ['user_id = ?'];
    const values: Cell[] = [userId];
    if (filter.instanceId !== undefined) {
      conditions.push('instance_id = ?');
      values.push(filter.instanceId);
    }
    if (filter.active !== undefined) conditions.push(filter.active ? 'ended_at IS NULL' : 'ended_at IS NOT NULL');
    return known(db.all(`SELECT * FROM operations WHERE ${conditions.join(' AND ')} ORDER BY sequence DESC LIMIT ?`, ...values, filter.limit));
  },
  unfinished: () => known(db.all('SELECT * FROM operations WHERE ended_at IS NULL ORDER BY sequence')),
  appendLog: (id, lines) => {
    if (lines.length === 0) return;
    db.transaction(() => {
      for (const line of lines.slice(-keptLogLines)) db.run('INSERT INTO operation_log (operation_id, at, level, src, text) VALUES (?, ?, ?, ?, ?)', id, line.at, line.level, line.src, line.text);
      db.run(
        'DELETE FROM operation_log WHERE operation_id = ? AND sequence <= (SELECT sequence FROM operation_log WHERE operation_id = ? ORDER BY sequence DESC LIMIT 1 OFFSET ?)',
        id,
        id,
        keptLogLines,
      );
    });
  },
  log: (id, limit) => db.all('SELECT * FROM operation_log WHERE operation_id = ? ORDER BY sequence DESC LIMIT ?', id, limit).map(toLine).reverse(),
});
