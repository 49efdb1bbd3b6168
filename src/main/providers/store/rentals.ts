// Rent intents: written before a rental is asked for, so that a crash or a lost answer never rents twice.
import * as z from 'zod';
import type { IntentRow, Store } from '../../domain/store-port';
import type { Database, Row } from './database';
import { insertRow, integer, integerOrNull, json, text, textOrNull, updateRow } from './rows';

const columns = {
  id: 'id', userId: 'user_id', operationId: 'operation_id', offerId: 'offer_id', label: 'label', request: 'request', state: 'state', instanceId: 'instance_id', createdAt: 'created_at',
};

const intentState = z.enum(['intended', 'sent', 'confirmed', 'refused', 'unknown']);

const toIntent = (row: Row): IntentRow => ({
  id: text(row, 'id'),
  userId: text(row, 'user_id'),
  operationId: text(row, 'operation_id'),
  offerId: integer(row, 'offer_id'),
  label: textOrNull(row, 'label'),
  request: json(row, 'request', z.record(z.string(), z.unknown()), {}),
  state: intentState.catch('unknown').parse(row.state),
  instanceId: integerOrNull(row, 'instance_id'),
  createdAt: integer(row, 'created_at'),
});

/** The rent intents in this database. Open ones are those whose rental may still turn up at the provider. */
export const intentsIn = (db: Database): Store['intents'] => {
  const first = (row: Row | null): IntentRow | null => (row === null ? null : toIntent(row));
  return {
    insert: (row) => insertRow(db, 'intents', columns, row),
    update: (id, change) => updateRow(db, 'intents', { state: 'state', instanceId: 'instance_id' }, id, change),
    get: (id) => first(db.get('SELECT * FROM intents WHERE id = ?', id)),
    byOperation: (operationId) => first(db.get('SELECT * FROM intents WHERE operation_id = ? ORDER BY sequence DESC LIMIT 1', operationId)),
    open: (userId) => db.all("SELECT * FROM intents WHERE user_id = ? AND state IN ('intended', 'sent', 'unknown') ORDER BY sequence", userId).map(toIntent),
  };
};
