// The snapshot before an instance ends: before a pause or a destroy as part of that operation, before the contract or the credit ends by itself.
import type { ComingSnapshot, Instance, Operation, SnapshotFirst as Coming } from '../../contract';
import { AppError, isAppError } from './app-error';
import type { SnapshotFirstPort } from './instance-parts';
import { snapshotFirstPhase } from './instance-view';
import type { Caller, OperationRun } from './ports';
import type { OperationsService, SettingsService, SnapshotsService } from './services';
import type { SourceRow, Store } from './store-port';

export interface SnapshotFirstParts {
  readonly store: Pick<Store, 'sources' | 'snapshots' | 'schedules'>;
  /** Made after the instances that this belongs to. */
  readonly snapshots: () => Pick<SnapshotsService, 'create'>;
  readonly operations: Pick<OperationsService, 'follow' | 'get' | 'cancel'>;
  readonly settings: Pick<SettingsService, 'values'>;
}

/** What is snapshotted; without a path, the data directory. */
interface Folder {
  readonly instance_id: number;
  readonly source_path: string | undefined;
}

/** The folders of an instance that somebody cares for: they were snapshotted, or a schedule names them. */
export const caredFor = (store: SnapshotFirstParts['store'], userId: string, instanceId: number): SourceRow[] => {
  const taken = new Set(store.snapshots.list(userId).map((row) => row.sourceId));
  const scheduled = new Set(store.schedules.list(userId).flatMap((row) => (row.enabled && row.kind === 'snapshot' && row.sourceId !== null ? [row.sourceId] : [])));
  return store.sources.list(userId).filter((source) => source.instanceId === instanceId && (taken.has(source.id) || scheduled.has(source.id)));
};

/*
 * [Note: Snapshot first] Only what runs can be read, so only a running instance is snapshotted before it is paused or destroyed; of any other this is said. The snapshot is an operation of its
 * own that the pause or destroy follows; it is cancelled with it. When it fails, nothing is asked of the instance until somebody says so: the operation asks
 * (`proceed`, `keep`) and, kept, ends with `snapshot_first_failed`. A pause goes on with a warning where the settings say so: it stops the billing.
 * A snapshot with warnings names files that it does not hold. A destroy would lose them, so it asks the same question; a pause keeps the disk, so it only warns.
 */
export class SnapshotFirst implements SnapshotFirstPort {
  constructor(private readonly parts: SnapshotFirstParts) {}

  coming(userId: string, instance: Instance): Coming {
    const known = caredFor(this.parts.store, userId, instance.id).map((source) => source.path);
    const settings = this.parts.settings.values(userId);
    const of = (isOn: boolean): ComingSnapshot => {
      if (instance.state !== 'running') return 'not_running';
      if (known.length === 0) return 'nothing_known';
      return isOn ? 'taken' : 'off';
    };
    return { paths: known.length === 0 ? [instance.data_directory] : known, pause: of(settings.snapshot_before_pause), destroy: of(settings.snapshot_before_destroy) };
  }

  wanted(userId: string, instance: Instance, kind: 'pause' | 'destroy', override?: boolean): boolean {
    const coming = this.coming(userId, instance)[kind];
    if (override === true && coming === 'not_running') {
      throw new AppError('snapshot_first_failed', 'It does not run, so nothing of it can be read.', { code: 'instance_state', detail: `The instance is ${instance.state}.` });
    }
    return override ?? coming === 'taken';
  }

  async take(run: OperationRun, caller: Caller, instanceId: number, kind: 'pause' | 'destroy', signal: AbortSignal): Promise<void> {
    const known = caredFor(this.parts.store, caller.userId, instanceId).map((source) => source.path);
    for (const path of known.length === 0 ? [undefined] : known) {
      run.log('info', `A snapshot of ${path ?? 'its data directory'} comes first.`);
      try {
        await this.one(run, caller, { instance_id: instanceId, source_path: path }, kind, signal);
      } catch (error) {
        signal.throwIfAborted();
        await this.decide(run, caller, kind, error, signal);
      }
    }
  }

  private async one(run: OperationRun, caller: Caller, folder: Folder, kind: 'pause' | 'destroy', signal: AbortSignal): Promise<void> {
    const { snapshots, operations } = this.parts;
    signal.throwIfAborted();
    const { operation_id: id } = await snapshots().create(caller, { ...folder, tags: [`before-${kind}`], wait: false });
    const stop = (): void => {
      try {
        operations.cancel(caller, id);
      } catch {
        // It has ended, or is past the point where it can be stopped.
      }
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const event of operations.follow(caller, id)) {
        if (event.type === 'operation' && event.operation.progress !== null) run.progress({ ...event.operation.progress, phase: snapshotFirstPhase });
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
    const end = operations.get(caller, id);
    for (const warning of end.warnings) run.log('warn', warning);
    if (end.state !== 'succeeded' && end.state !== 'warnings') throw failure(end);
    if (end.state === 'warnings') {
      const said = warned(folder.source_path ?? 'the data directory', end.warnings);
      run.warn(said);
      if (kind === 'destroy') throw new AppError('snapshot_first_failed', said, { code: 'warnings', detail: said });
    }
    run.log('info', `${folder.source_path ?? 'The data directory'} is in a snapshot.`);
  }

  private async decide(run: OperationRun, caller: Caller, kind: 'pause' | 'destroy', error: unknown, signal: AbortSignal): Promise<void> {
    const { code, detail } = factsOf(error);
    if (kind === 'pause' && this.parts.settings.values(caller.userId).pause_if_snapshot_fails) {
      run.warn(`The snapshot before the pause failed (${code}). It is paused all the same, as the settings say.`);
      return;
    }
    const isTaken = code === 'warnings';
    if (!isTaken) run.log('error', `The snapshot that comes first failed: ${detail || code}`);
    const answer = await run.ask('snapshot_first_failed', signal);
    signal.throwIfAborted();
    if (answer !== 'proceed') {
      const why = isTaken ? 'The snapshot that comes first has warnings.' : 'The snapshot that comes first failed.';
      throw new AppError('snapshot_first_failed', `${why} The instance was kept as it is.`, { code, detail });
    }
    run.warn(isTaken ? 'With a snapshot that has warnings, as you said.' : `Without the snapshot (${code}), as you said.`);
  }
}

/** Warnings of a snapshot that are said by name; the log has them all. */
const named = 3;

const some = (warnings: readonly string[]): string => `${warnings.slice(0, named).join('; ')}${warnings.length > named ? `; and ${warnings.length - named} more` : ''}`;

const warned = (path: string, warnings: readonly string[]): string => `The snapshot of ${path} has warnings: ${some(warnings)}`;

/** Whether the snapshot that a destroy asks about was taken, with warnings; else it failed. It asks right after it has said so. */
export const asksOfWarnings = ({ kind, asks, warnings }: Pick<Operation, 'kind' | 'asks' | 'warnings'>): boolean =>
  kind === 'destroy' && asks === 'snapshot_first_failed' && /^The snapshot of .* has warnings: /s.test(warnings.at(-1) ?? '');

/** Why there is no snapshot: the error of its operation, or of its start. */
const factsOf = (error: unknown): { readonly code: string; readonly detail: string } => {
  if (isAppError(error, 'snapshot_first_failed')) return error.data;
  return isAppError(error) ? { code: error.code, detail: error.message } : { code: 'internal', detail: '' };
};

/** What a snapshot that did not succeed ended with. */
const failure = (operation: Operation): Error => {
  const error = operation.error;
  return new AppError('snapshot_first_failed', error?.message ?? 'The snapshot did not succeed.', { code: error?.code ?? operation.state, detail: error?.message ?? '' });
};
