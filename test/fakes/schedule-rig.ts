// A runner of schedules over a real store, with one job that a test holds, on a clock that can be set.
import type { ScheduledRun } from '../../src/contract';
import type { JobEnd, JobRun, ScheduleJobs } from '../../src/main/domain/schedule-jobs';
import type { ScheduleRow } from '../../src/main/domain/schedule-rows';
import { ScheduleRunner } from '../../src/main/domain/schedule-runner';
import { runOf } from '../../src/main/domain/schedule-view';
import { openStore } from '../../src/main/providers/store/open-store';
import { anOperation } from '../suites/support/store-rows';
import { MemoryLog } from './log';
import { VirtualClock } from './virtual-clock';

export const hour = 3_600_000;

/** A clock that can also be set, as a user or a time server does, or by sleep: the wall clock moves, no timer does. */
export class SettableClock extends VirtualClock {
  private shift = 0;

  override now(): number {
    return super.now() + this.shift;
  }

  set(by: number): void {
    this.shift += by;
  }
}

export class ScheduleRig {
  readonly store = openStore(':memory:');
  readonly runs: { readonly slot: string; readonly attempts: number }[] = [];
  readonly clock: SettableClock;
  runner: ScheduleRunner;
  online = true;
  /** Runs do not end by themselves. */
  holding = false;
  /** What a cut run was to make exists. */
  made = false;
  private held: ((end: JobEnd | Error) => void)[] = [];

  constructor(from = '2026-11-25T12:01:00Z') {
    this.clock = new SettableClock(Date.parse(from));
    this.store.users.insert({ id: 'ana', email: 'ana@example.com', passwordHash: 'x', createdAt: 0, failedAttempts: 0, blockedUntil: 0 });
    this.runner = this.newRunner();
  }

  /** As a start of the app does: the same database, and nothing runs. */
  start(): void {
    this.runner = this.newRunner();
    this.runner.start();
    this.runner.unlock('ana');
  }

  schedule(change: Partial<ScheduleRow> = {}): ScheduleRow {
    const now = this.clock.now();
    const row: ScheduleRow = {
      id: 'one', userId: 'ana', kind: 'snapshot', sourceId: 's', repositoryId: 'default', timing: { type: 'cron', pattern: '0 * * * *' }, timeZone: 'UTC', enabled: true, catchUp: 'once', power: 'while_running',
      options: {}, anchor: now, consideredUntil: now, createdAt: now, ...change,
    };
    this.store.schedules.insert(row);
    return row;
  }

  /** Oldest first. */
  history(): Pick<ScheduledRun, 'slot' | 'state' | 'reason' | 'covers' | 'late'>[] {
    return this.store.slots.list('one', 50).map((slot) => runOf(slot)).map(({ slot, state, reason, covers, late }) => ({ slot, state, reason, covers, late })).reverse();
  }

  get slots(): string[] {
    return this.runs.map(({ slot }) => slot);
  }

  /** Ends what is held. */
  end(end: JobEnd | Error): void {
    this.holding = false;
    this.held.splice(0).forEach((release) => release(end));
  }

  private newRunner(): ScheduleRunner {
    const jobs: ScheduleJobs = new Map([['snapshot', { needsNetwork: () => true, made: () => this.made, run: (_schedule: ScheduleRow, run: JobRun) => this.run(run) }]]);
    return new ScheduleRunner({ store: this.store, jobs, online: () => this.online, hints: { tell: () => undefined }, clock: this.clock, log: new MemoryLog() });
  }

  private async run(run: JobRun): Promise<JobEnd> {
    this.runs.push({ slot: new Date(run.slot.slot).toISOString(), attempts: run.slot.attempts });
    run.linked(anOperation('ana', this.runs.length).id);
    if (!this.holding) return { state: 'succeeded', reason: null };
    return await new Promise((resolve, reject) => this.held.push((end) => (end instanceof Error ? reject(end) : resolve(end))));
  }
}
