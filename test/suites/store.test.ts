// The database on a real disk: what it keeps, for whom, and how it reads what another version wrote.
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sourceOptions } from '../../src/contract/sources';
import type { Store } from '../../src/main/domain/store-port';
import { openStore } from '../../src/main/providers/store/open-store';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { aLine, aSnapshot, aSource, aUser, anIntent, anOperation } from './support/store-rows';

let folder: TempDir;
let file: string;
let store: Store;

beforeEach(() => {
  folder = makeTempDir('dumont-store');
  file = folder.at('data', 'dumont.db');
  store = openStore(file);
  store.users.insert(aUser('ana'));
  store.users.insert(aUser('bob'));
});
afterEach(() => {
  store.close();
  folder.remove();
});

/** Closes and opens: what follows is read from the disk. */
const reopen = (): void => {
  store.close();
  store = openStore(file);
};

describe('what is kept', () => {
  test('everything is the same after a restart', () => {
    const operation = { ...anOperation('ana', 1), progress: { phase: 'fetch', bytes_done: 1, bytes_total: null, files_done: 2, files_total: 3 }, error: { code: 'x', message: 'y', data: { z: [1] } }, warnings: ['w'], asks: 'still_loading' };
    store.operations.insert(operation);
    store.operations.appendLog(operation.id, [aLine(1), { ...aLine(2), src: 'remote', level: 'warn' }]);
    store.intents.insert(anIntent('ana', operation.id));
    store.sources.insert(aSource('ana'));
    store.snapshots.insert(aSnapshot('ana', 'a'));
    store.sessions.insert({ tokenHash: 'hash', userId: 'ana', createdAt: 1, lastUsedAt: 2 });
    store.settings.put('ana', { theme: 'dark', restic_path: null });
    store.settings.putFact('remembered', 'ana');
    store.secrets.put({ userId: 'ana', name: 'vast-api-key', backend: 'keychain', last4: '1234' });
    reopen();
    expect(store.users.byEmail('ana@example.com')).toEqual(aUser('ana'));
    expect(store.operations.get(operation.id)).toEqual(operation);
    expect(store.operations.log(operation.id, 10)).toEqual([aLine(1), { ...aLine(2), src: 'remote', level: 'warn' }]);
    expect(store.intents.byOperation(operation.id)).toEqual(anIntent('ana', operation.id));
    expect(store.sources.find('ana', 7, '/workspace')).toEqual(aSource('ana'));
    expect(store.snapshots.get('ana', 'a')).toEqual(aSnapshot('ana', 'a'));
    expect(store.sessions.byHash('hash')).toEqual({ tokenHash: 'hash', userId: 'ana', createdAt: 1, lastUsedAt: 2 });
    expect(store.settings.get('ana')).toEqual({ theme: 'dark', restic_path: null });
    expect(store.settings.getFact('remembered')).toBe('ana');
    expect(store.secrets.get('ana', 'vast-api-key')).toEqual({ userId: 'ana', name: 'vast-api-key', backend: 'keychain', last4: '1234' });
  });

  test('changes change only what they name', () => {
    store.operations.insert(anOperation('ana', 1));
    const { id } = anOperation('ana', 1);
    store.operations.update(id, { state: 'succeeded', ended_at: '2026-01-01T00:00:01.000Z', cancellable: false, asks: undefined });
    expect(store.operations.get(id)).toEqual({ ...anOperation('ana', 1), state: 'succeeded', ended_at: '2026-01-01T00:00:01.000Z', cancellable: false });
    store.operations.update(id, {});
    store.users.update('ana', { failedAttempts: 3 });
    expect(store.users.byId('ana')).toEqual({ ...aUser('ana'), failedAttempts: 3 });
    store.sources.insert(aSource('ana'));
    const options = sourceOptions.parse({ exclude: ['*.tmp'], presets: { pip: false }, before: { command: 'sync' } });
    store.sources.update(aSource('ana').id, { parentId: 'p', needsFullFetch: true, options, fetchRate: 1.5e6 });
    expect(store.sources.get(aSource('ana').id)).toEqual({ ...aSource('ana'), parentId: 'p', needsFullFetch: true, options, fetchRate: 1.5e6 });
    store.snapshots.insert(aSnapshot('ana', 'a'));
    store.snapshots.update('a', { result: 'warnings', warnings: ['one file'] });
    expect(store.snapshots.get('ana', 'a')).toEqual({ ...aSnapshot('ana', 'a'), result: 'warnings', warnings: ['one file'] });
  });

  test('an email is taken once', () => {
    expect(store.users.insert({ ...aUser('eve'), email: 'ana@example.com' })).toBe(false);
    expect(store.users.count()).toBe(2);
  });

  test('sessions end one by one, by age and by user', () => {
    for (const [index, userId] of ['ana', 'ana', 'bob'].entries()) store.sessions.insert({ tokenHash: `h${index}`, userId, createdAt: index * 10, lastUsedAt: index * 10 });
    store.sessions.touch('h0', 100);
    expect(store.sessions.countOfUser('ana')).toBe(2);
    store.sessions.removeOlderThan(0, 15);
    expect(store.sessions.byHash('h1')).toBeNull();
    expect(store.sessions.byHash('h0')).toMatchObject({ lastUsedAt: 100 });
    store.sessions.removeOlderThan(5, 0);
    expect(store.sessions.countOfUser('ana')).toBe(0);
    store.sessions.removeOfUser('bob');
    expect(store.sessions.byHash('h2')).toBeNull();
  });

  test('operations: newest first, by instance, active or not, limited; unfinished ones of all users', () => {
    for (let number = 1; number <= 5; number += 1) store.operations.insert({ ...anOperation(number === 5 ? 'bob' : 'ana', number), instance_id: number % 2 });
    store.operations.update(anOperation('ana', 3).id, { state: 'failed', ended_at: '2026-01-01T00:00:09.000Z' });
    const titles = (rows: readonly { readonly title: string }[]): readonly string[] => rows.map((row) => row.title);
    expect(titles(store.operations.list('ana', { limit: 10 }))).toEqual(['operation 4', 'operation 3', 'operation 2', 'operation 1']);
    expect(titles(store.operations.list('ana', { limit: 2 }))).toEqual(['operation 4', 'operation 3']);
    expect(titles(store.operations.list('ana', { limit: 10, instanceId: 1 }))).toEqual(['operation 3', 'operation 1']);
    expect(titles(store.operations.list('ana', { limit: 10, active: true }))).toEqual(['operation 4', 'operation 2', 'operation 1']);
    expect(titles(store.operations.list('ana', { limit: 10, active: false }))).toEqual(['operation 3']);
    expect(titles(store.operations.unfinished())).toEqual(['operation 1', 'operation 2', 'operation 4', 'operation 5']);
  });

  test('of a log the newest 5,000 lines stay, of each operation its own', () => {
    const [one, other] = [anOperation('ana', 1), anOperation('ana', 2)];
    store.operations.insert(one);
    store.operations.insert(other);
    store.operations.appendLog(other.id, [aLine(1)]);
    for (let batch = 0; batch < 7; batch += 1) store.operations.appendLog(one.id, Array.from({ length: 1000 }, (_, index) => aLine(batch * 1000 + index)));
    const lines = store.operations.log(one.id, 10_000);
    expect(lines).toHaveLength(5000);
    expect(lines[0]?.text).toBe('line 2000');
    expect(lines.at(-1)?.text).toBe('line 6999');
    expect(store.operations.log(one.id, 2).map((line) => line.text)).toEqual(['line 6998', 'line 6999']);
    expect(store.operations.log(other.id, 10)).toHaveLength(1);
    store.operations.appendLog(other.id, Array.from({ length: 12_000 }, (_, index) => aLine(index)));
    expect(store.operations.log(other.id, 10_000).map((line) => line.text)).toEqual(Array.from({ length: 5000 }, (_, index) => `line ${index + 7000}`));
  });

  test('intents are open until they are known to be rented or refused', () => {
    for (const [index, state] of (['intended', 'sent', 'confirmed', 'refused', 'unknown'] as const).entries()) store.intents.insert({ ...anIntent('ana', `operation-${index}`), id: `intent-${index}`, state });
    expect(store.intents.open('ana').map((row) => row.state)).toEqual(['intended', 'sent', 'unknown']);
    store.intents.update('intent-1', { state: 'confirmed', instanceId: 99 });
    expect(store.intents.get('intent-1')).toMatchObject({ state: 'confirmed', instanceId: 99 });
    expect(store.intents.open('bob')).toEqual([]);
  });
});

describe("one user's data", () => {
  test('is not found for another', () => {
    store.operations.insert(anOperation('ana', 1));
    store.sources.insert(aSource('ana'));
    store.snapshots.insert(aSnapshot('ana', 'a'));
    store.secrets.put({ userId: 'ana', name: 'vast-api-key', backend: 'vault', last4: null });
    store.settings.put('ana', { theme: 'dark' });
    expect(store.operations.list('bob', { limit: 10 })).toEqual([]);
    expect(store.sources.find('bob', 7, '/workspace')).toBeNull();
    expect(store.sources.list('bob')).toEqual([]);
    expect(store.snapshots.get('bob', 'a')).toBeNull();
    expect(store.snapshots.list('bob')).toEqual([]);
    store.snapshots.remove('bob', 'a');
    expect(store.snapshots.get('ana', 'a')).not.toBeNull();
    expect(store.secrets.list('bob')).toEqual([]);
    expect(store.settings.get('bob')).toEqual({});
  });

  test('belongs to a user who exists', () => {
    expect(() => store.operations.insert(anOperation('nobody', 1))).toThrow(/FOREIGN KEY/);
  });
});

describe('values that this version does not know', () => {
  const raw = (sql: string): void => {
    store.close();
    const db = new DatabaseSync(file);
    db.exec(sql);
    db.close();
    store = openStore(file);
  };

  test('a setting with a value of another form counts as not chosen, and one of the future stays', () => {
    raw(`INSERT INTO settings VALUES ('ana', '{"theme":"solarized","default_disk_size":60,"of_the_future":true}')`);
    expect(store.settings.get('ana')).toEqual({ default_disk_size: 60 });
    store.settings.put('ana', { language: 'en' });
    raw('SELECT 1');
    store.close();
    const db = new DatabaseSync(file);
    expect(JSON.parse((db.prepare("SELECT chosen FROM settings WHERE user_id = 'ana'").get() as { readonly chosen: string }).chosen)).toMatchObject({ of_the_future: true, language: 'en' });
    db.close();
    store = openStore(file);
  });

  test('JSON columns that do not parse read as empty, an unknown state as unknown, an unknown kind is left out', () => {
    store.operations.insert(anOperation('ana', 1));
    store.operations.insert(anOperation('ana', 2));
    raw(`UPDATE operations SET progress = '{', error = '[]', warnings = 'null', context = '3', state = 'hibernating' WHERE id = '${anOperation('ana', 1).id}';
         UPDATE operations SET kind = 'teleport' WHERE id = '${anOperation('ana', 2).id}'`);
    expect(store.operations.list('ana', { limit: 10 })).toEqual([{ ...anOperation('ana', 1), progress: null, error: null, warnings: [], context: {}, state: 'unknown' }]);
    expect(store.operations.get(anOperation('ana', 2).id)).toBeNull();
  });
});
