// Retention of a source: its policy, the dry run that is shown first, and the removal of exactly what was shown. See [Note: Retention].
import type { RetentionPlan, RetentionPolicy, RetentionView } from '../../contract';
import { AppError, isAppError } from './app-error';
import type { Caller, Clock, Hints, Log, OperationRun, Operations } from './ports';
import type { RepositoryCare, RetentionQuestion } from './repository-care';
import { keepArguments, keepsNothing, leastKept, planOf, refuseSuspectClock, refuseTooMuch } from './retention-plan';
import type { RetentionRow } from './schedule-rows';
import type { RepositoryAccess, ResticRepository } from './snapshot-ports';
import type { SnapshotQueues } from './snapshot-queue';
import type { SnapshotRepositories } from './snapshot-repository';
import { isPartial, isUnverified } from './snapshot-sweep';
import type { OperationRow, SourceRow, Store } from './store-port';

/*
 * [Note: Retention] restic decides by `forget --dry-run`, and what it would remove is forgotten by id, never by a policy: so pinned snapshots and those of others
 * stay whatever restic counts, what is removed is what was shown, and a snapshot made in between cannot be among it. A policy works by itself only after its first
 * plan was seen and confirmed. Guards: no policy of zeros, three always kept, no removal while the clock looks wrong.
 */
export interface RetentionParts {
  readonly store: Store;
  readonly operations: Operations;
  readonly restic: Pick<ResticRepository, 'snapshotIds'>;
  readonly repositories: Pick<SnapshotRepositories, 'open' | 'row' | 'rows' | 'placeOf'>;
  readonly queues: SnapshotQueues;
  readonly care: RepositoryCare;
  readonly hints: Hints;
  readonly clock: Clock;
  readonly log: Log;
  /** The contents of the repository at this location have changed. */
  readonly changed: (location: string) => void;
  /** Tells whoever keeps something of a snapshot that it is gone. */
  readonly removed: (userId: string, snapshotId: string) => void;
  /** When this app was started, ms. */
  readonly startedAt: number;
}

/** So many of an instance's last operations are looked through for removals that failed. */
const formerOperations = 100;

/** Ids of the snapshots that a removal was to forget. */
const removedBy = ({ context: { removes } }: OperationRow): readonly string[] => (Array.isArray(removes) ? removes.filter((id) => typeof id === 'string') : []);

export class Retention {
  constructor(private readonly parts: RetentionParts) {}

  list(caller: Caller): RetentionView[] {
    const rows = new Map(this.parts.store.retention.list(caller.userId).map((row) => [row.sourceId, row]));
    return this.parts.store.sources.list(caller.userId).map((source) => viewOf(source.id, rows.get(source.id) ?? null));
  }

  set(caller: Caller, sourceId: string, policy: RetentionPolicy | null): RetentionView {
    const { store, hints } = this.parts;
    const source = this.source(caller, sourceId);
    if (policy !== null && keepsNothing(policy)) throw new AppError('retention_empty', 'A policy that keeps nothing is refused.', {});
    const known = store.retention.get(source.id);
    if (policy === null) store.retention.remove(source.id);
    else if (JSON.stringify(known?.policy) !== JSON.stringify(policy)) store.retention.put({ sourceId, userId: caller.userId, policy, confirmed: false, lastRunAt: known?.lastRunAt ?? null });
    hints.tell(caller.userId, 'schedules', sourceId);
    return viewOf(sourceId, store.retention.get(sourceId));
  }

  /** What the policy would remove now. */
  async plan(caller: Caller, sourceId: string, given?: RetentionPolicy): Promise<RetentionPlan> {
    const source = this.source(caller, sourceId);
    const policy = given ?? this.policy(source);
    keepArguments(policy);
    const access = await this.access(source);
    return await this.parts.queues.of(access.location).run('exclusive', () => this.dryRun(source, policy, access));
  }

  /** Removes what the plan of this token named, and confirms the policy. `retention_changed` when that plan is not the present one. */
  async apply(caller: Caller, sourceId: string, token: string): Promise<{ readonly operation_id: string }> {
    const source = this.source(caller, sourceId);
    const policy = this.policy(source);
    const plan = await this.plan(caller, sourceId);
    if (plan.token !== token) throw new AppError('retention_changed', 'The snapshots or the policy have changed since the plan was made. Nothing was removed.', {});
    const access = await this.access(source);
    this.keep(source, policy, true);
    return { operation_id: this.remove(source, policy, access, token).operation.id };
  }

  /** After each snapshot: removes what a confirmed policy names. Nothing to remove is no operation; a plan that cannot be made is a failed one, so that it is seen. */
  async afterSnapshot(userId: string, sourceId: string): Promise<void> {
    const { store, log } = this.parts;
    const source = store.sources.get(sourceId);
    const row = store.retention.get(sourceId);
    if (source === null || row === null || !row.confirmed) return;
    if (store.snapshots.list(userId).filter((one) => one.sourceId === sourceId).length <= leastKept) return;
    const warn = (error: unknown): void => log.warn('retention.failed', { source: sourceId, code: isAppError(error) ? error.code : 'internal' });
    try {
      const access = await this.access(source);
      const plan = await this.parts.queues.of(access.location).run('exclusive', () => this.whileItStands(source, row.policy, () => this.dryRun(source, row.policy, access)));
      if (plan === null) return;
      if (plan.remove.length === 0) this.keep(source, row.policy);
      else await this.remove(source, row.policy, access, null).done.catch(warn);
    } catch (error) {
      await this.start(source, () => Promise.reject(error as Error)).done.catch(warn);
    }
  }

  private start(source: SourceRow, work: (run: OperationRun) => Promise<void>): ReturnType<Operations['start']> {
    return this.parts.operations.start({ caller: { userId: source.userId }, kind: 'retention', instanceId: source.instanceId, title: `${source.label ?? source.instanceId}: ${source.path}`, cancellable: true }, work);
  }

  private remove(source: SourceRow, policy: RetentionPolicy, access: RepositoryAccess, token: string | null): ReturnType<Operations['start']> {
    const started = this.start(source, async (run) => {
      await this.parts.queues.of(source.id).run('exclusive', () => this.parts.queues.of(access.location).run('exclusive', () => this.forget(source, policy, access, token, run), run.signal), run.signal);
    });
    started.done.catch(() => undefined);
    return started;
  }

  /** The dry run again, in the same turn as the removal. */
  private async forget(source: SourceRow, policy: RetentionPolicy, access: RepositoryAccess, token: string | null, run: OperationRun): Promise<void> {
    const { care, hints } = this.parts;
    run.progress({ phase: 'retention', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
    const plan = await this.whileItStands(source, policy, () => this.dryRun(source, policy, access, run.signal));
    if (plan === null) {
      if (token !== null) throw new AppError('retention_changed', 'The policy has changed since the plan was made. Nothing was removed.', {});
      run.log('info', 'What is to be kept has changed meanwhile. Nothing was removed.');
      return;
    }
    if (token !== null && plan.token !== token) throw new AppError('retention_changed', 'The snapshots have changed since the plan was made. Nothing was removed.', {});
    const ids = plan.remove.map((row) => row.id);
    run.log('info', `${plan.keep.length} stay, ${ids.length} are removed.`);
    for (const row of plan.remove) run.log('info', `Removed: ${row.id.slice(0, 8)} of ${row.time}`);
    // From here on it is quick, and half a removal would only be continued by the next one.
    run.setCancellable(false);
    if (ids.length > 0) {
      run.remember({ source_id: source.id, removes: ids });
      this.releaseParent(source.id, new Set(ids));
      try {
        await care.forget(access, ids);
      } catch (error) {
        await this.dropGone(source, access, ids).catch(() => undefined);
        throw error;
      }
      this.drop(source, ids);
    }
    this.keep(source, policy);
    hints.tell(source.userId, 'snapshots');
  }

  /** Rows follow what was removed. */
  private drop(source: SourceRow, ids: readonly string[]): void {
    const { store, repositories } = this.parts;
    const row = repositories.row(source.userId, source.repositoryId);
    this.parts.changed(repositories.placeOf(row).location);
    for (const id of ids) {
      store.snapshots.remove(source.userId, id);
      this.parts.removed(source.userId, id);
    }
    const facts = store.upkeep.get(source.userId, row.id);
    store.upkeep.put(source.userId, row.id, { ...facts, removed_since_prune: facts.removed_since_prune + ids.length });
  }

  /** Rows follow what a removal that was cut had removed by then. How many are left, or null where that cannot be seen: a folder here is read without a password, a server is not. */
  private async dropGone(source: SourceRow, place: Pick<RepositoryAccess, 'location' | 'local'>, ids: readonly string[]): Promise<number | null> {
    const left = place.local ? await this.parts.restic.snapshotIds({ id: source.repositoryId, ...place, password: '', resticPath: null, env: {}, options: [] }) : null;
    if (left === null) return null;
    const known = new Set(this.parts.store.snapshots.list(source.userId).map((row) => row.id));
    const gone = ids.filter((id) => !left.has(id) && known.has(id));
    if (gone.length > 0) this.drop(source, gone);
    return ids.filter((id) => left.has(id)).length;
  }

  /** The same for former removals that failed: a disk that was full then did not even take that rows are gone. */
  private async dropFormer(source: SourceRow, access: RepositoryAccess): Promise<void> {
    const failed = this.parts.store.operations.list(source.userId, { instanceId: source.instanceId, limit: formerOperations }).filter((row) => row.kind === 'retention' && row.state === 'failed' && row.context['source_id'] === source.id);
    const ids = [...new Set(failed.flatMap(removedBy))];
    if (ids.length > 0) await this.dropGone(source, access, ids);
  }

  /** Ends a removal that a former run of the app left: what lies in the repository says how far it came. */
  async takeUp(row: OperationRow): Promise<void> {
    const { store, operations, repositories, hints } = this.parts;
    const sourceId = row.context['source_id'];
    const source = typeof sourceId === 'string' ? store.sources.get(sourceId) : null;
    const ids = removedBy(row);
    const left = source === null ? null : await this.dropGone(source, repositories.placeOf(repositories.row(row.userId, source.repositoryId)), ids);
    hints.tell(row.userId, 'snapshots');
    if (left === 0) operations.end(row.id, 'succeeded', null);
    else {
      const message = `The app ended while this was running. ${ids.length === 0 ? 'Nothing was removed.' : left === null ? 'What was removed is not known.' : `${ids.length - left} of ${ids.length} were removed.`}`;
      operations.end(row.id, 'failed', { code: 'cancelled', message, data: { operation_id: row.id } });
    }
  }

  /** The parent of a source is never forgotten without the source knowing: the next capture then has none. */
  private releaseParent(sourceId: string, removed: ReadonlySet<string>): void {
    const { store } = this.parts;
    const source = store.sources.get(sourceId);
    if (source === null || source.parentId === null || !removed.has(source.parentId)) return;
    store.sources.update(source.id, { parentId: null });
  }

  private async dryRun(source: SourceRow, policy: RetentionPolicy, access: RepositoryAccess, signal?: AbortSignal): Promise<RetentionPlan> {
    const { store, operations, care, clock, startedAt } = this.parts;
    await this.dropFormer(source, access);
    const rows = store.snapshots.list(source.userId);
    const known = new Set(rows.map((row) => row.id));
    // What an interrupted capture left is no snapshot of the user's: it neither counts nor is removed here.
    const ignored: RetentionQuestion['ignored'] = (one) => !known.has(one.id) && (isPartial(one) || isUnverified(operations, source.userId, one));
    const dry = await care.dryRun(access, { sourceTag: `src:${source.id}`, keep: keepArguments(policy), ignored }, signal);
    const newest = Math.max(0, ...[...dry.keep, ...dry.remove].map((row) => row.time));
    if (dry.remove.length > 0) refuseSuspectClock(clock.now(), newest, startedAt);
    const plan = planOf(source.id, policy, dry, rows);
    refuseTooMuch(plan);
    return plan;
  }

  /** The row while it has this policy: a turn can be hours away, and another policy is another wish. */
  private rowWith(source: SourceRow, policy: RetentionPolicy): RetentionRow | null {
    const row = this.parts.store.retention.get(source.id);
    return row !== null && JSON.stringify(row.policy) === JSON.stringify(policy) ? row : null;
  }

  /** What `work` gives, or null when the policy was changed, taken away or is no longer confirmed. */
  private async whileItStands<Result>(source: SourceRow, policy: RetentionPolicy, work: () => Promise<Result>): Promise<Result | null> {
    const stands = (): boolean => this.rowWith(source, policy)?.confirmed === true;
    if (!stands()) return null;
    const result = await work();
    return stands() ? result : null;
  }

  /** It ran. Another policy stays as it is. */
  private keep(source: SourceRow, policy: RetentionPolicy, confirms = false): void {
    const row = this.rowWith(source, policy);
    if (row === null) return;
    this.parts.store.retention.put({ ...row, confirmed: row.confirmed || confirms, lastRunAt: this.parts.clock.now() });
    this.parts.hints.tell(source.userId, 'schedules', source.id);
  }

  private source(caller: Caller, sourceId: string): SourceRow {
    const source = this.parts.store.sources.get(sourceId);
    if (source === null || source.userId !== caller.userId) throw new AppError('not_found', 'There is no such folder.', { kind: 'source', id: sourceId });
    return source;
  }

  private policy(source: SourceRow): RetentionPolicy {
    const row = this.parts.store.retention.get(source.id);
    if (row === null) throw new AppError('retention_empty', 'This folder has no policy: everything is kept.', {});
    return row.policy;
  }

  private async access(source: SourceRow): Promise<RepositoryAccess> {
    const access = await this.parts.repositories.open(source.userId, source.repositoryId);
    if (access === null) throw new AppError('not_found', 'There is no repository yet.', { kind: 'repository', id: source.repositoryId });
    return access;
  }
}

const viewOf = (sourceId: string, row: RetentionRow | null): RetentionView => ({
  source_id: sourceId, policy: row?.policy ?? null, confirmed: row?.confirmed ?? false, last_run_at: row === null || row.lastRunAt === null ? null : new Date(row.lastRunAt).toISOString(),
});
