// When schedules run: a look at the wall clock every few seconds, the claim of a time, the run, and what a restart finds unfinished.
import type { Schedule } from '../../contract';
import { AppError, isAppError } from './app-error';
import { Answer } from './instance-parts';
import type { Caller, Clock, Hints, Log } from './ports';
import { endCut, type Job, type JobEnd, type JobRun, type ScheduleJobs } from './schedule-jobs';
import { Leftovers } from './schedule-leftovers';
import type { ScheduleRow, SlotRow } from './schedule-rows';
import { dueSlots, type DueSlots } from './schedule-slots';
import type { Store } from './store-port';

/*
 * [Note: One run per slot] A scheduled time is claimed by inserting its row (schedule and instant are the key) before anything is started, in one change with the
 * mark up to which times are decided. So no sleep, restart or change of the clock runs one time twice: a second claim fails. Of several times that were slept
 * over only the last is claimed and stands for all of them, and since times follow from the pattern and never from the last run, a late run moves no later one.
 * A claim whose run was cut by the end of the app is looked up at the next start: what it was to make exists, or it is run again, three times at most.
 */

/** Milliseconds between looks at the clock. Never one long timer: it would sleep with the computer and not know that the clock was set. */
const lookEvery = 15_000;
/** A time that passed longer ago than this was missed, ms; looks and the first answer of Vast.ai take less. */
const grace = 5 * 60_000;
const mostAttempts = 3;
/** Claims of one schedule that are kept. */
const keptSlots = 500;

export interface RunnerParts {
  readonly store: Store;
  readonly jobs: ScheduleJobs;
  /** Vast.ai has answered lately. */
  readonly online: (userId: string) => boolean;
  readonly hints: Hints;
  readonly clock: Clock;
  readonly log: Log;
  /** More to look at, for each unlocked user, each time; once the signal is aborted nothing is begun or written any more. */
  readonly alsoLook?: readonly ((caller: Caller, now: number, signal: AbortSignal) => void)[];
}

/** A run that goes on: resolves once an operation does the work, rejects when it ended in an error before. */
type Going = Promise<void>;

export class ScheduleRunner {
  private readonly unlocked = new Set<string>();
  private readonly going = new Map<string, Going>();
  private readonly waits = new Map<string, NonNullable<Schedule['waits_for']>>();
  private loop: AbortController | null = null;
  private rouse = new AbortController();

  private readonly leftovers: Leftovers;

  constructor(private readonly parts: RunnerParts) {
    this.leftovers = new Leftovers({ ...parts, runOf: (schedule, slot) => this.jobRun(schedule, slot, () => undefined), isRunning: (id) => this.isRunning(id), done: (schedule) => this.settled(schedule) });
  }

  /** Begins to look at the clock. */
  start(): void {
    if (this.loop !== null) return;
    this.loop = new AbortController();
    void this.run(this.loop.signal);
  }

  /** From here on nothing is begun and nothing is written: what runs is found by the next start. */
  stop(): void {
    this.loop?.abort();
    this.unlocked.clear();
    this.wake();
  }

  unlock(userId: string): void {
    if (this.loop?.signal.aborted === true) return;
    this.unlocked.add(userId);
    this.reconcile(userId);
    this.wake();
  }

  lock(userId: string): void {
    this.unlocked.delete(userId);
  }

  /** Looks now: the computer woke up, or something changed. */
  wake(): void {
    this.rouse.abort();
    this.rouse = new AbortController();
  }

  waitsFor(scheduleId: string): Schedule['waits_for'] {
    return this.waits.get(scheduleId) ?? null;
  }

  isRunning(scheduleId: string): boolean {
    return this.going.has(scheduleId);
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const rouse = this.rouse.signal;
      this.look(signal);
      await this.parts.clock.sleep(lookEvery, rouse).catch(() => undefined);
    }
  }

  /** One look at every schedule of every unlocked user. */
  private look(signal: AbortSignal): void {
    const now = this.parts.clock.now();
    for (const userId of this.unlocked) {
      for (const schedule of this.parts.store.schedules.list(userId)) {
        if (schedule.enabled) this.guarded(schedule.id, () => this.consider(schedule, now));
      }
      if (this.parts.online(userId)) this.guarded(userId, () => this.leftovers.look(userId, now));
      const caller = this.caller(userId);
      if (caller !== null) for (const also of this.parts.alsoLook ?? []) this.guarded(userId, () => also(caller, now, signal));
    }
  }

  private guarded(id: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.parts.log.error('schedule.look_failed', { id, error });
    }
  }

  private consider(given: ScheduleRow, now: number): void {
    const { store, jobs, online } = this.parts;
    // The clock was set back: what comes again is still claimed, so it is not run again.
    const schedule = now < given.consideredUntil ? { ...given, consideredUntil: now } : given;
    if (schedule !== given) store.schedules.update(schedule.id, { consideredUntil: now });
    const due = dueSlots(schedule, schedule.consideredUntil, now);
    const [cut] = due === null ? store.slots.inState(schedule.id, 'interrupted').slice(-1) : [];
    const job = jobs.get(schedule.kind);
    if (job === undefined || (due === null && cut === undefined)) {
      this.waits.delete(schedule.id);
      return;
    }
    const waits = this.going.has(schedule.id) ? 'running' : job.needsNetwork(schedule) && !online(schedule.userId) ? 'network' : null;
    if (this.setWait(schedule, waits)) return;
    if (due !== null) this.decide(schedule, job, due, now);
    else if (cut !== undefined) this.again(schedule, job, cut);
  }

  private setWait(schedule: ScheduleRow, waits: Schedule['waits_for']): boolean {
    if (this.waitsFor(schedule.id) !== waits) this.tell(schedule);
    if (waits === null) this.waits.delete(schedule.id);
    else this.waits.set(schedule.id, waits);
    return waits !== null;
  }

  /** A scheduled time has come. */
  private decide(schedule: ScheduleRow, job: Job, due: DueSlots, now: number): void {
    const late = now - due.last > grace;
    const row: SlotRow = {
      scheduleId: schedule.id, slot: due.last, state: 'started', reason: null, covers: due.count, late, byHand: false, attempts: 1, operationId: null, resumedBy: null, startedAt: now, endedAt: null,
    };
    this.supersede(schedule, now);
    const { slots } = this.parts.store;
    if (late && schedule.catchUp === 'skip') slots.claim({ ...row, state: 'skipped', reason: 'missed', startedAt: null, endedAt: now });
    else if (late && schedule.catchUp === 'ask') slots.claim({ ...row, state: 'asking', attempts: 0, startedAt: null });
    else {
      const unable = job.unable?.(schedule) ?? null;
      if (unable !== null) slots.claim({ ...row, state: 'skipped', reason: unable, startedAt: null, endedAt: now });
      else if (slots.claim(row)) void this.begin(schedule, job, row);
    }
    this.tell(schedule);
  }

  /** A newer time stands for what was asked or cut before. */
  private supersede(schedule: ScheduleRow, now: number): void {
    const { slots } = this.parts.store;
    for (const state of ['asking', 'interrupted'] as const) {
      for (const old of slots.inState(schedule.id, state)) slots.update(schedule.id, old.slot, { state: 'skipped', reason: 'superseded', endedAt: now });
    }
  }

  /** A run that the end of the app cut, and nothing newer is due. */
  private again(schedule: ScheduleRow, job: Job, cut: SlotRow): void {
    const { store, clock } = this.parts;
    const row: SlotRow = { ...cut, state: 'started', attempts: cut.attempts + 1, late: true, startedAt: clock.now(), endedAt: null };
    if (cut.attempts < mostAttempts && schedule.catchUp === 'once') {
      store.slots.update(schedule.id, cut.slot, row);
      void this.begin(schedule, job, row);
    } else {
      const asks = cut.attempts < mostAttempts && schedule.catchUp === 'ask';
      store.slots.update(schedule.id, cut.slot, asks ? { state: 'asking' } : { state: 'failed', reason: 'interrupted', endedAt: clock.now() });
    }
    this.tell(schedule);
  }

  // ------------------------------------------------------------ by hand

  /** Runs it now; its times stay as they are. Resolves once an operation does the work. */
  async byHand(schedule: ScheduleRow): Promise<void> {
    const job = this.free(schedule);
    const now = this.parts.clock.now();
    let slot = now;
    while (this.parts.store.slots.get(schedule.id, slot) !== null) slot += 1;
    const row: SlotRow = { scheduleId: schedule.id, slot, state: 'started', reason: null, covers: 1, late: false, byHand: true, attempts: 1, operationId: null, resumedBy: null, startedAt: now, endedAt: null };
    this.parts.store.slots.claim(row);
    await this.begin(schedule, job, row);
  }

  /** The answer to the question whether what was slept over is run now. */
  answer(schedule: ScheduleRow, answer: 'run' | 'skip'): void {
    const { store, clock } = this.parts;
    const asking = store.slots.inState(schedule.id, 'asking').at(-1);
    if (asking === undefined) throw new AppError('not_found', 'This schedule asks nothing now.', { kind: 'question', id: schedule.id });
    if (answer === 'skip') store.slots.update(schedule.id, asking.slot, { state: 'skipped', reason: 'declined', endedAt: clock.now() });
    else {
      const job = this.free(schedule);
      const row: SlotRow = { ...asking, state: 'started', attempts: asking.attempts + 1, startedAt: clock.now() };
      store.slots.update(schedule.id, asking.slot, row);
      void this.begin(schedule, job, row);
    }
    this.tell(schedule);
  }

  private free(schedule: ScheduleRow): Job {
    const job = this.parts.jobs.get(schedule.kind);
    if (job === undefined || this.going.has(schedule.id)) throw new AppError('schedule_running', 'The schedule runs already.', {});
    return job;
  }

  // ------------------------------------------------------------ running

  private begin(schedule: ScheduleRow, job: Job, row: SlotRow): Going {
    const begun = new Answer<void>();
    this.going.set(schedule.id, begun.promise);
    void this.perform(schedule, job, row, begun.resolve)
      .then((failure) => (failure === null ? begun.resolve() : begun.reject(failure)))
      .finally(() => {
        this.going.delete(schedule.id);
        this.settled(schedule);
        this.wake();
      });
    return begun.promise;
  }

  private async perform(schedule: ScheduleRow, job: Job, row: SlotRow, linked: () => void): Promise<unknown> {
    const { store, clock, log } = this.parts;
    let end: JobEnd;
    let failure: unknown = null;
    let { resumedBy } = row;
    try {
      end = await job.run(schedule, this.jobRun(schedule, row, linked, (by) => (resumedBy = by)));
    } catch (error) {
      failure = error;
      if (!isAppError(error)) log.error('schedule.run_failed', { schedule: schedule.id, error });
      end = { state: isAppError(error, 'cancelled') ? 'cancelled' : 'failed', reason: isAppError(error) ? error.code : 'internal' };
    }
    if (this.loop?.signal.aborted === true) return failure;
    store.slots.update(schedule.id, row.slot, { ...end, endedAt: clock.now() });
    store.slots.trim(schedule.id, keptSlots);
    if (resumedBy !== null) this.leftovers.add(schedule, { ...row, resumedBy }, clock.now());
    return failure;
  }

  private jobRun(schedule: ScheduleRow, slot: SlotRow, linked: () => void, resumed?: (by: string | null) => void): JobRun {
    const { slots } = this.parts.store;
    const caller = this.caller(schedule.userId);
    if (caller === null) throw new AppError('unauthorized', 'The user of this schedule is gone.', {});
    return {
      caller,
      slot,
      linked: (operationId) => {
        slots.update(schedule.id, slot.slot, { operationId });
        linked();
        this.tell(schedule);
      },
      resumed: (resumedBy) => (slots.update(schedule.id, slot.slot, { resumedBy }), resumed?.(resumedBy)),
    };
  }

  private caller(userId: string): Caller | null {
    const user = this.parts.store.users.byId(userId);
    return user === null ? null : { userId, email: user.email, transport: 'ipc' };
  }

  // ------------------------------------------------------------ after a restart

  /** Claims that nothing runs for: ended as their operation did, or cut. */
  private reconcile(userId: string): void {
    const { store, jobs, clock } = this.parts;
    const removed = store.schedules.removed(userId);
    for (const schedule of [...store.schedules.list(userId), ...removed].filter((one) => !this.going.has(one.id))) {
      for (const slot of store.slots.inState(schedule.id, 'started')) endCut(store, slot, jobs.get(schedule.kind)?.made?.(schedule, slot) === true, clock.now());
    }
    for (const schedule of removed) this.settled(schedule);
  }

  /** A run of it ended, or what one left was put back: one that was removed meanwhile goes. */
  private settled(schedule: ScheduleRow): void {
    const { schedules } = this.parts.store;
    if (this.loop?.signal.aborted === true) return;
    if (schedules.get(schedule.id) === null) schedules.remove(schedule.id);
    this.tell(schedule);
  }

  private tell(schedule: ScheduleRow): void {
    this.parts.hints.tell(schedule.userId, 'schedules', schedule.id);
  }
}
