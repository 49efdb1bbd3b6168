// argon2's native code, read at the first password or vault: a start needs none.
import type * as Library from '@node-rs/argon2';
import type { Algorithm } from '@node-rs/argon2';

// The package's enums exist in its types only.
export const argon2id: Algorithm = 2;

export const loadArgon2 = (): Promise<typeof Library> => import('@node-rs/argon2');
