// Snapshots as the contract shows them: rows of the store, joined with what lies in the repository. Pure.
import type { CreatedSnapshot, Snapshot } from '../../contract';
import { noStamp } from './proof-stamp';
import type { BackupSummary, RepositorySnapshot } from './snapshot-ports';
import type { SnapshotRow } from './store-port';

/** Tags of ours, which users do not see. */
const ownTag = /^(?:src|inst|op):/;

export const isOwnTag = (tag: string): boolean => ownTag.test(tag);

const view = (row: SnapshotRow, hostname: string): Snapshot => ({
  id: row.id, short_id: row.id.slice(0, 8), time: new Date(row.time).toISOString(), hostname, tags: [...row.tags], paths: [row.path],
  repository_id: row.repositoryId, instance_id: row.instanceId, label: row.label, result: row.result, warnings: [...row.warnings], size_bytes: row.sizeBytes, file_count: row.fileCount, proof: noStamp, pinned: row.pinned === true,
});

/** What restic calls the host: stable, and plain enough for every shell and table. */
export const hostLabel = (label: string | null, instanceId: number): string => {
  const plain = (label ?? '').normalize('NFKD').replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 60);
  return `vast-${plain === '' ? instanceId : plain}`;
};

/** The title of an operation that takes one. */
export const snapshotTitle = (instance: { readonly id: number; readonly label: string | null }, directory: string): string => `${instance.label ?? instance.id}: ${directory}`;

/** A row; `present` false: it is no longer in the repository. */
export const snapshotOf = (row: SnapshotRow, present: boolean): Snapshot => {
  const shown = view(row, hostLabel(row.label, row.instanceId));
  return present ? shown : { ...shown, result: 'unknown', warnings: [...shown.warnings, 'This snapshot is no longer in the repository.'] };
};

/** One that only the repository knows. */
export const foreignSnapshot = (one: RepositorySnapshot, repositoryId: string): Snapshot => {
  const instance = Number(/^inst:(\d{1,15})$/.exec(one.tags.find((tag) => tag.startsWith('inst:')) ?? '')?.[1] ?? 0);
  return {
    id: one.id, short_id: one.id.slice(0, 8), time: new Date(one.time).toISOString(), hostname: one.hostname, tags: one.tags.filter((tag) => !ownTag.test(tag)), paths: [...one.paths],
    repository_id: repositoryId, instance_id: instance > 0 ? instance : null, label: null, result: 'unknown', warnings: [], size_bytes: one.sizeBytes, file_count: one.fileCount, proof: noStamp, pinned: false,
  };
};

/** The answer of a capture; without a summary nothing had changed. */
export const createdSnapshot = (row: SnapshotRow, summary: BackupSummary | null, operationId: string): CreatedSnapshot => ({
  ...snapshotOf(row, true),
  snapshot_id: row.id,
  operation_id: operationId,
  unchanged: summary === null,
  files_new: summary?.filesNew ?? 0,
  files_changed: summary?.filesChanged ?? 0,
  files_unmodified: summary?.filesUnmodified ?? row.fileCount,
  total_files_processed: summary?.totalFiles ?? row.fileCount,
  data_added: summary?.dataAdded ?? 0,
  total_bytes_processed: summary?.totalBytes ?? row.sizeBytes,
});
