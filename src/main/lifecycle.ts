// How a process of the app begins and ends: private files, one line for what a user must read, signals, and an end within five seconds.
import { randomInt } from 'node:crypto';
import type { Log } from './domain/ports';

/** Exit codes: what the user asked for cannot be (flags, port, another copy), or something failed. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** Milliseconds: what runs has this long to stop, and everything together less than the promised five seconds. */
export const endTimes = { operations: 2_500, children: 1_000, all: 4_000 } as const;

/** A failure whose message is one line for the user. */
export class StartError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'StartError';
    this.exitCode = exitCode;
  }
}

/** Files of this process are its user's only. */
export function keepFilesPrivate(): void {
  process.umask(0o077);
}

/** The code that proves that who registers first over HTTP can see what the app printed. */
export function makeSetupCode(): string {
  const letters = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
  const part = (): string => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('');
  return `${part()}-${part()}`;
}

/** Runs the steps in turn, each even if one before it failed, and gives up on all after `ms`. True when all went well. */
export async function endInTurn(steps: readonly (() => Promise<unknown> | void)[], ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const all = (async () => {
    let well = true;
    for (const step of steps) {
      try {
        await step();
      } catch {
        well = false;
      }
    }
    return well;
  })();
  const well = await Promise.race([all, late]);
  clearTimeout(timer);
  return well;
}

/**
 * What nobody caught: a rejection is logged and the app goes on, since no other work hangs on it; an exception may have left anything
 * half-done, so it is logged and the process ends.
 */
export function onUnexpected(log: Pick<Log, 'error'>, end: () => void): void {
  process.on('unhandledRejection', (reason) => log.error('app.unhandled_rejection', { error: reason }));
  process.once('uncaughtException', (error) => {
    log.error('app.crashed', { error });
    end();
  });
}

/** Calls `end` once, at the first signal that asks the process to end. */
export function onEndSignal(end: (signal: NodeJS.Signals) => void): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (asked) return;
      asked = true;
      end(signal);
    });
  }
}
