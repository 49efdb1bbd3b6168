// A bounded queue between what happens and one page that reads it: equal things that still wait are told once.

/** Waits for items; ends when told to or when its reader's signal is aborted. */
export class EventQueue<Item> {
  readonly #waiting = new Map<string | symbol, Item>();
  readonly #limit: number;
  #wake: (() => void) | null = null;
  #ended = false;
  /** Items that a slow reader lost. */
  dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** An item with the same key that still waits is replaced; over the limit the oldest goes. */
  push(item: Item, key: string | null = null): void {
    if (this.#ended) return;
    this.#waiting.set(key ?? Symbol('item'), item);
    if (this.#waiting.size > this.#limit) {
      const oldest = this.#waiting.keys().next();
      if (oldest.done !== true) this.#waiting.delete(oldest.value);
      this.dropped += 1;
    }
    this.#wake?.();
  }

  /** What waits is still read; then the reader's loop ends. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *drain(signal?: AbortSignal): AsyncGenerator<Item> {
    const wake = (): void => this.#wake?.();
    signal?.addEventListener('abort', wake);
    try {
      for (;;) {
        if (signal?.aborted === true) return;
        const next = this.#waiting.entries().next();
        if (next.done !== true) {
          const [key, item] = next.value;
          this.#waiting.delete(key);
          yield item;
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#wake = null;
        }
      }
    } finally {
      signal?.removeEventListener('abort', wake);
    }
  }
}
