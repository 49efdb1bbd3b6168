// Waits until a new instance runs and can be reached; destroys one whose boot failed; asks about one that takes too long or may hold something.
import { AppError, isAppError } from './app-error';
import { destroyUntilGone } from './destroy';
import { lookAgainMs, notFound, type InstanceParts } from './instance-parts';
import { stateOf } from './instance-state';
import { OtherAccount, type OwnAccount } from './own-account';
import type { OperationRun, RentedInstance } from './ports';

export interface BootTarget {
  readonly account: OwnAccount;
  readonly instanceId: number;
  /** When it was rented, ms. */
  readonly since: number;
  /** It is looked after by what rented it; false once that was taken up again, which may be days later. */
  readonly watched: boolean;
  /** Aborted when another action takes over. */
  readonly signal: AbortSignal;
}

/** Then the user is asked whether to wait on (design 8). */
const askAfterMs = 20 * 60_000;
/** Looks that are further apart than this, ms, may have missed that it ran: the app ended, the computer slept, or Vast did not answer. */
const unbrokenMs = 2 * 60_000;
/** An instance that runs without an SSH address gets this long to report one, ms. */
const addressWithinMs = 2 * 60_000;

/*
 * [Note: Failed boot] An instance whose container fails reads the same whether it never ran or ran all night and was restarted. One that never ran holds
 * nothing, and each hour of it is money: it is destroyed. That is certain only when it was looked at without a gap since it was rented and was never seen
 * running; of any other the user is asked, as of one that loads too long.
 */

/** What is remembered between two looks. */
class Boot {
  private keyAttached = false;
  private message: string | null = null;
  private askAt: number;
  private question: AbortController | null = null;
  private verdict: string | null = null;
  /** The user said to wait. */
  private waits = false;
  private runningSince: number | null = null;
  private lookedAt: number;
  /** It is certain that it never ran. */
  private neverRan: boolean;
  private answered = new AbortController();

  constructor(
    private readonly parts: InstanceParts,
    private readonly run: OperationRun,
    private readonly target: BootTarget,
  ) {
    this.askAt = target.since + askAfterMs;
    this.lookedAt = target.since;
    this.neverRan = target.watched;
  }

  /** True when the instance is ready. Throws when it never will be, and when the user said to destroy it. `undefined`: it could not be looked at. */
  async look(row: RentedInstance | undefined): Promise<boolean> {
    await this.heed();
    const isReady = row !== undefined && (await this.judge(row));
    await this.heed();
    return isReady;
  }

  /** Waits for the next look, or for an answer. */
  async rest(ms: number): Promise<void> {
    const { signal } = this.target;
    await this.parts.clock.sleep(ms, AbortSignal.any([signal, this.answered.signal])).catch(() => signal.throwIfAborted());
  }

  private async judge(row: RentedInstance): Promise<boolean> {
    const state = stateOf(row);
    const now = this.parts.clock.now();
    this.neverRan &&= state !== 'running' && now - this.lookedAt <= unbrokenMs;
    this.lookedAt = now;
    this.tell(row);
    if (state === 'failed') {
      const reason = row.status_msg ?? 'the container never started';
      if (this.neverRan) throw await this.destroyed(reason);
      this.askAbout(reason);
      return false;
    }
    if (state === 'stopped' && !row.is_bid) {
      throw new AppError('vast_error', 'The instance stopped while it was being started.', { status: 200, slug: 'stopped', detail: row.status_msg ?? 'stopped' });
    }
    await this.attachKey(state === 'running');
    if (state === 'running') return this.isReachable(row);
    this.runningSince = null;
    if (this.parts.clock.now() >= this.askAt) this.ask();
    return false;
  }

  /** Takes back a question that nobody needs to answer any more. */
  end(): void {
    this.question?.abort();
  }

  private isReachable(row: RentedInstance): boolean {
    this.runningSince ??= this.parts.clock.now();
    if (row.ssh !== null) return true;
    if (this.parts.clock.now() - this.runningSince < addressWithinMs) return false;
    this.run.warn('The instance runs, but has not reported an SSH address.');
    return true;
  }

  private tell(row: RentedInstance): void {
    this.run.progress({ phase: 'wait', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
    if (row.status_msg === null || row.status_msg === this.message) return;
    this.message = row.status_msg;
    this.run.log('info', row.status_msg, 'remote');
  }

  private async attachKey(isLastChance: boolean): Promise<void> {
    if (this.keyAttached) return;
    const { vast, sshKeys } = this.parts;
    const { account, instanceId, signal } = this.target;
    try {
      await vast.attachSshKey(await account.key(instanceId, signal), instanceId, await sshKeys.publicKey(account.userId), signal);
      this.keyAttached = true;
    } catch (error) {
      if (signal.aborted) throw error;
      const code = isAppError(error) ? error.code : 'internal';
      this.parts.log.warn('instances.key_not_attached', { instance_id: instanceId, code });
      if (isLastChance) {
        this.keyAttached = true;
        this.run.warn(`The SSH key could not be put on the instance (${code}).`);
      }
    }
  }

  /** Does as the user answered. */
  private async heed(): Promise<void> {
    const { verdict } = this;
    if (verdict === null) return;
    [this.verdict, this.question, this.answered] = [null, null, new AbortController()];
    if (verdict === 'destroy') throw await this.destroyed('you chose to destroy it');
    this.askAt = this.parts.clock.now() + askAfterMs;
    this.waits = true;
  }

  /** Of one that seems to have failed it is asked at once, and after an answer as rarely as of any other. */
  private askAbout(reason: string): void {
    if (this.question !== null || (this.waits && this.parts.clock.now() < this.askAt)) return;
    this.run.log('warn', `It does not start (${reason}), but it may have run before: nothing is destroyed without your answer.`);
    this.ask();
  }

  private ask(): void {
    if (this.question !== null) return;
    this.question = new AbortController();
    void this.run.ask('still_loading', AbortSignal.any([this.question.signal, this.target.signal])).then(
      (answer) => {
        this.verdict = answer;
        if (answer !== null) this.answered.abort();
      },
      () => undefined,
    );
  }

  private async destroyed(reason: string): Promise<AppError> {
    const { account, instanceId } = this.target;
    this.run.log('error', `Destroying the instance: ${reason}`);
    await destroyUntilGone(this.parts, this.run, { account, instanceId, since: this.parts.clock.now(), accepted: () => undefined });
    return new AppError('vast_error', `The instance did not start and was destroyed: ${reason}`, { status: 200, slug: 'boot_failed', detail: reason });
  }
}

const rowOf = async (parts: InstanceParts, target: BootTarget): Promise<RentedInstance | null> => {
  const { account, instanceId, signal } = target;
  const { rows } = await parts.poller.current(account.userId, 1000);
  const listed = rows.find((row) => row.id === instanceId);
  if (listed) return listed;
  // A list may lag behind a rental: only the instance's own answer says that it is gone.
  return parts.vast.get(await account.key(instanceId, signal), instanceId, signal);
};

/** Resolves when the instance runs and says where its SSH server is. Throws `vast_error` (boot failed, destroyed), `not_found`, `vast_key_rejected` (another account's key is set), or the signal's reason. */
export const waitForBoot = async (parts: InstanceParts, run: OperationRun, target: BootTarget): Promise<void> => {
  const boot = new Boot(parts, run, target);
  try {
    for (let look = 0; ; look += 1) {
      target.signal.throwIfAborted();
      const row = await rowOf(parts, target).catch((error: unknown) => {
        if (target.signal.aborted || error instanceof OtherAccount) throw error;
        return undefined;
      });
      if (row === null) throw notFound(target.instanceId);
      if (await boot.look(row)) return;
      await boot.rest(lookAgainMs(look));
    }
  } finally {
    boot.end();
  }
};
