// Opens the database: a private file, durable on every change, brought to the present form.
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Store } from '../../domain/store-port';
import { Database } from './database';
import { migrate, refuseNewer } from './migrations';
import { operationsIn } from './operations';
import { owedIn } from './owed';
import { proofsIn } from './proofs';
import { intentsIn } from './rentals';
import { repositoriesIn } from './repositories';
import { retentionIn, schedulesIn, slotsIn, upkeepIn } from './schedules';
import { secretsIn, settingsIn } from './settings';
import { snapshotsIn, sourcesIn } from './snapshots';
import { StoreError } from './store-error';
import { sessionsIn, usersIn } from './users';

/** Up to this size (bytes) the whole file is checked at start; measured at 2 to 7 ms per MB. Larger ones report damage when they meet it. */
const checkedAtStart = 8 * 1024 * 1024;

/** The file exists before SQLite opens it, so that it (and the -wal and -shm beside it, which take its mode) is 0600 from its first byte. */
const makePrivate = (file: string): void => {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  } catch (cause) {
    throw new StoreError('inaccessible', file, `The database ${file} cannot be opened or written.`, { cause });
  }
};

const check = (db: Database): void => {
  if (db.file === ':memory:' || statSync(db.file).size > checkedAtStart) return;
  const verdict = db.get('PRAGMA quick_check(1)')?.quick_check;
  if (verdict !== 'ok') throw new StoreError('damaged', db.file, `The database ${db.file} is damaged. It was left as it is: move it away to start anew, or put a copy back.`, { cause: verdict });
};

const prepare = (db: Database): void => {
  refuseNewer(db);
  db.script('PRAGMA journal_mode = WAL');
  db.script('PRAGMA synchronous = FULL');
  check(db);
  migrate(db);
};

/**
 * Opens (and makes on first use) the database of this data folder; `:memory:` keeps it in memory.
 *
 * Throws StoreError: `newer`, `damaged` or `inaccessible`; its sentence names the file, which is never deleted or replaced. It and later calls throw
 * `disk_full` when a change did not fit, or what SQLite needs beside the file; the last state is kept.
 */
export const openStore = (file: string): Store => {
  if (file !== ':memory:') makePrivate(file);
  const db = new Database(file);
  try {
    prepare(db);
  } catch (error) {
    db.abandon();
    throw error;
  }
  return {
    users: usersIn(db),
    sessions: sessionsIn(db),
    settings: settingsIn(db),
    secrets: secretsIn(db),
    operations: operationsIn(db),
    intents: intentsIn(db),
    repositories: repositoriesIn(db),
    sources: sourcesIn(db),
    snapshots: snapshotsIn(db),
    proofs: proofsIn(db),
    owed: owedIn(db),
    schedules: schedulesIn(db),
    slots: slotsIn(db),
    retention: retentionIn(db),
    upkeep: upkeepIn(db),
    close: () => db.close(),
  };
};
