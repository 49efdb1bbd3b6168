// A set-up of accounts for tests: a real database in memory and real argon2 at low cost, with a keychain and a vault in memory.
import { Accounts } from '../../../src/main/domain/accounts';
import type { SecretProblem } from '../../../src/main/domain/ports';
import type { Store } from '../../../src/main/domain/store-port';
import { Argon2Hasher } from '../../../src/main/providers/passwords/argon2';
import { openStore } from '../../../src/main/providers/store/open-store';
import { manualClock, type ManualClock } from './clocks';
import { MemoryKeychain, MemoryVault, memoryLog } from './secrets-fakes';

/** The least that argon2 does; tests of the real cost are in the hasher's own file. */
export const cheapCost = { memoryKib: 64, passes: 1, lanes: 1 };
export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
export const overWindow = { transport: 'ipc', caller: null } as const;
export const overHttp = { transport: 'http', caller: null } as const;
export const ana = { email: 'ana@example.com', password: 'correct horse' };

export interface RigOptions {
  readonly store?: Store;
  readonly keychain?: MemoryKeychain;
  readonly vault?: MemoryVault;
  readonly clock?: ManualClock;
  readonly desktop?: boolean;
  readonly setupCode?: string | null;
  readonly demo?: { readonly email: string; readonly password: string } | null;
  /** Of the keychain, where none is given. */
  readonly state?: 'ready' | SecretProblem;
  readonly hasher?: Argon2Hasher;
}

export interface Rig {
  readonly accounts: Accounts;
  readonly store: Store;
  readonly keychain: MemoryKeychain;
  readonly vault: MemoryVault;
  readonly clock: ManualClock;
  readonly log: ReturnType<typeof memoryLog>;
  /** `unlocked EMAIL` and `locked EMAIL`, in the order of the calls. */
  readonly events: readonly string[];
}

/** Parts that are not given are new. Giving the store (and the keychain) of another rig plays a restart. */
export const setUp = (options: RigOptions = {}): Rig => {
  const store = options.store ?? openStore(':memory:');
  const keychain = options.keychain ?? new MemoryKeychain(options.state);
  const vault = options.vault ?? new MemoryVault();
  const clock = options.clock ?? manualClock();
  const log = memoryLog();
  const accounts = new Accounts({
    store, keychain, vault, clock, log,
    hasher: options.hasher ?? new Argon2Hasher({ cost: cheapCost }),
    settings: { values: (userId) => ({ keep_signed_in: true, ...store.settings.get(userId) }) },
    version: '1.2.3',
    demo: options.demo ?? null,
    setupCode: options.setupCode ?? null,
    desktop: options.desktop ?? false,
  });
  const events: string[] = [];
  accounts.onUnlocked((id) => events.push(`unlocked ${store.users.byId(id)?.email ?? '?'}`));
  accounts.onLocked((id) => events.push(`locked ${store.users.byId(id)?.email ?? '?'}`));
  return { accounts, store, keychain, vault, clock, log, events };
};

/** The code that a call fails with, or `no error`. */
export const code = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'no error', (error: { readonly code: string }) => error.code);
