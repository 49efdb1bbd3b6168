// In-memory keychain, vault and log with the behaviour of the real ones; the keychain passes the same cases as they do.
import type { Keychain, Log, SecretProblem, SecretRead, SecretWrite, Vault } from '../../../src/main/domain/ports';

/** A keychain whose state a test sets; like the real one it remembers what its probe found. */
export class MemoryKeychain implements Keychain {
  readonly values = new Map<string, string>();
  state: 'ready' | SecretProblem;
  probes = 0;
  #probed: 'ready' | SecretProblem | null = null;

  constructor(state: 'ready' | SecretProblem = 'ready') {
    this.state = state;
  }

  probe(again = false): Promise<'ready' | SecretProblem> {
    if (again || this.#probed === null) {
      this.#probed = this.state;
      this.probes += 1;
    }
    return Promise.resolve(this.#probed);
  }

  async get(account: string): Promise<SecretRead> {
    const problem = await this.#problem();
    if (problem !== null) return problem;
    const value = this.values.get(account);
    return value === undefined ? { kind: 'absent' } : { kind: 'found', value };
  }

  async set(account: string, value: string): Promise<SecretWrite> {
    const problem = await this.#problem();
    if (problem !== null) return problem;
    this.values.set(account, value);
    return { kind: 'done' };
  }

  async delete(account: string): Promise<SecretWrite> {
    const problem = await this.#problem();
    if (problem !== null) return problem;
    this.values.delete(account);
    return { kind: 'done' };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #problem(): Promise<{ readonly kind: SecretProblem } | null> {
    const probed = await this.probe();
    if (probed !== 'ready') return { kind: probed };
    return this.state === 'ready' ? null : { kind: this.state };
  }
}

/** A vault in memory: one password per user, no ciphers. */
export class MemoryVault implements Vault {
  readonly values = new Map<string, string>();
  readonly passwords = new Map<string, string>();
  readonly unlocked = new Set<string>();
  /** Thrown by the next unlock. */
  failure: Error | null = null;

  exists(userId: string): Promise<boolean> {
    return Promise.resolve(this.passwords.has(userId));
  }

  unlock(userId: string, password: string): Promise<boolean> {
    if (this.failure !== null) return Promise.reject(this.failure);
    if (!this.passwords.has(userId)) this.passwords.set(userId, password);
    if (this.passwords.get(userId) !== password) return Promise.resolve(false);
    this.unlocked.add(userId);
    return Promise.resolve(true);
  }

  lock(userId: string): void {
    this.unlocked.delete(userId);
  }

  isUnlocked(userId: string): boolean {
    return this.unlocked.has(userId);
  }

  get(userId: string, name: string): Promise<SecretRead> {
    if (!this.unlocked.has(userId)) return Promise.resolve({ kind: 'locked' });
    const value = this.values.get(`${userId}:${name}`);
    return Promise.resolve(value === undefined ? { kind: 'absent' } : { kind: 'found', value });
  }

  set(userId: string, name: string, value: string): Promise<SecretWrite> {
    if (!this.unlocked.has(userId)) return Promise.resolve({ kind: 'locked' });
    this.values.set(`${userId}:${name}`, value);
    return Promise.resolve({ kind: 'done' });
  }

  delete(userId: string, name: string): Promise<SecretWrite> {
    if (!this.unlocked.has(userId)) return Promise.resolve({ kind: 'locked' });
    this.values.delete(`${userId}:${name}`);
    return Promise.resolve({ kind: 'done' });
  }
}

/** A log that keeps what it was told. */
export const memoryLog = (): Log & { readonly lines: { readonly level: string; readonly event: string; readonly facts: unknown }[]; readonly hidden: Set<string> } => {
  const lines: { readonly level: string; readonly event: string; readonly facts: unknown }[] = [];
  const hidden = new Set<string>();
  const write = (level: string) => (event: string, facts?: unknown): void => void lines.push({ level, event, facts });
  return { lines, hidden, info: write('info'), warn: write('warn'), error: write('error'), hide: (secret) => void hidden.add(secret) };
};
