// Seeded pseudo-random numbers and bytes, so that one seed always gives one market and one set of files.
import { createCipheriv, createHash } from 'node:crypto';

/** A stream of pseudo-random values that depends on its seed only. Not for secrets. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Uniform integer in [low, high], both included. */
  int(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

const seedWord = (text: string): number => createHash('sha256').update(text).digest().readUInt32LE(0);

/** The random stream of a seed text (mulberry32 over a hash of the text). */
export const seeded = (seed: string): Random => {
  let state = seedWord(seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    int: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick: (list) => {
      const chosen = list[Math.floor(next() * list.length)];
      if (chosen === undefined) throw new RangeError('cannot pick from an empty list');
      return chosen;
    },
  };
};

/** The first `length` bytes of the seed's AES-CTR key stream: fast, and incompressible like model weights. */
export const seededBytes = (seed: string, length: number): Buffer => {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
};

/** 64 hex characters that depend on the seed only. */
export const seededHex = (seed: string): string => createHash('sha256').update(`hex:${seed}`).digest('hex');
