// Takes snapshots out of an index, and with them the rows that no remaining snapshot has. See [Note: File index].
import type { Database } from '../store/database';
import { integer } from '../store/rows';
import { open } from './index-database';

const neighbour = (db: Database, source: number, ordinal: number, side: 'before' | 'after'): number | null => {
  const sql = side === 'before'
    ? 'SELECT max(ordinal) AS ordinal FROM snapshots WHERE source = ? AND id IS NOT NULL AND ordinal < ?'
    : 'SELECT min(ordinal) AS ordinal FROM snapshots WHERE source = ? AND id IS NOT NULL AND ordinal > ?';
  const found = db.get(sql, source, ordinal)?.ordinal;
  return typeof found === 'number' ? found : null;
};

/** Removes one; nothing when it is not there. Within the caller's transaction. */
export const removeSnapshot = (db: Database, id: string): void => {
  const row = db.get('SELECT ordinal, source FROM snapshots WHERE id = ?', id);
  if (row === null) return;
  const ordinal = integer(row, 'ordinal');
  const source = integer(row, 'source');
  // The ordinal stays known as one of this source: rows may begin with it.
  db.run('UPDATE snapshots SET id = NULL WHERE ordinal = ?', ordinal);
  const before = neighbour(db, source, ordinal, 'before') ?? 0;
  const next = neighbour(db, source, ordinal, 'after');
  const last = next === null ? open : next - 1;
  db.script('CREATE TEMP TABLE IF NOT EXISTS gone (file INTEGER PRIMARY KEY); DELETE FROM gone');
  const only = 'first IN (SELECT ordinal FROM snapshots WHERE source = ?1 AND ordinal > ?2 AND ordinal <= ?3) AND last <= ?4';
  db.run(`INSERT OR IGNORE INTO gone SELECT file FROM versions WHERE ${only}`, source, before, ordinal, last);
  db.run(`DELETE FROM versions WHERE ${only}`, source, before, ordinal, last);
  db.script('DELETE FROM gone WHERE EXISTS (SELECT 1 FROM versions v WHERE v.file = gone.file)');
  db.script('DELETE FROM files WHERE id IN (SELECT file FROM gone); DELETE FROM folders WHERE id IN (SELECT file FROM gone) AND parent <> 0; DELETE FROM gone');
};
