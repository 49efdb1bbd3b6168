// Registering and signing in, on a real database and real argon2 (at low cost), with a keychain and a vault in memory.
import { describe, expect, test } from 'vitest';
import { ana, cheapCost, code, day, minute, overHttp, overWindow, setUp } from '../../../test/suites/support/account-rig';
import { MemoryVault } from '../../../test/suites/support/secrets-fakes';
import { Argon2Hasher } from '../providers/passwords/argon2';

describe('registering', () => {
  test('the first account is free in the window and signs in', async () => {
    const { accounts } = setUp();
    const session = await accounts.register(ana, overWindow);
    expect(session.user).toBe('ana@example.com');
    expect(accounts.authenticate(session.token, 'ipc')).toMatchObject({ email: 'ana@example.com', transport: 'ipc' });
  });

  test('over HTTP the first account needs the code', async () => {
    const { accounts } = setUp({ setupCode: '4711-abcd' });
    expect(await code(accounts.register(ana, overHttp))).toBe('setup_code_required');
    expect(await code(accounts.register({ ...ana, setup_code: '4711-abce' }, overHttp))).toBe('setup_code_required');
    expect(await code(accounts.register({ ...ana, setup_code: '4711-abcd' }, overHttp))).toBe('no error');
  });

  test('guessing the code meets the back-off', async () => {
    const { accounts } = setUp({ setupCode: '4711-abcd' });
    for (let tries = 0; tries < 5; tries += 1) await code(accounts.register({ ...ana, setup_code: `${tries}` }, overHttp));
    expect(await code(accounts.register({ ...ana, setup_code: '4711-abcd' }, overHttp))).toBe('too_many_attempts');
  });

  test('without a code HTTP makes no first account, but in the demo it does', async () => {
    expect(await code(setUp({ setupCode: null }).accounts.register({ ...ana, setup_code: '' }, overHttp))).toBe('setup_code_required');
    expect(await code(setUp({ demo: { email: 'demo@example.com', password: 'demo-demo' } }).accounts.register(ana, overHttp))).toBe('no error');
  });

  test('after the first account only a signed-in caller adds another', async () => {
    const { accounts } = setUp();
    const first = await accounts.register(ana, overWindow);
    const bob = { email: 'bob@example.com', password: 'battery staple' };
    expect(await code(accounts.register(bob, overWindow))).toBe('registration_closed');
    const caller = accounts.authenticate(first.token, 'http');
    expect((await accounts.register(bob, { transport: 'http', caller })).user).toBe('bob@example.com');
    expect(await code(accounts.register({ ...bob, email: ' BOB@example.com ' }, { transport: 'http', caller }))).toBe('email_taken');
  });

  test('two first registrations at once give one account', async () => {
    const { accounts, store } = setUp();
    const both = await Promise.all([code(accounts.register(ana, overWindow)), code(accounts.register({ ...ana, email: 'eve@example.com' }, overWindow))]);
    expect(both.sort()).toEqual(['no error', 'registration_closed']);
    expect(store.users.count()).toBe(1);
  });

  test('a vault that cannot be made means no account', async () => {
    const vault = new MemoryVault();
    vault.failure = new Error('the folder is not writable');
    const { accounts, store } = setUp({ state: 'unavailable', vault });
    await expect(accounts.register(ana, overWindow)).rejects.toThrow('not writable');
    expect(store.users.count()).toBe(0);
  });
});

describe('signing in', () => {
  test('by email in any case, with the right password only', async () => {
    const { accounts } = setUp();
    await accounts.register(ana, overWindow);
    expect((await accounts.login({ username: 'Ana@Example.COM', password: ana.password })).user).toBe('ana@example.com');
    expect(await code(accounts.login({ username: ana.email, password: 'wrong' }))).toBe('wrong_credentials');
    expect(await code(accounts.login({ username: 'nobody@example.com', password: 'wrong' }))).toBe('wrong_credentials');
  });

  test('a password is the same composed or decomposed', async () => {
    const { accounts } = setUp();
    await accounts.register({ ...ana, password: 'palavra-passe \u00e7' }, overWindow);
    expect(await code(accounts.login({ username: ana.email, password: 'palavra-passe c\u0327' }))).toBe('no error');
  });

  test('after five wrong ones: 1, 2, 4 ... 60 s, kept over a restart; the right one clears it', async () => {
    const { accounts, store, clock } = setUp();
    await accounts.register(ana, overWindow);
    const wrong = (): Promise<string> => code(accounts.login({ username: ana.email, password: 'wrong' }));
    for (let tries = 0; tries < 5; tries += 1) expect(await wrong()).toBe('wrong_credentials');
    const waits: number[] = [];
    for (let tries = 0; tries < 8; tries += 1) {
      const refused = await accounts.login({ username: ana.email, password: ana.password }).catch((error: { readonly code: string; readonly data: { readonly retry_after_s: number } }) => error);
      expect(refused).toMatchObject({ code: 'too_many_attempts' });
      const seconds = 'data' in refused ? refused.data.retry_after_s : 0;
      waits.push(seconds);
      clock.advance(seconds * 1000);
      expect(await wrong()).toBe('wrong_credentials');
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    const later = setUp({ store, clock }).accounts;
    expect(await code(later.login({ username: ana.email, password: ana.password }))).toBe('too_many_attempts');
    clock.advance(minute);
    expect(await code(later.login({ username: ana.email, password: ana.password }))).toBe('no error');
    expect(store.users.byEmail(ana.email)).toMatchObject({ failedAttempts: 0, blockedUntil: 0 });
  });

  test('an email without an account is held back alike', async () => {
    const { accounts } = setUp();
    const wrong = (): Promise<string> => code(accounts.login({ username: 'nobody@example.com', password: 'wrong' }));
    for (let tries = 0; tries < 5; tries += 1) expect(await wrong()).toBe('wrong_credentials');
    expect(await wrong()).toBe('too_many_attempts');
  });

  test('SEC-60 as much work for an email without an account as for a wrong password, also the first time', async () => {
    const work: string[] = [];
    class Counted extends Argon2Hasher {
      override hash(password: string): Promise<string> {
        work.push('hash');
        return super.hash(password);
      }
      override verify(hashed: string, password: string): Promise<boolean> {
        work.push(`verify ${hashed.slice(0, hashed.indexOf('p='))}`);
        return super.verify(hashed, password);
      }
    }
    const hasher = new Counted({ cost: cheapCost });
    const { accounts, store } = setUp({ hasher });
    await accounts.register(ana, overWindow);
    const took = async (username: string): Promise<readonly string[]> => {
      const anew = setUp({ store, hasher }).accounts;
      work.length = 0;
      await code(anew.login({ username, password: 'wrong' }));
      return [...work];
    };
    expect(await took('nobody@example.com')).toEqual(await took(ana.email));
    expect(work).toHaveLength(2);
  });

  test('a burst of guesses is not quicker than the back-off', async () => {
    const { accounts } = setUp();
    await accounts.register(ana, overWindow);
    const burst = await Promise.all(Array.from({ length: 20 }, () => code(accounts.login({ username: ana.email, password: 'guess' }))));
    expect(burst.filter((one) => one === 'wrong_credentials')).toHaveLength(5);
    expect(burst.filter((one) => one === 'too_many_attempts')).toHaveLength(15);
  });

  test('a block in the far future, left by a clock that was set back, does not hold', async () => {
    const { accounts, clock } = setUp();
    await accounts.register(ana, overWindow);
    for (let tries = 0; tries < 5; tries += 1) await code(accounts.login({ username: ana.email, password: 'wrong' }));
    clock.set(clock.now() - 365 * day);
    expect(await code(accounts.login({ username: ana.email, password: ana.password }))).toBe('no error');
  });

  test('SEC-62 a hash below the present cost is made anew, once', async () => {
    const { accounts, store } = setUp();
    await accounts.register(ana, overWindow);
    const dearer = setUp({ store, hasher: new Argon2Hasher({ cost: { ...cheapCost, passes: 2 } }) }).accounts;
    const before = store.users.byEmail(ana.email)?.passwordHash;
    await dearer.login({ username: ana.email, password: ana.password });
    const after = store.users.byEmail(ana.email)?.passwordHash;
    expect(after).toContain('t=2');
    expect(after).not.toBe(before);
    await dearer.login({ username: ana.email, password: ana.password });
    expect(store.users.byEmail(ana.email)?.passwordHash).toBe(after);
  });

  test('confirming the password has the same back-off', async () => {
    const { accounts } = setUp();
    const session = await accounts.register(ana, overWindow);
    const caller = accounts.authenticate(session.token, 'ipc');
    if (caller === null) throw new Error('no session');
    await accounts.confirmPassword(caller, ana.password);
    for (let tries = 0; tries < 5; tries += 1) expect(await code(accounts.confirmPassword(caller, 'wrong'))).toBe('wrong_credentials');
    expect(await code(accounts.confirmPassword(caller, ana.password))).toBe('too_many_attempts');
  });
});
