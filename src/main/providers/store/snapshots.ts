// Sources (directories of instances that are captured) and the snapshots that were taken of them.
import * as z from 'zod';
import { snapshotResult } from '../../../contract/snapshots';
import { sourceOptions } from '../../../contract/sources';
import type { SnapshotRow, SourceRow, Store } from '../../domain/store-port';
import type { Database, Row } from './database';
import { flag, insertRow, integer, integerOrNull, json, text, textOrNull, updateRow, cell } from './rows';

const sourceColumns = {
  id: 'id', userId: 'user_id', repositoryId: 'repository_id', instanceId: 'instance_id', label: 'label', path: 'path', parentId: 'parent_id', needsFullFetch: 'needs_full_fetch', options: 'options', fetchRate: 'fetch_rate',
  createdAt: 'created_at',
};
const changeableOfSource = {
  repositoryId: 'repository_id', instanceId: 'instance_id', label: 'label', path: 'path', parentId: 'parent_id', needsFullFetch: 'needs_full_fetch', options: 'options', fetchRate: 'fetch_rate', createdAt: 'created_at',
};

const snapshotColumns = {
  id: 'id', userId: 'user_id', repositoryId: 'repository_id', sourceId: 'source_id', instanceId: 'instance_id', label: 'label', path: 'path', time: 'time', tags: 'tags', result: 'result', warnings: 'warnings',
  sizeBytes: 'size_bytes', fileCount: 'file_count', operationId: 'operation_id',
};

const defaultOptions = sourceOptions.parse({});

const toSource = (row: Row): SourceRow => ({
  id: text(row, 'id'),
  userId: text(row, 'user_id'),
  repositoryId: text(row, 'repository_id'),
  instanceId: integer(row, 'instance_id'),
  label: textOrNull(row, 'label'),
  path: text(row, 'path'),
  parentId: textOrNull(row, 'parent_id'),
  needsFullFetch: flag(row, 'needs_full_fetch'),
  options: json(row, 'options', sourceOptions, defaultOptions),
  fetchRate: integerOrNull(row, 'fetch_rate'),
  createdAt: integer(row, 'created_at'),
});

const toSnapshot = (row: Row): SnapshotRow => ({
  id: text(row, 'id'),
  userId: text(row, 'user_id'),
  repositoryId: text(row, 'repository_id'),
  sourceId: text(row, 'source_id'),
  instanceId: integer(row, 'instance_id'),
  label: textOrNull(row, 'label'),
  path: text(row, 'path'),
  time: integer(row, 'time'),
  tags: json(row, 'tags', z.array(z.string()), []),
  result: snapshotResult.catch('unknown').parse(row.result),
  warnings: json(row, 'warnings', z.array(z.string()), []),
  sizeBytes: integer(row, 'size_bytes'),
  fileCount: integer(row, 'file_count'),
  operationId: text(row, 'operation_id'),
  pinned: flag(row, 'pinned'),
  tree: textOrNull(row, 'tree'),
  original: textOrNull(row, 'original'),
});

/** The sources in this database; one per user, instance and path. */
export const sourcesIn = (db: Database): Store['sources'] => {
  const first = (row: Row | null): SourceRow | null => (row === null ? null : toSource(row));
  return {
    find: (userId, instanceId, path) => first(db.get('SELECT * FROM sources WHERE user_id = ? AND instance_id = ? AND path = ?', userId, instanceId, path)),
    get: (id) => first(db.get('SELECT * FROM sources WHERE id = ?', id)),
    insert: (row) => insertRow(db, 'sources', sourceColumns, row),
    update: (id, change) => updateRow(db, 'sources', changeableOfSource, id, change),
    list: (userId) => db.all('SELECT * FROM sources WHERE user_id = ? ORDER BY sequence', userId).map(toSource),
  };
};

/** What is known of snapshots, in this database; the repository itself is restic's. */
export const snapshotsIn = (db: Database): Store['snapshots'] => ({
  insert: (row) => insertRow(db, 'snapshots', snapshotColumns, row),
  update: (id, change) => {
    // By id alone: 64 hex digits of restic name one snapshot, and its repository has one owner.
    if (change.result !== undefined) db.run('UPDATE snapshots SET result = ? WHERE id = ?', change.result, id);
    if (change.warnings !== undefined) db.run('UPDATE snapshots SET warnings = ? WHERE id = ?', cell(change.warnings), id);
    if (change.pinned !== undefined) db.run('UPDATE snapshots SET pinned = ? WHERE id = ?', cell(change.pinned), id);
  },
  get: (userId, id) => {
    const row = db.get('SELECT * FROM snapshots WHERE user_id = ? AND id = ?', userId, id);
    return row === null ? null : toSnapshot(row);
  },
  list: (userId) => db.all('SELECT * FROM snapshots WHERE user_id = ? ORDER BY time DESC, id', userId).map(toSnapshot),
  remove: (userId, id) => db.run('DELETE FROM snapshots WHERE user_id = ? AND id = ?', userId, id),
  rename: (userId, id, change) => {
    if (change.tags !== undefined) db.run('UPDATE snapshots SET tags = ? WHERE user_id = ? AND id = ?', cell(change.tags), userId, id);
    // What restic said of the former one is not asked of this one yet.
    db.run('UPDATE snapshots SET id = ?, result = ?, warnings = ?, tree = NULL, original = NULL WHERE user_id = ? AND id = ?', change.id, change.result, cell(change.warnings), userId, id);
  },
  identify: (userId, id, { tree, original }) => db.run('UPDATE snapshots SET tree = ?, original = ? WHERE user_id = ? AND id = ?', tree, original, userId, id),
});
