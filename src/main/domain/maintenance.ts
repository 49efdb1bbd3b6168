// The service behind the contract's `maintenance`: prune and check as operations of their own, what was done last, pinned snapshots; retention beside it.
import type { Operation, OperationKind, RetentionPlan, RetentionPolicy, RetentionView, Upkeep, UpkeepRun } from '../../contract';
import { AppError, isAppError } from './app-error';
import type { Caller, OperationRun } from './ports';
import { Retention, type RetentionParts } from './retention';
import type { UpkeepFacts } from './schedule-rows';
import type { MaintenanceService } from './services';
import type { RepositoryAccess } from './snapshot-ports';
import type { OperationRow } from './store-port';

/** Parts of a rolling check when nobody said otherwise: everything is read once a month. */
export const defaultParts = 30;
/** GiB that one prune writes anew at most. */
export const defaultRepackGb = 5;

/** Which facts an operation changes. */
type Kept = 'prune' | 'check' | 'rolling_check';

export class Maintenance implements MaintenanceService {
  /** Told when space was freed in a repository. */
  readonly onPruned: ((userId: string, repositoryId: string) => Promise<void> | void)[] = [];
  private readonly policies: Retention;

  constructor(private readonly parts: RetentionParts) {
    this.policies = new Retention(parts);
  }

  get(caller: Caller): { readonly repositories: Upkeep[] } {
    const { store, repositories } = this.parts;
    return { repositories: repositories.rows(caller.userId).map(({ id }) => ({ repository_id: id, ...store.upkeep.get(caller.userId, id) })) };
  }

  // ------------------------------------------------------------ retention

  retention(caller: Caller): { readonly retention: RetentionView[] } {
    return { retention: this.policies.list(caller) };
  }

  setRetention(caller: Caller, sourceId: string, policy: RetentionPolicy | null): RetentionView {
    return this.policies.set(caller, sourceId, policy);
  }

  planRetention(caller: Caller, sourceId: string, policy?: RetentionPolicy): Promise<RetentionPlan> {
    return this.policies.plan(caller, sourceId, policy);
  }

  applyRetention(caller: Caller, sourceId: string, token: string): Promise<{ readonly operation_id: string }> {
    return this.policies.apply(caller, sourceId, token);
  }

  /** See `Retention.takeUp`. */
  takeUpRetention(row: OperationRow): Promise<void> {
    return this.policies.takeUp(row);
  }

  /** A snapshot passed its guard: a confirmed policy of its source works now. */
  afterSnapshot(userId: string, sourceId: string): Promise<void> {
    return this.policies.afterSnapshot(userId, sourceId);
  }

  pin(caller: Caller, snapshotId: string, pinned: boolean): { readonly snapshot_id: string; readonly pinned: boolean } {
    const { store, hints } = this.parts;
    if (store.snapshots.get(caller.userId, snapshotId) === null) throw new AppError('not_found', 'There is no such snapshot.', { kind: 'snapshot', id: snapshotId });
    store.snapshots.update(snapshotId, { pinned });
    hints.tell(caller.userId, 'snapshots', snapshotId);
    return { snapshot_id: snapshotId, pinned };
  }

  // ------------------------------------------------------------ prune and check

  async prune(caller: Caller, input: { readonly repository_id: string; readonly max_repack_gb: number }): Promise<{ readonly operation_id: string }> {
    const access = await this.access(caller, input.repository_id);
    return this.work(caller, { kind: 'prune', kept: 'prune', repositoryId: input.repository_id, access }, async (run, say) => {
      await this.parts.care.prune(access, { maxRepackGb: input.max_repack_gb }, run.signal, say);
      this.change(caller, input.repository_id, { removed_since_prune: 0 });
    });
  }

  async check(caller: Caller, input: { readonly repository_id: string; readonly read: 'none' | 'part' | 'all'; readonly parts: number }): Promise<{ readonly operation_id: string }> {
    const access = await this.access(caller, input.repository_id);
    const { parts } = input;
    const facts = this.parts.store.upkeep.get(caller.userId, input.repository_id);
    // Another number of parts is another division of the data: it begins anew.
    const part = facts.parts === parts && facts.part <= parts ? facts.part : 1;
    const read = input.read === 'part' ? { part, parts } : input.read;
    return this.work(caller, { kind: 'check', kept: input.read === 'part' ? 'rolling_check' : 'check', repositoryId: input.repository_id, access }, async (run, say) => {
      if (input.read === 'part') run.log('info', `Reads part ${part} of ${parts}.`);
      try {
        await this.parts.care.check(access, read, run.signal, say);
      } catch (error) {
        if (isAppError(error, 'repository_damaged')) this.change(caller, input.repository_id, { damaged_at: new Date(this.parts.clock.now()).toISOString() });
        throw error;
      }
      // A look at the structure, or at a part of the data, does not take back what was found before.
      if (read === 'all') this.change(caller, input.repository_id, { damaged_at: null });
      if (input.read === 'part') this.change(caller, input.repository_id, { part: (part % parts) + 1, parts });
    });
  }

  private work(
    caller: Caller,
    job: { readonly kind: Extract<OperationKind, 'prune' | 'check'>; readonly kept: Kept; readonly repositoryId: string; readonly access: RepositoryAccess },
    command: (run: OperationRun, say: Parameters<RetentionParts['care']['prune']>[3]) => Promise<void>,
  ): { readonly operation_id: string } {
    const { operations, queues } = this.parts;
    const spec = { caller, kind: job.kind, instanceId: null, title: this.parts.repositories.row(caller.userId, job.repositoryId).name, cancellable: true } as const;
    const { operation, done } = operations.start(spec, async (run) => {
      const progress = (done: number, total: number | null): void => run.progress({ phase: job.kind === 'check' ? 'checking' : job.kind, bytes_done: 0, bytes_total: null, files_done: done, files_total: total });
      run.progress({ phase: 'queue', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
      await queues.of(job.access.location).run('exclusive', async () => {
        progress(0, null);
        await command(run, (said) => (said.kind === 'progress' ? progress(said.done, said.total) : run.log('info', said.text)));
      }, run.signal);
    });
    this.keep(caller, job.repositoryId, job.kept, operation, done);
    return { operation_id: operation.id };
  }

  private keep(caller: Caller, repositoryId: string, kept: Kept, operation: Operation, done: Promise<unknown>): void {
    const end = (state: UpkeepRun['state'], code: string | null): void =>
      this.change(caller, repositoryId, { [kept]: { at: new Date(this.parts.clock.now()).toISOString(), state, operation_id: operation.id, code } });
    done
      .then(
        () => {
          end('succeeded', null);
          if (kept === 'prune') this.tellPruned(caller.userId, repositoryId);
        },
        (error: unknown) => end(isAppError(error, 'cancelled') ? 'cancelled' : 'failed', isAppError(error) ? error.code : 'internal'),
      )
      .catch((error: unknown) => this.parts.log.error('maintenance.not_kept', { error }));
  }

  private tellPruned(userId: string, repositoryId: string): void {
    for (const listener of this.onPruned) {
      Promise.resolve().then(() => listener(userId, repositoryId)).catch((error: unknown) => this.parts.log.error('maintenance.listener_failed', { error }));
    }
  }

  private change(caller: Caller, repositoryId: string, change: Partial<UpkeepFacts>): void {
    const { upkeep } = this.parts.store;
    upkeep.put(caller.userId, repositoryId, { ...upkeep.get(caller.userId, repositoryId), ...change });
    this.parts.hints.tell(caller.userId, 'schedules', repositoryId);
    // What a snapshot is worth depends on it.
    if (change.damaged_at !== undefined) this.parts.hints.tell(caller.userId, 'snapshots');
  }

  private async access(caller: Caller, repositoryId: string): Promise<RepositoryAccess> {
    const access = await this.parts.repositories.open(caller.userId, repositoryId);
    if (access === null) throw new AppError('not_found', 'There is no repository yet.', { kind: 'repository', id: repositoryId });
    return access;
  }
}
