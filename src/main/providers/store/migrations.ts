// The database's form, as numbered steps; `user_version` says how many were taken.
import type { Database } from './database';
import { StoreError } from './store-error';

/** Each step is taken once, in order, in a transaction of its own. Steps that were released never change; a new form is a new step. */
export const steps: readonly string[] = [
  `
  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    failed_attempts INTEGER NOT NULL DEFAULT 0,
    blocked_until INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_of_user ON sessions (user_id);
  CREATE TABLE settings (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    chosen TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE facts (name TEXT PRIMARY KEY, fact TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE secrets (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    backend TEXT NOT NULL CHECK (backend IN ('keychain', 'vault')),
    last4 TEXT,
    PRIMARY KEY (user_id, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE operations (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    instance_id INTEGER,
    snapshot_id TEXT,
    title TEXT NOT NULL,
    progress TEXT,
    cancellable INTEGER NOT NULL,
    asks TEXT,
    error TEXT,
    warnings TEXT NOT NULL,
    context TEXT NOT NULL,
    created_at TEXT NOT NULL,
    ended_at TEXT
  ) STRICT;
  CREATE INDEX operations_of_user ON operations (user_id, sequence);
  CREATE INDEX operations_unfinished ON operations (sequence) WHERE ended_at IS NULL;
  CREATE TABLE operation_log (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    operation_id TEXT NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    level TEXT NOT NULL,
    src TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX log_of_operation ON operation_log (operation_id, sequence);
  CREATE TABLE intents (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    operation_id TEXT NOT NULL,
    offer_id INTEGER NOT NULL,
    label TEXT,
    request TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('intended', 'sent', 'confirmed', 'refused', 'unknown')),
    instance_id INTEGER,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX intents_of_operation ON intents (operation_id);
  CREATE INDEX intents_open ON intents (user_id) WHERE state IN ('intended', 'sent', 'unknown');
  CREATE TABLE sources (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    instance_id INTEGER NOT NULL,
    label TEXT,
    path TEXT NOT NULL,
    parent_id TEXT,
    needs_full_fetch INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (user_id, instance_id, path)
  ) STRICT;
  CREATE TABLE snapshots (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    source_id TEXT NOT NULL,
    instance_id INTEGER NOT NULL,
    label TEXT,
    path TEXT NOT NULL,
    time INTEGER NOT NULL,
    tags TEXT NOT NULL,
    result TEXT NOT NULL,
    warnings TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    file_count INTEGER NOT NULL,
    operation_id TEXT NOT NULL,
    PRIMARY KEY (user_id, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX snapshots_by_time ON snapshots (user_id, time);
  `,
  `
  ALTER TABLE sources ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
  ALTER TABLE sources ADD COLUMN fetch_rate REAL;
  `,
  `
  CREATE TABLE repositories (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    location TEXT,
    is_default INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (user_id, id)
  ) STRICT;
  ALTER TABLE sources ADD COLUMN repository_id TEXT NOT NULL DEFAULT 'default';
  ALTER TABLE snapshots ADD COLUMN repository_id TEXT NOT NULL DEFAULT 'default';
  `,
  `
  CREATE TABLE proofs (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    snapshot_id TEXT NOT NULL,
    source_id TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('full', 'part')),
    result TEXT NOT NULL CHECK (result IN ('ok', 'failed')),
    weak INTEGER NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    total_files INTEGER NOT NULL,
    total_bytes INTEGER NOT NULL,
    command TEXT NOT NULL,
    problems TEXT NOT NULL,
    cursor TEXT NOT NULL
  ) STRICT;
  CREATE INDEX proofs_of_source ON proofs (user_id, source_id, sequence);
  `,
  `
  CREATE TABLE repository_samples (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    repository_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    uncompressed_bytes INTEGER,
    snapshot_count INTEGER NOT NULL,
    PRIMARY KEY (user_id, repository_id, at)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE schedules (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    source_id TEXT,
    repository_id TEXT NOT NULL,
    timing TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    catch_up TEXT NOT NULL,
    power TEXT NOT NULL,
    options TEXT NOT NULL,
    anchor INTEGER NOT NULL,
    considered_until INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX schedules_of_user ON schedules (user_id, sequence);
  CREATE TABLE slots (
    schedule_id TEXT NOT NULL,
    slot INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    covers INTEGER NOT NULL,
    late INTEGER NOT NULL,
    by_hand INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    operation_id TEXT,
    resumed_by TEXT,
    started_at INTEGER,
    ended_at INTEGER,
    PRIMARY KEY (schedule_id, slot)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE retention (
    source_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    policy TEXT NOT NULL,
    confirmed INTEGER NOT NULL,
    last_run_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE upkeep (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    repository_id TEXT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (user_id, repository_id)
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE snapshots ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
  `,
  `
  ALTER TABLE proofs ADD COLUMN begins TEXT;
  `,
  `
  ALTER TABLE schedules ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
  `,
  `
  CREATE TABLE owed_commands (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    instance_id INTEGER NOT NULL,
    directory TEXT NOT NULL,
    command TEXT NOT NULL,
    timeout_s INTEGER NOT NULL,
    operation_id TEXT NOT NULL,
    account TEXT,
    since INTEGER NOT NULL,
    PRIMARY KEY (user_id, instance_id, directory)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE snapshots ADD COLUMN tree TEXT;
  ALTER TABLE snapshots ADD COLUMN original TEXT;
  `,
];

/** The form that this version of the app reads and writes. */
export const presentVersion = steps.length;

const versionOf = (db: Database): number => Number(db.get('PRAGMA user_version')?.user_version ?? 0);

/** Throws StoreError `newer` for a database that a later version of the app has written; reads only. */
export const refuseNewer = (db: Database): void => {
  const version = versionOf(db);
  if (version <= presentVersion) return;
  throw new StoreError('newer', db.file, `The database ${db.file} was written by a newer version of Dumont Cloud (its form is ${version}, this version knows ${presentVersion}). Use that version.`);
};

/** Takes the steps that are missing, by default to the present form; one that fails leaves the form before it. */
export const migrate = (db: Database, toTake: readonly string[] = steps): void => {
  for (const [index, step] of toTake.entries()) {
    if (index < versionOf(db)) continue;
    db.transaction(() => {
      db.script(step);
      db.script(`PRAGMA user_version = ${index + 1}`);
    });
  }
};
