// Snapshots before an instance ends by itself: its contract runs out, or the credit does. See [Note: Snapshot first].
import type { Instance } from '../../contract';
import { isAppError } from './app-error';
import { waitAfter } from './back-off';
import { runwayHours } from './burn';
import { fallsNow, readFalls } from './credit-falls';
import { toInstance } from './instance-view';
import type { Caller, Clock, Log, Operations, RentedInstance } from './ports';
import { ended, endCut, endOf, type JobEnd } from './schedule-jobs';
import type { SlotRow } from './schedule-rows';
import type { OperationsService, SettingsService, SnapshotsService } from './services';
import { caredFor } from './snapshot-first';
import { snapshotTitle } from './snapshot-view';
import { findOrMakeSource, sourceDirectory } from './source-rows';
import type { SourceRow, Store } from './store-port';

/*
 * [Note: Before the end] Each moment before an end is claimed for each folder like a scheduled time (see [Note: One run per slot]), so it is taken once, over restarts too. One that failed is
 * tried again until the end, with longer waits, and one that the end of the app cut at once; never two of a folder at a time. What the user cancelled is not. An instance whose folders nobody
 * has named is snapshotted where it says its data are: before a pause or destroy the user is there to choose, here nobody is, and afterwards nothing is left to choose from.
 */

const minute = 60_000;
const hour = 60 * minute;

/** So long before the end, ms: early enough for a large first run, and once more for what was done since. */
const leads = [2 * hour, 20 * minute];

/** Between tries, ms, however near the end is. */
const leastWait = minute;
/** Tries of one moment: where a little credit is filled up again and again, its end never comes. */
const mostAttempts = 8;

type Reason = 'contract_end' | 'credit_end';

export interface DeadlineParts {
  readonly store: Store;
  readonly snapshots: Pick<SnapshotsService, 'create'>;
  readonly operations: Pick<OperationsService, 'follow' | 'get'> & Pick<Operations, 'start' | 'active'>;
  readonly settings: Pick<SettingsService, 'values'>;
  /** What Vast.ai said last; `stale` when that is not what is so now. */
  readonly known: (userId: string) => { readonly rows: readonly RentedInstance[]; readonly credit: number | null; readonly stale: boolean };
  readonly clock: Clock;
  readonly log: Log;
}

/** The moment (ms) before this end that has come and was not passed by a later one; null when none has. */
export const momentBefore = (end: number, now: number): number | null => {
  if (now >= end) return null;
  return leads.map((lead) => end - lead).filter((moment) => moment <= now).at(-1) ?? null;
};

/** When one that failed is tried again, ms: after its `attempts`-th try, before this end. Never later than at half of what is left, so that one more fits. */
const againAt = (failedAt: number, attempts: number, end: number): number => failedAt + Math.max(leastWait, Math.min(waitAfter(attempts), (end - failedAt) / 2));

/** One look: who for, when, and whether the app has ended since. */
interface Look {
  readonly caller: Caller;
  readonly now: number;
  readonly signal: AbortSignal;
}

/** A moment before an end. Times in ms; `slot` is its key. */
interface Moment {
  readonly reason: Reason;
  readonly slot: number;
  readonly end: number;
}

/** A folder to take; `path` null: nobody has named one, and it is where the instance says its data are. */
interface Folder {
  readonly source: SourceRow;
  readonly path: string | null;
}

const keyOf = ({ reason }: Moment, { source }: Folder): string => `${reason}:${source.id}`;

export class ScheduleDeadlines {
  /** Sources of which a snapshot goes on. */
  private readonly going = new Set<string>();

  constructor(private readonly parts: DeadlineParts) {}

  /** Begins whatever is due. Once `signal` is aborted the app ends, and nothing is written any more. See [Note: Before the end]. */
  look(caller: Caller, now: number, signal: AbortSignal): void {
    const { rows, credit, stale } = this.parts.known(caller.userId);
    if (stale) return;
    const active = this.parts.operations.active(caller.userId);
    const instances = rows.map((row) => toInstance(row, active, now));
    const settings = this.parts.settings.values(caller.userId);
    const beforeCreditEnd = this.beforeCreditEnd(caller.userId, instances, credit, now);
    for (const instance of instances.filter(({ state }) => state === 'running')) {
      const beforeContractEnd = settings.snapshot_before_contract_end ? contractMoment(instance, now) : null;
      if (beforeContractEnd !== null) this.instance(instance, beforeContractEnd, { caller, now, signal });
      if (settings.snapshot_before_credit_end && beforeCreditEnd !== null) this.instance(instance, beforeCreditEnd, { caller, now, signal });
    }
  }

  /** The fall of the credit that goes on, the deepest one. Kept up to date whether or not anything is taken. */
  private beforeCreditEnd(userId: string, instances: readonly Instance[], credit: number | null, now: number): Moment | null {
    const runway = runwayHours(credit, instances.reduce((sum, instance) => sum + instance.cost_per_hour, 0));
    if (runway === null) return null;
    const { settings } = this.parts.store;
    const fact = `credit-falls:${userId}`;
    const before = settings.getFact(fact);
    const falls = fallsNow(readFalls(before), leads, runway * hour, now);
    const after = falls.every((began) => began === null) ? null : JSON.stringify(falls);
    if (after !== before) settings.putFact(fact, after);
    const slot = falls.findLast((began) => began !== null) ?? null;
    return slot === null ? null : { reason: 'credit_end', slot, end: now + runway * hour };
  }

  private instance(instance: Instance, moment: Moment, look: Look): void {
    for (const folder of this.folders(look.caller.userId, instance)) {
      if (this.going.has(folder.source.id)) continue;
      const attempts = this.claim(folder, moment, look);
      if (attempts !== null) void this.take(instance, folder, moment, look, attempts);
    }
  }

  private folders(userId: string, instance: Instance): readonly Folder[] {
    const { store, clock } = this.parts;
    const known = caredFor(store, userId, instance.id).map((source) => ({ source, path: source.path }));
    return known.length > 0 ? known : [{ source: findOrMakeSource(store, clock, userId, instance, sourceDirectory(instance, undefined)), path: null }];
  }

  /** Which try of this moment begins now, from 1; null when none does. */
  private claim(folder: Folder, moment: Moment, { caller, now }: Look): number | null {
    const { slots } = this.parts.store;
    const scheduleId = keyOf(moment, folder);
    const { slot, reason, end } = moment;
    const known = slots.get(scheduleId, slot);
    if (known === null) {
      const row: SlotRow = { scheduleId, slot, state: 'started', reason, covers: 1, late: false, byHand: true, attempts: 1, operationId: null, resumedBy: null, startedAt: now, endedAt: null };
      return slots.claim(row) ? 1 : null;
    }
    const last = known.state === 'started' ? this.cut(caller.userId, known, now) : known;
    const failedAt = last.endedAt ?? now;
    const isDue = last.reason === 'interrupted' || now < failedAt || now >= againAt(failedAt, last.attempts, end);
    if (last.state !== 'failed' || last.attempts >= mostAttempts || now >= end || !isDue) return null;
    slots.update(scheduleId, slot, { state: 'started', reason, attempts: last.attempts + 1, operationId: null, startedAt: now, endedAt: null });
    return last.attempts + 1;
  }

  /** One that nothing runs for: the app ended in the middle of it. */
  private cut(userId: string, row: SlotRow, now: number): SlotRow {
    const { store } = this.parts;
    const isMade = row.operationId !== null && store.snapshots.list(userId).some(({ operationId }) => operationId === row.operationId);
    return endCut(store, row, isMade, now);
  }

  private async take(instance: Instance, folder: Folder, moment: Moment, { caller, signal }: Look, attempt: number): Promise<void> {
    const { store, clock, log } = this.parts;
    const { reason, slot } = moment;
    const { id } = folder.source;
    this.going.add(id);
    try {
      log.info('deadline.snapshot', { reason, source: id, attempt });
      const end = await this.snapshot(instance, folder, moment, caller);
      if (signal.aborted) return;
      store.slots.update(keyOf(moment, folder), slot, { ...end, endedAt: clock.now() });
      if (end.state === 'failed') log.warn('deadline.snapshot_failed', { reason, source: id, attempt, code: end.reason });
    } catch (error) {
      log.error('deadline.failed', { reason, source: id, error });
    } finally {
      this.going.delete(id);
    }
  }

  private async snapshot(instance: Instance, folder: Folder, moment: Moment, caller: Caller): Promise<JobEnd> {
    const { store, snapshots, operations } = this.parts;
    const tags = [moment.reason === 'contract_end' ? 'before-contract-end' : 'before-credit-end'];
    let operationId: string;
    try {
      ({ operation_id: operationId } = await snapshots.create(caller, { instance_id: instance.id, source_path: folder.path ?? undefined, tags, wait: false }));
    } catch (error) {
      // It could not even begin: an operation that failed is what list, tray and notifications show.
      const title = snapshotTitle(instance, folder.source.path);
      operations.start({ caller, kind: 'snapshot', instanceId: instance.id, title, cancellable: false }, () => Promise.reject(error as Error)).done.catch(() => undefined);
      return { state: 'failed', reason: isAppError(error) ? error.code : 'internal' };
    }
    store.slots.update(keyOf(moment, folder), moment.slot, { operationId });
    return endOf(await ended(operations, caller, operationId));
  }
}

const contractMoment = ({ end_date: said }: Instance, now: number): Moment | null => {
  const end = said === null ? null : Date.parse(said);
  const slot = end === null ? null : momentBefore(end, now);
  return end === null || slot === null ? null : { reason: 'contract_end', slot, end };
};
