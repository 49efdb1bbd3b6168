// Long work in short turns, so that messages and an abort are heard in between.
import { AppError } from './app-error';

/** How long the event loop of a worker may be held at a time, milliseconds. */
const workerTurn = 25;
/** And that of main. */
export const mainTurn = 8;
/** Steps between two looks at the clock. */
const stride = 256;

/** Asked at every step of a long loop. */
export class Turns {
  private since = performance.now();
  private steps = 0;

  /** `turn`: how long the loop may be held at a time, ms; in main, where windows and requests wait, less than in a worker. */
  constructor(
    private readonly signal: AbortSignal | undefined,
    private readonly turn = workerTurn,
  ) {}

  /** It is time for a pause. */
  get due(): boolean {
    this.steps += 1;
    return this.steps % stride === 0 && performance.now() - this.since > this.turn;
  }

  /** The same, asked at a step that may be long by itself: each of them looks at the clock. */
  get dueNow(): boolean {
    return performance.now() - this.since > this.turn;
  }

  /** Lets others have their turn; `cancelled` after an abort. */
  async pause(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.signal?.aborted === true) throw new AppError('cancelled', 'The operation was cancelled.', {});
    this.since = performance.now();
  }

  /** What `of` gives for each one of a long list, without those it gives undefined for. */
  async collect<Item, Value>(items: Iterable<Item>, of: (item: Item) => Value | undefined): Promise<Value[]> {
    const found: Value[] = [];
    for (const item of items) {
      if (this.due) await this.pause();
      const value = of(item);
      if (value !== undefined) found.push(value);
    }
    return found;
  }
}
