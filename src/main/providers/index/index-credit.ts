// How many messages may still be on their way to a thread.

/** Counts down with every message and up with every one that was used up. */
export class Credit {
  private wake: (() => void) | null = null;
  private over = false;

  constructor(private left: number) {}

  give(): void {
    this.left += 1;
    this.wake?.();
  }

  /** Nobody reads any more. */
  end(): void {
    this.over = true;
    this.wake?.();
  }

  /** Waits until one more may be sent; false when nobody reads any more. */
  async take(): Promise<boolean> {
    while (this.left === 0 && !this.over) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    this.left -= 1;
    return !this.over;
  }
}
