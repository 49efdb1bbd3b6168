// The file of an index: its form, and opening it. What cannot be read is thrown away: everything in it can be made again.
import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Database } from '../store/database';
import { StoreError } from '../store/store-error';

/** Counts up with every change of the form below. */
const form = 1;

/**
 * [Note: File index] A row of `files` is a name in a folder of one source, for all its snapshots; a row of `versions` is one state of it, with the first and the last
 * of the ordinals at which it is so. Ordinals are given in the order in which snapshots are added and are never used again. So a snapshot costs rows for what changed only,
 * and one that is deleted in the middle costs nothing: rows that no remaining ordinal falls into are removed. The last ordinal of what is still so is `open`.
 *
 * `kind` is 0 for directories, so that the key of `files` is the order in which a folder is shown. A path that was once a file and once a directory is two files.
 */
const schema = `
  CREATE TABLE sources (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, root INTEGER NOT NULL) STRICT;
  CREATE TABLE snapshots (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT UNIQUE,
    source INTEGER NOT NULL,
    time INTEGER NOT NULL,
    directory TEXT NOT NULL DEFAULT '',
    root TEXT NOT NULL DEFAULT ''
  ) STRICT;
  CREATE INDEX snapshots_of_source ON snapshots (source, ordinal);
  CREATE TABLE files (
    parent INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    folded TEXT NOT NULL,
    name TEXT NOT NULL,
    id INTEGER NOT NULL,
    source INTEGER NOT NULL,
    written TEXT NOT NULL,
    PRIMARY KEY (parent, kind, folded, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE folders (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, name TEXT NOT NULL, written TEXT NOT NULL) STRICT;
  CREATE TABLE versions (
    file INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    type TEXT NOT NULL,
    mode INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    gid INTEGER NOT NULL,
    size INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    nanos INTEGER NOT NULL,
    target TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    stored INTEGER NOT NULL,
    entries INTEGER,
    files INTEGER,
    PRIMARY KEY (file, first)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE sequence (next INTEGER NOT NULL) STRICT;
  INSERT INTO sequence VALUES (1);
`;

/** The last ordinal of what has not ended. */
export const open = 2 ** 53 - 1;

const removeFile = (file: string): void => ['', '-wal', '-shm'].forEach((end) => rmSync(file + end, { force: true }));

const isUsable = (db: Database): boolean => {
  const version = Number(db.get('PRAGMA user_version')?.user_version ?? 0);
  if (version === 0 && db.get('SELECT name FROM sqlite_schema LIMIT 1') === null) return true;
  return version === form;
};

const prepare = (db: Database): void => {
  // Everything in it can be made again, so a power cut may cost the last snapshot; it never damages the file.
  db.script('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768; PRAGMA mmap_size = 268435456; PRAGMA temp_store = MEMORY');
  if (Number(db.get('PRAGMA user_version')?.user_version ?? 0) === form) return;
  db.transaction(() => {
    if (db.get('SELECT name FROM sqlite_schema LIMIT 1') === null) db.script(`${schema}; PRAGMA user_version = ${form}`);
  });
};

const openOnce = (file: string): Database | null => {
  const db = new Database(file);
  try {
    if (isUsable(db)) {
      prepare(db);
      return db;
    }
    db.abandon();
    return null;
  } catch (error) {
    db.abandon();
    throw error;
  }
};

/** Opens it, or makes it. A damaged one, and one of another form, gives way to an empty one. */
export const openIndex = (file: string): Database => {
  if (!existsSync(file)) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
  }
  try {
    const found = openOnce(file);
    if (found !== null) return found;
  } catch (error) {
    if (!(error instanceof StoreError && error.problem === 'damaged')) throw error;
  }
  removeFile(file);
  closeSync(openSync(file, 'a', 0o600));
  const fresh = openOnce(file);
  if (fresh === null) throw new StoreError('inaccessible', file, `The index ${file} cannot be made.`);
  return fresh;
};
