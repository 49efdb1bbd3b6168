// What the domain needs from outside: each port is implemented by a provider (or by a small fake in a unit test).
import type { Instance, LogLine, Offer, Operation, OperationKind, OperationState, OpenedFile, PageCommandId, Progress, Topic, UpdateState } from '../../contract';
import type { OperationRow } from './store-port';

/** Who asks: a signed-in user over one of the two transports. */
export interface Caller {
  readonly userId: string;
  readonly email: string;
  readonly transport: 'ipc' | 'http';
}

/** Time, injected. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The log of this process (JSON lines, redacted by name and by value). */
export interface Log {
  info(event: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(event: string, facts?: Readonly<Record<string, unknown>>): void;
  error(event: string, facts?: Readonly<Record<string, unknown>>): void;
  /** From now on this value is replaced wherever it would be written. */
  hide(secret: string): void;
}

// ---------------------------------------------------------------- secrets and passwords

export type SecretProblem = 'locked' | 'timeout' | 'unavailable';
/** Never a bare null: `absent` is said only by a store that answered. */
export type SecretRead = { readonly kind: 'found'; readonly value: string } | { readonly kind: 'absent' } | { readonly kind: SecretProblem; readonly reason?: string };
export type SecretWrite = { readonly kind: 'done' } | { readonly kind: SecretProblem; readonly reason?: string };

/** The OS keychain, behind keytar in its own process. Accounts are names such as `<userId>:vast-api-key`. */
export interface Keychain {
  /** Set, get and delete a random canary, once; later calls give the same answer until `probe(true)`. */
  probe(again?: boolean): Promise<'ready' | SecretProblem>;
  get(account: string): Promise<SecretRead>;
  set(account: string, value: string): Promise<SecretWrite>;
  delete(account: string): Promise<SecretWrite>;
  close(): Promise<void>;
}

/** The encrypted file, one per user; its random key is wrapped by a key derived from the password (argon2id, a salt of its own). */
export interface Vault {
  exists(userId: string): Promise<boolean>;
  /** Makes it on first use. False when the password does not open it. The key stays in memory until `lock`. */
  unlock(userId: string, password: string): Promise<boolean>;
  lock(userId: string): void;
  isUnlocked(userId: string): boolean;
  get(userId: string, name: string): Promise<SecretRead>;
  set(userId: string, name: string, value: string): Promise<SecretWrite>;
  delete(userId: string, name: string): Promise<SecretWrite>;
}

/** argon2id, off the main thread, at most two at once. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
  /** True when the parameters are below the present policy. */
  outdated(hash: string): Promise<boolean>;
}

// ---------------------------------------------------------------- Vast.ai

/** What an instance is at the provider: the contract's fields less those the domain derives. */
export interface RentedInstance extends Omit<Instance, 'label' | 'state' | 'cost_per_hour' | 'uptime_s' | 'data_directory' | 'operation_id'> {
  /** The label as Vast keeps it, with the intent. */
  readonly full_label: string | null;
  readonly next_state: string | null;
  readonly extra_env: Readonly<Record<string, string>>;
}

export interface OfferQuery {
  /** Vast's filter document: field to operator to value. Built by the domain from the contract's filters. */
  readonly filters: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly type: 'on-demand' | 'bid';
  readonly order: readonly (readonly [string, 'asc' | 'desc'])[];
  readonly limit: number;
  /** GB that the price is computed for. */
  readonly allocatedStorage: number;
}

export interface RentRequest {
  readonly offerId: number;
  readonly image: string;
  /** GB. */
  readonly disk: number;
  /** With the intent, at most 256 characters. */
  readonly label: string;
  /** Environment variables; ports already as `-p 8080:8080`. */
  readonly env: Readonly<Record<string, string>>;
  readonly onstart: string | null;
  /** $/h, null on demand. */
  readonly bid: number | null;
}

/**
 * The marketplace. Every call takes the user's API key; failures are AppErrors `vast_*`, `insufficient_credit`, `offer_gone`, `not_found`.
 *
 * Idempotent calls are retried inside (full jitter), `rent` never: when its outcome is not known it throws `vast_unreachable` with
 * the cause kept, and the domain looks for the label.
 */
export interface Vast {
  /** `unreadable` counts rows that could not be parsed. */
  search(key: string | null, query: OfferQuery, signal?: AbortSignal): Promise<{ readonly offers: readonly Offer[]; readonly unreadable: number }>;
  /** The id of the new instance, and whether Vast called it a success: a failed rental may exist all the same and bill its disk. */
  rent(key: string, request: RentRequest, signal?: AbortSignal): Promise<{ readonly instanceId: number; readonly accepted: boolean; readonly detail: string | null }>;
  list(key: string, signal?: AbortSignal): Promise<readonly RentedInstance[]>;
  /** Null only when the provider said that it is gone. */
  get(key: string, id: number, signal?: AbortSignal): Promise<RentedInstance | null>;
  /** `queued`: accepted, waits for the GPU. */
  start(key: string, id: number, signal?: AbortSignal): Promise<'accepted' | 'queued'>;
  stop(key: string, id: number, signal?: AbortSignal): Promise<void>;
  /** Accepted, or already gone. That it is gone is known from `get` only. */
  destroy(key: string, id: number, signal?: AbortSignal): Promise<void>;
  relabel(key: string, id: number, fullLabel: string, signal?: AbortSignal): Promise<void>;
  logs(key: string, id: number, options: { readonly tail: number; readonly filter?: string }, signal?: AbortSignal): Promise<string>;
  /** Prepaid dollars left. Also the check of a key. */
  credit(key: string, signal?: AbortSignal): Promise<{ readonly credit: number | null; readonly email: string | null }>;
  /** Puts our public key on the account and on the instance; already there is fine. */
  attachSshKey(key: string, id: number, publicKey: string, signal?: AbortSignal): Promise<void>;
  addSshKey(key: string, publicKey: string, signal?: AbortSignal): Promise<void>;
}

// ---------------------------------------------------------------- the desktop

/** What only a desktop can do; headless has none. */
export interface Shell {
  pickFolder(): Promise<string | null>;
  /** Only pages of the short list. */
  openExternal(url: string): Promise<void>;
  openFolder(folder: string): Promise<void>;
  setStartAtLogin(enabled: boolean): Promise<boolean>;
  updates(): UpdateState;
  /** Never throws: what went wrong is in the state. */
  update(step: 'check' | 'download' | 'install'): Promise<UpdateState>;
  /** Hands a file to the drag that has begun in the window; it is gone with the app. */
  dragOut(name: string, text: string): Promise<void>;
  /** Never throws: why a file is not taken is in the answer. */
  openedFile(number: number): Promise<OpenedFile>;
  /** As the system has it now. */
  startsAtLogin(): Promise<boolean>;
  /** What is chosen in the menus, for the page. */
  commands(signal?: AbortSignal): AsyncGenerator<PageCommandId>;
}

// ---------------------------------------------------------------- operations, as other services use them

export interface OperationSpec {
  readonly caller: Pick<Caller, 'userId'>;
  readonly kind: OperationKind;
  readonly instanceId: number | null;
  readonly title: string;
  readonly cancellable: boolean;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** What the work of an operation is given. */
export interface OperationRun {
  readonly id: string;
  /** Aborted when the user cancels or the app quits. */
  readonly signal: AbortSignal;
  /** Kept at most four times a second; the last one always. */
  progress(progress: Progress): void;
  log(level: LogLine['level'], text: string, src?: LogLine['src']): void;
  /** A success will be `warnings`. */
  warn(text: string): void;
  /** Asks the user; resolves with the answer, or with null when the signal of this question is aborted. */
  ask(question: string, signal: AbortSignal): Promise<string | null>;
  setCancellable(cancellable: boolean): void;
  link(subject: { readonly instanceId?: number; readonly snapshotId?: string }): void;
  /** Durable facts for taking it up again after a restart. */
  remember(context: Readonly<Record<string, unknown>>): void;
}

export interface Operations {
  /** Starts at once. `done` rejects with what the work threw; the operation's record holds it too, so `done` may be ignored. */
  start<Result>(spec: OperationSpec, work: (run: OperationRun) => Promise<Result>): { readonly operation: Operation; readonly done: Promise<Result> };
  /** Takes up a row found unfinished at start, under its own id. */
  takeUp<Result>(row: OperationRow, work: (run: OperationRun) => Promise<Result>): { readonly operation: Operation; readonly done: Promise<Result> };
  /** Ends a row found unfinished at start without running it. */
  end(id: string, state: OperationState, error: Operation['error']): void;
  active(userId: string): readonly Operation[];
  /** Its row. One that has ended is shown so before the database takes it, which a full disk delays. */
  known(id: string): OperationRow | null;
}

/** Tells pages of one user that something changed. */
export interface Hints {
  tell(userId: string, topic: Topic, id?: string | number): void;
}
