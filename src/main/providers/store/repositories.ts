// Repositories of users: what is not secret about each.
import { repositoryKind } from '../../../contract/repositories';
import type { RepositoryRow, RepositorySampleRow, Store } from '../../domain/store-port';
import type { Database, Row } from './database';
import { cell, flag, insertRow, integer, integerOrNull, text, textOrNull } from './rows';

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

/** The most samples of one repository that are given: at one an hour, twelve weeks without a gap. */
const mostSamples = 2000;

const toSample = (row: Row): RepositorySampleRow => ({
  userId: text(row, 'user_id'),
  repositoryId: text(row, 'repository_id'),
  at: integer(row, 'at'),
  sizeBytes: integer(row, 'size_bytes'),
  uncompressedBytes: integerOrNull(row, 'uncompressed_bytes'),
  snapshotCount: integer(row, 'snapshot_count'),
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
  remove: (userId, id) => {
    db.run('DELETE FROM repository_samples WHERE user_id = ? AND repository_id = ?', userId, id);
    db.run('DELETE FROM repositories WHERE user_id = ? AND id = ?', userId, id);
  },
  addSample: (row) =>
    db.run(
      'INSERT OR REPLACE INTO repository_samples (user_id, repository_id, at, size_bytes, uncompressed_bytes, snapshot_count) VALUES (?, ?, ?, ?, ?, ?)',
      row.userId, row.repositoryId, row.at, row.sizeBytes, row.uncompressedBytes, row.snapshotCount,
    ),
  samples: (userId, id) => db.all('SELECT * FROM repository_samples WHERE user_id = ? AND repository_id = ? ORDER BY at DESC LIMIT ?', userId, id, mostSamples).map(toSample).reverse(),
});
