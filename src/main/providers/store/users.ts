// Accounts of this app and their sessions.
import type { Store, UserRow, SessionRow } from '../../domain/store-port';
import { isConstraintFailure, type Database, type Row } from './database';
import { insertRow, integer, text, updateRow } from './rows';

const userColumns = { id: 'id', email: 'email', passwordHash: 'password_hash', createdAt: 'created_at', failedAttempts: 'failed_attempts', blockedUntil: 'blocked_until' };
const sessionColumns = { tokenHash: 'token_hash', userId: 'user_id', createdAt: 'created_at', lastUsedAt: 'last_used_at' };

const toUser = (row: Row): UserRow => ({
  id: text(row, 'id'),
  email: text(row, 'email'),
  passwordHash: text(row, 'password_hash'),
  createdAt: integer(row, 'created_at'),
  failedAttempts: integer(row, 'failed_attempts'),
  blockedUntil: integer(row, 'blocked_until'),
});

const toSession = (row: Row): SessionRow => ({
  tokenHash: text(row, 'token_hash'),
  userId: text(row, 'user_id'),
  createdAt: integer(row, 'created_at'),
  lastUsedAt: integer(row, 'last_used_at'),
});

/** The accounts in this database. */
export const usersIn = (db: Database): Store['users'] => ({
  count: () => integer(db.get('SELECT count(*) AS number FROM users') ?? {}, 'number'),
  byEmail: (email) => {
    const row = db.get('SELECT * FROM users WHERE email = ?', email);
    return row === null ? null : toUser(row);
  },
  byId: (id) => {
    const row = db.get('SELECT * FROM users WHERE id = ?', id);
    return row === null ? null : toUser(row);
  },
  insert: (user) => {
    try {
      insertRow(db, 'users', userColumns, user);
      return true;
    } catch (error) {
      if (isConstraintFailure(error) && db.get('SELECT id FROM users WHERE email = ?', user.email) !== null) return false;
      throw error;
    }
  },
  update: (id, change) => updateRow(db, 'users', userColumns, id, change),
});

/** The sessions in this database. */
export const sessionsIn = (db: Database): Store['sessions'] => ({
  insert: (session) => insertRow(db, 'sessions', sessionColumns, session),
  byHash: (tokenHash) => {
    const row = db.get('SELECT * FROM sessions WHERE token_hash = ?', tokenHash);
    return row === null ? null : toSession(row);
  },
  touch: (tokenHash, at) => db.run('UPDATE sessions SET last_used_at = ? WHERE token_hash = ?', at, tokenHash),
  remove: (tokenHash) => db.run('DELETE FROM sessions WHERE token_hash = ?', tokenHash),
  removeOfUser: (userId) => db.run('DELETE FROM sessions WHERE user_id = ?', userId),
  removeOlderThan: (createdBefore, usedBefore) => db.run('DELETE FROM sessions WHERE created_at < ? OR last_used_at < ?', createdBefore, usedBefore),
  countOfUser: (userId) => integer(db.get('SELECT count(*) AS number FROM sessions WHERE user_id = ?', userId) ?? {}, 'number'),
});
