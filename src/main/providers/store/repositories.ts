// Repositories of users: what is not secret about each.
import { repositoryKind } from '../../../contract/repositories';
import type { RepositoryRow, Store } from '../../domain/store-port';
import type { Database, Row } from './database';
import { cell, flag, insertRow, integer, text, textOrNull } from './rows';

const columns = { id: 'id', userId: 'user_id', name: 'name', kind: 'kind', location: 'location', isDefault: 'is_default', createdAt: 'created_at' };

const toRepository = (row: Row): RepositoryRow => ({
  id: text(row, 'id'),
  userId: text(row, 'user_id'),
  name: text(row, 'name'),
  kind: repositoryKind.catch('other').parse(row.kind),
  location: textOrNull(row, 'location'),
  isDefault: flag(row, 'is_default'),
  createdAt: integer(row, 'created_at'),
});

/** The repositories in this database. */
export const repositoriesIn = (db: Database): Store['repositories'] => ({
  list: (userId) => db.all('SELECT * FROM repositories WHERE user_id = ? ORDER BY is_default DESC, sequence', userId).map(toRepository),
  get: (userId, id) => {
    const row = db.get('SELECT * FROM repositories WHERE user_id = ? AND id = ?', userId, id);
    return row === null ? null : toRepository(row);
  },
  insert: (row) => insertRow(db, 'repositories', columns, row),
  update: (userId, id, change) => {
    if (change.name !== undefined) db.run('UPDATE repositories SET name = ? WHERE user_id = ? AND id = ?', change.name, userId, id);
    if (change.location !== undefined) db.run('UPDATE repositories SET location = ? WHERE user_id = ? AND id = ?', cell(change.location), userId, id);
  },
  makeDefault: (userId, id) => db.run('UPDATE repositories SET is_default = (id = ?) WHERE user_id = ?', id, userId),
  remove: (userId, id) => db.run('DELETE FROM repositories WHERE user_id = ? AND id = ?', userId, id),
});
