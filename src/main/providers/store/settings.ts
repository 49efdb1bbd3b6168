// What users chose, facts of the app itself, and which secrets exist where (never a value of one).
import * as z from 'zod';
import { settingsValues } from '../../../contract/settings';
import type { Settings } from '../../../contract';
import type { SecretRow, Store } from '../../domain/store-port';
import type { Database, Row } from './database';
import { json, text, textOrNull } from './rows';

const anyObject = z.record(z.string(), z.unknown());

/** Only the settings that still have a valid value: one that an older version wrote in another form counts as not chosen. */
const validSettings = (chosen: Readonly<Record<string, unknown>>): Partial<Settings> => {
  const valid = Object.entries(settingsValues.shape).flatMap(([name, schema]) => {
    const parsed = schema.safeParse(chosen[name]);
    return parsed.success ? [[name, parsed.data] as const] : [];
  });
  return Object.fromEntries(valid);
};

/** Settings and facts in this database. */
export const settingsIn = (db: Database): Store['settings'] => {
  const chosenBy = (userId: string): Readonly<Record<string, unknown>> => {
    const row = db.get('SELECT chosen FROM settings WHERE user_id = ?', userId);
    return row === null ? {} : json(row, 'chosen', anyObject, {});
  };
  return {
    get: (userId) => validSettings(chosenBy(userId)),
    put: (userId, change) => {
      db.transaction(() => {
        // What this version does not know stays: a newer version may have written it.
        const chosen = JSON.stringify({ ...chosenBy(userId), ...change });
        db.run('INSERT INTO settings (user_id, chosen) VALUES (?, ?) ON CONFLICT (user_id) DO UPDATE SET chosen = excluded.chosen', userId, chosen);
      });
    },
    getFact: (name) => {
      const row = db.get('SELECT fact FROM facts WHERE name = ?', name);
      return row === null ? null : text(row, 'fact');
    },
    putFact: (name, value) => {
      if (value === null) db.run('DELETE FROM facts WHERE name = ?', name);
      else db.run('INSERT INTO facts (name, fact) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET fact = excluded.fact', name, value);
    },
  };
};

const toSecret = (row: Row): SecretRow => ({
  userId: text(row, 'user_id'),
  name: text(row, 'name'),
  backend: row.backend === 'keychain' ? 'keychain' : 'vault',
  last4: textOrNull(row, 'last4'),
});

/** Which secrets exist, in this database. */
export const secretsIn = (db: Database): Store['secrets'] => ({
  list: (userId) => db.all('SELECT * FROM secrets WHERE user_id = ? ORDER BY name', userId).map(toSecret),
  get: (userId, name) => {
    const row = db.get('SELECT * FROM secrets WHERE user_id = ? AND name = ?', userId, name);
    return row === null ? null : toSecret(row);
  },
  put: (row) =>
    db.run(
      'INSERT INTO secrets (user_id, name, backend, last4) VALUES (?, ?, ?, ?) ON CONFLICT (user_id, name) DO UPDATE SET backend = excluded.backend, last4 = excluded.last4',
      row.userId,
      row.name,
      row.backend,
      row.last4,
    ),
  remove: (userId, name) => db.run('DELETE FROM secrets WHERE user_id = ? AND name = ?', userId, name),
});
