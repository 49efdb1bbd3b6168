// The simulator's own clock: wall time plus an offset, at a settable rate, so that hours of billing can pass in a test.

/** Epoch seconds that can be advanced and sped up, never turned back. */
export class SimClock {
  private anchorWallMs: number;
  private anchorSeconds: number;
  private rateNow = 1;

  /** `wallMs` gives real epoch milliseconds; `offsetSeconds` is how far simulated time is ahead of it. */
  constructor(
    private readonly wallMs: () => number,
    offsetSeconds = 0,
  ) {
    this.anchorWallMs = wallMs();
    this.anchorSeconds = this.anchorWallMs / 1000 + offsetSeconds;
  }

  /** Simulated epoch seconds, with fractions. */
  now(): number {
    return this.anchorSeconds + ((this.wallMs() - this.anchorWallMs) / 1000) * this.rateNow;
  }

  /** Seconds by which simulated time is ahead of real time; what a state file keeps. */
  offset(): number {
    return this.now() - this.wallMs() / 1000;
  }

  /** Simulated seconds per real second. */
  rate(): number {
    return this.rateNow;
  }

  /** Moves the clock forward by `seconds` (0 or more). */
  advance(seconds: number): void {
    if (!(seconds >= 0)) throw new RangeError('the clock only moves forward');
    this.anchorSeconds += seconds;
  }

  /** Sets simulated seconds per real second (0 stops the clock). */
  setRate(rate: number): void {
    if (!(rate >= 0) || rate > 1_000_000) throw new RangeError('the rate must lie between 0 and 1000000');
    this.anchorSeconds = this.now();
    this.anchorWallMs = this.wallMs();
    this.rateNow = rate;
  }
}
