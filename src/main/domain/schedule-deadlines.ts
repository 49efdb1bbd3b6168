// Snapshots before an instance ends by itself: its contract runs out, or the credit does. See [Note: Snapshot first].
import { costPerHour, runwayHours } from './burn';
import { isAppError } from './app-error';
import { stateOf } from './instance-state';
import type { Caller, Clock, Hints, Log, RentedInstance } from './ports';
import { ended, endOf } from './schedule-jobs';
import type { OperationsService, SettingsService, SnapshotsService } from './services';
import { caredFor } from './snapshot-first';
import type { SourceRow, Store } from './store-port';

const minute = 60_000;
const hour = 60 * minute;

/** So long before the end, ms: early enough for a large first run, and once more for what was done since. */
const leads = [2 * hour, 20 * minute];

/** The end that the credit makes moves with every top-up: within one such window each lead counts once, ms. */
const creditWindow = 6 * hour;

export interface DeadlineParts {
  readonly store: Store;
  readonly snapshots: Pick<SnapshotsService, 'create'>;
  readonly operations: Pick<OperationsService, 'follow' | 'get'>;
  readonly settings: Pick<SettingsService, 'values'>;
  /** What Vast.ai said last; `stale` when that is not what is so now. */
  readonly known: (userId: string) => { readonly rows: readonly RentedInstance[]; readonly credit: number | null; readonly stale: boolean };
  readonly hints: Hints;
  readonly clock: Clock;
  readonly log: Log;
}

/** The moment (ms) before this end that has come and was not passed by a later one; null when none has. */
export const momentBefore = (end: number, now: number): number | null => {
  if (now >= end) return null;
  return leads.map((lead) => end - lead).filter((moment) => moment <= now).at(-1) ?? null;
};

export class ScheduleDeadlines {
  constructor(private readonly parts: DeadlineParts) {}

  /** One look: whatever is due is claimed like a scheduled time (see [Note: One run per slot]) and begun. */
  look(caller: Caller, now: number): void {
    const { rows, credit, stale } = this.parts.known(caller.userId);
    if (stale) return;
    const settings = this.parts.settings.values(caller.userId);
    const running = rows.filter((row) => stateOf(row) === 'running');
    if (settings.snapshot_before_contract_end) for (const row of running) this.contract(caller, row, now);
    if (settings.snapshot_before_credit_end) this.credit(caller, rows, running, credit, now);
  }

  private contract(caller: Caller, row: RentedInstance, now: number): void {
    const moment = row.end_date === null ? null : momentBefore(Date.parse(row.end_date), now);
    if (moment !== null) this.claim(caller, row, 'contract_end', moment, now);
  }

  private credit(caller: Caller, rows: readonly RentedInstance[], running: readonly RentedInstance[], credit: number | null, now: number): void {
    const runway = runwayHours(credit, rows.reduce((sum, row) => sum + costPerHour({ ...row, state: stateOf(row) }), 0));
    if (runway === null) return;
    const reached = leads.filter((lead) => runway * hour <= lead).length;
    if (reached === 0) return;
    const moment = Math.floor(now / creditWindow) * creditWindow + reached;
    for (const row of running) this.claim(caller, row, 'credit_end', moment, now);
  }

  private claim(caller: Caller, row: RentedInstance, reason: 'contract_end' | 'credit_end', slot: number, now: number): void {
    const { slots } = this.parts.store;
    for (const source of caredFor(this.parts.store, caller.userId, row.id)) {
      const scheduleId = `${reason}:${source.id}`;
      const isNew = slots.claim({ scheduleId, slot, state: 'started', reason, covers: 1, late: false, byHand: true, attempts: 1, operationId: null, resumedBy: null, startedAt: now, endedAt: null });
      if (isNew) void this.take(caller, source, reason, scheduleId, slot);
    }
  }

  private async take(caller: Caller, source: SourceRow, reason: 'contract_end' | 'credit_end', scheduleId: string, slot: number): Promise<void> {
    const { store, snapshots, operations, clock, log } = this.parts;
    try {
      log.info('deadline.snapshot', { reason, source: source.id });
      const begun = await snapshots.create(caller, { instance_id: source.instanceId, source_path: source.path, tags: [reason === 'contract_end' ? 'before-contract-end' : 'before-credit-end'], wait: false });
      store.slots.update(scheduleId, slot, { operationId: begun.operation_id });
      const end = endOf(await ended(operations, caller, begun.operation_id));
      store.slots.update(scheduleId, slot, { state: end.state, endedAt: clock.now() });
    } catch (error) {
      log.warn('deadline.snapshot_failed', { reason, source: source.id, code: isAppError(error) ? error.code : 'internal' });
    }
  }
}
