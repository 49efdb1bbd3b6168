// Numbers that look random and are the same at every run with the same words.
import { createHash } from 'node:crypto';

/** Draws of one point or one tree. */
export interface Draws {
  /** From 0 up to but not including 1. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  /** Bytes that do not compress. */
  bytes(size: number): Buffer;
}

/** Draws that depend on nothing but these words (mulberry32 behind a hash). */
export const seeded = (...words: readonly (string | number)[]): Draws => {
  let state = createHash('sha256').update(words.join('\0')).digest().readUInt32LE(0);
  const word = (): number => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const next = (): number => word() / 2 ** 32;
  return {
    next,
    whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
    bytes: (size) => {
      const bytes = Buffer.alloc(size);
      let at = 0;
      for (; at + 4 <= size; at += 4) bytes.writeUInt32LE(word(), at);
      for (; at < size; at += 1) bytes[at] = word() & 255;
      return bytes;
    },
  };
};
