// Tells pages that something changed: hints, and the progress of operations. Nothing is kept; a page asks again after a hint.
import type { Operation, Topic, WatchEvent } from '../../contract';
import { EventQueue } from './events-queue';
import type { Caller, Clock, Hints } from './ports';
import type { EventsService } from './services';

/** Milliseconds: at most one hint per topic in this time. */
const hintPause = 250;
/** Milliseconds between signs of life. */
const aliveEvery = 15_000;
/** A page that does not read loses the oldest; hints and operations replace their like, so this is rarely met. */
const queueLimit = 512;

type Hint = Extract<WatchEvent, { type: 'hint' }>;

/** One topic of one user: the hint that waits for the pause to end. */
interface Pause {
  waiting: Hint | null;
}

/** Feeds `events.watch` of every page. */
export class EventsFeed implements EventsService, Hints {
  readonly #clock: Clock;
  readonly #watchers = new Map<string, Set<EventQueue<WatchEvent>>>();
  readonly #pauses = new Map<string, Pause>();
  readonly #closed = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Hints of one topic that come close together become one; of several ids it names none. */
  tell(userId: string, topic: Topic, id: string | number | null = null): void {
    if (!this.#watchers.has(userId)) return;
    const key = `${topic} ${userId}`;
    const pause = this.#pauses.get(key);
    const hint: Hint = { type: 'hint', topic, id };
    if (pause !== undefined) {
      pause.waiting = pause.waiting === null || pause.waiting.id === id ? hint : { ...hint, id: null };
      return;
    }
    this.#send(userId, hint, `hint ${topic} ${String(id)}`);
    void this.#pause(userId, key);
  }

  /** A running operation's state; the operations' log gives it at most four times a second. */
  operation(userId: string, operation: Operation): void {
    this.#send(userId, { type: 'operation', operation }, `operation ${operation.id}`);
  }

  async *watch(caller: Pick<Caller, 'userId'>, signal?: AbortSignal): AsyncGenerator<WatchEvent> {
    const queue = new EventQueue<WatchEvent>(queueLimit);
    const watchers = this.#watchers.get(caller.userId) ?? new Set();
    this.#watchers.set(caller.userId, watchers.add(queue));
    const ended = new AbortController();
    const until = AbortSignal.any([ended.signal, this.#closed.signal, ...(signal === undefined ? [] : [signal])]);
    queue.push({ type: 'alive' }, 'alive');
    const beating = this.#beat(queue, until);
    try {
      yield* queue.drain(until);
    } finally {
      ended.abort();
      watchers.delete(queue);
      if (watchers.size === 0 && this.#watchers.get(caller.userId) === watchers) this.#watchers.delete(caller.userId);
      await beating;
    }
  }

  /** How many pages listen. */
  get watching(): number {
    return [...this.#watchers.values()].reduce((sum, queues) => sum + queues.size, 0);
  }

  /** Ends every stream. */
  close(): void {
    this.#closed.abort();
  }

  #send(userId: string, event: WatchEvent, key: string): void {
    this.#watchers.get(userId)?.forEach((queue) => queue.push(event, key));
  }

  async #beat(queue: EventQueue<WatchEvent>, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      const slept = await this.#slept(aliveEvery, until);
      if (slept) queue.push({ type: 'alive' }, 'alive');
    }
  }

  async #pause(userId: string, key: string): Promise<void> {
    const pause: Pause = { waiting: null };
    this.#pauses.set(key, pause);
    await this.#slept(hintPause, this.#closed.signal);
    this.#pauses.delete(key);
    if (pause.waiting !== null) this.tell(userId, pause.waiting.topic, pause.waiting.id);
  }

  async #slept(ms: number, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#clock.sleep(ms, signal);
      return true;
    } catch {
      return false;
    }
  }
}
