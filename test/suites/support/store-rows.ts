// Rows for tests of the database; each call gives the same row for the same arguments.
import { sourceOptions } from '../../../src/contract/sources';
import type { LogLine } from '../../../src/contract';
import type { IntentRow, OperationRow, SnapshotRow, SourceRow, UserRow } from '../../../src/main/domain/store-port';

export const aUser = (id: string): UserRow => ({ id, email: `${id}@example.com`, passwordHash: `hash of ${id}`, createdAt: 1_767_225_600_000, failedAttempts: 0, blockedUntil: 0 });

export const anOperation = (userId: string, number: number): OperationRow => ({
  id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
  userId,
  kind: 'snapshot',
  state: 'running',
  instance_id: 7,
  snapshot_id: null,
  title: `operation ${number}`,
  progress: null,
  cancellable: true,
  asks: null,
  error: null,
  warnings: [],
  context: { step: number },
  created_at: '2026-01-01T00:00:00.000Z',
  ended_at: null,
});

export const aLine = (number: number): LogLine => ({ at: '2026-01-01T00:00:00.000Z', level: 'info', src: 'local', text: `line ${number}` });

export const anIntent = (userId: string, operationId: string): IntentRow => ({
  id: `intent of ${operationId}`, userId, operationId, offerId: 123_456, label: 'mine', request: { disk: 50, env: { A: 'b' } }, state: 'intended', instanceId: null, createdAt: 5,
});

export const aSource = (userId: string): SourceRow => ({ id: `source of ${userId}`, userId, repositoryId: 'default', instanceId: 7, label: null, path: '/workspace', parentId: null, needsFullFetch: false, options: sourceOptions.parse({}), fetchRate: null, createdAt: 6 });

export const aSnapshot = (userId: string, id: string): SnapshotRow => ({
  id, userId, repositoryId: 'default', sourceId: `source of ${userId}`, instanceId: 7, label: 'mine', path: '/workspace', time: 7, tags: ['auto-backup'], result: 'ok', warnings: [], sizeBytes: 5_000_000_000, tree: null, original: null, fileCount: 3,
  operationId: anOperation(userId, 1).id, pinned: false,
});
