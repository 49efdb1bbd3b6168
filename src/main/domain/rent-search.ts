// Finds out what became of a rental whose answer was lost, by its label at Vast. See [Note: Rent intent].
import { AppError, isAppError } from './app-error';
import { isForGood, type InstanceParts } from './instance-parts';
import { splitLabel } from './labels';
import { OtherAccount, type OwnAccount } from './own-account';
import type { OperationRun, RentedInstance } from './ports';

/** Waits before each look, ms: a rental shows in the list within seconds; what has not shown after the last look was not made. */
const looksMs = [1000, 2000, 4000, 8000, 15_000, 30_000, 30_000, 30_000, 30_000] as const;
/** While Vast cannot be asked at all, looking goes on for so long. */
const unansweredMs = 30 * 60_000;

/** The instance that carries this intent in its label. */
export const findIntent = (rows: readonly RentedInstance[], intentId: string): RentedInstance | null =>
  rows.find((row) => splitLabel(row.full_label).intentId === intentId) ?? null;

/**
 * The instance of an intent, once it shows; null when enough answered lists, over two and a half minutes, did not have it.
 *
 * Throws `rent_unconfirmed` when Vast could not be asked for half an hour, `vast_key_rejected` when another account's key is set: its list says nothing of this rental.
 */
export const searchForIntent = async (parts: InstanceParts, run: OperationRun, account: OwnAccount, intentId: string): Promise<RentedInstance | null> => {
  const { clock, poller } = parts;
  const until = clock.now() + unansweredMs;
  run.progress({ phase: 'confirm', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
  for (let answered = 0; answered < looksMs.length; ) {
    await clock.sleep(looksMs[answered] ?? 30_000, run.signal);
    try {
      const known = await poller.refresh(account.userId);
      const found = findIntent(known.rows, intentId);
      if (found !== null) return found;
      if (!account.has(known.account)) throw new OtherAccount();
      answered += 1;
    } catch (error) {
      if (run.signal.aborted || isForGood(error)) throw error;
      run.log('warn', `Vast.ai cannot be asked (${isAppError(error) ? error.code : 'failed'}); looking again.`);
      if (clock.now() < until) continue;
      throw new AppError('rent_unconfirmed', 'Vast.ai could not be asked whether the instance was rented. Look at the list of instances before renting again.', {
        intent_id: intentId,
        operation_id: run.id,
      });
    }
  }
  return null;
};
