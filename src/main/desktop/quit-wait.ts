// Waiting with a quit until nothing runs: out of sight, but never while an operation needs an answer. No Electron.
import type { Operation } from '../../contract';

export interface QuitWait {
  readonly running: () => readonly Operation[];
  /** Resolves once nothing runs, or after a few seconds. */
  readonly settled: () => Promise<unknown>;
  /** Puts the window away, where it can be brought back from. */
  readonly hide: () => void;
  /** Shows an operation that waits for an answer; without one it would never end. */
  readonly ask: (operation: Operation) => void;
}

/** True once nothing runs any more; false when `signal` ended the waiting. Throws what `settled` throws. */
export async function waitUntilQuiet({ running, settled, hide, ask }: QuitWait, signal: AbortSignal): Promise<boolean> {
  const firstAsking = (): Operation | undefined => running().find(({ asks }) => asks !== null);
  if (firstAsking() === undefined) hide();
  let shown: string | undefined;
  while (!signal.aborted && running().length > 0) {
    const asking = firstAsking();
    // Once for each: whoever looks at it is not called back every few seconds.
    if (asking !== undefined && asking.id !== shown) ask(asking);
    shown = asking?.id;
    await settled();
  }
  return !signal.aborted;
}
