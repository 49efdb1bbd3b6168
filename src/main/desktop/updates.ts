// When the app looks for a newer version of itself, and when it may take it. No Electron: tests bring their own source and clock.
import type { UpdateState } from '../../contract';
import type { Clock, Log } from '../domain/ports';
import { isNewer, UpdateError, type UpdateDescription } from './update-description';

/** Where updates come from: electron-updater over a signed description. */
export interface UpdateSource {
  /** The newest release, its signature checked. */
  newest(): Promise<UpdateDescription>;
  /** Fetches and checks the file for this computer; percent from 0 to 100. */
  download(found: UpdateDescription, onPercent: (percent: number) => void): Promise<void>;
  /** Ends the app and starts the new one. Rejects, or calls back, at once or later, when that did not work: the app then goes on. */
  install(onFailed: (error: unknown) => void): Promise<void>;
}

export interface UpdatesOptions {
  /** Null in development, in the demo, and in a package that was built without a place for updates. */
  readonly source: UpdateSource | null;
  readonly version: string;
  /** The user's setting. */
  readonly wanted: () => boolean;
  /** Whether an operation runs: nothing is installed then. */
  readonly busy: () => boolean;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** Milliseconds: the first look after the start, and from one to the next. */
export const updateTimes = { first: 60_000, every: 24 * 3_600_000 } as const;

const problemOf = (error: unknown): NonNullable<UpdateState['problem']> => (error instanceof UpdateError ? error.problem : 'unreachable');

/**
 * Looks by itself, once a day; fetches and installs only when the user says so, after the notes were there to read.
 */
export class Updates {
  readonly #options: UpdatesOptions;
  #found: UpdateDescription | null = null;
  #kind: UpdateState['kind'];
  #problem: UpdateState['problem'] = null;
  #percent: number | null = null;
  #checkedAt: string | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: UpdatesOptions) {
    this.#options = options;
    this.#kind = options.source === null ? 'off' : 'none';
  }

  get state(): UpdateState {
    const { source, wanted, busy } = this.#options;
    const off = source === null || (!wanted() && this.#kind === 'none');
    return { kind: off ? 'off' : this.#kind, possible: source !== null, version: this.#found?.version ?? null, notes: this.#found?.releaseNotes ?? null, percent: this.#percent, problem: this.#problem, waits: busy(), checked_at: this.#checkedAt };
  }

  /** Looks for itself from now on. */
  begin(): void {
    if (this.#options.source === null) return;
    const look = (): void => {
      if (this.#options.wanted() && (this.#kind === 'none' || this.#kind === 'failed')) void this.step('check');
      this.#timer = setTimeout(look, updateTimes.every).unref();
    };
    this.#timer = setTimeout(look, updateTimes.first).unref();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Does one step where it is that step's turn; any other time it changes nothing. Gives the state afterwards, never throws. */
  async step(step: 'check' | 'download' | 'install'): Promise<UpdateState> {
    const { source } = this.#options;
    if (source === null) return this.state;
    if (step === 'check' && ['none', 'failed', 'available'].includes(this.#kind)) await this.#check(source);
    if (step === 'download' && this.#kind === 'available') await this.#download(source);
    if (step === 'install' && this.#kind === 'ready' && !this.#options.busy()) await this.#install(source);
    return this.state;
  }

  /** Nobody can log that it was installed: the app has ended by then. The next start logs its version. */
  async #install(source: UpdateSource): Promise<void> {
    this.#options.log.info('update.installing', { version: this.#found?.version });
    const failed = (cause: unknown): void => this.#failed('installing', new UpdateError('not_installed', { cause }));
    await source.install(failed).catch(failed);
  }

  async #check(source: UpdateSource): Promise<void> {
    await this.#attempt('checking', async () => {
      const found = await source.newest();
      this.#checkedAt = new Date(this.#options.clock.now()).toISOString();
      this.#found = isNewer(found.version, this.#options.version) ? found : null;
      this.#kind = this.#found === null ? 'none' : 'available';
    });
  }

  async #download(source: UpdateSource): Promise<void> {
    const found = this.#found;
    if (found === null) return;
    await this.#attempt('downloading', async () => {
      if (!isNewer(found.version, this.#options.version)) throw new UpdateError('older');
      await source.download(found, (percent) => {
        this.#percent = percent;
      });
      this.#kind = 'ready';
    });
    this.#percent = null;
  }

  async #attempt(kind: 'checking' | 'downloading', body: () => Promise<void>): Promise<void> {
    this.#kind = kind;
    this.#problem = null;
    try {
      await body();
    } catch (error) {
      this.#failed(kind, error);
    }
  }

  #failed(step: 'checking' | 'downloading' | 'installing', error: unknown): void {
    this.#kind = 'failed';
    this.#found = null;
    this.#problem = problemOf(error);
    this.#options.log.warn('update.failed', { step, problem: this.#problem, error });
  }
}
