// Staying signed in (desktop): a token in the OS keychain that opens a new session at the next start. See [Note: Staying signed in].
import { timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { AppError } from './app-error';
import { hashToken, newToken } from './accounts-sessions';
import type { Clock, Keychain, Log } from './ports';
import type { Store } from './store-port';

/** Not used for so long (ms), the app forgets. */
const forgottenAfterMs = 30 * 24 * 3_600_000;
const factName = 'remembered';

const rememberedFact = z.object({ userId: z.string(), tokenHash: z.string().regex(/^[0-9a-f]{64}$/), usedAt: z.number() });
type Fact = z.output<typeof rememberedFact>;

const accountOf = (userId: string): string => `${userId}:session`;

/**
 * Who is remembered.
 *
 * [Note: Staying signed in] The keychain holds a random token, the database its hash, so neither alone signs anyone in, and a copy of the
 * data folder does not either. Only users whose secrets are in the keychain are remembered: the vault needs the password.
 */
export class Remembering {
  readonly #settings: Store['settings'];
  readonly #keychain: Keychain;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(parts: { readonly settings: Store['settings']; readonly keychain: Keychain; readonly clock: Clock; readonly log: Log }) {
    this.#settings = parts.settings;
    this.#keychain = parts.keychain;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** The remembered user's id, as far as the database knows. */
  who(): string | null {
    const fact = this.#fact();
    return fact !== null && this.#clock.now() - fact.usedAt <= forgottenAfterMs ? fact.userId : null;
  }

  /** Remembers this user in place of any other. A keychain that does not take it is logged; signing in goes on. */
  async remember(userId: string): Promise<void> {
    const before = this.#fact();
    if (before !== null && before.userId !== userId) await this.forget();
    const token = newToken();
    this.#log.hide(token);
    const written = await this.#keychain.set(accountOf(userId), token);
    if (written.kind === 'done') this.#keep({ userId, tokenHash: hashToken(token), usedAt: this.#clock.now() });
    else this.#log.warn('not_remembered', { reason: written.kind });
  }

  /** The user to sign in. Throws `unauthorized` when nobody is remembered, `secret_store_unavailable` when the keychain does not say. */
  async recall(): Promise<string> {
    const fact = this.#fact();
    const nobody = new AppError('unauthorized', 'Nobody is remembered on this computer. Sign in.', {});
    if (fact === null || this.who() === null) throw nobody;
    const read = await this.#keychain.get(accountOf(fact.userId));
    if (read.kind !== 'found') {
      if (read.kind === 'absent') throw nobody;
      throw new AppError('secret_store_unavailable', `The keychain does not answer (${read.kind}). Sign in with the password.`, { backend: 'keychain', reason: read.kind });
    }
    this.#log.hide(read.value);
    if (!timingSafeEqual(Buffer.from(hashToken(read.value), 'hex'), Buffer.from(fact.tokenHash, 'hex'))) throw nobody;
    this.#keep({ ...fact, usedAt: this.#clock.now() });
    return fact.userId;
  }

  /** Forgets whoever is remembered; without the hash the token in the keychain opens nothing, even if it could not be deleted. */
  async forget(): Promise<void> {
    const fact = this.#fact();
    if (fact === null) return;
    this.#settings.putFact(factName, null);
    const deleted = await this.#keychain.delete(accountOf(fact.userId));
    if (deleted.kind !== 'done') this.#log.warn('remembered_token_left', { reason: deleted.kind });
  }

  #fact(): Fact | null {
    try {
      return rememberedFact.parse(JSON.parse(this.#settings.getFact(factName) ?? 'null'));
    } catch {
      return null;
    }
  }

  #keep(fact: Fact): void {
    this.#settings.putFact(factName, JSON.stringify(fact));
  }
}
