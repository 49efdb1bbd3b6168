// Snapshots of this app in a repository that was taken over regain their instance, source and folder: from their tags and from the sidecar inside each.
import { isAppError } from './app-error';
import type { Clock, OperationRun } from './ports';
import { loadSidecar } from './restore-plan';
import type { Sidecar } from './sidecar';
import type { RepositoryAccess, RepositorySnapshot, ResticRepository } from './snapshot-ports';
import { isPartial } from './snapshot-sweep';
import { isOwnTag } from './snapshot-view';
import { defaultSourceOptions } from './source-rows';
import type { RepositoryRow, SnapshotRow, Store } from './store-port';

export interface ImportParts {
  readonly store: Pick<Store, 'sources' | 'snapshots'>;
  readonly restic: ResticRepository;
  readonly clock: Clock;
  readonly access: RepositoryAccess;
  readonly row: RepositoryRow;
}

const tagValue = (one: RepositorySnapshot, name: string): string | null => one.tags.find((tag) => tag.startsWith(`${name}:`))?.slice(name.length + 1) ?? null;

const sourceOf = (one: RepositorySnapshot): string | null => {
  const id = tagValue(one, 'src');
  return id !== null && /^[0-9a-f-]{36}$/.test(id) ? id : null;
};

const instanceOf = (one: RepositorySnapshot): number | null => {
  const text = tagValue(one, 'inst');
  return text !== null && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
};

/** Whether this app took it, and it is a whole one. */
export const isOwn = (one: RepositorySnapshot): boolean => !isPartial(one) && sourceOf(one) !== null && instanceOf(one) !== null && tagValue(one, 'op') !== null;

/** The label that the host's name was made of; its odd characters are lost. */
const labelOf = (one: RepositorySnapshot, instance: number): string | null => {
  const name = /^vast-(.+)$/.exec(one.hostname)?.[1] ?? null;
  return name === String(instance) ? null : name;
};

/** The source of an imported snapshot: the one of its tag, the one that captures this folder now, or a new one under its old id. */
const sourceFor = ({ store, row, clock }: ImportParts, id: string, instanceId: number, label: string | null, path: string): string => {
  const known = store.sources.get(id);
  if (known?.userId === row.userId) return known.id;
  const found = store.sources.find(row.userId, instanceId, path);
  if (found !== null) return found.id;
  // Its mirror is not here, so the next snapshot fetches everything. An id that another user of this computer has cannot be had twice.
  if (known !== null) return id;
  store.sources.insert({
    id, userId: row.userId, repositoryId: row.id, instanceId, label, path, parentId: null, needsFullFetch: true, options: defaultSourceOptions, fetchRate: null, createdAt: clock.now(),
  });
  return id;
};

const rowOf = (parts: ImportParts, one: RepositorySnapshot, sidecar: Sidecar): SnapshotRow => {
  const instanceId = instanceOf(one) ?? 0;
  const label = labelOf(one, instanceId);
  const files = sidecar.entries.filter((entry) => entry.type === 'f');
  return {
    id: one.id, userId: parts.row.userId, repositoryId: parts.row.id, sourceId: sourceFor(parts, sourceOf(one) ?? '', instanceId, label, sidecar.directory), instanceId, label, path: sidecar.directory, time: one.time,
    tags: one.tags.filter((tag) => !isOwnTag(tag)),
    // It passed its guard where it was taken, or it would not be there; nobody here has seen that.
    result: 'unknown', warnings: [], sizeBytes: files.reduce((sum, entry) => sum + entry.size, 0), fileCount: files.length, operationId: tagValue(one, 'op') ?? '',
  };
};

/** Writes down the snapshots of this app, oldest first; gives how many there are. One whose sidecar does not open stays a foreign one. */
export const importSnapshots = async (parts: ImportParts, snapshots: readonly RepositorySnapshot[], run: OperationRun): Promise<number> => {
  const own = snapshots.filter(isOwn).sort((a, b) => a.time - b.time);
  const known = new Set(parts.store.snapshots.list(parts.row.userId).map((row) => row.id));
  let taken = 0;
  for (const [at, one] of own.entries()) {
    run.signal.throwIfAborted();
    run.progress({ phase: 'import', bytes_done: 0, bytes_total: null, files_done: at, files_total: own.length });
    // The same one may lie in two repositories, when one is a copy of the other; it stays where it was.
    if (known.has(one.id)) continue;
    try {
      parts.store.snapshots.insert(rowOf(parts, one, await loadSidecar(parts.restic, parts.access, one.id, run.signal)));
      taken += 1;
    } catch (error) {
      if (!isAppError(error) || isAppError(error, 'cancelled')) throw error;
      run.warn(`${one.id.slice(0, 8)}: ${error.message}`);
    }
  }
  return taken;
};
