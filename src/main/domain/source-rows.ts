// Rows of sources: found or made, their options changed, shown. A source exists as soon as a snapshot, a schedule or options name an instance and a path.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Instance, Source, SourceOptions, SourceOptionsChange } from '../../contract';
import { sourceOptions } from '../../contract/sources';
import type { Clock } from './ports';
import { ownRepository } from './snapshot-repository';
import type { SnapshotRow, SourceRow, Store } from './store-port';

/** The options of a source that nobody has set any for. */
export const defaultSourceOptions: SourceOptions = sourceOptions.parse({});

/** A directory of an instance as a source names it: the given one, or where the instance says its data are. */
export const sourceDirectory = (instance: Pick<Instance, 'data_directory'>, given: string | undefined): string => path.posix.normalize(given ?? instance.data_directory).replace(/(.)\/$/, '$1');

/** The source of this directory, made when there is none, in the user's default repository; it follows the instance's label. */
export const findOrMakeSource = (store: Pick<Store, 'sources' | 'repositories'>, clock: Clock, userId: string, instance: Pick<Instance, 'id' | 'label'>, directory: string): SourceRow => {
  const { sources } = store;
  const found = sources.find(userId, instance.id, directory);
  if (found !== null) {
    if (found.label === instance.label) return found;
    sources.update(found.id, { label: instance.label });
    return { ...found, label: instance.label };
  }
  const row: SourceRow = {
    id: randomUUID(), userId, repositoryId: store.repositories.list(userId)[0]?.id ?? ownRepository, instanceId: instance.id, label: instance.label, path: directory, parentId: null, needsFullFetch: false, options: defaultSourceOptions, fetchRate: null, createdAt: clock.now(),
  };
  sources.insert(row);
  return row;
};

/** The source with its snapshots kept in `wanted`; in another repository than before, its next snapshot fetches everything. `wanted` is an id of the user's. */
export const keptIn = (store: Pick<Store, 'sources'>, source: SourceRow, wanted: string | undefined): SourceRow => {
  if (wanted === undefined || wanted === source.repositoryId) return source;
  const change = { repositoryId: wanted, parentId: null, needsFullFetch: true };
  store.sources.update(source.id, change);
  return { ...source, ...change };
};

/** What is not named stays as it is. */
export const changedOptions = (present: SourceOptions, change: SourceOptionsChange): SourceOptions => {
  const named = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  return { ...present, ...named, presets: { ...present.presets, ...change.presets } };
};

/** Commands of flags may take so long, seconds; a source's own say for themselves. */
const flagTimeout = 600;

/** The options with the commands of flags where there are none. */
export const withHooksOfFlags = (options: SourceOptions, hooks: { readonly before: string | null; readonly after: string | null } | undefined): SourceOptions => {
  const of = (command: string | null | undefined): SourceOptions['before'] => (command === null || command === undefined ? null : { command, timeout_s: flagTimeout });
  return { ...options, before: options.before ?? of(hooks?.before), after: options.after ?? of(hooks?.after) };
};

/** A row as the contract shows it. */
export const sourceView = (row: SourceRow, snapshots: readonly SnapshotRow[]): Source => {
  const own = snapshots.filter((one) => one.sourceId === row.id);
  const newest = Math.max(...own.map((one) => one.time));
  return {
    id: row.id, instance_id: row.instanceId, label: row.label, path: row.path, options: row.options, snapshot_count: own.length,
    last_snapshot_at: own.length === 0 ? null : new Date(newest).toISOString(), fetch_rate: row.fetchRate, created_at: new Date(row.createdAt).toISOString(),
  };
};
