// What the services around instances are made of, and the few steps they share.
import type { Instance, Operation, SnapshotFirst } from '../../contract';
import { AppError, isAppError } from './app-error';
import { toInstance } from './instance-view';
import { keyMark } from './own-account';
import type { Caller, Clock, Hints, Log, OperationRun, Operations, RentedInstance, Vast } from './ports';
import type { Poller } from './poller';
import type { SecretsService, SettingsService } from './services';
import type { Store } from './store-port';

export interface InstanceParts {
  readonly vast: Vast;
  readonly secrets: Pick<SecretsService, 'vastKey'>;
  readonly settings: Pick<SettingsService, 'values'>;
  readonly store: Pick<Store, 'intents' | 'operations'>;
  readonly operations: Operations;
  readonly hints: Hints;
  readonly clock: Clock;
  readonly log: Log;
  readonly sshKeys: {
    /** The user's public key, made on first use. */
    publicKey(userId: string): Promise<string>;
    /** The pinned host key of an instance that is gone. */
    forget(userId: string, instanceId: number): void;
  };
  readonly poller: Poller;
  /** Snapshots before an instance ends; absent where nothing is ever snapshotted. */
  readonly snapshotFirst?: SnapshotFirstPort;
}

/** What a pause or destroy asks before it begins; `SnapshotFirst`. */
export interface SnapshotFirstPort {
  /** What would happen now, to be said before anybody asks for it. */
  coming(userId: string, instance: Instance): SnapshotFirst;
  /** Whether a snapshot comes first. `override` goes before the setting. Throws `snapshot_first_failed` when one is asked for that cannot be taken. */
  wanted(userId: string, instance: Instance, kind: 'pause' | 'destroy', override?: boolean): boolean;
  /** Takes it, of each folder. Throws `snapshot_first_failed` when one failed and nobody said to go on. */
  take(run: OperationRun, caller: Caller, instanceId: number, kind: 'pause' | 'destroy', signal: AbortSignal): Promise<void>;
}

/** Seconds that a call waits for the provider's word before it answers that the operation goes on. */
export const answerWithinMs = 20_000;

/** Milliseconds that an answer waits for a list to show its effect. */
export const listWithinMs = 5000;

/** Waits between looks at an instance that was asked to change: soon at first, then as the poller. */
export const lookAgainMs = (look: number): number => [2000, 3000, 5000][look] ?? 10_000;

/** A promise and its ends. A rejection that nobody waits for is no error: the operation's record holds it. */
export class Answer<Result> {
  readonly promise: Promise<Result>;
  resolve: (result: Result) => void = () => undefined;
  reject: (error: unknown) => void = () => undefined;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => undefined);
  }
}

/** The promise's result, or `late()` when it takes longer than `ms`. */
export const within = async <Result>(clock: Clock, ms: number, promise: Promise<Result>, late: () => Result | Promise<Result>): Promise<Result> => {
  const timer = new AbortController();
  const timeout = clock.sleep(ms, timer.signal).then(
    () => 'late' as const,
    () => 'stopped' as const,
  );
  try {
    const first = await Promise.race([promise.then((result) => ({ result })), timeout]);
    return typeof first === 'object' ? first.result : await late();
  } finally {
    timer.abort();
  }
};

/** Pages are told that this user's instances changed, now and when the operation has ended: state and cost depend on it. */
export const tellChanges = (parts: InstanceParts, userId: string, done: Promise<unknown>): void => {
  const tell = (): void => {
    parts.hints.tell(userId, 'instances');
    parts.hints.tell(userId, 'account');
  };
  tell();
  done.then(tell, tell);
};

/** A list begun now, or what is known when that takes longer than an answer may wait. Never throws. */
export const soon = async (parts: InstanceParts, userId: string): Promise<readonly RentedInstance[]> => {
  const listed = parts.poller.refresh(userId).catch(() => parts.poller.snapshot(userId));
  const { rows } = await within(parts.clock, listWithinMs, listed, () => parts.poller.snapshot(userId));
  return rows;
};

/** The row of an instance: from the cache, else asked for. Throws `not_found` once it is gone. */
export const findRow = async (parts: InstanceParts, userId: string, id: number): Promise<RentedInstance> => {
  const cached = parts.poller.snapshot(userId).rows.find((row) => row.id === id);
  if (cached) return cached;
  const row = await parts.vast.get(await parts.secrets.vastKey(userId), id);
  if (row === null) throw notFound(id);
  return row;
};

/** Mark of the key with which an instance that `findRow` gave was seen. */
export const seenWith = async (parts: InstanceParts, userId: string, id: number): Promise<string> => {
  const { rows, account } = parts.poller.snapshot(userId);
  return account !== null && rows.some((row) => row.id === id) ? account : keyMark(await parts.secrets.vastKey(userId));
};

/** The instance as it is known now; `row` is used when the cache has none. `begun` counts even if it has ended already: what is destroyed must not be shown as running. */
export const view = (parts: InstanceParts, userId: string, row: RentedInstance, begun?: Operation): Instance => {
  const { rows, upSince } = parts.poller.snapshot(userId);
  const cached = rows.find((other) => other.id === row.id);
  const active = parts.operations.active(userId);
  return toInstance(cached ?? row, begun === undefined ? active : [begun, ...active], parts.clock.now(), upSince.get(row.id));
};

export const notFound = (id: number): AppError => new AppError('not_found', 'There is no such instance.', { kind: 'instance', id });

/** Failures that no waiting cures: the key or its rights must change first. */
export const isForGood = (error: unknown): boolean => isAppError(error, 'vast_key_missing', 'vast_key_rejected', 'vast_permission');
