// The vault on a real disk: the cases that every place for secrets passes, what is on the disk, wrong passwords, damage, a full disk, a kill.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileVault } from '../../src/main/providers/secrets/vault';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { secretCases, type SecretPlace } from './support/secret-cases';
import { MemoryVault } from './support/secrets-fakes';

const cost = { memoryKib: 64, passes: 1, lanes: 1 };
const userId = '7b0c2f5e-6f3e-4a39-9d2b-1d6c1f6f0a11';
const other = '11111111-2222-4333-8444-555555555555';
const canary = 'CANARY-vast-key-5f1d';

let folder: TempDir;
let vault: FileVault;

const fileOf = (id = userId): string => folder.at('vault', `${id}.json`);
const textOf = (id = userId): string => readFileSync(fileOf(id), 'utf8');
const again = (): FileVault => new FileVault({ dataFolder: folder.path, cost });

beforeEach(async () => {
  folder = makeTempDir('dumont-vault');
  vault = again();
  await vault.unlock(userId, 'a password');
});
afterEach(() => folder.remove());

const placeOf = (of: { get: FileVault['get']; set: FileVault['set']; delete: FileVault['delete'] }): SecretPlace => ({
  get: (name) => of.get(userId, name),
  set: (name, value) => of.set(userId, name, value),
  delete: (name) => of.delete(userId, name),
});

secretCases('the vault', () => placeOf(vault));

const fake = new MemoryVault();
fake.unlocked.add(userId);
secretCases('the fake vault', () => ({ get: (name) => fake.get(userId, name), set: (name, value) => fake.set(userId, name, value), delete: (name) => fake.delete(userId, name) }));

describe('the password', () => {
  test('opens it in the next run; another one does not, and says so', async () => {
    await vault.set(userId, 'key', canary);
    const next = again();
    expect(await next.exists(userId)).toBe(true);
    expect(await next.get(userId, 'key')).toEqual({ kind: 'locked' });
    expect(await next.unlock(userId, 'another password')).toBe(false);
    expect(next.isUnlocked(userId)).toBe(false);
    expect(await next.set(userId, 'key', 'overwritten')).toEqual({ kind: 'locked' });
    expect(await next.delete(userId, 'key')).toEqual({ kind: 'locked' });
    expect(await next.unlock(userId, 'a password')).toBe(true);
    expect(await next.get(userId, 'key')).toEqual({ kind: 'found', value: canary });
  });

  test('may be typed composed or decomposed', async () => {
    await vault.unlock(other, '\u00e9');
    expect(await again().unlock(other, 'e\u0301')).toBe(true);
  });

  test('after locking it is needed again', async () => {
    await vault.set(userId, 'key', canary);
    vault.lock(userId);
    expect(vault.isUnlocked(userId)).toBe(false);
    expect(await vault.get(userId, 'key')).toEqual({ kind: 'locked' });
  });

  test('locking in the middle of a read is locked, not damage', async () => {
    await vault.set(userId, 'key', canary);
    const reading = vault.get(userId, 'key');
    vault.lock(userId);
    expect(await reading).toEqual({ kind: 'locked' });
  });

  test('a vault that nobody made does not exist', async () => {
    expect(await vault.exists(other)).toBe(false);
    expect(await vault.get(other, 'key')).toEqual({ kind: 'locked' });
  });

  test('derives with 64 MiB and three passes unless told otherwise', async () => {
    const dear = new FileVault({ dataFolder: folder.path });
    await dear.unlock(other, 'a password');
    expect(JSON.parse(textOf(other))).toMatchObject({ kdf: { name: 'argon2id', memory_kib: 65_536, passes: 3, lanes: 4 } });
  });
});

describe('SEC-56 and KEY-09 on the disk', () => {
  test('nothing of a secret or the password is readable, and nothing but the file is there', async () => {
    await vault.set(userId, 'key', canary);
    expect(readdirSync(folder.at('vault'))).toEqual([`${userId}.json`]);
    const text = textOf();
    for (const secret of [canary, Buffer.from(canary).toString('base64').slice(0, 16), Buffer.from(canary).toString('hex'), 'a password']) expect(text).not.toContain(secret);
  });

  test('SEC-50 the file is 0600 in a folder of 0700, whatever the umask and whatever it was before', async () => {
    chmodSync(fileOf(), 0o644);
    chmodSync(folder.at('vault'), 0o755);
    await vault.set(userId, 'key', canary);
    expect(statSync(fileOf()).mode & 0o777).toBe(0o600);
    expect(statSync(folder.at('vault')).mode & 0o777).toBe(0o700);
  });

  test('two users have two files, two salts and two keys', async () => {
    await vault.unlock(other, 'a password');
    await vault.set(userId, 'key', canary);
    await vault.set(other, 'key', canary);
    const [one, two] = [textOf(), textOf(other)].map((text) => JSON.parse(text) as { readonly kdf: { readonly salt: string }; readonly secrets: { readonly key: { readonly ciphertext: string } } });
    expect(one?.kdf.salt).not.toBe(two?.kdf.salt);
    expect(one?.secrets.key.ciphertext).not.toBe(two?.secrets.key.ciphertext);
  });

  test('setting a value anew changes its nonce', async () => {
    await vault.set(userId, 'key', canary);
    const before = textOf();
    await vault.set(userId, 'key', canary);
    expect(textOf()).not.toBe(before);
  });

  test("an id that is not one of ours names no file", async () => {
    await expect(vault.exists('../../etc/passwd')).rejects.toThrow(RangeError);
  });
});

describe('tampering', () => {
  const edit = (change: (file: Record<string, Record<string, unknown>>) => void, id = userId): void => {
    const file = JSON.parse(textOf(id)) as Record<string, Record<string, unknown>>;
    change(file);
    writeFileSync(fileOf(id), JSON.stringify(file));
  };

  test('a value moved to another name does not open', async () => {
    await vault.set(userId, 'one', canary);
    edit((file) => (file.secrets = { two: file.secrets?.one }));
    await expect(vault.get(userId, 'two')).rejects.toMatchObject({ code: 'secret_store_unavailable' });
  });

  test("another user's file put in its place does not open", async () => {
    await vault.unlock(other, 'a password');
    await vault.set(other, 'key', canary);
    writeFileSync(fileOf(), textOf(other));
    await expect(again().unlock(userId, 'a password')).rejects.toMatchObject({ code: 'secret_store_unavailable' });
    edit((file) => Object.assign(file, { user_id: userId }));
    expect(await again().unlock(userId, 'a password')).toBe(false);
  });

  test('one changed bit of any sealed part is found', async () => {
    await vault.set(userId, 'key', canary);
    const whole = textOf();
    for (const part of ['nonce', 'ciphertext', 'tag']) {
      edit((file) => {
        const entry = file.secrets?.key as Record<string, string>;
        const bytes = Buffer.from(entry[part] ?? '', 'base64');
        bytes[0] = (bytes[0] ?? 0) ^ 1;
        entry[part] = bytes.toString('base64');
      });
      await expect(vault.get(userId, 'key')).rejects.toMatchObject({ code: 'secret_store_unavailable' });
      writeFileSync(fileOf(), whole);
    }
    expect(await vault.get(userId, 'key')).toEqual({ kind: 'found', value: canary });
  });
});

describe('a damaged file', () => {
  const damaged: readonly (readonly [string, (whole: string) => string | Buffer])[] = [
    ['empty', () => ''],
    ['zeros', () => Buffer.alloc(600)],
    ['half', (whole) => whole.slice(0, whole.length / 2)],
    ['not JSON', () => 'vault'],
    ['another form', () => '{"version":1}'],
    ['a version of the future', (whole) => whole.replace('"version": 1', '"version": 2')],
    ['an absurd cost', (whole) => whole.replace('"memory_kib": 64', '"memory_kib": 4000000000')],
    ['2 MiB of something', () => 'x'.repeat(2 * 1024 * 1024)],
  ];

  test.each(damaged)('%s: a typed error that names it, and it is left as it is', async (_name, damage) => {
    const content = damage(textOf());
    writeFileSync(fileOf(), content);
    const refused = { code: 'secret_store_unavailable', data: { backend: 'vault', reason: 'unavailable' }, message: expect.stringContaining(fileOf()) as string };
    await expect(again().unlock(userId, 'a password')).rejects.toMatchObject(refused);
    await expect(vault.get(userId, 'key')).rejects.toMatchObject(refused);
    await expect(vault.set(userId, 'key', 'value')).rejects.toMatchObject(refused);
    await expect(vault.delete(userId, 'key')).rejects.toMatchObject(refused);
    expect(readFileSync(fileOf()).equals(Buffer.from(content))).toBe(true);
  });

  test('a file that vanished while it was open is not made anew without its secrets', async () => {
    await vault.set(userId, 'key', canary);
    execFileSync('rm', [fileOf()]);
    await expect(vault.set(userId, 'new', 'value')).rejects.toMatchObject({ code: 'secret_store_unavailable' });
    expect(existsSync(fileOf())).toBe(false);
  });
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

describe('REL-04 a full disk', () => {
  test.runIf(canMount)('is a typed error; the old file stays whole and no leftover takes room', async () => {
    const small = folder.at('small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small]);
    try {
      const onSmall = new FileVault({ dataFolder: small, cost });
      await onSmall.unlock(userId, 'a password');
      await onSmall.set(userId, 'key', canary);
      let refused = 0;
      for (let times = 0; times < 50; times += 1) {
        const outcome = await onSmall.set(userId, `name-${times}`, 'x'.repeat(1900)).catch((error: { readonly code: string }) => error.code);
        if (outcome === 'disk_full') refused += 1;
        const fresh = new FileVault({ dataFolder: small, cost });
        expect(await fresh.unlock(userId, 'a password')).toBe(true);
        expect(await fresh.get(userId, 'key')).toEqual({ kind: 'found', value: canary });
      }
      expect(refused).toBeGreaterThan(10);
      expect(readdirSync(`${small}/vault`)).toEqual([`${userId}.json`]);
    } finally {
      execFileSync('umount', [small]);
    }
  });
});

describe('REL-01 a kill while it is written', () => {
  test('leaves the old content or the new one', async () => {
    await vault.set(userId, 'key', canary);
    const target = folder.at('killed.json');
    const writer = new URL('../../src/main/providers/secrets/atomic-write.ts', import.meta.url);
    // The writer itself, as plain JavaScript, in a process that writes without end and is killed at any point.
    const script = folder.at('writer.mjs');
    const { transformWithOxc } = await import('vite');
    writeFileSync(script, `${(await transformWithOxc(readFileSync(writer, 'utf8'), 'atomic-write.ts')).code}
      for (let round = 1; ; round += 1) await writeAtomically(${JSON.stringify(target)}, Buffer.from(JSON.stringify({ round, filling: 'x'.repeat(20000) })));`);
    let last = 0;
    for (let kills = 0; kills < 15; kills += 1) {
      const child = spawn(process.execPath, [script], { stdio: 'ignore' });
      const gone = new Promise((resolve) => child.once('exit', resolve));
      const began = existsSync(target) ? statSync(target).mtimeMs : 0;
      while (!existsSync(target) || statSync(target).mtimeMs === began) await new Promise((resolve) => setTimeout(resolve, 1));
      await new Promise((resolve) => setTimeout(resolve, kills));
      child.kill('SIGKILL');
      await gone;
      const content = JSON.parse(readFileSync(target, 'utf8')) as { readonly round: number; readonly filling: string };
      expect(content.filling).toHaveLength(20_000);
      last = Math.max(last, content.round);
    }
    expect(last).toBeGreaterThan(0);
  });
});

test('names are of any form', async () => {
  const name = `__proto__ ${randomUUID()}`;
  await vault.set(userId, name, 'value');
  expect(await vault.get(userId, name)).toEqual({ kind: 'found', value: 'value' });
});
