// Snapshots of an instance's files in the local restic repository.
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { instant, operationId, remotePath, startedOperation, tag as tagText, vastId } from './common';
import { proofStamp } from './proofs';
import { lookupErrors, resticErrors, restoreErrors, secretErrors, sessionErrors, sshErrors, vastErrors } from './errors';
import { repositoryId } from './repositories';

/** Three results, never two. `verifying`: the guard has not finished yet. */
export const snapshotResult = z.enum(['ok', 'warnings', 'failed', 'verifying', 'unknown']);

export const snapshot = z.object({
  id: z.string().describe('64 hex digits'),
  short_id: z.string(),
  time: instant,
  hostname: z.string(),
  tags: z.array(z.string()).describe("The user's tags"),
  paths: z.array(z.string()).describe('What was captured, as paths on the instance'),
  repository_id: repositoryId.describe('Where it lies'),
  instance_id: vastId.nullable(),
  label: z.string().nullable(),
  result: snapshotResult,
  warnings: z.array(z.string()),
  size_bytes: z.number().nullable(),
  file_count: z.number().nullable(),
  proof: proofStamp,
  pinned: z.boolean().describe('No policy removes it'),
});

/** A snapshot with restic's own numbers of the run. */
export const createdSnapshot = snapshot.extend({
  snapshot_id: z.string(),
  operation_id: operationId,
  unchanged: z.boolean().describe('Nothing had changed: this is the previous snapshot, and restic was not started'),
  files_new: z.number(),
  files_changed: z.number(),
  files_unmodified: z.number(),
  total_files_processed: z.number(),
  data_added: z.number().describe('Bytes'),
  total_bytes_processed: z.number().describe('Bytes'),
});

export const createSnapshot = z.object({
  instance_id: vastId,
  source_path: remotePath.optional().describe("Default: the instance's data directory"),
  tags: z.array(tagText).max(20).default([]),
  repository_id: repositoryId.optional().describe("Where it is kept; default: where this directory's snapshots are, else the user's default repository"),
  wait: z.boolean().default(true),
});

export const restoreSnapshot = z
  .object({
    snapshot_id: z.string().regex(/^[0-9a-f]{8,64}$/),
    instance_id: vastId.optional(),
    folder: z.string().min(1).max(4096).optional().describe('A new or empty folder on this computer; over HTTP it stays below the export folder'),
    target_path: remotePath.optional().describe('On the instance; default: where it was taken'),
    paths: z.array(z.string().min(1).max(4096)).max(1000).optional().describe('Only these, relative to what was captured'),
    paths64: z.array(z.string().min(1).max(8192).regex(/^[A-Za-z0-9+/]*={0,2}$/, 'base64')).max(1000).optional().describe('Only these too: base64 of their bytes, for names that are not UTF-8'),
    verify: z.boolean().default(false),
    wait: z.boolean().default(true),
  })
  .refine((body) => (body.instance_id === undefined) !== (body.folder === undefined), 'either instance_id or folder');

export const restoreResult = z.object({
  success: z.boolean(),
  snapshot_id: z.string(),
  target_path: z.string(),
  files_restored: z.number(),
  errors: z.array(z.string()),
  operation_id: operationId,
});

export const repository = z.object({
  state: z.enum(['none', 'ready', 'missing', 'wrong_password', 'locked', 'restic_missing', 'restic_too_old', 'unknown']),
  path: z.string(),
  size_bytes: z.number().nullable(),
  snapshot_count: z.number().nullable(),
  restic: z.object({ path: z.string(), version: z.string(), advice: z.enum(['ok', 'update_advised', 'too_old']), from: z.enum(['settings', 'flag', 'path', 'bundled']).describe('Why this one') }).nullable(),
  ssh: z.object({ path: z.string(), version: z.string() }).nullable(),
  recovery_key: z.boolean().describe('A recovery key has been made'),
});

const tag = { tags: ['snapshots'] };

export const snapshots = {
  list: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/snapshots', summary: 'All snapshots, newest first' })
    .input(z.object({ instance_id: vastId.optional(), tag: z.string().max(100).optional(), repository_id: repositoryId.optional() }).optional())
    .output(z.object({ snapshots: z.array(snapshot), count: z.number().int() }))
    .errors({ ...sessionErrors, ...secretErrors, ...resticErrors }),
  create: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/snapshots', summary: 'Take a snapshot of a running instance' })
    .input(createSnapshot)
    .output(z.union([createdSnapshot, startedOperation]))
    .errors({ ...sessionErrors, ...vastErrors, ...lookupErrors, ...sshErrors, ...resticErrors }),
  restore: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/snapshots/restore', summary: 'Restore to a new folder here or to a running instance' })
    .input(restoreSnapshot)
    .output(z.union([restoreResult, startedOperation]))
    .errors({ ...sessionErrors, ...vastErrors, ...lookupErrors, ...sshErrors, ...resticErrors, ...restoreErrors }),
  remove: oc
    .route({ ...tag, method: 'DELETE', path: '/api/v1/snapshots/{id}', summary: 'Forget a snapshot, and verify that it is gone' })
    .input(z.object({ id: z.string().regex(/^[0-9a-f]{8,64}$/) }))
    .output(z.object({ success: z.literal(true), snapshot_id: z.string() }))
    .errors({ ...sessionErrors, ...secretErrors, ...lookupErrors, ...resticErrors }),
  repository: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/snapshots/repository', summary: 'Where snapshots are kept, and with which tools' })
    .output(repository)
    .errors(sessionErrors),
};
