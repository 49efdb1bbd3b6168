// Pause, resume and destroy: operations that end when their effect is observed at the provider.
import { pausable, type Instance, type InstanceState, type InstanceWithOperation } from '../../contract';
import { AppError } from './app-error';
import { destroyUntilGone } from './destroy';
import { Answer, answerWithinMs, findRow, isForGood, lookAgainMs, notFound, seenWith, soon, tellChanges, view, within, type InstanceParts } from './instance-parts';
import { isChanging, stateOf } from './instance-state';
import type { Turns } from './instance-turns';
import { actionOn, snapshotFirstPhase, toInstance } from './instance-view';
import { markIn, OwnAccount, remembered } from './own-account';
import type { Caller, OperationRun, RentedInstance } from './ports';
import type { OperationRow } from './store-port';

export type ActionKind = 'pause' | 'resume' | 'destroy';

/** What an action begins with. */
interface Begun {
  readonly userId: string;
  readonly instanceId: number;
  /** ms */
  readonly since: number;
  /** Its folders are snapshotted before anything is asked of it. */
  readonly first: boolean;
  /** Of the key with which the instance was seen. */
  readonly mark: string | null;
}

interface Target extends Begun {
  readonly account: OwnAccount;
}

const allowed: Readonly<Record<ActionKind, (state: InstanceState) => boolean>> = {
  pause: (state) => pausable.has(state),
  resume: (state) => state === 'stopped',
  destroy: (state) => state !== 'destroying',
};

/** A stop or start that Vast took but that shows no effect, ms. */
const noEffectMs = 15 * 60_000;
/** An accepted start that is stopped so long after did not work, ms: until then a list may still show what was before it. */
const startSettlesMs = 60_000;

export class InstanceActions {
  constructor(
    private readonly parts: InstanceParts,
    private readonly turns: Turns,
  ) {}

  /** The instance and its operation, once the provider has accepted; a destroy that it has not accepted in 20 s goes on by itself. */
  async act(caller: Caller, instanceId: number, kind: ActionKind, snapshotFirst?: boolean): Promise<InstanceWithOperation> {
    const { operations, clock } = this.parts;
    const { userId } = caller;
    const row = await findRow(this.parts, userId, instanceId);
    const mark = await seenWith(this.parts, userId, instanceId);
    // From here to `start` nothing waits: two callers cannot both begin.
    const active = operations.active(userId);
    const current = actionOn(instanceId, active);
    const instance = toInstance(row, active, clock.now());
    if (current?.kind === kind) return { ...instance, operation_id: current.id };
    const mayFollow = current === null || kind === 'destroy' || (kind === 'pause' && current.kind !== 'destroy');
    if (!mayFollow || !allowed[kind](instance.state)) {
      throw new AppError('instance_state', `The instance is ${instance.state}.`, { state: instance.state });
    }
    const answer = new Answer<void>();
    const first = kind !== 'resume' && this.parts.snapshotFirst?.wanted(userId, instance, kind, snapshotFirst) === true;
    const begun: Begun = { userId, instanceId, since: clock.now(), first, mark };
    const title = instance.label ?? `#${instanceId}`;
    const spec = { caller, kind, instanceId, title, cancellable: false, context: { instance_id: instanceId, snapshot_first: first, ...remembered(mark) } };
    const { operation, done } = operations.start(spec, (run) => {
      if (kind === 'destroy' && !first) this.sayWithout(run, userId, instance);
      return this.work(run, kind, begun, answer);
    });
    tellChanges(this.parts, userId, done);
    await within(clock, answerWithinMs, answer.promise, () => (kind === 'destroy' ? undefined : answer.promise));
    await soon(this.parts, userId);
    // What was asked for is what the answer says, also while its snapshot comes first and nothing was asked of the instance yet.
    const asked = first ? { state: kind === 'pause' ? ('stopping' as const) : ('destroying' as const) } : {};
    return { ...view(this.parts, userId, row, operation), ...asked, operation_id: operation.id };
  }

  /**
   * Goes on with an action found unfinished at start. A destroy is asked for again. A stop or start is only watched: it may be days old, and the
   * instance may have been changed elsewhere since.
   */
  takeUp(row: OperationRow): void {
    const { kind, instance_id: instanceId } = row;
    if (instanceId === null || (kind !== 'pause' && kind !== 'resume' && kind !== 'destroy')) return;
    const begun: Begun = { userId: row.userId, instanceId, since: Date.parse(row.created_at), first: row.context['snapshot_first'] === true, mark: markIn(row.context) };
    const { done } = this.parts.operations.takeUp(row, (run) => (kind === 'destroy' ? this.work(run, kind, begun, new Answer<void>()) : this.watch(run, kind, begun)));
    tellChanges(this.parts, row.userId, done);
  }

  private async watch(run: OperationRun, kind: 'pause' | 'resume', begun: Begun): Promise<void> {
    const target = this.targetOf(run, begun);
    const wanted: InstanceState = kind === 'pause' ? 'stopped' : 'running';
    const signal = this.turns.begin(target.userId, target.instanceId, run);
    await this.observe(run, target, signal, (row) => {
      const state = stateOf(row);
      const isOnItsWay = state === 'scheduling' || isChanging(state);
      if (state !== wanted && !isOnItsWay) throw new AppError('vast_error', `The app ended before this was done; the instance is ${state}.`, { status: 200, slug: 'interrupted', detail: state });
      return state === wanted;
    }, kind === 'resume');
  }

  private async work(run: OperationRun, kind: ActionKind, begun: Begun, answer: Answer<void>): Promise<void> {
    const target = this.targetOf(run, begun);
    const signal = this.turns.begin(target.userId, target.instanceId, run);
    try {
      if (kind !== 'resume' && target.first) await this.snapshotFirst(run, kind, target, signal, answer);
      if (kind === 'destroy') await destroyUntilGone(this.parts, run, { ...target, accepted: () => answer.resolve() });
      else if (kind === 'pause') await this.pause(run, target, signal, answer);
      else await this.resume(run, target, signal, answer);
      answer.resolve();
    } catch (error) {
      answer.reject(error);
      throw error;
    } finally {
      this.parts.poller.nudge(target.userId);
    }
  }

  private targetOf(run: OperationRun, begun: Begun): Target {
    return { ...begun, account: new OwnAccount(this.parts, run, begun.userId, begun.mark) };
  }

  /** Whoever reads the operation later sees why there is no snapshot of that moment. */
  private sayWithout(run: OperationRun, userId: string, instance: Instance): void {
    const coming = this.parts.snapshotFirst?.coming(userId, instance);
    if (coming?.destroy === 'not_running') run.log('warn', `No snapshot comes first: the instance is ${instance.state}, and only one that runs can be read.`);
    else if (coming !== undefined) run.log('info', 'No snapshot comes first.');
  }

  /** The caller is answered at once: the snapshot is part of the operation. */
  private async snapshotFirst(run: OperationRun, kind: 'pause' | 'destroy', target: Target, signal: AbortSignal, answer: Answer<void>): Promise<void> {
    run.progress({ phase: snapshotFirstPhase, bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
    run.setCancellable(true);
    answer.resolve();
    await this.parts.snapshotFirst?.take(run, { userId: target.userId, email: '', transport: 'ipc' }, target.instanceId, kind, signal);
    signal.throwIfAborted();
    run.setCancellable(false);
    run.remember({ snapshot_first: false });
  }

  private async pause(run: OperationRun, target: Target, signal: AbortSignal, answer: Answer<void>): Promise<void> {
    await this.parts.vast.stop(await target.account.key(target.instanceId, signal), target.instanceId, signal);
    answer.resolve();
    await this.observe(run, target, signal, (row) => stateOf(row) === 'stopped' || (row.cur_state === 'stopped' && row.actual_status !== 'running'));
  }

  private async resume(run: OperationRun, target: Target, signal: AbortSignal, answer: Answer<void>): Promise<void> {
    const { vast, clock } = this.parts;
    const started = await vast.start(await target.account.key(target.instanceId, signal), target.instanceId, signal);
    const sentAt = clock.now();
    if (started === 'queued') run.log('warn', 'The GPU is taken. The start is queued and happens when it is free; pausing takes it back.');
    answer.resolve();
    await this.observe(run, target, signal, (row) => {
      // As Vast's fields alone say it: that a start was asked for makes every stopped instance one that waits. A bid waits until it wins.
      const state = stateOf(row);
      const hasStopped = (state === 'stopped' || state === 'failed') && started !== 'queued' && !row.is_bid;
      if (hasStopped && clock.now() - sentAt > startSettlesMs) {
        throw new AppError('instance_stopped', 'The instance was started, and stopped again.', { detail: row.status_msg ?? row.actual_status ?? 'stopped' });
      }
      return state === 'running';
    }, started === 'queued');
  }

  /** Looks until `isDone`. Throws `not_found` when the instance is gone, `vast_key_rejected` when another account's key is set, `vast_error` when nothing happens for a quarter of an hour (unless it may wait `forever`). */
  private async observe(run: OperationRun, target: Target, signal: AbortSignal, isDone: (row: RentedInstance) => boolean, forever = false): Promise<void> {
    const { clock, poller, vast } = this.parts;
    const until = clock.now() + noEffectMs;
    run.progress({ phase: 'wait', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
    for (let look = 0, due = clock.now() + lookAgainMs(0); ; ) {
      // A list that somebody else asked for is looked at too: what it shows as stopped can be resumed, and must not be busy with a pause until the next look.
      const list = poller.nextList(target.userId);
      // Never longer than between two looks, also when the clock is set back.
      await clock.sleep(Math.min(due - clock.now(), lookAgainMs(look)), AbortSignal.any([signal, list])).catch(() => signal.throwIfAborted());
      const heard = list.aborted;
      const row = await (heard ? Promise.resolve(this.known(target)) : this.rowNow(target, signal)).catch((error: unknown) => {
        if (signal.aborted || isForGood(error)) throw error;
        return undefined;
      });
      if (row === null && (await vast.get(await target.account.key(target.instanceId, signal), target.instanceId, signal)) === null) {
        poller.markGone(target.userId, target.instanceId);
        throw notFound(target.instanceId);
      }
      if (row && isDone(row)) return;
      if (!forever && clock.now() > until) {
        throw new AppError('vast_error', 'Vast.ai took the request, but it has had no effect yet.', { status: 200, slug: 'no_effect', detail: row?.actual_status ?? 'unknown' });
      }
      if (!heard) due = clock.now() + lookAgainMs((look += 1));
    }
  }

  private async rowNow(target: Target, signal: AbortSignal): Promise<RentedInstance | null> {
    await this.parts.poller.current(target.userId, 1000);
    signal.throwIfAborted();
    return this.known(target);
  }

  private known(target: Target): RentedInstance | null {
    return this.parts.poller.snapshot(target.userId).rows.find((row) => row.id === target.instanceId) ?? null;
  }
}
