// Rehearsals that came to a result, in this database.
import * as z from 'zod';
import type { ProofRow, Store } from '../../domain/store-port';
import type { Database, Row } from './database';
import { flag, insertRow, integer, json, text } from './rows';

const columns = {
  id: 'id', userId: 'user_id', snapshotId: 'snapshot_id', sourceId: 'source_id', operationId: 'operation_id', at: 'at', kind: 'kind', result: 'result', weak: 'weak', files: 'files', bytes: 'bytes',
  totalFiles: 'total_files', totalBytes: 'total_bytes', command: 'command', problems: 'problems', cursor: 'cursor',
  begins: 'begins',
};

const beginning = z.object({ path: z.string(), files: z.number(), bytes: z.number() });

const toProof = (row: Row): ProofRow => ({
  id: text(row, 'id'),
  userId: text(row, 'user_id'),
  snapshotId: text(row, 'snapshot_id'),
  sourceId: text(row, 'source_id'),
  operationId: text(row, 'operation_id'),
  at: integer(row, 'at'),
  kind: text(row, 'kind') === 'full' ? 'full' : 'part',
  result: text(row, 'result') === 'ok' ? 'ok' : 'failed',
  weak: flag(row, 'weak'),
  files: integer(row, 'files'),
  bytes: integer(row, 'bytes'),
  totalFiles: integer(row, 'total_files'),
  totalBytes: integer(row, 'total_bytes'),
  command: z.enum(['none', 'ok', 'failed']).catch('none').parse(row['command']),
  problems: json(row, 'problems', z.array(z.string()), []),
  cursor: text(row, 'cursor'),
  begins: json(row, 'begins', beginning, null),
});

/** The proofs in this database. */
export const proofsIn = (db: Database): Store['proofs'] => ({
  insert: (row) => insertRow(db, 'proofs', columns, row),
  list: (userId) => db.all('SELECT * FROM proofs WHERE user_id = ? ORDER BY sequence DESC', userId).map(toProof),
  newestOfSource: (userId, sourceId) => {
    const row = db.get('SELECT * FROM proofs WHERE user_id = ? AND source_id = ? ORDER BY sequence DESC LIMIT 1', userId, sourceId);
    return row === null ? null : toProof(row);
  },
  rename: (userId, from, to) => db.run('UPDATE proofs SET snapshot_id = ? WHERE user_id = ? AND snapshot_id = ?', to, userId, from),
  removeOfSnapshot: (userId, snapshotId) => db.run('DELETE FROM proofs WHERE user_id = ? AND snapshot_id = ?', userId, snapshotId),
});
