// Password hashes with the real argon2: known answers, the policy, the queue.
import { describe, expect, test } from 'vitest';
import { Argon2Hasher } from './argon2';

const cheap = { memoryKib: 64, passes: 1, lanes: 1 };

describe('SEC-60 known answers', () => {
  // From the reference implementation's own tests (phc-winner-argon2, src/test.c): "password", salt "somesalt".
  const vectors = [
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    '$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc',
  ];

  test.each(vectors)('%s', async (vector) => {
    const hasher = new Argon2Hasher();
    expect(await hasher.verify(vector, 'password')).toBe(true);
    expect(await hasher.verify(vector, 'passwore')).toBe(false);
  });
});

describe('hashes', () => {
  test('are PHC strings of the policy, with a salt of 16 bytes that is never the same', async () => {
    const hasher = new Argon2Hasher();
    const [one, other] = await Promise.all([hasher.hash('a password'), hasher.hash('a password')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(other);
    expect(await hasher.outdated(one)).toBe(false);
  });

  test('composed and decomposed text is one password', async () => {
    const hasher = new Argon2Hasher({ cost: cheap });
    expect(await hasher.verify(await hasher.hash('\u00e9'), 'e\u0301')).toBe(true);
  });

  test('1,024 bytes count to the last one', async () => {
    const hasher = new Argon2Hasher({ cost: cheap });
    const hashed = await hasher.hash(`${'x'.repeat(1023)}y`);
    expect(await hasher.verify(hashed, `${'x'.repeat(1023)}y`)).toBe(true);
    expect(await hasher.verify(hashed, `${'x'.repeat(1023)}z`)).toBe(false);
  });

  test.each(['', 'plain', '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'])('text that is no argon2 hash (%j) matches nothing and is outdated', async (text) => {
    const hasher = new Argon2Hasher({ cost: cheap });
    expect(await hasher.verify(text, 'plain')).toBe(false);
    expect(await hasher.outdated(text)).toBe(true);
  });

  test.each([
    ['$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4', false],
    ['$argon2id$v=19$m=131072,t=4,p=4$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4', false],
    ['$argon2id$v=19$m=19456,t=3,p=4$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4', true],
    ['$argon2id$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4', true],
    ['$argon2i$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4', true],
  ])('%s is below the policy: %s', async (hashed, expected) => {
    expect(await new Argon2Hasher().outdated(hashed)).toBe(expected);
  });
});

describe('SEC-61 many at once', () => {
  test('all are answered, at most two at a time, and the event loop goes on', async () => {
    const hasher = new Argon2Hasher();
    const before = process.memoryUsage().rss;
    let peak = before;
    let turns = 0;
    const sampler = setInterval(() => {
      turns += 1;
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 5);
    const hashes = await Promise.all(Array.from({ length: 8 }, (_, index) => hasher.hash(`password ${index}`)));
    clearInterval(sampler);
    expect(new Set(hashes).size).toBe(8);
    // Two of 64 MiB and what the allocator keeps; eight at once would be 512 MiB.
    expect((peak - before) / 2 ** 20).toBeLessThan(300);
    // Computed on the main thread, the timer would not have its turn before all are done, or at most between two of them.
    expect(turns).toBeGreaterThan(16);
  });

  test('one that fails gives its place to the next', async () => {
    const hasher = new Argon2Hasher({ cost: { memoryKib: 1, passes: 1, lanes: 1 } });
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => hasher.hash('too little memory')));
    expect(results.map((one) => one.status)).toEqual(Array.from({ length: 6 }, () => 'rejected'));
    expect(await hasher.verify('$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4', 'password')).toBe(true);
  });
});
