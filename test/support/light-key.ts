// Makes a restic key cheap to open: restic spends half a second on each start to turn the password into a key, which is most of a small command's time.
import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Of a key file, what matters here; the rest is kept as it is. */
interface KeyFile {
  readonly kdf: string;
  readonly N: number;
  readonly r: number;
  readonly p: number;
  /** Base64. */
  readonly salt: string;
  /** Base64: nonce, ciphertext, MAC. */
  readonly data: string;
}

interface UserKey {
  readonly encrypt: Buffer;
  readonly macK: Buffer;
  readonly macR: Buffer;
}

/** scrypt with next to no work, for repositories of tests only. */
const light = { N: 1024, r: 1, p: 1 };

const derive = (password: string, salt: Buffer, { N, r, p }: { readonly N: number; readonly r: number; readonly p: number }): UserKey => {
  const bytes = scryptSync(password, salt, 64, { N, r, p, maxmem: 256 * N * r + 1_000_000 });
  return { encrypt: bytes.subarray(0, 32), macK: bytes.subarray(32, 48), macR: bytes.subarray(48, 64) };
};

const littleEndian = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex') || '0'}`);

/** Poly1305-AES as restic uses it. */
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

const opened = (file: KeyFile, password: string): Buffer | null => {
  const key = derive(password, Buffer.from(file.salt, 'base64'), file);
  const data = Buffer.from(file.data, 'base64');
  const [nonce, body, tag] = [data.subarray(0, 16), data.subarray(16, -16), data.subarray(-16)];
  if (!mac(body, nonce, key).equals(tag)) return null;
  const aes = createDecipheriv('aes-256-ctr', key.encrypt, nonce);
  return Buffer.concat([aes.update(body), aes.final()]);
};

const sealed = (plain: Buffer, password: string): Pick<KeyFile, 'N' | 'r' | 'p' | 'salt' | 'data'> => {
  const salt = randomBytes(64);
  const nonce = randomBytes(16);
  const key = derive(password, salt, light);
  const aes = createCipheriv('aes-256-ctr', key.encrypt, nonce);
  const body = Buffer.concat([aes.update(plain), aes.final()]);
  return { ...light, salt: salt.toString('base64'), data: Buffer.concat([nonce, body, mac(body, nonce, key)]).toString('base64') };
};

/** Gives the key of this password in a repository the same content behind light work. Throws when no key has that password. */
export const lightenKey = (repository: string, password: string): void => {
  const folder = path.join(repository, 'keys');
  for (const name of readdirSync(folder)) {
    const file = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as KeyFile;
    const plain = opened(file, password);
    if (plain === null) continue;
    const text = JSON.stringify({ ...file, ...sealed(plain, password) });
    writeFileSync(path.join(folder, createHash('sha256').update(text).digest('hex')), text, { mode: 0o600 });
    rmSync(path.join(folder, name), { force: true });
    return;
  }
  throw new Error('No key of the repository has this password');
};
