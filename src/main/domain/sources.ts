// The service behind the contract's `sources`: how directories of instances are captured.
import type { Source, SourceOptions, SourceOptionsChange } from '../../contract';
import { AppError } from './app-error';
import type { Caller, Clock, Hints } from './ports';
import type { InstancesService, SourcesService } from './services';
import { changedOptions, findOrMakeSource, sourceDirectory, sourceView } from './source-rows';
import type { SourceRow, Store } from './store-port';

export interface SourcesParts {
  readonly store: Pick<Store, 'sources' | 'snapshots' | 'repositories'>;
  readonly instances: Pick<InstancesService, 'get'>;
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

/** Sources of users. */
export class Sources implements SourcesService {
  constructor(private readonly parts: SourcesParts) {}

  list(caller: Caller, input?: { readonly instance_id?: number }): { readonly sources: Source[]; readonly count: number } {
    const { store } = this.parts;
    const snapshots = store.snapshots.list(caller.userId);
    const sources = store.sources.list(caller.userId).filter((row) => input?.instance_id === undefined || row.instanceId === input.instance_id).map((row) => sourceView(row, snapshots));
    return { sources, count: sources.length };
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

  private row(caller: Caller, id: string): SourceRow {
    const row = this.parts.store.sources.get(id);
    if (row?.userId !== caller.userId) throw new AppError('not_found', 'There is no such source.', { kind: 'source', id });
    return row;
  }
}
