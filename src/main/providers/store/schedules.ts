// Schedules and what became of their times, policies of sources and care of repositories, in this database.
import { upkeep as upkeepView } from '../../../contract/maintenance';
import { retentionPolicy } from '../../../contract/retention';
import { catchUp, power, scheduleKind, scheduleOptions, slotState, timing } from '../../../contract/schedules';
import type { RetentionRow, ScheduleRow, SlotRow, UpkeepFacts } from '../../domain/schedule-rows';
import type { Store } from '../../domain/store-port';
import type { Database, Row } from './database';
import { cell, flag, insertRow, integer, integerOrNull, json, text, textOrNull, updateRow } from './rows';

const scheduleColumns = {
  id: 'id', userId: 'user_id', kind: 'kind', sourceId: 'source_id', repositoryId: 'repository_id', timing: 'timing', timeZone: 'time_zone', enabled: 'enabled', catchUp: 'catch_up',
  power: 'power', options: 'options', anchor: 'anchor', consideredUntil: 'considered_until', createdAt: 'created_at',
};
const slotColumns = {
  scheduleId: 'schedule_id', slot: 'slot', state: 'state', reason: 'reason', covers: 'covers', late: 'late', byHand: 'by_hand', attempts: 'attempts', operationId: 'operation_id',
  resumedBy: 'resumed_by', startedAt: 'started_at', endedAt: 'ended_at',
};

/** A timing that cannot be read (a later version wrote it) never runs. */
const unreadable = { type: 'cron', pattern: '' } as const;

const toSchedule = (row: Row): ScheduleRow => ({
  id: text(row, 'id'),
  userId: text(row, 'user_id'),
  kind: scheduleKind.catch('snapshot').parse(row['kind']),
  sourceId: textOrNull(row, 'source_id'),
  repositoryId: text(row, 'repository_id'),
  timing: json(row, 'timing', timing, unreadable),
  timeZone: text(row, 'time_zone'),
  enabled: flag(row, 'enabled'),
  catchUp: catchUp.catch('skip').parse(row['catch_up']),
  power: power.catch('while_running').parse(row['power']),
  options: json(row, 'options', scheduleOptions, {}),
  anchor: integer(row, 'anchor'),
  consideredUntil: integer(row, 'considered_until'),
  createdAt: integer(row, 'created_at'),
});

const toSlot = (row: Row): SlotRow => ({
  scheduleId: text(row, 'schedule_id'),
  slot: integer(row, 'slot'),
  state: slotState.catch('failed').parse(row['state']),
  reason: textOrNull(row, 'reason'),
  covers: integer(row, 'covers'),
  late: flag(row, 'late'),
  byHand: flag(row, 'by_hand'),
  attempts: integer(row, 'attempts'),
  operationId: textOrNull(row, 'operation_id'),
  resumedBy: textOrNull(row, 'resumed_by'),
  startedAt: integerOrNull(row, 'started_at'),
  endedAt: integerOrNull(row, 'ended_at'),
});

const toRetention = (row: Row): RetentionRow => ({
  sourceId: text(row, 'source_id'),
  userId: text(row, 'user_id'),
  policy: json(row, 'policy', retentionPolicy, retentionPolicy.parse({ last: 10_000 })),
  confirmed: flag(row, 'confirmed'),
  lastRunAt: integerOrNull(row, 'last_run_at'),
});

const damaged = 'repository_damaged';

/** Facts from before damage was kept say it by how their last checks ended. */
const factsSchema = upkeepView
  .omit({ repository_id: true })
  .extend({ damaged_at: upkeepView.shape.damaged_at.optional() })
  .transform((facts): UpkeepFacts => ({ ...facts, damaged_at: facts.damaged_at === undefined ? ([facts.check, facts.rolling_check].find((run) => run?.code === damaged)?.at ?? null) : facts.damaged_at }));
const noFacts: UpkeepFacts = { prune: null, check: null, rolling_check: null, part: 1, parts: 30, removed_since_prune: 0, damaged_at: null };

export const schedulesIn = (db: Database): Store['schedules'] => ({
  insert: (row) => insertRow(db, 'schedules', scheduleColumns, row),
  update: (id, change) => updateRow(db, 'schedules', scheduleColumns, id, change),
  get: (id) => {
    const row = db.get('SELECT * FROM schedules WHERE id = ? AND removed = 0', id);
    return row === null ? null : toSchedule(row);
  },
  list: (userId) => db.all('SELECT * FROM schedules WHERE user_id = ? AND removed = 0 ORDER BY sequence', userId).map(toSchedule),
  remove: (id) =>
    db.transaction(() => {
      db.run("DELETE FROM slots WHERE schedule_id = ? AND resumed_by IS NULL AND state <> 'started'", id);
      db.run('UPDATE schedules SET removed = 1, enabled = 0 WHERE id = ?', id);
      db.run('DELETE FROM schedules WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM slots WHERE schedule_id = ?1)', id);
    }),
  removed: (userId) => db.all('SELECT * FROM schedules WHERE user_id = ? AND removed = 1 ORDER BY sequence', userId).map(toSchedule),
});

export const slotsIn = (db: Database): Store['slots'] => ({
  claim: (row) =>
    db.transaction(() => {
      const known = db.get('SELECT 1 AS found FROM slots WHERE schedule_id = ? AND slot = ?', row.scheduleId, row.slot);
      if (known === null) insertRow(db, 'slots', slotColumns, row);
      if (!row.byHand) db.run('UPDATE schedules SET considered_until = ? WHERE id = ?', row.slot, row.scheduleId);
      return known === null;
    }),
  update: (scheduleId, slot, change) => {
    const changes = Object.entries(change).filter(([field, value]) => value !== undefined && field in slotColumns);
    if (changes.length === 0) return;
    const assignments = changes.map(([field]) => `${slotColumns[field as keyof typeof slotColumns]} = ?`).join(', ');
    db.run(`UPDATE slots SET ${assignments} WHERE schedule_id = ? AND slot = ?`, ...changes.map(([, value]) => cell(value)), scheduleId, slot);
  },
  get: (scheduleId, slot) => {
    const row = db.get('SELECT * FROM slots WHERE schedule_id = ? AND slot = ?', scheduleId, slot);
    return row === null ? null : toSlot(row);
  },
  list: (scheduleId, limit) => db.all('SELECT * FROM slots WHERE schedule_id = ? ORDER BY slot DESC LIMIT ?', scheduleId, limit).map(toSlot),
  inState: (scheduleId, state) => db.all('SELECT * FROM slots WHERE schedule_id = ? AND state = ? ORDER BY slot', scheduleId, state).map(toSlot),
  resumed: (scheduleId) => db.all('SELECT * FROM slots WHERE schedule_id = ? AND resumed_by IS NOT NULL ORDER BY slot', scheduleId).map(toSlot),
  trim: (scheduleId, keep) => db.run('DELETE FROM slots WHERE schedule_id = ?1 AND resumed_by IS NULL AND slot <= (SELECT slot FROM slots WHERE schedule_id = ?1 ORDER BY slot DESC LIMIT 1 OFFSET ?2)', scheduleId, keep),
});

export const retentionIn = (db: Database): Store['retention'] => ({
  get: (sourceId) => {
    const row = db.get('SELECT * FROM retention WHERE source_id = ?', sourceId);
    return row === null ? null : toRetention(row);
  },
  list: (userId) => db.all('SELECT * FROM retention WHERE user_id = ?', userId).map(toRetention),
  put: (row) =>
    db.run(
      'INSERT INTO retention (source_id, user_id, policy, confirmed, last_run_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (source_id) DO UPDATE SET policy = ?3, confirmed = ?4, last_run_at = ?5',
      row.sourceId, row.userId, cell(row.policy), cell(row.confirmed), row.lastRunAt,
    ),
  remove: (sourceId) => db.run('DELETE FROM retention WHERE source_id = ?', sourceId),
});

export const upkeepIn = (db: Database): Store['upkeep'] => ({
  get: (userId, repositoryId) => {
    const row = db.get('SELECT facts FROM upkeep WHERE user_id = ? AND repository_id = ?', userId, repositoryId);
    return row === null ? noFacts : json(row, 'facts', factsSchema, noFacts);
  },
  list: (userId) =>
    db.all('SELECT repository_id, facts FROM upkeep WHERE user_id = ?', userId).map((row) => ({ repositoryId: text(row, 'repository_id'), facts: json(row, 'facts', factsSchema, noFacts) })),
  put: (userId, repositoryId, facts) =>
    db.run('INSERT INTO upkeep (user_id, repository_id, facts) VALUES (?1, ?2, ?3) ON CONFLICT (user_id, repository_id) DO UPDATE SET facts = ?3', userId, repositoryId, cell(facts)),
});
