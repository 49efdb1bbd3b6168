// What a release says of itself, believed only with our signature: version, files with their SHA-512, notes.
import { createPublicKey, verify } from 'node:crypto';
import * as z from 'zod';

/** As `scripts/package/update-files.mjs` writes it. */
const updateDescription = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  files: z.array(z.object({ url: z.string().regex(/^[\w.-]+$/), sha512: z.string().min(80).max(100), size: z.number().int().positive().optional() })).min(1).max(20),
  releaseDate: z.string().max(40),
  releaseNotes: z.string().max(20_000),
});

export type UpdateDescription = z.infer<typeof updateDescription>;

export type UpdateProblem = 'unsigned' | 'unreadable' | 'older' | 'unreachable' | 'damaged' | 'not_installed';

/** Why an update was not taken. */
export class UpdateError extends Error {
  constructor(readonly problem: UpdateProblem, options?: { readonly cause?: unknown }) {
    super(`The update was not taken: ${problem}`, options);
    this.name = 'UpdateError';
  }
}

const isSigned = (bytes: Buffer, signature: string, publicKey: string): boolean => {
  try {
    return verify(null, bytes, createPublicKey(publicKey), Buffer.from(signature.trim(), 'base64'));
  } catch {
    return false;
  }
};

/**
 * Reads a description.
 *
 * @param signature Ed25519 over the very bytes of `text`, in base64.
 * @param publicKey PEM. Throws `UpdateError`: `unsigned` before anything of the text is looked at, then `unreadable`.
 */
export function readDescription(text: string, signature: string, publicKey: string): UpdateDescription {
  if (!isSigned(Buffer.from(text), signature, publicKey)) throw new UpdateError('unsigned');
  try {
    return updateDescription.parse(JSON.parse(text));
  } catch (cause) {
    throw new UpdateError('unreadable', { cause });
  }
}

/** Three numbers, the first that differs decides. */
export function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((one) => one.split('.').map(Number));
  for (const index of [0, 1, 2]) {
    const [left, right] = [a?.[index] ?? 0, b?.[index] ?? 0];
    if (left !== right) return left > right;
  }
  return false;
}

const processors: Readonly<Record<string, readonly string[]>> = { x64: ['x64', 'x86_64', 'amd64'], arm64: ['arm64', 'aarch64'] };

/** The files for one processor, by its name in theirs. */
export function filesFor(found: UpdateDescription, arch: string): UpdateDescription['files'] {
  return found.files.filter(({ url }) => (processors[arch] ?? [arch]).some((name) => url.includes(`-${name}.`)));
}
