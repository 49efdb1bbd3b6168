// Destroys an instance for certain: asked again until the provider says it is gone, for a day if need be.
import { AppError, isAppError } from './app-error';
import { isForGood, lookAgainMs, type InstanceParts } from './instance-parts';
import type { OperationRun } from './ports';

/** Which instance, for whom, since when (ms). */
export interface DestroyTarget {
  readonly userId: string;
  readonly instanceId: number;
  readonly since: number;
  /** Called each time the provider took the request. */
  readonly accepted: () => void;
}

const giveUpMs = 24 * 3600 * 1000;
/** A request that was taken but shows no effect is sent again after so many looks (about a minute). */
const looksPerRequest = 8;
const firstBackOffMs = 2000;
const longestBackOffMs = 5 * 60_000;

const isGone = async (parts: InstanceParts, target: DestroyTarget, signal: AbortSignal): Promise<boolean> => {
  try {
    return (await parts.vast.get(await parts.secrets.vastKey(target.userId), target.instanceId, signal)) === null;
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
 * Throws `vast_key_*` and `vast_permission` at once, since waiting does not cure them, and the last failure after 24 hours.
 */
export const destroyUntilGone = async (parts: InstanceParts, run: OperationRun, target: DestroyTarget): Promise<void> => {
  const { vast, secrets, clock, poller, sshKeys } = parts;
  for (let round = 0; ; round += 1) {
    let failure: unknown = new AppError('vast_error', 'Vast.ai took the request, but the instance still exists.', { status: 200, slug: null, detail: 'still listed' });
    try {
      await vast.destroy(await secrets.vastKey(target.userId), target.instanceId, run.signal);
      target.accepted();
      run.progress({ phase: 'wait', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
      if (await goneSoon(parts, target, run)) break;
    } catch (error) {
      if (run.signal.aborted || isForGood(error)) throw error;
      failure = error;
    }
    if (clock.now() - target.since > giveUpMs) throw failure;
    run.log('warn', `Not destroyed yet (${isAppError(failure) ? failure.code : 'failed'}); trying again.`);
    await clock.sleep(Math.min(longestBackOffMs, firstBackOffMs * 2 ** Math.min(round, 10)), run.signal);
  }
  poller.markGone(target.userId, target.instanceId);
  sshKeys.forget(target.userId, target.instanceId);
  run.log('info', 'Vast.ai says that the instance is gone.');
};
