// Signing the remembered user in without a window, so that schedules run: tried again while the keychain is not there yet, as at a login.
import { AppError } from '../domain/app-error';
import type { Log } from '../domain/ports';

/** Milliseconds before each further try: ten minutes together. After that only an unlocked screen leads to another. */
export const triesAfter: readonly number[] = [2_000, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 283_000];

export interface UnseenSignInOptions {
  /** Throws `unauthorized` when nobody is remembered, `secret_store_unavailable` when the keychain does not say. */
  readonly resume: () => Promise<unknown>;
  /** Asks the keychain anew; without this it answers as before. */
  readonly probe: () => Promise<unknown>;
  /** Somebody is: nothing is left to do. */
  readonly isSignedIn: () => boolean;
  readonly log: Pick<Log, 'info'>;
}

export class UnseenSignIn {
  readonly #options: UnseenSignInOptions;
  #timer: NodeJS.Timeout | undefined;
  #tries = 0;
  #trying: Promise<void> | null = null;
  #over = false;

  constructor(options: UnseenSignInOptions) {
    this.#options = options;
  }

  begin(): Promise<void> {
    return this.#try(false);
  }

  /** The screen was unlocked, and the keychain perhaps with it. */
  unlocked(): Promise<void> {
    return this.#try(true);
  }

  close(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #try(again: boolean): Promise<void> {
    this.#trying ??= this.#once(again).finally(() => {
      this.#trying = null;
    });
    return this.#trying;
  }

  async #once(again: boolean): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#over) return;
    const { resume, probe, isSignedIn, log } = this.#options;
    try {
      if (again && !isSignedIn()) await probe();
      if (!isSignedIn()) await resume();
      this.#over = true;
    } catch (error) {
      const isWorthIt = error instanceof AppError && error.code === 'secret_store_unavailable';
      const after = isWorthIt ? triesAfter[this.#tries] : undefined;
      log.info('start.nobody_remembered', { problem: error instanceof Error ? error.message : String(error), again_after_ms: after ?? null });
      this.#over ||= !isWorthIt;
      this.#tries += 1;
      if (after !== undefined && !this.#over) this.#timer = setTimeout(() => void this.#try(true), after).unref();
    }
  }
}
