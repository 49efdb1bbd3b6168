// Accounts and secrets over the real parts together: SQLite, argon2, keytar's process and gnome-keyring, the vault's file.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Accounts } from '../../src/main/domain/accounts';
import { Secrets } from '../../src/main/domain/secrets';
import { Argon2Hasher } from '../../src/main/providers/passwords/argon2';
import { forkNode } from '../../src/main/providers/secrets/fork-node';
import { ProcessKeychain } from '../../src/main/providers/secrets/keychain';
import { FileVault } from '../../src/main/providers/secrets/vault';
import { openStore } from '../../src/main/providers/store/open-store';
import { noKeyringEnv } from '../support/keyring';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { ana, code, overWindow } from './support/account-rig';
import { countedClock, realClock } from './support/clocks';
import { buildKeychainHelper, type BuiltHelper } from './support/helper-bundle';
import { memoryLog } from './support/secrets-fakes';
import { startSecretService, type SecretService } from './support/secret-service';

const canary = 'CANARY-vast-key-0123456789';
let built: BuiltHelper;
let folder: TempDir;
let service: SecretService;
let closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  built = await buildKeychainHelper();
});
afterAll(() => built.remove());
beforeEach(async () => {
  folder = makeTempDir('dumont-secrets');
  service = await startSecretService();
});
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
  await service.end();
  folder.remove();
});

/** One start of the app on this folder. */
const start = (env: NodeJS.ProcessEnv) => {
  const log = memoryLog();
  const store = openStore(folder.at('dumont.db'));
  const clock = countedClock();
  const keychain = new ProcessKeychain({ service: 'dumont-cloud-demo', fork: () => forkNode(built.script, env), clock });
  const vault = new FileVault({ dataFolder: folder.path });
  const secrets = new Secrets({ store, keychain, vault, log });
  const settings = { values: () => ({ keep_signed_in: true }) };
  const accounts = new Accounts({ store, hasher: new Argon2Hasher(), vault, keychain, settings, clock: realClock, log, version: '1', demo: null, setupCode: null, desktop: true });
  const close = async (): Promise<void> => {
    await keychain.close();
    store.close();
  };
  closing.push(close);
  const userId = (token: string): string => accounts.authenticate(token, 'ipc')?.userId ?? '';
  return { accounts, secrets, log, close, userId, ranOut: clock.ranOut };
};

/** Files of the folder in which one of these texts stands as it is, or in base64 or hex. */
const filesWith = (...texts: readonly string[]): readonly string[] => {
  const forms = texts.flatMap((text) => [text, Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1), Buffer.from(text).toString('hex')]);
  const files = readdirSync(folder.path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return files.filter((file) => forms.some((form) => readFileSync(file).includes(form)));
};

describe('with a keychain', () => {
  test('KEY-09 a key outlives a restart, the user is remembered, and no file holds key, password or token', async () => {
    const first = start(service.env);
    const { token } = await first.accounts.register(ana, overWindow);
    await first.secrets.set(first.userId(token), 'vast-api-key', canary, { showLast4: true });
    expect(filesWith(canary, ana.password, token)).toEqual([]);
    await first.close();
    const second = start(service.env);
    const resumed = await second.accounts.resume();
    expect(await second.secrets.vastKey(second.userId(resumed.token))).toBe(canary);
    expect(filesWith(canary, ana.password, token, resumed.token)).toEqual([]);
  });

  test('KEY-02 locked at the next start: signing in works, the key is said to be locked, and nothing takes its place', async () => {
    const first = start(service.env);
    const { token } = await first.accounts.register(ana, overWindow);
    await first.secrets.set(first.userId(token), 'vast-api-key', canary);
    await first.close();
    service.lock();
    const second = start(service.env);
    expect(await code(second.accounts.resume())).toBe('secret_store_unavailable');
    const userId = second.userId((await second.accounts.login({ username: ana.email, password: ana.password })).token);
    const refused = { code: 'secret_store_unavailable', data: { backend: 'keychain', reason: 'locked' } };
    await expect(second.secrets.vastKey(userId)).rejects.toMatchObject(refused);
    await expect(second.secrets.set(userId, 'vast-api-key', 'another-key-0123')).rejects.toMatchObject(refused);
    expect(await second.secrets.status(userId)).toEqual({ backend: 'keychain', status: 'locked' });
    expect(readdirSync(folder.path)).not.toContain('vault');
  });

  test('KEY-05 hanging: the key cannot be changed, which is said after one time limit, and is what it was afterwards', async () => {
    const app = start(service.env);
    const userId = app.userId((await app.accounts.register(ana, overWindow)).token);
    await app.secrets.set(userId, 'vast-api-key', canary);
    service.hang();
    await expect(app.secrets.set(userId, 'vast-api-key', 'another-key-0123')).rejects.toMatchObject({ code: 'secret_store_unavailable', data: { reason: 'timeout' } });
    expect(app.ranOut).toEqual([5000]);
    service.go();
    expect(await app.secrets.vastKey(userId)).toBe(canary);
  });
});

describe('without a keychain', () => {
  const none = { ...process.env, ...noKeyringEnv };

  test('KEY-03 the vault takes over without waiting for a time limit, and needs the password after a restart', async () => {
    const first = start(none);
    const { token } = await first.accounts.register(ana, overWindow);
    expect(first.ranOut).toEqual([]);
    const userId = first.userId(token);
    await first.secrets.set(userId, 'vast-api-key', canary);
    expect(await first.secrets.status(userId)).toEqual({ backend: 'vault', status: 'unavailable' });
    expect(filesWith(canary, ana.password, token)).toEqual([]);
    await first.close();
    const second = start(none);
    expect(await code(second.secrets.vastKey(userId))).toBe('vault_locked');
    await second.accounts.login({ username: ana.email, password: ana.password });
    expect(await second.secrets.vastKey(userId)).toBe(canary);
  });

  test('a keychain that turns up later changes nothing for who is in the vault', async () => {
    const first = start(none);
    const userId = first.userId((await first.accounts.register(ana, overWindow)).token);
    await first.secrets.set(userId, 'vast-api-key', canary);
    await first.close();
    const second = start(service.env);
    await second.accounts.login({ username: ana.email, password: ana.password });
    await second.secrets.set(userId, 'repository-password', 'new');
    expect(await second.secrets.status(userId)).toEqual({ backend: 'vault', status: 'ready' });
    expect(await second.secrets.vastKey(userId)).toBe(canary);
    expect(await code(second.accounts.resume())).toBe('unauthorized');
  });
});
