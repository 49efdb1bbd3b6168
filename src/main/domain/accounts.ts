// Accounts of this app: registering, signing in and out, who a bearer token is, and who is unlocked.
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Session, Settings, Welcome } from '../../contract';
import { LoginAttempts } from './accounts-attempts';
import { Remembering } from './accounts-remembering';
import { Sessions, WindowSessions, hashToken } from './accounts-sessions';
import { AppError, isAppError } from './app-error';
import type { Caller, Clock, Keychain, Log, PasswordHasher, Vault } from './ports';
import { recordedBackend } from './secrets';
import type { AccountsService } from './services';
import type { Store, UserRow } from './store-port';

interface Parts {
  readonly store: Pick<Store, 'users' | 'sessions' | 'settings' | 'secrets'>;
  readonly hasher: PasswordHasher;
  readonly vault: Vault;
  readonly keychain: Keychain;
  readonly settings: { values(userId: string): Pick<Settings, 'keep_signed_in'> };
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** The demo account, in demo mode only. */
  readonly demo: { readonly email: string; readonly password: string } | null;
  /** What the very first account over HTTP must name; without one, HTTP cannot make it. */
  readonly setupCode: string | null;
  readonly desktop: boolean;
}

/** The key under which wrong set-up codes are counted; no email has this form. */
const setupCodeAttempts = 'setup code';

const wrongCredentials = (): AppError => new AppError('wrong_credentials', 'The email or the password is wrong.', {});

const normalEmail = (email: string): string => email.trim().toLowerCase();

const sameText = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(hashToken(one)), Buffer.from(hashToken(other)));

export class Accounts implements AccountsService {
  readonly #parts: Parts;
  readonly #attempts: LoginAttempts;
  readonly #sessions: Sessions;
  readonly #remembering: Remembering;
  readonly #unlocked = new Set<string>();
  readonly #unlockedCallbacks: ((userId: string) => void)[] = [];
  readonly #lockedCallbacks: ((userId: string) => void)[] = [];
  readonly #endedCallbacks: ((userId: string) => void)[] = [];
  /** Sessions that were opened in the window: ending one of them also ends being remembered. */
  readonly #windowSessions: WindowSessions;
  /** Password checks of one account, one after the other: a burst of guesses meets the back-off. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #strangersHash: Promise<string> | null = null;
  #keychainReady = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#attempts = new LoginAttempts(parts.store.users, parts.clock);
    this.#sessions = new Sessions(parts.store.sessions, parts.clock);
    this.#windowSessions = new WindowSessions(parts.store.settings, parts.store.sessions);
    this.#remembering = new Remembering({ settings: parts.store.settings, keychain: parts.keychain, clock: parts.clock, log: parts.log });
  }

  /** Called with the user's id when work for this user may begin: at sign-in, or at the first use of a token after a restart. */
  onUnlocked(callback: (userId: string) => void): void {
    this.#unlockedCallbacks.push(callback);
  }

  /** Called with the user's id when their last session has ended. */
  onLocked(callback: (userId: string) => void): void {
    this.#lockedCallbacks.push(callback);
  }

  /** Called with the user's id when one of their sessions was ended by a sign-out: pages that held it should hear of it at once. */
  onSessionEnded(callback: (userId: string) => void): void {
    this.#endedCallbacks.push(callback);
  }

  async register(input: { readonly email: string; readonly password: string; readonly setup_code?: string }, by: { readonly transport: Caller['transport']; readonly caller: Caller | null }): Promise<Session> {
    this.#mayRegister(by, input.setup_code);
    const user = await this.#makeAccount(input, () => this.#mayRegister(by, input.setup_code));
    return this.#signIn(user, by.transport, { remember: true });
  }

  async login(input: { readonly username: string; readonly password: string }, by: { readonly transport: Caller['transport'] } = { transport: 'ipc' }): Promise<Session> {
    const user = await this.#checkPassword(normalEmail(input.username), input.password);
    return this.#signIn(user, by.transport, { password: input.password, remember: true });
  }

  async logout(token: string): Promise<void> {
    const session = this.#sessions.close(token);
    if (session === null) return;
    this.#lockIfLast(session.userId);
    for (const callback of this.#endedCallbacks) callback(session.userId);
    if (this.#windowSessions.delete(session.tokenHash) && this.#remembering.who() === session.userId) await this.#remembering.forget();
  }

  authenticate(token: string, transport: Caller['transport']): Caller | null {
    const { session, ended } = this.#sessions.use(token);
    if (ended !== null) this.#lockIfLast(ended.userId);
    const user = session === null ? null : this.#parts.store.users.byId(session.userId);
    if (user === null) return null;
    this.#unlock(user.id);
    return { userId: user.id, email: user.email, transport };
  }

  async resume(): Promise<Session> {
    const { desktop, store, settings } = this.#parts;
    if (!desktop) throw new AppError('desktop_only', 'Only the desktop app remembers who is signed in.', {});
    const userId = await this.#remembering.recall();
    const user = store.users.byId(userId);
    if (user === null || !settings.values(userId).keep_signed_in) {
      await this.#remembering.forget();
      throw new AppError('unauthorized', 'Nobody is remembered on this computer. Sign in.', {});
    }
    return this.#signIn(user, 'ipc', {});
  }

  me(caller: Caller): { readonly authenticated: true; readonly user: string; readonly secret_store: 'keychain' | 'vault' } {
    return { authenticated: true, user: caller.email, secret_store: recordedBackend(this.#parts.store, caller.userId) ?? (this.#keychainReady ? 'keychain' : 'vault') };
  }

  async welcome(): Promise<Welcome> {
    const { demo, desktop, settings, store, version } = this.#parts;
    const hasAccounts = store.users.count() > 0;
    const remembered = desktop ? this.#remembering.who() : null;
    return {
      version,
      demo: demo === null ? null : { email: demo.email, password: demo.password },
      has_accounts: hasAccounts,
      setup_code_required: !hasAccounts && demo === null && !desktop,
      remembered: remembered !== null && store.users.byId(remembered) !== null && settings.values(remembered).keep_signed_in,
      secret_store: (await this.#probe()) ? 'keychain' : 'vault',
      desktop,
    };
  }

  async confirmPassword(caller: Caller, password: string): Promise<void> {
    await this.#checkPassword(caller.email, password);
  }

  /**
   * Makes the demo account unless it exists, and opens its vault where the vault is used, so that its key can be set.
   *
   * Opens no session: whoever uses the demo still signs in. Only in demo mode; a demo account whose password was changed throws.
   */
  async ensureDemoAccount(): Promise<{ readonly userId: string; readonly created: boolean }> {
    const { demo, store } = this.#parts;
    if (demo === null) throw new Error('There is a demo account in demo mode only');
    const existing = store.users.byEmail(normalEmail(demo.email));
    if (existing === null) return { userId: (await this.#makeAccount(demo, () => undefined)).id, created: true };
    await this.#openVault(existing, demo.password);
    return { userId: existing.id, created: false };
  }

  /** Removes sessions that are over and locks users whose last one that was. */
  sweep(): void {
    this.#sessions.sweep();
    for (const userId of this.#unlocked) this.#lockIfLast(userId);
  }

  #mayRegister(by: { readonly transport: Caller['transport']; readonly caller: Caller | null }, code: string | undefined): void {
    const { demo, setupCode, store } = this.#parts;
    if (by.caller !== null) return;
    if (store.users.count() > 0) throw new AppError('registration_closed', 'Only a signed-in user can add another account.', {});
    if (by.transport === 'ipc' || demo !== null) return;
    this.#attempts.check(setupCodeAttempts);
    if (code !== undefined && setupCode !== null && sameText(code, setupCode)) return;
    if (code !== undefined) this.#attempts.failed(setupCodeAttempts);
    throw new AppError('setup_code_required', 'The first account needs the code that the app printed when it started.', {});
  }

  /** `mayStill` is asked again after the slow part: two first registrations at once must not both succeed. */
  async #makeAccount(input: { readonly email: string; readonly password: string }, mayStill: () => void): Promise<UserRow> {
    const { clock, hasher, store, vault } = this.#parts;
    const email = normalEmail(input.email);
    const taken = new AppError('email_taken', 'An account with this email exists.', {});
    if (store.users.byEmail(email) !== null) throw taken;
    const user: UserRow = { id: randomUUID(), email, passwordHash: await hasher.hash(input.password), createdAt: clock.now(), failedAttempts: 0, blockedUntil: 0 };
    // Before the account exists: without a place for its secrets there shall be none.
    if (!(await this.#probe())) await this.#makeVault(user.id, input.password);
    try {
      mayStill();
      if (!store.users.insert(user)) throw taken;
    } catch (error) {
      vault.lock(user.id);
      throw error;
    }
    return user;
  }

  async #makeVault(userId: string, password: string): Promise<void> {
    try {
      await this.#parts.vault.unlock(userId, password);
    } catch (error) {
      if (!isAppError(error, 'disk_full')) throw error;
      throw new AppError('secret_store_unavailable', 'The disk is full: there is no room for the vault.', { backend: 'vault', reason: 'unavailable' }, { cause: error });
    }
  }

  /** The user with this email and password; else `wrong_credentials` or `too_many_attempts`. As much work for an email without an account. */
  #checkPassword(email: string, password: string): Promise<UserRow> {
    return this.#inTurn(email, async () => {
      const { hasher, store } = this.#parts;
      this.#attempts.check(email);
      const user = store.users.byEmail(email);
      // On both paths, so that the first sign-in does not tell by its time.
      const strangersHash = await (this.#strangersHash ??= hasher.hash(randomBytes(16).toString('hex')));
      const right = await hasher.verify(user?.passwordHash ?? strangersHash, password);
      if (user === null || !right) {
        this.#attempts.failed(email);
        throw wrongCredentials();
      }
      this.#attempts.succeeded(email);
      if (await hasher.outdated(user.passwordHash)) store.users.update(user.id, { passwordHash: await hasher.hash(password) });
      return user;
    });
  }

  /** Signing in succeeds without it: what needs a secret then says that the vault is locked or damaged. */
  async #openVault(user: UserRow, password: string): Promise<void> {
    const { log, store, vault } = this.#parts;
    if (vault.isUnlocked(user.id)) return;
    try {
      const ready = await this.#probe(true);
      const recorded = recordedBackend(store, user.id);
      const vaultUsed = store.secrets.list(user.id).some((row) => row.backend === 'vault') || (recorded === null && (!ready || (await vault.exists(user.id))));
      if (vaultUsed && !(await vault.unlock(user.id, password))) log.error('vault_not_opened', { userId: user.id });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      log.error('vault_not_opened', { userId: user.id, code: error.code, message: error.message });
    }
  }

  /** `password` opens the vault where it is used; registering has made it already. */
  async #signIn(user: UserRow, transport: Caller['transport'], options: { readonly password?: string; readonly remember?: boolean }): Promise<Session> {
    // The session first: while it is there, the end of another one does not lock this user again.
    const token = this.#sessions.open(user.id);
    try {
      if (options.password !== undefined) await this.#openVault(user, options.password);
      if (options.remember === true && transport === 'ipc') await this.#rememberIfWanted(user);
    } catch (error) {
      this.#sessions.close(token);
      throw error;
    }
    if (transport === 'ipc') this.#windowSessions.add(token);
    this.#unlock(user.id);
    this.sweep();
    return { user: user.email, token };
  }

  async #rememberIfWanted(user: UserRow): Promise<void> {
    const { desktop, settings, store } = this.#parts;
    const inKeychain = this.#keychainReady && recordedBackend(store, user.id) !== 'vault';
    if (desktop && inKeychain && settings.values(user.id).keep_signed_in) await this.#remembering.remember(user.id);
  }

  /** Whether the keychain is ready; `again` asks one anew that was not. */
  async #probe(again = false): Promise<boolean> {
    const { keychain } = this.#parts;
    let status = await keychain.probe();
    if (again && status === 'locked') status = await keychain.probe(true);
    this.#keychainReady = status === 'ready';
    return this.#keychainReady;
  }

  #unlock(userId: string): void {
    if (this.#unlocked.has(userId)) return;
    this.#unlocked.add(userId);
    // After a restart nobody may have asked yet, and `me` tells where secrets are kept.
    void this.#probe();
    for (const callback of this.#unlockedCallbacks) callback(userId);
  }

  #lockIfLast(userId: string): void {
    if (this.#sessions.hasAny(userId)) return;
    this.#parts.vault.lock(userId);
    if (!this.#unlocked.delete(userId)) return;
    for (const callback of this.#lockedCallbacks) callback(userId);
  }

  #inTurn<Result>(email: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#turns.get(email) ?? Promise.resolve();
    const turn = before.then(work, work).finally(() => {
      if (this.#turns.get(email) === turn) this.#turns.delete(email);
    });
    this.#turns.set(email, turn);
    return turn;
  }
}
