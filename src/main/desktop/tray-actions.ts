// Carries out what is clicked in the tray, and remembers how it went until the user has looked: nothing that fails disappears silently.
import { randomUUID } from 'node:crypto';
import { isAppError } from '../domain/app-error';
import type { Caller, Clock, Log } from '../domain/ports';
import type { Services } from '../domain/services';
import type { Known } from '../domain/facts-feed';
import { toPause } from './tray-instances';
import type { TrayAction } from './tray-menu';
import { isActive, nothingDone, pendingKey, type Refusal, type TrayDoings } from './tray-state';

type Doing = Extract<TrayAction, { type: 'pause' | 'resume' | 'snapshot' }>;

export interface TrayActionsOptions {
  readonly services: Pick<Services, 'instances' | 'snapshots'>;
  readonly feed: { readonly caller: Caller | null; readonly known: Known; refresh(): Promise<void> };
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** What was done looks different now. */
  readonly changed: () => void;
  readonly refused: (userId: string, refusal: Refusal) => void;
  /** Outlives a restart. */
  readonly seen: { load(): readonly string[]; save(occurrences: readonly string[]): void };
}

/** Occurrences that are remembered as seen. */
const seenLimit = 200;

/** The doings of one signed-in user at a time. */
export class TrayActions {
  readonly #options: TrayActionsOptions;
  #doings: TrayDoings = nothingDone;
  #pausing: readonly number[] = [];
  readonly #seen: Set<string>;

  constructor(options: TrayActionsOptions) {
    this.#options = options;
    this.#seen = new Set(options.seen.load());
  }

  get doings(): TrayDoings {
    return { ...this.#doings, pausingAll: this.#progress(), seen: this.#seen };
  }

  wasSeen(occurrence: string): boolean {
    return this.#seen.has(occurrence);
  }

  /** What was done was another user's. */
  forget(): void {
    this.#doings = nothingDone;
    this.#pausing = [];
  }

  /** The user has looked at this: a mark that a click opened. */
  see(occurrence: string): void {
    this.#doings = { ...this.#doings, refused: this.#doings.refused.filter(({ id }) => id !== occurrence) };
    this.#saw([occurrence]);
  }

  seeAll(): void {
    this.#doings = { ...this.#doings, refused: [] };
    this.seeOperations();
  }

  /** The list of operations is open in the window: their failures are seen there. */
  seeOperations(): void {
    const { operations } = this.#options.feed.known;
    this.#saw(operations.filter(({ ended_at: at }) => at !== null).map(({ id }) => id));
  }

  async do(action: Doing): Promise<void> {
    const caller = this.#options.feed.caller;
    if (caller === null) return;
    const key = pendingKey(action.type, action.instanceId);
    if (this.#doings.pending.has(key)) return;
    const before = new Set(this.#options.feed.known.operations.map(({ id }) => id));
    this.#doings = { ...this.#doings, pending: new Set([...this.#doings.pending, key]), refused: this.#doings.refused.filter((one) => pendingKey(one.kind, one.instanceId) !== key) };
    this.#options.changed();
    try {
      const id = await this.#begin(caller, action);
      if (id !== null) this.#doings = { ...this.#doings, begun: new Set([...this.#doings.begun, id]) };
    } catch (error) {
      await this.#options.feed.refresh();
      // An operation that began and failed is marked by its record.
      const isRecorded = this.#options.feed.known.operations.some((one) => !before.has(one.id) && one.kind === action.type && one.instance_id === action.instanceId && one.ended_at !== null);
      if (!isRecorded) this.#refuse(caller, action, error);
    } finally {
      // Until the operation shows in the list, it is pending.
      await this.#options.feed.refresh();
      const pending = new Set(this.#doings.pending);
      pending.delete(key);
      this.#doings = { ...this.#doings, pending };
      this.#options.changed();
    }
  }

  /** Everything that runs, at once; each that is refused leaves its own mark. */
  async pauseAll(): Promise<void> {
    const ids = toPause(this.#options.feed.known).map(({ id }) => id);
    this.#pausing = ids;
    await Promise.all(ids.map((instanceId) => this.do({ type: 'pause', instanceId })));
  }

  async #begin(caller: Caller, action: Doing): Promise<string | null> {
    const { instances, snapshots } = this.#options.services;
    if (action.type !== 'snapshot') return (await (action.type === 'pause' ? instances.pause(caller, action.instanceId) : instances.resume(caller, action.instanceId))).operation_id;
    const folder = action.path === null ? {} : { source_path: action.path };
    return (await snapshots.create(caller, { instance_id: action.instanceId, ...folder, tags: [], wait: false })).operation_id;
  }

  #refuse(caller: Caller, { type, instanceId }: Doing, error: unknown): void {
    const { feed, clock, log, refused } = this.#options;
    const problem = isAppError(error) ? error.code : 'internal';
    log.warn('tray.refused', { action: type, instance_id: instanceId, problem, error: isAppError(error) ? undefined : error });
    if (feed.caller !== caller) return;
    const label = feed.known.instances.find(({ id }) => id === instanceId)?.label ?? `#${String(instanceId)}`;
    const refusal: Refusal = { id: randomUUID(), kind: type, instanceId, label, problem, at: clock.now() };
    this.#doings = { ...this.#doings, refused: [...this.#doings.refused, refusal] };
    refused(caller.userId, refusal);
  }

  #progress(): TrayDoings['pausingAll'] {
    const { operations } = this.#options.feed.known;
    const goesOn = (id: number): boolean => this.#doings.pending.has(pendingKey('pause', id)) || operations.some((one) => isActive(one) && one.kind === 'pause' && one.instance_id === id);
    const left = this.#pausing.filter(goesOn).length;
    if (left === 0) this.#pausing = [];
    return left === 0 ? null : { done: this.#pausing.length - left, total: this.#pausing.length };
  }

  #saw(occurrences: readonly string[]): void {
    const news = occurrences.filter((one) => !this.#seen.has(one));
    if (news.length > 0) {
      for (const one of news) this.#seen.add(one);
      for (const oldest of [...this.#seen].slice(0, Math.max(0, this.#seen.size - seenLimit))) this.#seen.delete(oldest);
      this.#options.seen.save([...this.#seen]);
    }
    this.#options.changed();
  }
}
