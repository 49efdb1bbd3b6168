// Finding files by part of their name over all snapshots. See [Note: Name search].
import type { SearchHit, SearchPage } from '../../domain/file-index-port';
import type { Cell, Database, Row } from '../store/database';
import { integer, text } from '../store/rows';
import { fold, fromCell } from './index-names';
import { FolderPaths } from './index-paths';
import type { KnownSnapshot } from './index-reader';
import { facts, fileOf } from './index-rows';

/** With a slash in it, so many files of fitting names are compared by their whole path. */
const mostCompared = 5000;

/**
 * [Note: Name search] Every name is there once per source, however many snapshots have it, so all of them are compared: 200,000 names take about 25 ms, and an index of trigrams
 * would make adding a snapshot take twice as long (docs/adr). The best are first: the very name, names that begin so, then the shorter ones.
 */
const best = 'folded = ?1 DESC, instr(folded, ?1) = 1 DESC, length(folded), folded, id';

interface Question {
  readonly text: string;
  readonly limit: number;
}

const newestOf = (db: Database, row: Row, within: KnownSnapshot | null): { readonly state: Row; readonly hit: Pick<SearchHit, 'snapshotId' | 'versions' | 'snapshots'> } | null => {
  const file = integer(row, 'id');
  const states = db.all(
    `SELECT s.id AS snapshot, s.ordinal, ${facts} FROM versions v JOIN snapshots s ON s.source = ?1 AND s.id IS NOT NULL AND s.ordinal BETWEEN v.first AND v.last WHERE v.file = ?2 ORDER BY s.time DESC, s.ordinal DESC`,
    integer(row, 'source'), file,
  );
  const state = within === null ? states[0] : states.find((one) => integer(one, 'ordinal') === within.ordinal);
  if (state === undefined) return null;
  const versions = integer(db.get('SELECT count(*) AS many FROM versions WHERE file = ?', file) ?? {}, 'many');
  return { state, hit: { snapshotId: text(state, 'snapshot'), versions, snapshots: states.length } };
};

/** The hits of a question; `within` only files of that snapshot. */
export const search = (db: Database, question: Question, within: KnownSnapshot | null): SearchPage => {
  const wanted = fold(question.text.trim()).replace(/^\/+/, '');
  const name = wanted.slice(wanted.lastIndexOf('/') + 1);
  const whole = name !== wanted;
  if (wanted === '') return { hits: [], total: 0 };
  const here = within === null ? '' : ` AND source = ?2 AND EXISTS (SELECT 1 FROM versions v WHERE v.file = files.id AND v.first <= ?3 AND v.last >= ?3)`;
  const values: Cell[] = [name, ...(within === null ? [] : [within.source, within.ordinal])];
  const paths = new FolderPaths(db);
  const pathOf = (row: Row): string => paths.join(integer(row, 'parent'), fromCell(text(row, 'name')));
  const found = db.all(`SELECT id, source, parent, name FROM files WHERE instr(folded, ?1) > 0${here} ORDER BY ${best} LIMIT ${whole ? mostCompared : question.limit}`, ...values);
  const fitting = whole ? found.filter((row) => fold(Buffer.from(pathOf(row), 'latin1').toString('utf8')).includes(wanted)) : found;
  const total = whole ? fitting.length : integer(db.get(`SELECT count(*) AS total FROM files WHERE instr(folded, ?1) > 0${here}`, ...values) ?? {}, 'total');
  const hits = fitting.slice(0, question.limit).flatMap((row): SearchHit[] => {
    const newest = newestOf(db, row, within);
    return newest === null ? [] : [{ file: fileOf(newest.state, pathOf(row)), ...newest.hit }];
  });
  return { hits, total };
};
