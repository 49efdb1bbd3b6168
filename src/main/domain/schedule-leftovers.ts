// What runs of schedules left changed, such as an instance that runs on: tried again, with longer waits, until it is put back.
import { isAppError } from './app-error';
import type { Log } from './ports';
import type { JobRun, ScheduleJobs } from './schedule-jobs';
import type { ScheduleRow, SlotRow } from './schedule-rows';
import type { Store } from './store-port';

/** Waits after a try that failed, ms; looks come every few seconds. */
const firstWait = 15_000;
const longestWait = 5 * 60_000;

interface Left {
  readonly schedule: ScheduleRow;
  slot: SlotRow;
  failures: number;
  /** ms */
  triedAt: number | null;
  isTrying: boolean;
}

export interface LeftoverParts {
  readonly store: Pick<Store, 'schedules' | 'slots'>;
  readonly jobs: ScheduleJobs;
  readonly isRunning: (scheduleId: string) => boolean;
  readonly runOf: (schedule: ScheduleRow, slot: SlotRow) => JobRun;
  /** It was put back. */
  readonly done: (schedule: ScheduleRow) => void;
  readonly log: Log;
}

export class Leftovers {
  private readonly known = new Map<string, Left>();

  constructor(private readonly parts: LeftoverParts) {}

  /** `triedAt`: when the run itself failed at it, ms. */
  add(schedule: ScheduleRow, slot: SlotRow, triedAt: number | null = null): void {
    const key = `${schedule.id} ${slot.slot}`;
    const known = this.known.get(key);
    if (known === undefined) this.known.set(key, { schedule, slot, failures: triedAt === null ? 0 : 1, triedAt, isTrying: false });
    else known.slot = slot;
  }

  /** Tries what is due, of this user. */
  look(userId: string, now: number): void {
    const { schedules } = this.parts.store;
    for (const schedule of [...schedules.list(userId), ...schedules.removed(userId)]) this.find(schedule);
    for (const [key, left] of this.known) {
      const { schedule, failures, triedAt } = left;
      const wait = failures === 0 ? 0 : Math.min(longestWait, firstWait * 2 ** (failures - 1));
      // A try in the future: the clock was set back.
      const isDue = triedAt === null || now < triedAt || now - triedAt >= wait;
      if (schedule.userId === userId && !left.isTrying && isDue && !this.parts.isRunning(schedule.id)) void this.attempt(key, left, now);
    }
  }

  /** Runs that ended, or are not taken up again, also those of a former start of the app. */
  private find(schedule: ScheduleRow): void {
    for (const slot of this.parts.store.slots.resumed(schedule.id)) {
      const comesAgain = slot.state === 'started' || (slot.state === 'interrupted' && schedule.enabled);
      if (!comesAgain) this.add(schedule, slot);
    }
  }

  private async attempt(key: string, left: Left, now: number): Promise<void> {
    const { schedule } = left;
    const job = this.parts.jobs.get(schedule.kind);
    // A run may have put it back, or started the instance anew.
    const slot = this.parts.store.slots.get(schedule.id, left.slot.slot) ?? left.slot;
    left.isTrying = true;
    left.triedAt = now;
    try {
      if (slot.resumedBy !== null && (await job?.putBack?.(schedule, this.parts.runOf(schedule, slot))) === false) left.failures = 0;
      else {
        this.known.delete(key);
        this.parts.done(schedule);
      }
    } catch (error) {
      left.failures += 1;
      this.parts.log.warn('schedule.not_paused_again', { schedule: schedule.id, failures: left.failures, code: isAppError(error) ? error.code : 'internal' });
    } finally {
      left.isTrying = false;
    }
  }
}
