// Long work in short turns, so that messages and an abort are heard in between.
import { AppError } from './app-error';

/** How long the event loop may be held at a time, milliseconds. */
const turn = 25;
/** Steps between two looks at the clock. */
const stride = 256;

/** Asked at every step of a long loop. */
export class Turns {
  private since = performance.now();
  private steps = 0;

  constructor(private readonly signal: AbortSignal) {}

  /** It is time for a pause. */
  get due(): boolean {
    this.steps += 1;
    return this.steps % stride === 0 && performance.now() - this.since > turn;
  }

  /** Lets others have their turn; `cancelled` after an abort. */
  async pause(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.signal.aborted) throw new AppError('cancelled', 'The operation was cancelled.', {});
    this.since = performance.now();
  }
}
