// Sessions, the vault along them, and staying signed in; on a real database, with a clock that is moved by hand.
import { describe, expect, test } from 'vitest';
import { ana, code, day, hour, overWindow, setUp } from '../../../test/suites/support/account-rig';
import { openStore } from '../providers/store/open-store';

describe('sessions', () => {
  test('a token is 256 bits, kept as a hash only, and never told to the log', async () => {
    const { accounts, store, log } = setUp();
    const { token } = await accounts.register(ana, overWindow);
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(store.sessions.byHash(token)).toBeNull();
    expect(JSON.stringify([...log.lines, ...log.hidden])).not.toContain(token);
    expect(accounts.authenticate(`${token}x`, 'http')).toBeNull();
    expect(accounts.authenticate('', 'http')).toBeNull();
  });

  test('end after twelve hours without use', async () => {
    const { accounts, clock } = setUp();
    const { token } = await accounts.register(ana, overWindow);
    clock.advance(12 * hour - 1);
    expect(accounts.authenticate(token, 'http')).not.toBeNull();
    clock.advance(12 * hour - 1);
    expect(accounts.authenticate(token, 'http')).not.toBeNull();
    clock.advance(12 * hour + 1);
    expect(accounts.authenticate(token, 'http')).toBeNull();
  });

  test('end after thirty days in any case', async () => {
    const { accounts, clock, events } = setUp();
    const { token } = await accounts.register(ana, overWindow);
    for (let halfDays = 0; halfDays < 60; halfDays += 1) {
      expect(accounts.authenticate(token, 'http')).not.toBeNull();
      clock.advance(day / 2);
    }
    clock.advance(1);
    expect(accounts.authenticate(token, 'http')).toBeNull();
    expect(events).toEqual(['unlocked ana@example.com', 'locked ana@example.com']);
  });

  test('a use is written at most once a minute', async () => {
    const real = openStore(':memory:');
    const touched: number[] = [];
    const touch = (hash: string, at: number): void => {
      touched.push(at);
      real.sessions.touch(hash, at);
    };
    const { accounts, clock } = setUp({ store: { ...real, sessions: { ...real.sessions, touch } } });
    const { token } = await accounts.register(ana, overWindow);
    for (let seconds = 0; seconds < 180; seconds += 1) {
      clock.advance(1000);
      accounts.authenticate(token, 'http');
    }
    expect(touched).toHaveLength(3);
  });

  test('signing out ends that session only; the last one locks', async () => {
    const { accounts, events } = setUp();
    const first = await accounts.register(ana, overWindow);
    const second = await accounts.login({ username: ana.email, password: ana.password });
    const told: string[] = [];
    accounts.onSessionEnded((userId) => told.push(userId));
    await accounts.logout(first.token);
    expect(accounts.authenticate(first.token, 'http')).toBeNull();
    expect(accounts.authenticate(second.token, 'http')).not.toBeNull();
    expect(events).toEqual(['unlocked ana@example.com']);
    await accounts.logout(second.token);
    await accounts.logout(second.token);
    // Once for each session that ended, and not for one that was over already.
    expect(told).toHaveLength(2);
    expect(events).toEqual(['unlocked ana@example.com', 'locked ana@example.com']);
  });

  test('the first use after a restart unlocks, once', async () => {
    const { accounts, store, clock } = setUp();
    await accounts.register(ana, overWindow);
    const { token } = await accounts.login({ username: ana.email, password: ana.password }, { transport: 'http' });
    const restarted = setUp({ store, clock });
    expect(restarted.events).toEqual([]);
    restarted.accounts.authenticate(token, 'http');
    restarted.accounts.authenticate(token, 'http');
    expect(restarted.events).toEqual(['unlocked ana@example.com']);
  });

  test('those of the window end with the run, so that signing out in the next one locks', async () => {
    const { accounts, store, clock, keychain } = setUp({ desktop: true });
    const before = await accounts.register(ana, overWindow);
    const restarted = setUp({ store, clock, keychain, desktop: true });
    expect(restarted.accounts.authenticate(before.token, 'ipc')).toBeNull();
    const { token } = await restarted.accounts.resume();
    await restarted.accounts.logout(token);
    expect(restarted.events).toEqual(['unlocked ana@example.com', 'locked ana@example.com']);
  });

  test('a sweep locks those whose sessions ran out', async () => {
    const { accounts, clock, events } = setUp();
    await accounts.register(ana, overWindow);
    clock.advance(13 * hour);
    accounts.sweep();
    expect(events).toEqual(['unlocked ana@example.com', 'locked ana@example.com']);
  });
});

describe('the vault', () => {
  test('is made when registering without a keychain, opened at sign-in, locked with the last session', async () => {
    const { accounts, store, vault } = setUp({ state: 'unavailable' });
    const first = await accounts.register(ana, overWindow);
    const userId = store.users.byEmail(ana.email)?.id ?? '';
    expect(vault.isUnlocked(userId)).toBe(true);
    await accounts.logout(first.token);
    expect(vault.isUnlocked(userId)).toBe(false);
    await accounts.login({ username: ana.email, password: ana.password });
    expect(vault.isUnlocked(userId)).toBe(true);
  });

  test('is not made where the keychain answers, nor when secrets are in a keychain that is locked today', async () => {
    const { accounts, store, vault, keychain } = setUp();
    const { token } = await accounts.register(ana, overWindow);
    const userId = store.users.byEmail(ana.email)?.id ?? '';
    store.secrets.put({ userId, name: 'vast-api-key', backend: 'keychain', last4: null });
    await accounts.logout(token);
    keychain.state = 'locked';
    await keychain.probe(true);
    await accounts.login({ username: ana.email, password: ana.password });
    expect(vault.passwords.size).toBe(0);
  });

  test('a damaged one does not keep anyone from signing in, and is logged', async () => {
    const { accounts, vault, log } = setUp({ state: 'unavailable' });
    const first = await accounts.register(ana, overWindow);
    await accounts.logout(first.token);
    vault.passwords.set([...vault.passwords.keys()][0] ?? '', 'of another time');
    expect(await code(accounts.login({ username: ana.email, password: ana.password }))).toBe('no error');
    expect(log.lines.some((line) => line.event === 'vault_not_opened')).toBe(true);
  });
});

describe('staying signed in', () => {
  test('the desktop takes up the session of who signed in in its window', async () => {
    const { accounts, store, clock, keychain } = setUp({ desktop: true });
    await accounts.register(ana, overWindow);
    const restarted = setUp({ store, clock, keychain, desktop: true });
    expect(await restarted.accounts.welcome()).toMatchObject({ remembered: true });
    const session = await restarted.accounts.resume();
    expect(session.user).toBe(ana.email);
    expect(restarted.accounts.authenticate(session.token, 'ipc')).toMatchObject({ email: ana.email });
    expect(restarted.events).toEqual(['unlocked ana@example.com']);
  });

  test('a sign-in over HTTP is not remembered', async () => {
    const { accounts } = setUp({ desktop: true });
    const { token } = await accounts.register(ana, overWindow);
    await accounts.logout(token);
    await accounts.login({ username: ana.email, password: ana.password }, { transport: 'http' });
    expect(await accounts.welcome()).toMatchObject({ remembered: false });
    expect(await code(accounts.resume())).toBe('unauthorized');
  });

  test('signing out in the window forgets; signing out a script does not', async () => {
    const { accounts, keychain } = setUp({ desktop: true });
    const window = await accounts.register(ana, overWindow);
    const scripted = await accounts.login({ username: ana.email, password: ana.password }, { transport: 'http' });
    await accounts.logout(scripted.token);
    expect(await accounts.welcome()).toMatchObject({ remembered: true });
    await accounts.logout(window.token);
    expect(await accounts.welcome()).toMatchObject({ remembered: false });
    expect(keychain.values.size).toBe(0);
  });

  test('another token in the keychain opens nothing', async () => {
    const { accounts, keychain } = setUp({ desktop: true });
    await accounts.register(ana, overWindow);
    for (const account of keychain.values.keys()) keychain.values.set(account, 'forged');
    expect(await code(accounts.resume())).toBe('unauthorized');
  });

  test('the setting switches it off, a locked keychain is said, thirty days without use forget', async () => {
    const { accounts, store, keychain, clock } = setUp({ desktop: true });
    await accounts.register(ana, overWindow);
    keychain.state = 'locked';
    expect(await code(accounts.resume())).toBe('secret_store_unavailable');
    keychain.state = 'ready';
    clock.advance(29 * day);
    expect(await code(accounts.resume())).toBe('no error');
    clock.advance(29 * day);
    expect(await code(accounts.resume())).toBe('no error');
    clock.advance(31 * day);
    expect(await code(accounts.resume())).toBe('unauthorized');
    clock.advance(-31 * day);
    store.settings.put(store.users.byEmail(ana.email)?.id ?? '', { keep_signed_in: false });
    expect(await accounts.welcome()).toMatchObject({ remembered: false });
    expect(await code(accounts.resume())).toBe('unauthorized');
  });

  test('with the vault, and headless, nobody is remembered', async () => {
    const withVault = setUp({ desktop: true, state: 'unavailable' }).accounts;
    await withVault.register(ana, overWindow);
    expect(await withVault.welcome()).toMatchObject({ remembered: false, secret_store: 'vault' });
    const headless = setUp().accounts;
    await headless.register(ana, overWindow);
    expect(await code(headless.resume())).toBe('desktop_only');
  });
});

describe('before signing in', () => {
  test('welcome tells what the page needs', async () => {
    expect(await setUp({ setupCode: 'x' }).accounts.welcome()).toEqual({
      version: '1.2.3', demo: null, has_accounts: false, setup_code_required: true, remembered: false, secret_store: 'keychain', desktop: false,
    });
    const demo = { email: 'demo@example.com', password: 'demo-demo' };
    expect(await setUp({ demo }).accounts.welcome()).toMatchObject({ demo, setup_code_required: false });
  });

  test('the demo account is made once, without a session', async () => {
    const demo = { email: 'demo@example.com', password: 'demo-demo' };
    const { accounts, store, vault, events } = setUp({ demo, state: 'unavailable' });
    const first = await accounts.ensureDemoAccount();
    expect(first.created).toBe(true);
    expect(vault.isUnlocked(first.userId)).toBe(true);
    expect(await accounts.ensureDemoAccount()).toEqual({ userId: first.userId, created: false });
    expect(store.sessions.countOfUser(first.userId)).toBe(0);
    expect(events).toEqual([]);
    expect(await code(accounts.login({ username: demo.email, password: demo.password }))).toBe('no error');
  });

  test('me says whose session it is and where the secrets are', async () => {
    const { accounts } = setUp({ state: 'unavailable' });
    const { token } = await accounts.register(ana, overWindow);
    const caller = accounts.authenticate(token, 'http');
    if (caller === null) throw new Error('no session');
    expect(accounts.me(caller)).toEqual({ authenticated: true, user: ana.email, secret_store: 'vault' });
  });
});
