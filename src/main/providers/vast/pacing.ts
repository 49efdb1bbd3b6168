// Keeps requests apart as Vast asks: one at a time per endpoint and key, a minimum interval between them, longer after a 429.
import type { Clock } from '../../domain/ports';
import type { Endpoint } from './endpoints';

interface Lane {
  /** Ends when the turn before has. */
  tail: Promise<void>;
  /** Starts of the last minute, ms. */
  starts: number[];
  /** Nothing is sent for `ms` from `from` (ms since the epoch) on. */
  hold: { readonly from: number; readonly ms: number } | null;
}

/** Two requests sent an interval apart may arrive a little closer than that. */
const marginMs = 50;
const minuteMs = 60_000;

/** One lane per endpoint and key. */
export class Pacer {
  private readonly lanes = new Map<string, Lane>();

  constructor(private readonly clock: Clock) {}

  /** Runs `work` when it is this call's turn; turns of one lane never overlap. */
  async turn<Result>(identity: string, endpoint: Endpoint, signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
    const lane = this.lane(identity, endpoint);
    const before = lane.tail;
    let release = (): void => undefined;
    lane.tail = new Promise((resolve) => {
      release = resolve;
    });
    try {
      await before;
      await this.waitForInterval(lane, endpoint, signal);
      lane.starts = [...lane.starts.filter((start) => start > this.clock.now() - minuteMs), this.clock.now()];
      return await work();
    } finally {
      release();
    }
  }

  /** Nothing is sent on this lane for so many milliseconds: the server said it was too much. */
  penalise(identity: string, endpoint: Endpoint, ms: number): void {
    const lane = this.lane(identity, endpoint);
    const now = this.clock.now();
    this.clamp(lane, now);
    if (lane.hold === null || lane.hold.from + lane.hold.ms < now + ms) lane.hold = { from: now, ms };
  }

  /** Milliseconds for which this lane is still held; 0 when it is not. */
  heldMs(identity: string, endpoint: Endpoint): number {
    const lane = this.lane(identity, endpoint);
    const now = this.clock.now();
    this.clamp(lane, now);
    return lane.hold === null ? 0 : Math.max(0, lane.hold.from + lane.hold.ms - now);
  }

  private lane(identity: string, endpoint: Endpoint): Lane {
    const name = `${endpoint.name} ${identity}`;
    const known = this.lanes.get(name);
    if (known) return known;
    const fresh: Lane = { tail: Promise.resolve(), starts: [], hold: null };
    this.lanes.set(name, fresh);
    return fresh;
  }

  private async waitForInterval(lane: Lane, endpoint: Endpoint, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const now = this.clock.now();
      this.clamp(lane, now);
      const ms = this.due(lane, endpoint) - now;
      if (ms <= 0) return;
      await this.clock.sleep(ms, signal);
    }
  }

  /** What lies in the future came before the clock was set back: it counts as now, so that nothing waits longer than it ever would. */
  private clamp(lane: Lane, now: number): void {
    lane.starts = lane.starts.map((start) => Math.min(start, now));
    if (lane.hold !== null && lane.hold.from > now) lane.hold = { ...lane.hold, from: now };
  }

  private due(lane: Lane, endpoint: Endpoint): number {
    const last = lane.starts.at(-1);
    const afterLast = last === undefined || endpoint.intervalMs === 0 ? 0 : last + endpoint.intervalMs + marginMs;
    const oldest = endpoint.perMinute === undefined ? undefined : lane.starts.at(-endpoint.perMinute);
    const afterWindow = oldest === undefined ? 0 : oldest + minuteMs + marginMs;
    return Math.max(lane.hold === null ? 0 : lane.hold.from + lane.hold.ms, afterLast, afterWindow);
  }
}
