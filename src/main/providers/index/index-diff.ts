// What is different between two snapshots of one source, from the index alone. See [Note: File index].
import type { DiffPage, DiffTotals, FileChange, IndexedFile } from '../../domain/file-index-port';
import type { Database, Row } from '../store/database';
import { integer, text } from '../store/rows';
import { fromCell } from './index-names';
import { FolderPaths } from './index-paths';
import type { KnownSnapshot } from './index-reader';
import { facts, fileOf } from './index-rows';

/** A difference with everything but its page. */
export interface Difference extends Omit<DiffPage, 'changes' | 'total'> {
  readonly changes: readonly FileChange[];
}

/** States that one of the two has and the other has not. */
const statesOnlyIn = (db: Database, one: number, other: number): ReadonlyMap<number, Row> => {
  const rows = db.all(`SELECT v.file, ${facts} FROM versions v WHERE v.first <= ?1 AND v.last >= ?1 AND NOT (v.first <= ?2 AND v.last >= ?2)`, one, other);
  return new Map(rows.map((row) => [integer(row, 'file'), row]));
};

const changeOf = (before: IndexedFile | null, after: IndexedFile | null): FileChange['change'] | null => {
  if (before === null) return 'added';
  if (after === null) return 'removed';
  const sameHash = before.sha256 !== null && after.sha256 !== null ? before.sha256 === after.sha256 : null;
  // A directory is a different one only in its attributes: what is in it is told by itself.
  const sameContent = before.type === 'd' || (before.type === after.type && before.size === after.size && before.target === after.target && (sameHash ?? before.mtime === after.mtime));
  if (!sameContent) return 'changed';
  const sameAttributes = before.mode === after.mode && before.uid === after.uid && before.gid === after.gid && (before.type === 'd' || before.mtime === after.mtime);
  return sameAttributes ? null : 'attributes';
};

const totalsOf = (changes: readonly FileChange[], change: FileChange['change']): DiffTotals => {
  const files = changes.filter((one) => one.change === change).map((one) => one.after ?? one.before).filter((file) => file !== null && file.type !== 'd');
  return { files: files.length, bytes: files.reduce((sum, file) => sum + (file?.size ?? 0), 0) };
};

/** Everything that is different, ordered by path. Both must be of one source. */
export const difference = (db: Database, from: KnownSnapshot, to: KnownSnapshot): Difference => {
  const before = statesOnlyIn(db, from.ordinal, to.ordinal);
  const after = statesOnlyIn(db, to.ordinal, from.ordinal);
  const paths = new FolderPaths(db);
  const changes: FileChange[] = [];
  db.script('CREATE TEMP TABLE IF NOT EXISTS different (file INTEGER PRIMARY KEY); DELETE FROM different');
  for (const file of new Set([...before.keys(), ...after.keys()])) db.run('INSERT INTO different VALUES (?)', file);
  for (const row of db.all('SELECT f.id, f.parent, f.name FROM files f WHERE f.source = ? AND f.id IN (SELECT file FROM different)', to.source)) {
    const path = paths.join(integer(row, 'parent'), fromCell(text(row, 'name')));
    const [old, now] = [before.get(integer(row, 'id')), after.get(integer(row, 'id'))];
    const [left, right] = [old === undefined ? null : fileOf(old, path), now === undefined ? null : fileOf(now, path)];
    const change = changeOf(left, right);
    if (change !== null) changes.push({ path, change, before: left, after: right });
  }
  db.script('DELETE FROM different');
  changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { changes, added: totalsOf(changes, 'added'), removed: totalsOf(changes, 'removed'), changed: totalsOf(changes, 'changed'), attributes: totalsOf(changes, 'attributes') };
};
