// Destroys an instance for certain: asked again until the provider says it is gone, for a day if need be.
import { AppError, isAppError } from './app-error';
import { isForGood, lookAgainMs, type InstanceParts } from './instance-parts';
import type { OwnAccount } from './own-account';
import type { OperationRun } from './ports';

/** Which instance, of which account, since when (ms). */
export interface DestroyTarget {
  readonly account: OwnAccount;
  readonly instanceId: number;
  readonly since: number;
  /** Called each time the provider took the request. */
  readonly accepted: () => void;
}

const waiting = { phase: 'wait', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null } as const;
const giveUpMs = 24 * 3600 * 1000;
/** A request that was taken but shows no effect is sent again after so many looks (about a minute). */
const looksPerRequest = 8;
const firstBackOffMs = 2000;
const longestBackOffMs = 5 * 60_000;

const isGone = async (parts: InstanceParts, target: DestroyTarget, signal: AbortSignal): Promise<boolean> => {
  try {
    return (await parts.vast.get(await target.account.key(target.instanceId, signal), target.instanceId, signal)) === null;
  } catch (error) {
    if (signal.aborted || isForGood(error)) throw error;
    return false;
  }
};

const goneSoon = async (parts: InstanceParts, target: DestroyTarget, run: OperationRun): Promise<boolean> => {
  for (let look = 0; look < looksPerRequest; look += 1) {
    if (await isGone(parts, target, run.signal)) return true;
    await parts.clock.sleep(lookAgainMs(look), run.signal);
  }
  return false;
};

/**
 * Ends only when the provider said that the instance is gone.
 *
 * Throws `vast_key_*` and `vast_permission` at once, since waiting does not cure them (so it does when the key is another account's), and the last failure after 24 hours.
 */
export const destroyUntilGone = async (parts: InstanceParts, run: OperationRun, target: DestroyTarget): Promise<void> => {
  const { vast, clock, poller, sshKeys } = parts;
  const { account, instanceId } = target;
  // Also where the request is not taken for a while: a snapshot that came first has ended.
  run.progress(waiting);
  for (let round = 0; ; round += 1) {
    let failure: unknown = new AppError('vast_error', 'Vast.ai took the request, but the instance still exists.', { status: 200, slug: null, detail: 'still listed' });
    try {
      await vast.destroy(await account.key(instanceId, run.signal), instanceId, run.signal);
      target.accepted();
      if (await goneSoon(parts, target, run)) break;
    } catch (error) {
      if (run.signal.aborted || isForGood(error)) throw error;
      failure = error;
    }
    if (clock.now() - target.since > giveUpMs) throw failure;
    run.log('warn', `Not destroyed yet (${isAppError(failure) ? failure.code : 'failed'}); trying again.`);
    await clock.sleep(Math.min(longestBackOffMs, firstBackOffMs * 2 ** Math.min(round, 10)), run.signal);
  }
  poller.markGone(account.userId, instanceId);
  sshKeys.forget(account.userId, instanceId);
  run.log('info', 'Vast.ai says that the instance is gone.');
};
