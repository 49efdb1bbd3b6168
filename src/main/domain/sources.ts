// The service behind the contract's `sources`: how directories of instances are captured, and what that would fetch and cost.
import type { Instance, Source, SourceOptions, SourceOptionsChange, SourcePreview } from '../../contract';
import { AppError } from './app-error';
import { mannerOf } from './host-manner';
import { sameEntry, type ManifestEntry } from './snapshot-manifest';
import { snapshotListing } from './capture-ports';
import { connect } from './capture-run';
import { reachable } from './host-target';
import type { Caller, Clock, Hints, OperationRun, Operations } from './ports';
import type { InstancesService, SourcesService } from './services';
import type { BytePath, Mirrors, RemoteHosts } from './snapshot-ports';
import { rulesOf } from './source-listing';
import { expectedRate, fetchCosts, PreviewTally } from './source-preview';
import { changedOptions, defaultSourceOptions, findOrMakeSource, sourceDirectory, sourceView } from './source-rows';
import type { SourceRow, Store } from './store-port';
import { mainTurn, Turns } from './turns';

export interface SourcesParts {
  readonly store: Pick<Store, 'sources' | 'snapshots' | 'repositories'>;
  readonly instances: Pick<InstancesService, 'get'>;
  readonly operations: Pick<Operations, 'start'>;
  readonly hosts: Pick<RemoteHosts, 'host'>;
  readonly mirrors: Mirrors;
  readonly hints: Hints;
  readonly clock: Clock;
}

/** Commands that run on the instance are set in the window only: whoever can reach the local API must not get to run anything anywhere. */
const refuseHooks = (caller: Caller, present: SourceOptions, change: SourceOptionsChange): void => {
  if (caller.transport === 'ipc') return;
  for (const name of ['before', 'after'] as const) {
    if (change[name] === undefined || JSON.stringify(change[name]) === JSON.stringify(present[name])) continue;
    throw new AppError('forbidden', 'Commands before and after a snapshot are set in the window only.', { reason: `options.${name}` });
  }
};

/** Results that were not waited for are kept until so many newer ones came. */
const keptPreviews = 20;

/** Sources of users. */
export class Sources implements SourcesService {
  private readonly previews = new Map<string, { readonly userId: string; readonly preview: SourcePreview }>();

  constructor(private readonly parts: SourcesParts) {}

  list(caller: Caller, input?: { readonly instance_id?: number }): { readonly sources: Source[]; readonly count: number; readonly defaults: SourceOptions } {
    const { store } = this.parts;
    const snapshots = store.snapshots.list(caller.userId);
    const sources = store.sources.list(caller.userId).filter((row) => input?.instance_id === undefined || row.instanceId === input.instance_id).map((row) => sourceView(row, snapshots));
    return { sources, count: sources.length, defaults: defaultSourceOptions };
  }

  get(caller: Caller, id: string): Source {
    return sourceView(this.row(caller, id), this.parts.store.snapshots.list(caller.userId));
  }

  async put(caller: Caller, input: { readonly instance_id: number; readonly source_path?: string; readonly options: SourceOptionsChange }): Promise<Source> {
    const { store, instances, clock, hints } = this.parts;
    const instance = await instances.get(caller, input.instance_id);
    const row = findOrMakeSource(store, clock, caller.userId, instance, sourceDirectory(instance, input.source_path));
    refuseHooks(caller, row.options, input.options);
    store.sources.update(row.id, { options: changedOptions(row.options, input.options) });
    hints.tell(caller.userId, 'snapshots');
    return this.get(caller, row.id);
  }

  /** The instance that had it may be gone; the one that gets it must exist. */
  async move(caller: Caller, input: { readonly id: string; readonly instance_id: number }): Promise<Source> {
    const { store, instances, hints } = this.parts;
    const row = this.row(caller, input.id);
    const instance = await instances.get(caller, input.instance_id);
    const other = store.sources.find(caller.userId, instance.id, row.path);
    if (other !== null && other.id !== row.id) throw new AppError('source_taken', `${row.path} of this instance is another source already.`, { source_id: other.id });
    store.sources.update(row.id, { instanceId: instance.id, label: instance.label });
    hints.tell(caller.userId, 'snapshots');
    return this.get(caller, row.id);
  }

  // ---------------------------------------------------------------- previews

  async preview(caller: Caller, input: { readonly instance_id: number; readonly source_path?: string; readonly options: SourceOptionsChange; readonly wait: boolean }): Promise<SourcePreview | { readonly operation_id: string }> {
    const { store, instances, operations } = this.parts;
    const instance = await instances.get(caller, input.instance_id);
    reachable(caller.userId, instance);
    const directory = sourceDirectory(instance, input.source_path);
    const row = store.sources.find(caller.userId, instance.id, directory);
    const options = changedOptions(row?.options ?? defaultSourceOptions, input.options);
    const { operation, done } = operations.start({ caller, kind: 'preview', instanceId: instance.id, title: `${instance.label ?? instance.id}: ${directory}`, cancellable: true }, async (run) => {
      const preview = await this.look(caller, instance, directory, options, row, run);
      this.previews.set(run.id, { userId: caller.userId, preview });
      for (const id of [...this.previews.keys()].slice(0, -keptPreviews)) this.previews.delete(id);
      return preview;
    });
    return input.wait ? await done : { operation_id: operation.id };
  }

  previewed(caller: Caller, operationId: string): SourcePreview {
    const found = this.previews.get(operationId);
    if (found?.userId !== caller.userId) throw new AppError('not_found', 'There is no such preview any more.', { kind: 'preview', id: operationId });
    return found.preview;
  }

  /** Lists everything, also what would be left out, so that other options can be tried on the result. */
  private async look(caller: Caller, instance: Instance, directory: string, options: SourceOptions, row: SourceRow | null, run: OperationRun): Promise<SourcePreview> {
    const host = this.parts.hosts.host(reachable(caller.userId, instance), mannerOf(options));
    run.progress({ phase: 'connect', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
    const probe = await connect(host, directory, this.parts.clock, run);
    if (probe.missing.length > 0) throw new AppError('remote_tool_missing', `The instance lacks ${probe.missing.join(' and ')}.`, { missing: [...probe.missing] });
    if (!probe.directory) throw new AppError('source_missing', `There is no folder ${directory} on the instance.`, { path: directory });
    const rules = rulesOf(options, probe, run);
    const turns = new Turns(run.signal, mainTurn);
    const tally = new PreviewTally(rules, await this.known(row, turns), turns);
    const { notes } = await host.manifest(directory, [], run.signal, tally.take, (count) => {
      run.progress({ phase: 'scan', bytes_done: 0, bytes_total: null, files_done: count, files_total: null });
      return tally.settle();
    });
    for (const note of notes) run.log('warn', note, 'remote');
    const sums = await tally.sums();
    const rate = expectedRate(row?.fetchRate ?? null, instance.inet_up, options);
    return { operation_id: run.id, instance_id: instance.id, path: directory, options, ...sums, rate, ...fetchCosts(sums.fetch, rate, instance) };
  }

  /** Whether a file is in the last snapshot as it is now. */
  private async known(row: SourceRow | null, turns: Turns): Promise<(entry: ManifestEntry) => boolean> {
    if (row === null || row.parentId === null || row.needsFullFetch) return () => false;
    const before = new Map<BytePath, ManifestEntry>();
    for (const entry of (await this.parts.mirrors.open(row.userId, row.id)).listings.read(snapshotListing(row.parentId)) ?? []) {
      if (entry.type === 'f') before.set(entry.path, entry);
      if (turns.due) await turns.pause();
    }
    return (entry) => {
      const old = before.get(entry.path);
      return old !== undefined && sameEntry(old, entry);
    };
  }

  private row(caller: Caller, id: string): SourceRow {
    const row = this.parts.store.sources.get(id);
    if (row?.userId !== caller.userId) throw new AppError('not_found', 'There is no such source.', { kind: 'source', id });
    return row;
  }
}
