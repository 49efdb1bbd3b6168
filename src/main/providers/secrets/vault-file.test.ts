// Sealing and opening, on any content.
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seal, unseal } from './vault-file';

const bytes = fc.uint8Array({ maxLength: 3000 }).map((array) => Buffer.from(array));
const key = randomBytes(32);

describe('a sealed value', () => {
  test('opens to what it was', () => {
    fc.assert(fc.property(bytes, fc.string(), fc.string(), (plain, user, name) => unseal(key, user, name, seal(key, user, name, plain))?.equals(plain) === true));
  });

  test('opens for no other key, user or name', () => {
    fc.assert(
      fc.property(bytes, fc.string(), fc.string(), fc.string({ minLength: 1 }), (plain, user, name, more) => {
        const sealed = seal(key, user, name, plain);
        expect(unseal(randomBytes(32), user, name, sealed)).toBeNull();
        expect(unseal(key, user + more, name, sealed)).toBeNull();
        expect(unseal(key, user, name + more, sealed)).toBeNull();
        // The border between user and name is part of what is vouched for.
        expect(unseal(key, user + more, name, seal(key, user, more + name, plain))).toBeNull();
      }),
    );
  });

  test('opens with no bit of it changed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.constantFrom('nonce', 'ciphertext', 'tag' as const), fc.nat(), (plain, part, bit) => {
        const sealed = seal(key, 'user', 'name', Buffer.from(plain));
        const changed = Buffer.from(sealed[part], 'base64');
        const at = bit % (changed.length * 8);
        changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7));
        expect(unseal(key, 'user', 'name', { ...sealed, [part]: changed.toString('base64') })).toBeNull();
      }),
    );
  });

  test('never uses a nonce twice', () => {
    const nonces = new Set(Array.from({ length: 2000 }, () => seal(key, 'user', 'name', Buffer.from('same')).nonce));
    expect(nonces.size).toBe(2000);
  });

  test('a short tag is refused: GCM would take one', () => {
    const sealed = seal(key, 'user', 'name', Buffer.from('value'));
    const short = Buffer.from(sealed.tag, 'base64').subarray(0, 4).toString('base64');
    expect(unseal(key, 'user', 'name', { ...sealed, tag: short })).toBeNull();
  });
});
