// The database's file on a real disk: private, durable, and what happens when it is damaged, too new, cut off or out of room.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../src/main/domain/store-port';
import { presentVersion } from '../../src/main/providers/store/migrations';
import { openStore } from '../../src/main/providers/store/open-store';
import { makeSmallDisk } from '../support/small-disk';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { aLine, aUser, anOperation } from './support/store-rows';

let folder: TempDir;
let file: string;
let store: Store;

beforeEach(() => {
  folder = makeTempDir('dumont-store');
  file = folder.at('data', 'dumont.db');
  store = openStore(file);
  store.users.insert(aUser('ana'));
});
afterEach(() => {
  store.close();
  folder.remove();
});

describe('the file', () => {
  test('SEC-50 and what is beside it are 0600 in a folder of 0700', () => {
    const modes = readdirSync(path.dirname(file)).map((name) => [name, (statSync(path.join(path.dirname(file), name)).mode & 0o777).toString(8)]);
    expect(Object.fromEntries(modes)).toEqual({ 'dumont.db': '600', 'dumont.db-wal': '600', 'dumont.db-shm': '600' });
    expect((statSync(path.dirname(file)).mode & 0o777).toString(8)).toBe('700');
    chmodSync(file, 0o644);
    store.close();
    store = openStore(file);
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  });

  test('says its form, and writes ahead', () => {
    store.close();
    const db = new DatabaseSync(file);
    expect(db.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: presentVersion });
    expect(db.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
    db.close();
    store = openStore(file);
  });

  /** A whole copy of the closed database that no connection of this process has open. */
  const closedCopy = (): string => {
    store.close();
    const copy = folder.at('copy.db');
    copyFileSync(file, copy);
    store = openStore(':memory:');
    return copy;
  };

  test('closed holds everything by itself, without what was beside it', () => {
    const copy = openStore(closedCopy());
    expect(copy.users.byId('ana')).toEqual(aUser('ana'));
    copy.close();
  });

  test('of a newer version is refused and not touched', () => {
    const copy = closedCopy();
    const db = new DatabaseSync(copy);
    db.exec('PRAGMA journal_mode = DELETE; PRAGMA user_version = 1000');
    db.close();
    const before = readFileSync(copy);
    expect(() => openStore(copy)).toThrow(expect.objectContaining({ name: 'StoreError', problem: 'newer', file: copy, message: expect.stringContaining(copy) as string }));
    expect(readFileSync(copy).equals(before)).toBe(true);
  });

  const damages: readonly (readonly [string, (whole: Buffer) => Buffer])[] = [
    ['another kind of file', () => Buffer.alloc(8192, 'x')],
    ['a few bytes', () => Buffer.from('SQLite')],
    ['zeros after the header', (whole) => Buffer.concat([whole.subarray(0, 100), Buffer.alloc(whole.length - 100)])],
    ['cut in the middle', (whole) => whole.subarray(0, whole.length / 2)],
    ['a page of noise', (whole) => Buffer.concat([whole.subarray(0, 4096 * 3), Buffer.alloc(4096, 0xa5), whole.subarray(4096 * 4)])],
  ];

  test.each(damages)('damaged (%s): a clear error that says where it is, and it stays as it is', (_name, damage) => {
    const copy = closedCopy();
    const damaged = damage(readFileSync(copy));
    writeFileSync(copy, damaged);
    expect(() => openStore(copy)).toThrow(expect.objectContaining({ name: 'StoreError', problem: 'damaged', file: copy, message: expect.stringContaining(copy) as string }));
    expect(readFileSync(copy).equals(damaged)).toBe(true);
  });

  test('that cannot be made is said', () => {
    writeFileSync(folder.at('not-a-folder'), '');
    expect(() => openStore(folder.at('not-a-folder', 'dumont.db'))).toThrow(expect.objectContaining({ problem: 'inaccessible' }));
  });
});

describe('REL-05 a kill while it is written', () => {
  test('loses nothing that was answered', async () => {
    store.operations.insert(anOperation('ana', 1));
    store.close();
    const script = folder.at('writer.mjs');
    // A process that writes one row after the other and says each once it is written, killed in the middle.
    writeFileSync(script, `
      import { createRequire } from 'node:module';
      const { DatabaseSync } = createRequire(${JSON.stringify(import.meta.url)})('@photostructure/sqlite');
      const db = new DatabaseSync(${JSON.stringify(file)});
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      const insert = db.prepare("INSERT INTO operation_log (operation_id, at, level, src, text) VALUES (?, '2026-01-01T00:00:00.000Z', 'info', 'local', ?)");
      for (let number = Number(process.argv[2]); ; number += 1) { insert.run(${JSON.stringify(anOperation('ana', 1).id)}, 'row ' + number); process.stdout.write(number + '\\n'); }`);
    let next = 0;
    for (let kills = 0; kills < 5; kills += 1) {
      const child = spawn(process.execPath, [script, String(next)], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.split('\n').length > 20) child.kill('SIGKILL');
      });
      await new Promise((resolve) => child.once('close', resolve));
      const lastSaid = Number(said.trimEnd().split('\n').at(-1));
      store = openStore(file);
      const rows = store.operations.log(anOperation('ana', 1).id, 100_000).map((line) => Number(line.text.slice(4)));
      store.close();
      expect(rows.length).toBeGreaterThan(lastSaid);
      expect(rows).toEqual(rows.map((_, index) => index));
      next = rows.length;
    }
    store = openStore(file);
  });
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

describe('REL-04 a full disk', () => {
  test.runIf(canMount)('is a typed error; what was there stays, and a smaller change fits', () => {
    const small = folder.at('small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
    const onSmall = openStore(path.join(small, 'dumont.db'));
    try {
      onSmall.users.insert(aUser('ana'));
      onSmall.operations.insert(anOperation('ana', 1));
      const fill = (): void => {
        for (let batch = 0; batch < 200; batch += 1) onSmall.operations.appendLog(anOperation('ana', 1).id, Array.from({ length: 20 }, (_, index) => ({ ...aLine(index), text: 'x'.repeat(500) })));
      };
      expect(fill).toThrow(expect.objectContaining({ code: 'disk_full' }));
      expect(onSmall.users.byId('ana')).toEqual(aUser('ana'));
      const kept = onSmall.operations.log(anOperation('ana', 1).id, 10_000).length;
      expect(kept % 20).toBe(0);
      onSmall.close();
      const again = openStore(path.join(small, 'dumont.db'));
      expect(again.operations.log(anOperation('ana', 1).id, 10_000)).toHaveLength(kept);
      again.close();
    } finally {
      onSmall.close();
      // Lazily: the package lets go of its files when its statements are collected.
      execFileSync('umount', ['--lazy', small]);
    }
  });

  test.runIf(canMount).each([0, 4, 16])('with %d KiB left a start says that it is full, not that its file is out of reach; with room it opens', (left) => {
    const disk = makeSmallDisk(1024 * 1024);
    try {
      const place = path.join(disk.path, 'dumont.db');
      // A copy: nothing of this process holds the log and shared memory of it open.
      store.close();
      copyFileSync(file, place);
      store = openStore(':memory:');
      disk.fill(left * 1024);
      expect(() => openStore(place)).toThrow(expect.objectContaining({ code: 'disk_full', data: { path: place } }));
      disk.free();
      const again = openStore(place);
      expect(again.users.byId('ana')).toEqual(aUser('ana'));
      again.close();
    } finally {
      disk.remove();
    }
  });
});
