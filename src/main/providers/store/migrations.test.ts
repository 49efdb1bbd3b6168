// Steps of the database's form, on real SQLite in memory.
import { describe, expect, test } from 'vitest';
import { Database } from './database';
import { migrate, presentVersion, refuseNewer, steps as released } from './migrations';
import { proofsIn } from './proofs';
import { repositoriesIn } from './repositories';
import { upkeepIn } from './schedules';

const version = (db: Database): unknown => db.get('PRAGMA user_version')?.['user_version'];
const tables = (db: Database): readonly unknown[] => db.all("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").map((row) => row['name']);

describe('steps', () => {
  test('are taken in order, once, and their number is kept', () => {
    const db = new Database(':memory:');
    const first = ['CREATE TABLE one (a TEXT)'];
    migrate(db, first);
    db.run('INSERT INTO one (a) VALUES (?)', 'kept');
    migrate(db, [...first, 'ALTER TABLE one ADD COLUMN b TEXT', 'CREATE TABLE two (c TEXT)']);
    migrate(db, [...first, 'ALTER TABLE one ADD COLUMN b TEXT', 'CREATE TABLE two (c TEXT)']);
    expect(version(db)).toBe(3);
    expect(tables(db)).toEqual(['one', 'two']);
    expect(db.get('SELECT a, b FROM one')).toEqual({ a: 'kept', b: null });
  });

  test('one that fails half-way leaves the form before it, and can be taken again', () => {
    const db = new Database(':memory:');
    const first = 'CREATE TABLE one (a TEXT)';
    expect(() => migrate(db, [first, 'CREATE TABLE two (b TEXT); CREATE TABLE one (again TEXT)'])).toThrow(/already exists/);
    expect(version(db)).toBe(1);
    expect(tables(db)).toEqual(['one']);
    migrate(db, [first, 'CREATE TABLE two (b TEXT)']);
    expect(version(db)).toBe(2);
  });

  test('a form of a newer version is refused, the present one and older ones are not', () => {
    const db = new Database(':memory:');
    refuseNewer(db);
    migrate(db);
    refuseNewer(db);
    db.script(`PRAGMA user_version = ${presentVersion + 1}`);
    expect(() => refuseNewer(db)).toThrow(/newer version/);
  });
});

describe('repositories', () => {
  test('what was there before there were several belongs to the one in the own folder', () => {
    const db = new Database(':memory:');
    migrate(db, released.slice(0, 1));
    db.run("INSERT INTO users (id, email, password_hash, created_at) VALUES ('u', 'a@example.test', 'x', 0)");
    db.run("INSERT INTO sources (id, user_id, instance_id, path, needs_full_fetch, created_at) VALUES ('s', 'u', 7, '/workspace', 0, 0)");
    db.run("INSERT INTO snapshots (id, user_id, source_id, instance_id, path, time, tags, result, warnings, size_bytes, file_count, operation_id) VALUES ('i', 'u', 's', 7, '/workspace', 1, '[]', 'ok', '[]', 1, 1, 'o')");
    migrate(db);
    expect([db.get('SELECT repository_id FROM sources'), db.get('SELECT repository_id FROM snapshots')]).toEqual([{ repository_id: 'default' }, { repository_id: 'default' }]);
    expect(repositoriesIn(db).list('u')).toEqual([]);
  });
});

describe('transactions', () => {
  const make = (): Database => {
    const db = new Database(':memory:');
    db.script('CREATE TABLE one (a TEXT)');
    return db;
  };
  const count = (db: Database): unknown => db.get('SELECT count(*) AS number FROM one')?.['number'];

  test('are all or nothing, also when one is inside another', () => {
    const db = make();
    const both = (): void =>
      db.transaction(() => {
        db.run('INSERT INTO one (a) VALUES (?)', '1');
        db.transaction(() => db.run('INSERT INTO one (a) VALUES (?)', '2'));
        throw new Error('after both');
      });
    expect(both).toThrow('after both');
    expect(count(db)).toBe(0);
    expect(db.transaction(() => {
      db.run('INSERT INTO one (a) VALUES (?)', '3');
      return 'result';
    })).toBe('result');
    expect(count(db)).toBe(1);
  });

  test('the next one works after one that failed', () => {
    const db = make();
    expect(() => db.transaction(() => db.run('INSERT INTO absent VALUES (1)'))).toThrow(/no such table/);
    db.transaction(() => db.run('INSERT INTO one (a) VALUES (?)', '1'));
    expect(count(db)).toBe(1);
  });
});

describe('rehearsals', () => {
  test('from before it was kept where a part began say that it is not known', () => {
    const db = new Database(':memory:');
    migrate(db, released.slice(0, 6));
    db.run("INSERT INTO users (id, email, password_hash, created_at) VALUES ('u', 'a@example.test', 'x', 0)");
    db.run("INSERT INTO proofs (id, user_id, snapshot_id, source_id, operation_id, at, kind, result, weak, files, bytes, total_files, total_bytes, command, problems, cursor) VALUES ('p', 'u', 'i', 's', 'o', 1, 'part', 'ok', 0, 1, 1, 2, 2, 'none', '[]', 'a')");
    migrate(db);
    const proofs = proofsIn(db);
    const [before] = proofs.list('u');
    expect(before).toMatchObject({ id: 'p', cursor: 'a', begins: null });
    if (before !== undefined) proofs.insert({ ...before, id: 'q', begins: { path: 'a', files: 1, bytes: 1 } });
    expect(proofs.newestOfSource('u', 's')).toMatchObject({ id: 'q', begins: { path: 'a', files: 1, bytes: 1 } });
  });
});

describe('care of repositories', () => {
  test('damage that was found before it was kept is known by how the last checks ended', () => {
    const db = new Database(':memory:');
    migrate(db);
    db.run("INSERT INTO users (id, email, password_hash, created_at) VALUES ('u', 'a@example.test', 'x', 0)");
    const at = '2026-11-20T10:00:00.000Z';
    const run = (code: string | null) => ({ at, state: code === null ? 'succeeded' : 'failed', operation_id: '00000000-0000-4000-8000-000000000001', code });
    const facts = { prune: null, check: run(null), rolling_check: run('repository_damaged'), part: 1, parts: 30, removed_since_prune: 0 };
    db.run('INSERT INTO upkeep (user_id, repository_id, facts) VALUES (?, ?, ?)', 'u', 'before', JSON.stringify(facts));
    db.run('INSERT INTO upkeep (user_id, repository_id, facts) VALUES (?, ?, ?)', 'u', 'sound', JSON.stringify({ ...facts, rolling_check: null }));
    const upkeep = upkeepIn(db);
    expect([upkeep.get('u', 'before').damaged_at, upkeep.get('u', 'sound').damaged_at, upkeep.get('u', 'none').damaged_at]).toEqual([at, null, null]);
    upkeep.put('u', 'before', { ...upkeep.get('u', 'before'), damaged_at: null });
    expect(upkeep.get('u', 'before')).toMatchObject({ damaged_at: null, rolling_check: { code: 'repository_damaged' } });
  });
});
