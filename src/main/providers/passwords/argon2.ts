// Password hashes: argon2id in PHC strings, computed off the main thread.
import type { Version } from '@node-rs/argon2';
import type { PasswordHasher } from '../../domain/ports';
import { argon2id, loadArgon2 } from './argon2-library';

// The package's enum exists in its types only.
const version13: Version = 1;

/** Cost of one hash. */
export interface HashCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes. About 0.1 s on two cores. */
const defaultCost: HashCost = { memoryKib: 65_536, passes: 3, lanes: 4 };

/** At most so many at once, so that a flood of sign-ins takes 128 MiB and not more. */
const atOnce = 2;

/** Two spellings of one text (composed or not) are one password; keyboards differ in which they send. */
const normalised = (password: string): string => password.normalize('NFC');

export class Argon2Hasher implements PasswordHasher {
  readonly #cost: HashCost;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: { readonly cost?: HashCost } = {}) {
    this.#cost = options.cost ?? defaultCost;
  }

  hash(password: string): Promise<string> {
    const { memoryKib, passes, lanes } = this.#cost;
    return this.#limited(async () => (await loadArgon2()).hash(normalised(password), { algorithm: argon2id, version: version13, memoryCost: memoryKib, timeCost: passes, parallelism: lanes, outputLen: 32 }));
  }

  /** False also for text that is no argon2 hash. */
  verify(hashed: string, password: string): Promise<boolean> {
    return this.#limited(async () => (await loadArgon2()).verify(hashed, normalised(password)).catch(() => false));
  }

  async outdated(hashed: string): Promise<boolean> {
    const { parseOptions } = await loadArgon2();
    try {
      const used = parseOptions(hashed);
      return used.algorithm !== argon2id || used.version !== version13 || used.memoryCost < this.#cost.memoryKib || used.timeCost < this.#cost.passes || used.parallelism < this.#cost.lanes;
    } catch {
      return true;
    }
  }

  async #limited<Result>(work: () => Promise<Result>): Promise<Result> {
    // A finished one hands its place to the first that waits, so nobody slips in between.
    if (this.#running < atOnce) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
