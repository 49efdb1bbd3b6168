// Commands after snapshots that are owed, in this database.
import type { OwedRow, Store } from '../../domain/store-port';
import type { Database, Row } from './database';
import { integer, text, textOrNull } from './rows';

const toOwed = (row: Row): OwedRow => ({
  userId: text(row, 'user_id'),
  instanceId: integer(row, 'instance_id'),
  directory: text(row, 'directory'),
  command: text(row, 'command'),
  timeoutS: integer(row, 'timeout_s'),
  operationId: text(row, 'operation_id'),
  account: textOrNull(row, 'account'),
  since: integer(row, 'since'),
});

export const owedIn = (db: Database): Store['owed'] => ({
  put: (row) =>
    db.run(
      'INSERT OR REPLACE INTO owed_commands (user_id, instance_id, directory, command, timeout_s, operation_id, account, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      row.userId, row.instanceId, row.directory, row.command, row.timeoutS, row.operationId, row.account, row.since,
    ),
  get: (userId, instanceId, directory) => {
    const row = db.get('SELECT * FROM owed_commands WHERE user_id = ? AND instance_id = ? AND directory = ?', userId, instanceId, directory);
    return row === null ? null : toOwed(row);
  },
  list: (userId) => db.all('SELECT * FROM owed_commands WHERE user_id = ? ORDER BY since', userId).map(toOwed),
  remove: (userId, instanceId, directory) => db.run('DELETE FROM owed_commands WHERE user_id = ? AND instance_id = ? AND directory = ?', userId, instanceId, directory),
});
