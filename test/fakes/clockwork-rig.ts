// The app's clockwork as it is constructed, over a real store and real operations on a virtual clock; one instance that starts and stops, and snapshots that a test lets fail.
import type { Instance, Settings } from '../../src/contract';
import { AppError } from '../../src/main/domain/app-error';
import { stateOf } from '../../src/main/domain/instance-state';
import { OperationsLog } from '../../src/main/domain/operations';
import type { Caller, RentedInstance } from '../../src/main/domain/ports';
import { justRented } from '../../src/main/domain/rent-plan';
import type { ScheduleRow } from '../../src/main/domain/schedule-rows';
import { openStore } from '../../src/main/providers/store/open-store';
import { makeClockwork, type Clockwork, type ClockworkParts } from '../../src/main/services-schedules';
import { aSnapshot, aSource, aUser } from '../suites/support/store-rows';
import { MemoryLog } from './log';
import { SettableClock } from './schedule-rig';

export const caller: Caller = { userId: 'ana', email: 'ana@example.com', transport: 'ipc' };
const source = aSource(caller.userId);
const feed = { tell: () => undefined, operation: () => undefined };

type States = Pick<RentedInstance, 'actual_status' | 'cur_state' | 'next_state' | 'intended_status'>;
const running: States = { actual_status: 'running', cur_state: 'running', next_state: 'running', intended_status: 'running' };
const stopped: States = { actual_status: 'exited', cur_state: 'stopped', next_state: 'stopped', intended_status: 'stopped' };

export class ClockworkRig {
  readonly clock = new SettableClock(Date.parse('2026-11-23T12:58:00Z'));
  readonly log = new MemoryLog();
  readonly store = openStore(':memory:');
  readonly operations: OperationsLog;
  clockwork: Clockwork;
  readonly settings: Partial<Settings> = { snapshot_before_contract_end: true, snapshot_before_credit_end: true };
  /** Everything that was asked for, in order, each with its moment. */
  readonly asked: string[] = [];
  /** Users whose owed commands were looked for. */
  readonly looked = new Set<string>();
  credit: number | null = 1000;
  stale = false;
  row: RentedInstance = { ...justRented(7, { offerId: 1, image: 'x', disk: 10, label: 'box', env: {}, onstart: null, bid: null }), ...running, dph_total: 1, storage_total_cost: 0.1 };
  /** Codes that the next snapshots end with. */
  failures: ('ssh_unreachable' | 'guard_failed')[] = [];
  /** The next snapshots do not even begin: the instance is not reachable. */
  refusals = 0;
  /** Ms that a start takes; null: its GPU is rented to somebody else. */
  startTakes: number | null = 60_000;
  private starting = new AbortController();
  /** The next starts: Vast.ai does it, but its answer is lost; or the app hears nothing more of it, as when it is killed then. */
  startAnswers: ('lost' | 'never')[] = [];
  /** Codes that the next pauses end with. */
  pauseFailures: ('vast_unreachable' | 'not_found')[] = [];
  /** Ms that snapshots of a folder take; half a minute where nothing is said. */
  readonly takes: Record<string, number> = {};

  constructor() {
    const { store, clock, log } = this;
    this.operations = new OperationsLog({ store, clock, log, redact: (text) => text, feed });
    store.users.insert(aUser(caller.userId));
    store.sources.insert(source);
    store.snapshots.insert(aSnapshot(caller.userId, 'ab'.repeat(32)));
    this.clockwork = this.construct();
  }

  private construct(): Clockwork {
    const { store, clock, log } = this;
    const place = { local: true };
    // Of each part only what works by the clock asks of it.
    const parts = {
      store, clock, log, operations: this.operations, hints: feed, settings: { values: () => this.settings },
      instances: { ...this.instances(), poller: { snapshot: () => ({ rows: [this.row], credit: this.credit, stale: this.stale, asOf: clock.now(), problem: null }) } },
      snapshots: { onTaken: [], tellRemoved: () => undefined, create: (_caller: Caller, input: { readonly source_path?: string; readonly tags: readonly string[] }) => this.snapshot(input) },
      owed: { look: ({ userId }: Caller) => void this.looked.add(userId) },
      proofs: { rehearseNewest: (_caller: Caller, sourceId: string) => this.rehearse(sourceId) },
      repositories: { row: () => ({}), placeOf: () => place, rows: () => [] },
    };
    return makeClockwork(parts as unknown as ClockworkParts);
  }

  start(): void {
    this.clockwork.runner.start();
    this.clockwork.runner.unlock(caller.userId);
  }

  /** As a start of the app after it was killed: the same database, and no run goes on. */
  restart(): void {
    this.clockwork.runner.stop();
    this.clockwork = this.construct();
    this.start();
  }

  /** One more folder of the instance. */
  addSource(path: string): string {
    const id = `source ${path}`;
    this.store.sources.insert({ ...source, id, path });
    return id;
  }

  pause(): void {
    this.starting.abort(new AppError('cancelled', 'Stopped.', { operation_id: '' }));
    this.starting = new AbortController();
    this.row = { ...this.row, ...stopped };
  }

  schedule(change: Partial<ScheduleRow>): void {
    const now = this.clock.now();
    this.store.schedules.insert({
      id: 'one', userId: caller.userId, kind: 'snapshot', sourceId: source.id, repositoryId: 'default', timing: { type: 'cron', pattern: '0 * * * *' }, timeZone: 'UTC', enabled: true, catchUp: 'once', power: 'while_running',
      options: {}, anchor: now, consideredUntil: now, createdAt: now, ...change,
    });
  }

  /** Oldest first. */
  runs(of = 'one'): string[] {
    return this.store.slots.list(of, 50).map(({ state, reason, slot }) => `${new Date(slot).toISOString().slice(11, 16)} ${state}${reason === null ? '' : ` ${reason}`}`).reverse();
  }

  private note(what: string): void {
    this.asked.push(`${new Date(this.clock.now()).toISOString().slice(11, 16)} ${what}`);
  }

  private instances() {
    const begin = (kind: 'resume' | 'pause', id: number, work: () => Promise<void>) => {
      const { operation, done } = this.operations.start({ caller, kind, instanceId: id, title: 'box', cancellable: false }, work);
      done.catch(() => undefined);
      return { answer: { operation_id: operation.id }, done };
    };
    const appear = async (): Promise<void> => {
      if (this.startTakes === null) return new Promise<void>(() => undefined);
      await this.clock.sleep(this.startTakes, this.starting.signal);
      this.row = { ...this.row, ...running };
    };
    return {
      get: () => Promise.resolve({ state: stateOf(this.row, this.operations.active(caller.userId).some(({ kind }) => kind === 'resume') ? 'start' : null) } as Instance),
      resume: async (_caller: Caller, id: number) => {
        const same = this.operations.active(caller.userId).find(({ kind }) => kind === 'resume');
        this.note('resume');
        if (same !== undefined) return { operation_id: same.id };
        const how = this.startAnswers.shift();
        if (how === 'lost') {
          void appear().catch(() => undefined);
          await begin('resume', id, () => Promise.reject(new AppError('vast_unreachable', 'No answer.', { attempts: 3 }))).done;
        }
        const { answer } = begin('resume', id, appear);
        return how === 'never' ? new Promise<typeof answer>(() => undefined) : answer;
      },
      pause: async (_caller: Caller, id: number, options?: { readonly snapshot_first?: boolean }) => {
        this.note(`pause${options?.snapshot_first === false ? ' at once' : ''}`);
        const code = this.pauseFailures.shift();
        const { answer, done } = begin('pause', id, () => (code === undefined ? Promise.resolve(this.pause()) : Promise.reject(new AppError(code, 'No.', {} as never))));
        await done;
        return answer;
      },
    };
  }

  private snapshot(input: { readonly source_path?: string; readonly tags: readonly string[] }): Promise<{ readonly operation_id: string }> {
    this.note(`snapshot ${input.source_path} ${input.tags.join()} while ${stateOf(this.row)}`);
    if (this.refusals > 0) {
      this.refusals -= 1;
      return Promise.reject(new AppError('instance_state', 'Its SSH address is not known.', { state: 'running' }));
    }
    const code = this.failures.shift();
    const { operation, done } = this.operations.start({ caller, kind: 'snapshot', instanceId: 7, title: `box: ${input.source_path ?? '/data'}`, cancellable: true }, async () => {
      await this.clock.sleep(this.takes[input.source_path ?? ''] ?? 30_000);
      if (code === 'ssh_unreachable') throw new AppError(code, 'No answer.', { host: 'h', port: 1, detail: '' });
      if (code !== undefined) throw new AppError(code, 'Not what was fetched.', { unexpected: [], missing: [] } as never);
    });
    done.catch(() => undefined);
    return Promise.resolve({ operation_id: operation.id });
  }

  private rehearse(sourceId: string): Promise<{ readonly operation_id: string }> {
    this.note(`rehearse ${sourceId}`);
    const newest = this.store.snapshots.list(caller.userId).find((row) => row.sourceId === sourceId);
    if (newest === undefined) throw new AppError('not_found', 'There is no snapshot of this source yet.', { kind: 'snapshot', id: sourceId });
    const { operation, done } = this.operations.start({ caller, kind: 'rehearse', instanceId: 7, title: 'x', cancellable: true }, async () => {
      await this.clock.sleep(30_000);
      if (this.failures.shift() !== undefined) throw new AppError('proof_failed', 'Not what was captured.', { snapshot_id: newest.id, problem_count: 1, problems: ['a'] });
    });
    done.catch(() => undefined);
    return Promise.resolve({ operation_id: operation.id });
  }
}
