// Everything slow: runs the work, keeps its record and log, lets pages follow, cancel and answer, and takes up after a restart what it can.
import { randomUUID } from 'node:crypto';
import type { LogLine, Operation, OperationEvent, OperationKind, OperationState } from '../../contract';
import { AppError, isAppError } from './app-error';
import { asDiskFull } from './disk-room';
import { EventQueue } from './events-queue';
import { publicPart, RunningOperation, type RunHost } from './operations-run';
import type { Caller, Clock, Hints, Log, Operations, OperationRun, OperationSpec } from './ports';
import type { OperationsService } from './services';
import type { OperationRow, Store } from './store-port';
import { whatIsKept } from './what-is-kept';

/** Lines of a log that one answer holds. */
const shownLines = 5_000;
/** How long an end waits that could not be written, such as on a full disk, milliseconds. */
const writeAgainAfter = 1_000;
/** Events that wait for a slow follower; then the oldest lines go. */
const followerLimit = 10_000;

export interface OperationsDeps {
  readonly store: Pick<Store, 'operations'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes secrets out of a line of an operation's log. */
  readonly redact: (text: string) => string;
  /** Tells pages; `events.EventsFeed`. */
  readonly feed: Hints & { operation(userId: string, operation: Operation): void };
}

/** Who takes up a kind of operation after a restart, and when. */
interface Taker {
  readonly when: 'start' | 'unlocked';
  readonly take: (row: OperationRow) => void;
}

type Started<Result> = { readonly operation: Operation; readonly done: Promise<Result> };

/** The operations of all users. Records of running ones are in memory, all are in the database. */
export class OperationsLog implements Operations, OperationsService {
  readonly #deps: OperationsDeps;
  readonly #host: RunHost;
  readonly #running = new Map<string, RunningOperation>();
  /** Ended, and known here only: the database could not take it yet. */
  readonly #unwritten = new Map<string, RunningOperation>();
  readonly #takers = new Map<OperationKind, Taker>();
  #quitting = false;

  constructor(deps: OperationsDeps) {
    this.#deps = deps;
    const { store, clock, redact, feed } = deps;
    this.#host = { store, clock, redact, changed: (row) => feed.operation(row.userId, publicPart(row)) };
  }

  // ------------------------------------------------------------ for other services

  start<Result>(spec: OperationSpec, work: (run: OperationRun) => Promise<Result>): Started<Result> {
    const row: OperationRow = {
      id: randomUUID(),
      userId: spec.caller.userId,
      kind: spec.kind,
      state: 'running',
      instance_id: spec.instanceId,
      snapshot_id: null,
      title: spec.title,
      progress: null,
      cancellable: spec.cancellable,
      asks: null,
      error: null,
      warnings: [],
      created_at: new Date(this.#deps.clock.now()).toISOString(),
      ended_at: null,
      context: spec.context ?? {},
    };
    this.#deps.store.operations.insert(row);
    return this.#run(row, work);
  }

  takeUp<Result>(row: OperationRow, work: (run: OperationRun) => Promise<Result>): Started<Result> {
    const again: OperationRow = { ...row, state: 'running', asks: null, error: null, ended_at: null };
    this.#deps.store.operations.update(row.id, { state: 'running', asks: null, error: null, ended_at: null });
    return this.#run(again, work);
  }

  end(id: string, state: OperationState, error: Operation['error']): void {
    const row = this.#deps.store.operations.get(id);
    if (row === null) return;
    const change = { state, error, asks: null, cancellable: false, ended_at: state === 'unknown' ? null : new Date(this.#deps.clock.now()).toISOString() };
    this.#deps.store.operations.update(id, change);
    const kept = state === 'failed' ? whatIsKept(row.kind, error?.code ?? '') : null;
    if (kept !== null) this.#deps.store.operations.appendLog(id, [{ at: new Date(this.#deps.clock.now()).toISOString(), level: 'info', src: 'local', text: kept }]);
    this.#deps.feed.operation(row.userId, publicPart({ ...row, ...change }));
    this.#tell(row);
  }

  active(userId: string): readonly Operation[] {
    return [...this.#running.values()].filter((running) => running.row.userId === userId).map((running) => publicPart(running.row));
  }

  known(id: string): OperationRow | null {
    return this.#held(id)?.row ?? this.#deps.store.operations.get(id);
  }

  /** What runs now, of all users. */
  running(): readonly Operation[] {
    return [...this.#running.values()].map((running) => publicPart(running.row));
  }

  /**
   * Rows of this kind that an earlier start did not end go to `take`, which calls `takeUp` or `end`.
   *
   * `unlocked`: once their user's secrets can be read; such an operation also outlives a quit. `start`: at once; a quit cancels it.
   */
  onTakeUp(kind: OperationKind, when: Taker['when'], take: Taker['take']): void {
    this.#takers.set(kind, { when, take });
  }

  /** Once at start, after all kinds are registered: nothing stays "running" that does not run. What can be taken up is `unknown` until then. */
  reconcile(): void {
    for (const row of this.#deps.store.operations.unfinished()) {
      if (this.#running.has(row.id)) continue;
      const taker = this.#takers.get(row.kind);
      if (taker?.when === 'start') taker.take(row);
      else if (taker?.when === 'unlocked') this.#deps.store.operations.update(row.id, { state: 'unknown', asks: null });
      else this.end(row.id, 'failed', { code: 'cancelled', message: 'The app ended while this was running.', data: { operation_id: row.id } });
    }
  }

  /** What this user left unfinished goes on, now that their secrets can be read. */
  unlocked(userId: string): void {
    for (const row of this.#deps.store.operations.unfinished()) {
      if (row.userId === userId && !this.#running.has(row.id)) this.#takers.get(row.kind)?.take(row);
    }
  }

  /** Asks everything that runs to stop, because the app quits. What can be taken up again keeps its state for the next start. */
  cancelAll(reason: string): void {
    this.#quitting = true;
    for (const running of this.#running.values()) running.controller.abort(new AppError('cancelled', reason, { operation_id: running.row.id }));
  }

  /** Resolves with true once nothing runs, with false after so many milliseconds. */
  async settled(ms: number): Promise<boolean> {
    const all = Promise.allSettled([...this.#running.values()].map((running) => running.settled)).then(() => true);
    const enough = new AbortController();
    const late = this.#deps.clock.sleep(ms, enough.signal).then(() => false, () => false);
    const done = await Promise.race([all, late]);
    enough.abort();
    return done;
  }

  // ------------------------------------------------------------ for pages

  list(caller: Pick<Caller, 'userId'>, input: { readonly instance_id?: number; readonly active?: boolean; readonly limit: number }): { operations: Operation[]; count: number } {
    const rows = this.#deps.store.operations.list(caller.userId, { instanceId: input.instance_id, active: input.active, limit: input.limit });
    const operations = rows.map((row) => publicPart(this.#held(row.id)?.row ?? row));
    return { operations, count: operations.length };
  }

  get(caller: Pick<Caller, 'userId'>, id: string): Operation & { log: LogLine[] } {
    return { ...publicPart(this.#row(caller, id)), log: this.#log(id) };
  }

  cancel(caller: Pick<Caller, 'userId'>, id: string): Operation {
    const running = this.#runningOf(caller, id);
    if (!running.row.cancellable) throw new AppError('operation_ended', 'This operation can no longer be cancelled.', { state: running.row.state });
    running.log('info', 'Asked to stop.');
    running.update({ state: 'cancelling' });
    running.controller.abort(new AppError('cancelled', 'The operation was cancelled.', { operation_id: id }));
    return publicPart(running.row);
  }

  answer(caller: Pick<Caller, 'userId'>, id: string, answer: 'wait' | 'destroy' | 'proceed' | 'keep'): Operation {
    const running = this.#runningOf(caller, id);
    if (!running.answer(answer)) throw new AppError('operation_ended', 'This operation asks nothing now.', { state: running.row.state });
    running.log('info', `Answered: ${answer}.`);
    return publicPart(running.row);
  }

  /** Looks the operation up at once, so that an unknown one is refused before a stream begins. */
  follow(caller: Pick<Caller, 'userId'>, id: string, signal?: AbortSignal): AsyncGenerator<OperationEvent> {
    this.#row(caller, id);
    return this.#follow(caller, id, signal);
  }

  async *#follow(caller: Pick<Caller, 'userId'>, id: string, signal: AbortSignal | undefined): AsyncGenerator<OperationEvent> {
    const queue = new EventQueue<OperationEvent>(followerLimit);
    const running = this.#running.get(id);
    queue.push({ type: 'operation', operation: publicPart(this.#row(caller, id)) });
    for (const line of this.#log(id)) queue.push({ type: 'log', line });
    if (running === undefined) queue.end();
    else running.followers.add(queue);
    try {
      yield* queue.drain(signal);
    } finally {
      running?.followers.delete(queue);
    }
  }

  // ------------------------------------------------------------ inside

  #run<Result>(row: OperationRow, work: (run: OperationRun) => Promise<Result>): Started<Result> {
    const running = new RunningOperation(this.#host, row);
    this.#running.set(row.id, running);
    this.#host.changed(row);
    this.#tell(row);
    const done = Promise.resolve()
      .then(() => work(running.handle()))
      .then(
        (result) => {
          this.#finish(running, running.row.warnings.length > 0 ? 'warnings' : 'succeeded', null);
          return result;
        },
        (thrown: unknown) => {
          // Wherever a full disk showed: nobody else need look for it.
          const error = asDiskFull(thrown);
          this.#fail(running, error);
          throw error;
        },
      );
    running.settled = done.catch(() => undefined);
    return { operation: publicPart(row), done };
  }

  #fail(running: RunningOperation, error: unknown): void {
    const { id, kind } = running.row;
    this.#sayKept(running, error);
    const aborted = running.controller.signal.aborted || isAppError(error, 'cancelled');
    if (aborted && this.#quitting && this.#takers.get(kind)?.when === 'unlocked') {
      running.log('info', 'The app ended; this is taken up at the next start.');
      this.#finish(running, null, null);
    } else if (aborted) {
      // An error of its own beside the wish to stop, such as a damaged repository, is kept; the consequences of stopping are not.
      const own = isAppError(error) && error.code !== 'cancelled' ? { code: error.code, message: error.message, data: error.data } : null;
      this.#finish(running, 'cancelled', own ?? { code: 'cancelled', message: 'The operation was cancelled.', data: { operation_id: id } });
    } else if (isAppError(error)) {
      running.log('error', error.message);
      this.#finish(running, error.code === 'rent_unconfirmed' ? 'unknown' : 'failed', { code: error.code, message: error.message, data: error.data });
    } else {
      this.#deps.log.error('operation.failed', { operation: id, kind, error });
      running.log('error', 'Internal error. The log of the app has the details.');
      this.#finish(running, 'failed', { code: 'internal', message: 'Internal error. The log has the details.', data: {} });
    }
  }

  #finish(running: RunningOperation, state: OperationState | null, error: Operation['error']): void {
    this.#running.delete(running.row.id);
    running.end(state, error);
    this.#write(running);
    this.#tell(running.row);
  }

  /** An end is shown at once, and written as soon as the database takes it. */
  #write(running: RunningOperation): void {
    const { id } = running.row;
    try {
      running.write();
      this.#unwritten.delete(id);
    } catch (error) {
      if (!this.#unwritten.has(id)) this.#deps.log.error('operation.unwritten', { operation: id, error });
      this.#unwritten.set(id, running);
      this.#deps.clock.sleep(writeAgainAfter).then(() => this.#quitting || this.#write(running), () => undefined);
    }
  }

  #sayKept(running: RunningOperation, error: unknown): void {
    const kept = whatIsKept(running.row.kind, isAppError(error) ? error.code : 'internal');
    if (kept !== null) running.log('info', kept);
  }

  /** What is known here better than in the database. */
  #held(id: string): RunningOperation | undefined {
    return this.#running.get(id) ?? this.#unwritten.get(id);
  }

  #tell(row: OperationRow): void {
    this.#deps.feed.tell(row.userId, 'operations', row.id);
  }

  #log(id: string): LogLine[] {
    return [...this.#deps.store.operations.log(id, shownLines), ...(this.#held(id)?.unsaved ?? [])].slice(-shownLines);
  }

  #row(caller: Pick<Caller, 'userId'>, id: string): OperationRow {
    const row = this.known(id);
    if (row === null || row.userId !== caller.userId) throw new AppError('not_found', 'There is no such operation.', { kind: 'operation', id });
    return row;
  }

  #runningOf(caller: Pick<Caller, 'userId'>, id: string): RunningOperation {
    const row = this.#row(caller, id);
    const running = this.#running.get(id);
    if (running === undefined) throw new AppError('operation_ended', 'The operation has ended.', { state: row.state });
    return running;
  }
}
