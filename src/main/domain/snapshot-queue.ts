// One queue per repository: jobs that only add or read run together, a job that removes runs alone. In order of asking.
interface Waiting {
  readonly exclusive: boolean;
  readonly start: () => void;
}

/** A queue of shared and exclusive jobs. */
export class SnapshotQueue {
  private readonly waiting: Waiting[] = [];
  private shared = 0;
  private alone = false;

  /** Runs the job when its turn has come. An abort while it waits rejects with the signal's reason. */
  async run<Result>(kind: 'shared' | 'exclusive', job: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const leave = await this.enter(kind, signal);
    try {
      return await job();
    } finally {
      leave();
    }
  }

  /** Waits for the turn, which lasts until the function that comes back is called. An abort while it waits rejects with the signal's reason. */
  async enter(kind: 'shared' | 'exclusive', signal?: AbortSignal): Promise<() => void> {
    await this.turn(kind === 'exclusive', signal);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      if (kind === 'exclusive') this.alone = false;
      else this.shared -= 1;
      this.next();
    };
  }

  private turn(exclusive: boolean, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const leave = (): void => {
        const at = this.waiting.indexOf(entry);
        if (at === -1) return;
        this.waiting.splice(at, 1);
        reject(signal?.reason as Error);
        this.next();
      };
      const entry: Waiting = {
        exclusive,
        start: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.waiting.push(entry);
      this.next();
    });
  }

  private next(): void {
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      if (this.alone || (first.exclusive && this.shared > 0)) return;
      this.waiting.shift();
      if (first.exclusive) this.alone = true;
      else this.shared += 1;
      first.start();
    }
  }
}

/** Queues by name, made on first use. */
export class SnapshotQueues {
  private readonly queues = new Map<string, SnapshotQueue>();

  of(name: string): SnapshotQueue {
    const found = this.queues.get(name) ?? new SnapshotQueue();
    this.queues.set(name, found);
    return found;
  }
}
