// A stream that comes no faster than a limit: what is not asked for yet waits at the sender, since nothing reads it. Used in main and in the capture worker.
import { setTimeout as sleep } from 'node:timers/promises';

/** How much may come at once after a pause, seconds of the limit. */
const burst = 0.25;

/** Passes chunks on so that their sum stays below `bytesPerSecond`; null = no limit. Ends quietly after an abort: who aborts knows. */
export async function* throttled(chunks: AsyncIterable<Buffer>, bytesPerSecond: number | null, signal: AbortSignal): AsyncGenerator<Buffer> {
  if (bytesPerSecond === null) {
    yield* chunks;
    return;
  }
  // The instant at which everything so far may have come, milliseconds.
  let due = performance.now();
  for await (const chunk of chunks) {
    yield chunk;
    due = Math.max(due, performance.now() - burst * 1000) + (chunk.length / bytesPerSecond) * 1000;
    const wait = due - performance.now();
    if (wait > 1) await sleep(wait, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
  }
}
