// Sessions: bearer tokens that exist in clear only at their holder, and who is unlocked because of them.
import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from './ports';
import type { SessionRow, Store } from './store-port';

/** Without use for so long (ms), a session is over. */
const idleMs = 12 * 3_600_000;
/** So long (ms) after sign-in, a session is over in any case. */
const absoluteMs = 30 * 24 * 3_600_000;
/** A use is written down at most this often (ms). */
const touchEveryMs = 60_000;

/** 256 random bits as text. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** SHA-256, hex: enough for a token, which is random and long. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

export class Sessions {
  readonly #rows: Store['sessions'];
  readonly #clock: Clock;

  constructor(rows: Store['sessions'], clock: Clock) {
    this.#rows = rows;
    this.#clock = clock;
  }

  /** The new token. */
  open(userId: string): string {
    const now = this.#clock.now();
    const token = newToken();
    this.#rows.insert({ tokenHash: hashToken(token), userId, createdAt: now, lastUsedAt: now });
    return token;
  }

  /** The session of this token; one that is over is removed and told as `ended`. */
  use(token: string): { readonly session: SessionRow | null; readonly ended: SessionRow | null } {
    const session = this.#rows.byHash(hashToken(token));
    if (session === null) return { session: null, ended: null };
    const now = this.#clock.now();
    if (now - session.createdAt > absoluteMs || now - session.lastUsedAt > idleMs) {
      this.#rows.remove(session.tokenHash);
      return { session: null, ended: session };
    }
    // Also when the clock was set back: a use must not lie in the future for long.
    if (Math.abs(now - session.lastUsedAt) >= touchEveryMs) this.#rows.touch(session.tokenHash, now);
    return { session, ended: null };
  }

  /** Ends the session of this token; the session that was ended, if there was one. */
  close(token: string): SessionRow | null {
    const session = this.#rows.byHash(hashToken(token));
    if (session !== null) this.#rows.remove(session.tokenHash);
    return session;
  }

  /** Removes what is over. */
  sweep(): void {
    const now = this.#clock.now();
    this.#rows.removeOlderThan(now - absoluteMs, now - idleMs);
  }

  hasAny(userId: string): boolean {
    return this.#rows.countOfUser(userId) > 0;
  }
}

const factName = 'window-sessions';

/**
 * Which sessions the window holds.
 *
 * It keeps its token no longer than it lives, so those of an earlier run are held by nobody: they are removed, or signing out would find
 * that another session still keeps the user unlocked.
 */
export class WindowSessions {
  readonly #settings: Store['settings'];
  readonly #hashes = new Set<string>();

  constructor(settings: Store['settings'], rows: Store['sessions']) {
    this.#settings = settings;
    for (const hash of earlierHashes(settings.getFact(factName))) rows.remove(hash);
    settings.putFact(factName, null);
  }

  add(token: string): void {
    this.#hashes.add(hashToken(token));
    this.#keep();
  }

  /** Whether it was one of them. */
  delete(tokenHash: string): boolean {
    const was = this.#hashes.delete(tokenHash);
    if (was) this.#keep();
    return was;
  }

  #keep(): void {
    this.#settings.putFact(factName, this.#hashes.size === 0 ? null : JSON.stringify([...this.#hashes]));
  }
}

const earlierHashes = (fact: string | null): readonly string[] => {
  try {
    return z.array(z.string()).parse(JSON.parse(fact ?? '[]'));
  } catch {
    return [];
  }
};
