// Where each secret goes and comes from, on a real database, with a keychain and a vault in memory.
import { describe, expect, test } from 'vitest';
import { code } from '../../../test/suites/support/account-rig';
import { MemoryKeychain, MemoryVault, memoryLog } from '../../../test/suites/support/secrets-fakes';
import { openStore } from '../providers/store/open-store';
import type { SecretProblem } from './ports';
import { Secrets } from './secrets';

const key = 'vast-key-0123456789abcdef';

const setUp = (state: 'ready' | SecretProblem) => {
  const store = openStore(':memory:');
  for (const id of ['ana', 'bob']) store.users.insert({ id, email: `${id}@example.com`, passwordHash: '', createdAt: 0, failedAttempts: 0, blockedUntil: 0 });
  const keychain = new MemoryKeychain(state);
  const vault = new MemoryVault();
  const log = memoryLog();
  return { store, keychain, vault, log, secrets: new Secrets({ store, keychain, vault, log }) };
};

describe('with a keychain', () => {
  test('a secret goes there, under the user and its name, and only the last four are shown', async () => {
    const { secrets, keychain, log } = setUp('ready');
    await secrets.set('ana', 'vast-api-key', key, { showLast4: true });
    expect([...keychain.values]).toEqual([['ana:vast-api-key', key]]);
    expect(await secrets.get('ana', 'vast-api-key')).toBe(key);
    expect(secrets.view('ana', 'vast-api-key')).toEqual({ set: true, last4: 'cdef' });
    expect(log.hidden.has(key)).toBe(true);
    expect(await secrets.status('ana')).toEqual({ backend: 'keychain', status: 'ready' });
  });

  test('a short one shows nothing, and the repository password never does', async () => {
    const { secrets } = setUp('ready');
    await secrets.set('ana', 'vast-api-key', 'short-key', { showLast4: true });
    await secrets.set('ana', 'repository-password', key);
    expect(secrets.view('ana', 'vast-api-key')).toEqual({ set: true, last4: null });
    expect(secrets.view('ana', 'repository-password')).toEqual({ set: true, last4: null });
  });

  test("one user's is not another's", async () => {
    const { secrets } = setUp('ready');
    await secrets.set('ana', 'vast-api-key', key);
    expect(await secrets.get('bob', 'vast-api-key')).toBeNull();
    expect(secrets.view('bob', 'vast-api-key')).toEqual({ set: false, last4: null });
    await secrets.remove('bob', 'vast-api-key');
    expect(await secrets.get('ana', 'vast-api-key')).toBe(key);
    expect(await code(secrets.vastKey('bob'))).toBe('vast_key_missing');
  });

  test('removing forgets it in both places', async () => {
    const { secrets, keychain } = setUp('ready');
    await secrets.set('ana', 'vast-api-key', key);
    await secrets.remove('ana', 'vast-api-key');
    expect(keychain.values.size).toBe(0);
    expect(secrets.view('ana', 'vast-api-key').set).toBe(false);
  });

  test('what was deleted behind our back: the key counts as not set, the repository password is an error', async () => {
    const { secrets, keychain } = setUp('ready');
    await secrets.set('ana', 'vast-api-key', key);
    await secrets.set('ana', 'repository-password', 'p');
    keychain.values.clear();
    expect(await code(secrets.vastKey('ana'))).toBe('vast_key_missing');
    expect(secrets.view('ana', 'vast-api-key').set).toBe(false);
    expect(await code(secrets.get('ana', 'repository-password'))).toBe('secret_store_unavailable');
    expect(secrets.view('ana', 'repository-password').set).toBe(true);
  });
});

describe('the key that every poll needs', () => {
  test('is read once, and again after it was set, removed, or its user was locked', async () => {
    const { secrets, keychain } = setUp('ready');
    await secrets.set('ana', 'vast-api-key', key);
    const reads: string[] = [];
    const get = keychain.get.bind(keychain);
    keychain.get = (account) => {
      reads.push(account);
      return get(account);
    };
    for (let times = 0; times < 5; times += 1) expect(await secrets.vastKey('ana')).toBe(key);
    expect(reads).toHaveLength(1);
    await secrets.set('ana', 'vast-api-key', 'another key of ana');
    expect(await secrets.vastKey('ana')).toBe('another key of ana');
    secrets.forget('ana');
    expect(await secrets.vastKey('ana')).toBe('another key of ana');
    expect(reads).toHaveLength(3);
    await secrets.remove('ana', 'vast-api-key');
    expect(await code(secrets.vastKey('ana'))).toBe('vast_key_missing');
  });

  test('a read that still runs when its user is locked leaves nothing behind, and a failed one is tried again', async () => {
    const { secrets, keychain } = setUp('ready');
    await secrets.set('ana', 'vast-api-key', key);
    const reading = secrets.vastKey('ana');
    secrets.forget('ana');
    expect(await reading).toBe(key);
    keychain.state = 'locked';
    await keychain.probe(true);
    expect(await code(secrets.vastKey('ana'))).toBe('secret_store_unavailable');
    keychain.state = 'ready';
    await keychain.probe(true);
    expect(await secrets.vastKey('ana')).toBe(key);
  });

  test('is not kept beside a vault: a locked one is said', async () => {
    const { secrets, vault } = setUp('unavailable');
    await vault.unlock('ana', 'password');
    await secrets.set('ana', 'vast-api-key', key);
    expect(await secrets.vastKey('ana')).toBe(key);
    vault.lock('ana');
    expect(await code(secrets.vastKey('ana'))).toBe('vault_locked');
  });
});

describe('a keychain that stops answering', () => {
  test.each(['locked', 'timeout', 'unavailable'] as const)('%s: typed errors, nothing in the vault, nothing overwritten', async (state) => {
    const { secrets, keychain, vault } = setUp('ready');
    await secrets.set('ana', 'vast-api-key', key);
    await vault.unlock('ana', 'password');
    keychain.state = state;
    const refused = { code: 'secret_store_unavailable', data: { backend: 'keychain', reason: state } };
    await expect(secrets.get('ana', 'vast-api-key')).rejects.toMatchObject(refused);
    await expect(secrets.set('ana', 'vast-api-key', 'another key')).rejects.toMatchObject(refused);
    await expect(secrets.remove('ana', 'vast-api-key')).rejects.toMatchObject(refused);
    // Neither does a new secret of this user go where it is less safe.
    await expect(secrets.set('ana', 'repository-password', 'new')).rejects.toMatchObject(refused);
    expect(vault.values.size).toBe(0);
    expect([...keychain.values.values()]).toEqual([key]);
    keychain.state = 'ready';
    await keychain.probe(true);
    expect(await secrets.get('ana', 'vast-api-key')).toBe(key);
    expect(secrets.view('ana', 'repository-password').set).toBe(false);
  });

  test('saving looks again: what was unlocked meanwhile takes the secret', async () => {
    const { secrets, keychain } = setUp('ready');
    await secrets.set('ana', 'vast-api-key', key);
    keychain.state = 'locked';
    await keychain.probe(true);
    keychain.state = 'ready';
    await secrets.set('ana', 'vast-api-key', 'another key of ana');
    expect(await secrets.get('ana', 'vast-api-key')).toBe('another key of ana');
  });

  test('reading does not probe: a poller must not make the desktop ask for the password again and again', async () => {
    const { secrets, keychain } = setUp('ready');
    await secrets.set('ana', 'vast-api-key', key);
    keychain.state = 'locked';
    await keychain.probe(true);
    const before = keychain.probes;
    for (let times = 0; times < 5; times += 1) await code(secrets.get('ana', 'vast-api-key'));
    expect(keychain.probes).toBe(before);
  });
});

describe('without a keychain', () => {
  test('the vault takes it while it is open, and stays its place when a keychain turns up', async () => {
    const { secrets, keychain, vault } = setUp('unavailable');
    await vault.unlock('ana', 'password');
    await secrets.set('ana', 'vast-api-key', key, { showLast4: true });
    expect(await secrets.status('ana')).toEqual({ backend: 'vault', status: 'unavailable' });
    keychain.state = 'ready';
    await keychain.probe(true);
    expect(await secrets.get('ana', 'vast-api-key')).toBe(key);
    await secrets.set('ana', 'repository-password', 'p');
    expect(keychain.values.size).toBe(0);
    expect(await secrets.status('ana')).toEqual({ backend: 'vault', status: 'ready' });
  });

  test('a locked vault is said, for reading and writing', async () => {
    const { secrets, vault } = setUp('unavailable');
    expect(await code(secrets.set('ana', 'vast-api-key', key))).toBe('vault_locked');
    await vault.unlock('ana', 'password');
    await secrets.set('ana', 'vast-api-key', key);
    vault.lock('ana');
    expect(await code(secrets.get('ana', 'vast-api-key'))).toBe('vault_locked');
    expect(await code(secrets.remove('ana', 'vast-api-key'))).toBe('vault_locked');
    expect(secrets.view('ana', 'vast-api-key').set).toBe(true);
  });
});
