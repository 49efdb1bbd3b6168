// A key of a local repository that is opened without work, for passwords that nobody could guess anyway. See [Note: Quick keys].
import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

/**
 * [Note: Quick keys] restic turns a password into a key with scrypt, which it makes so slow that each of its starts takes half a second to a second of one core: against
 * guessing, which 32 random bytes do not need. A key of such a password gets the same content behind next to no work, in restic's own format (its design document, "Keys,
 * Encryption and MAC"), so that every restic opens it. Passwords that people chose keep restic's key, and so do repositories on servers, whose files only restic writes.
 */
const quick = { N: 1024, r: 8, p: 1 };

/** A repository has few keys, and small ones. */
const limits = { keys: 20, bytes: 16_384 };

const keySchema = z.looseObject({ kdf: z.literal('scrypt'), N: z.int().min(2).max(1 << 22), r: z.int().min(1).max(64), p: z.int().min(1).max(64), salt: z.base64(), data: z.base64() });
type KeyFile = z.infer<typeof keySchema>;
type Work = Pick<KeyFile, 'N' | 'r' | 'p'>;

interface UserKey {
  readonly encrypt: Buffer;
  readonly macK: Buffer;
  readonly macR: Buffer;
}

const derive = async (password: string, salt: Buffer, { N, r, p }: Work): Promise<UserKey> => {
  const bytes = await promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt)(password, salt, 64, { N, r, p, maxmem: 256 * N * r + 1_000_000 });
  return { encrypt: bytes.subarray(0, 32), macK: bytes.subarray(32, 48), macR: bytes.subarray(48, 64) };
};

const littleEndian = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex') || '0'}`);

/** Poly1305-AES over a few hundred bytes. */
const mac = (message: Buffer, nonce: Buffer, key: UserKey): Buffer => {
  const aes = createCipheriv('aes-128-ecb', key.macK, null).setAutoPadding(false);
  const pad = littleEndian(Buffer.concat([aes.update(nonce), aes.final()]));
  const clamp = 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  const prime = (1n << 130n) - 5n;
  const r = littleEndian(key.macR) & clamp;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) sum = ((sum + littleEndian(Buffer.concat([message.subarray(at, at + 16), Buffer.from([1])]))) * r) % prime;
  const tag = (sum + pad) & ((1n << 128n) - 1n);
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').reverse();
};

const opened = async (file: KeyFile, password: string): Promise<Buffer | null> => {
  const key = await derive(password, Buffer.from(file.salt, 'base64'), file);
  const data = Buffer.from(file.data, 'base64');
  const [nonce, body, tag] = [data.subarray(0, 16), data.subarray(16, -16), data.subarray(-16)];
  if (!mac(body, nonce, key).equals(tag)) return null;
  const aes = createDecipheriv('aes-256-ctr', key.encrypt, nonce);
  return Buffer.concat([aes.update(body), aes.final()]);
};

const sealed = async (plain: Buffer, password: string): Promise<Pick<KeyFile, 'N' | 'r' | 'p' | 'salt' | 'data'>> => {
  const salt = randomBytes(64);
  const nonce = randomBytes(16);
  const key = await derive(password, salt, quick);
  const aes = createCipheriv('aes-256-ctr', key.encrypt, nonce);
  const body = Buffer.concat([aes.update(plain), aes.final()]);
  return { ...quick, salt: salt.toString('base64'), data: Buffer.concat([nonce, body, mac(body, nonce, key)]).toString('base64') };
};

const keysOf = async (repository: string): Promise<readonly { readonly id: string; readonly file: KeyFile }[]> => {
  const folder = path.join(repository, 'keys');
  const found: { id: string; file: KeyFile }[] = [];
  for (const id of (await readdir(folder)).filter((name) => /^[0-9a-f]{64}$/.test(name)).slice(0, limits.keys)) {
    const name = path.join(folder, id);
    if ((await stat(name)).size > limits.bytes) continue;
    const { success, data } = keySchema.safeParse(JSON.parse(await readFile(name, 'utf8')));
    if (success) found.push({ id, file: data });
  }
  return found;
};

/** Whole on the disk before it has its name; restic passes over names such as the first. */
const write = async (folder: string, text: string): Promise<string> => {
  const id = createHash('sha256').update(text).digest('hex');
  const fresh = path.join(folder, `${id}-tmp-${randomBytes(4).toString('hex')}`);
  try {
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path.join(folder, id));
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  return id;
};

/**
 * Replaces the key that this password opens by a quick one; both are there in between. `id`: only that key is tried.
 * Gives the id of the new key, or null when no key of the repository has this password.
 */
export const quickenKey = async (repository: string, password: string, id?: string): Promise<string | null> => {
  for (const key of await keysOf(repository)) {
    if (id !== undefined && !key.id.startsWith(id)) continue;
    const plain = await opened(key.file, password);
    if (plain === null) continue;
    const folder = path.join(repository, 'keys');
    const made = await write(folder, JSON.stringify({ ...key.file, ...(await sealed(plain, password)) }));
    await rm(path.join(folder, key.id), { force: true });
    return made;
  }
  return null;
};

/** The key that is least work to try, where there is more than one: restic tries them in any order unless it is told. */
export const keyHint = async (repository: string): Promise<string | null> => {
  const keys = await keysOf(repository).catch(() => []);
  const work = ({ N, r, p }: Work): number => N * r * p;
  const [first, second] = keys.toSorted((a, b) => work(a.file) - work(b.file));
  return first === undefined || second === undefined || work(first.file) === work(second.file) ? null : first.id;
};
