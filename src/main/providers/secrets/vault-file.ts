// The vault's file: its form on disk, and sealing and opening of what is in it. Values of bytes and text only; no state.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import * as z from 'zod';

/** The form of the file; part of what every seal vouches for. */
export const vaultVersion = 1;

const base64 = z.string().regex(/^[A-Za-z0-9+/]+=*$/);
/** One sealed value: AES-256-GCM with a nonce of its own. */
const sealed = z.object({ nonce: base64, ciphertext: base64, tag: base64 });

/** The whole file. The key that seals the values is random; it is itself sealed by one derived from the password. */
export const vaultFile = z.object({
  version: z.literal(vaultVersion),
  user_id: z.string(),
  kdf: z.object({ name: z.literal('argon2id'), salt: base64, memory_kib: z.number().int().min(8).max(1_048_576), passes: z.number().int().min(1).max(100), lanes: z.number().int().min(1).max(64) }),
  key: sealed,
  secrets: z.record(z.string(), sealed),
});

export type VaultFile = z.output<typeof vaultFile>;
export type Sealed = z.output<typeof sealed>;

/** Bytes of a GCM nonce; 96 bits is what the mode is made for (NIST SP 800-38D). */
const nonceBytes = 12;
const tagBytes = 16;

/** What a seal vouches for besides its content: a value moved to another user, name or version does not open. */
const associated = (userId: string, name: string): Buffer => Buffer.from(JSON.stringify(['dumont-vault', vaultVersion, userId, name]));

/** Seals `plain` for this user and name. */
export const seal = (key: Buffer, userId: string, name: string, plain: Buffer): Sealed => {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(associated(userId, name));
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { nonce: nonce.toString('base64'), ciphertext: ciphertext.toString('base64'), tag: cipher.getAuthTag().toString('base64') };
};

/** The content, or null when the key is another one or anything was changed. */
export const unseal = (key: Buffer, userId: string, name: string, from: Sealed): Buffer | null => {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(from.nonce, 'base64'), { authTagLength: tagBytes });
    decipher.setAAD(associated(userId, name));
    decipher.setAuthTag(Buffer.from(from.tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(from.ciphertext, 'base64')), decipher.final()]);
  } catch {
    return null;
  }
};
