// Rehearsals: started, stamped and listed; and what an instance's snapshots are worth before it is destroyed.
import { randomUUID } from 'node:crypto';
import type { Proof, Safety } from '../../contract';
import { AppError } from './app-error';
import type { SnapshotFirstPort } from './instance-parts';
import type { Caller, Clock, Hints, Log, Operations } from './ports';
import { RehearsalRun, type RehearsalOutcome, type RehearsalParts } from './proof-run';
import { sourceSafety, worstOf, type Standing } from './proof-stamp';
import type { InstancesService, ProofsService, SettingsService } from './services';
import { damagedRepositories, type FoundSnapshot, type SnapshotList } from './snapshot-list';
import type { SnapshotQueues } from './snapshot-queue';
import type { OperationRow, ProofRow, SnapshotRow, Store } from './store-port';

const gigabyte = 1e9;

export interface ProofsParts extends RehearsalParts {
  readonly store: Pick<Store, 'proofs' | 'snapshots' | 'sources' | 'upkeep'>;
  readonly operations: Pick<Operations, 'start'> & { end(id: string, state: 'failed', error: { readonly code: string; readonly message: string; readonly data: unknown }): void };
  readonly list: Pick<SnapshotList, 'find' | 'follow' | 'standing'>;
  readonly queues: SnapshotQueues;
  readonly instances: Pick<InstancesService, 'get'>;
  readonly settings: Pick<SettingsService, 'values'>;
  readonly snapshotFirst: Pick<SnapshotFirstPort, 'coming'>;
  /** Asked for by a flag; the settings come first. */
  readonly command: string | null;
  readonly hints: Hints;
  readonly clock: Clock;
  readonly log: Log;
}

const view = (row: ProofRow): Proof => ({
  id: row.id, snapshot_id: row.snapshotId, operation_id: row.operationId, at: new Date(row.at).toISOString(), kind: row.kind, result: row.result, weak: row.weak,
  files: row.files, bytes: row.bytes, total_files: row.totalFiles, total_bytes: row.totalBytes, command: row.command, problems: [...row.problems],
});

/** The service behind the contract's `proofs`. */
export class Proofs implements ProofsService {
  constructor(private readonly parts: ProofsParts) {}

  /** Answers with the proof, or at once without `wait`. Ends with `proof_failed`, after the stamp was written, when what was restored is not what was captured. */
  async rehearse(caller: Caller, id: string, wait: true): Promise<Proof>;
  async rehearse(caller: Caller, id: string, wait: boolean): Promise<Proof | { readonly operation_id: string }>;
  async rehearse(caller: Caller, id: string, wait: boolean): Promise<Proof | { readonly operation_id: string }> {
    const found = await this.parts.list.find(caller.userId, id);
    const { row, snapshotId } = found;
    const title = row === null ? snapshotId.slice(0, 8) : `${row.label ?? row.instanceId}: ${row.path}`;
    const { operation, done } = this.parts.operations.start({ caller, kind: 'rehearse', instanceId: row?.instanceId ?? null, title, cancellable: true }, async (run) => {
      run.link({ snapshotId });
      const { store, queues } = this.parts;
      const sourceId = row?.sourceId ?? snapshotId;
      const settings = this.parts.settings.values(caller.userId);
      const command = settings.rehearsal_command ?? this.parts.command;
      const input = {
        userId: caller.userId, access: found.access, snapshotId, cursor: store.proofs.newestOfSource(caller.userId, sourceId)?.cursor ?? null, budget: settings.rehearsal_budget_gb * gigabyte,
        check: command === null ? null : { command, limitMs: settings.rehearsal_command_minutes * 60_000 },
      };
      const outcome = await queues.of(found.access.location).run('shared', () => new RehearsalRun(this.parts, input, run).perform(), run.signal);
      run.setCancellable(false);
      const proof = this.stamp(caller.userId, found, sourceId, run.id, outcome);
      for (const problem of outcome.problems) run.log('error', problem);
      if (outcome.result === 'ok') {
        if (outcome.weak) run.log('info', "This snapshot keeps no hashes for some files: their sizes and restic's own check were all there was to compare.");
        return view(proof);
      }
      const { problemCount, problems } = outcome;
      throw new AppError('proof_failed', 'What was restored is not what was captured.', { snapshot_id: snapshotId, problem_count: problemCount, problems: problems.slice(0, 3) });
    });
    // Nobody may be waiting for it.
    done.catch(() => undefined);
    return wait ? await done : { operation_id: operation.id };
  }

  /** The newest snapshot of a source, for a schedule; `not_found` when it has none. */
  async rehearseNewest(caller: Caller, sourceId: string): Promise<{ readonly operation_id: string }> {
    await this.parts.list.follow(caller.userId);
    const newest = this.parts.store.snapshots.list(caller.userId).find((row) => row.sourceId === sourceId);
    if (newest === undefined) throw new AppError('not_found', 'There is no snapshot of this source yet.', { kind: 'snapshot', id: sourceId });
    const started = await this.rehearse(caller, newest.id, false);
    if (!('operation_id' in started)) throw new Error('A rehearsal without an operation');
    return { operation_id: started.operation_id };
  }

  private stamp(userId: string, { snapshotId, row }: FoundSnapshot, sourceId: string, operationId: string, outcome: RehearsalOutcome): ProofRow {
    const { store, hints, clock, log } = this.parts;
    const proof: ProofRow = {
      id: randomUUID(), userId, snapshotId, sourceId, operationId, at: clock.now(), kind: outcome.kind, result: outcome.result, weak: outcome.weak, files: outcome.files, bytes: outcome.bytes,
      totalFiles: outcome.total_files, totalBytes: outcome.total_bytes, command: outcome.command, problems: outcome.problems, cursor: outcome.cursor, begins: outcome.begins,
    };
    store.proofs.insert(proof);
    // What the repository holds of this source is in doubt: the next snapshot takes nothing of it for granted. A check of the user's own says nothing about that.
    if (outcome.result === 'failed' && outcome.command !== 'failed' && row !== null) store.sources.update(row.sourceId, { needsFullFetch: true });
    log.info('snapshot_rehearsed', { snapshot: snapshotId, result: outcome.result, kind: outcome.kind });
    hints.tell(userId, 'snapshots', snapshotId);
    return proof;
  }

  listed(caller: Caller, input: { readonly snapshot_id?: string; readonly limit: number }): { readonly proofs: Proof[]; readonly count: number } {
    const all = this.parts.store.proofs.list(caller.userId).filter((row) => input.snapshot_id === undefined || row.snapshotId.startsWith(input.snapshot_id));
    const proofs = all.slice(0, input.limit).map(view);
    return { proofs, count: proofs.length };
  }

  /** What would be lost with an instance, by what lies in the repositories now. Sources without a snapshot count only when nothing else was ever captured. */
  async safety(caller: Caller, instanceId: number): Promise<Safety> {
    const { store, clock, list, settings, instances, snapshotFirst } = this.parts;
    const instance = await instances.get(caller, instanceId);
    await list.follow(caller.userId);
    const own = store.sources.list(caller.userId).filter((source) => source.instanceId === instanceId);
    const ownIds = new Set(own.map((source) => source.id));
    const snapshots = store.snapshots.list(caller.userId).filter((row) => ownIds.has(row.sourceId));
    const proofs = store.proofs.list(caller.userId);
    const lying = await list.standing(caller.userId, snapshots);
    const damaged = damagedRepositories(store, caller.userId);
    const standing = (row: SnapshotRow): Standing => {
      const found = lying.get(row.id) ?? 'gone';
      return found === 'there' && damaged.has(row.repositoryId) ? 'damaged' : found;
    };
    const policy = { now: clock.now(), maxAgeDays: settings.values(caller.userId).proof_max_age_days, standing };
    const sources = own.map((source) => sourceSafety(source.path, snapshots.filter((row) => row.sourceId === source.id), proofs.filter((row) => row.sourceId === source.id), policy));
    const shown = sources.length > 0 ? sources : [sourceSafety(instance.data_directory, [], [], policy)];
    const verdict = worstOf(shown.map((one) => one.verdict));
    return { instance_id: instanceId, verdict, asks: verdict !== 'proven', max_age_days: policy.maxAgeDays, sources: shown, snapshot_first: snapshotFirst.coming(caller.userId, instance) };
  }

  /** A rehearsal that a former run of the app left: it says nothing about its snapshot, and what it restored is removed. */
  async takeUp(row: OperationRow): Promise<void> {
    await this.parts.folders.clear(row.userId);
    this.parts.operations.end(row.id, 'failed', { code: 'cancelled', message: 'The app ended while this was running.', data: { operation_id: row.id } });
  }

  /** A snapshot is gone: so is what was known of it. */
  forget(userId: string, snapshotId: string): void {
    this.parts.store.proofs.removeOfSnapshot(userId, snapshotId);
  }
}
