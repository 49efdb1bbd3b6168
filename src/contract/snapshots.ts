// Snapshots of an instance's files in the local restic repository.
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { flag, instant, mostPaths, number, numberOrNull, operationId, remotePath, startedOperation, tag as tagText, text, textOrNull, vastId, whole } from './common';
import { proofStamp } from './proofs';
import { lookupErrors, resticErrors, restoreErrors, secretErrors, sessionErrors, sshErrors, vastErrors } from './errors';
import { repositoryId } from './repositories';

/** Three results, never two. `verifying`: the guard has not finished yet. */
export const snapshotResult = z.enum(['ok', 'warnings', 'failed', 'verifying', 'unknown']);

export const snapshot = z.object({
  id: text.describe('64 hex digits'),
  short_id: text,
  time: instant,
  hostname: text,
  tags: z.array(text).describe("The user's tags"),
  paths: z.array(text).describe('What was captured, as paths on the instance'),
  repository_id: repositoryId.describe('Where it lies'),
  instance_id: vastId.nullable(),
  label: textOrNull,
  result: snapshotResult,
  warnings: z.array(text),
  size_bytes: numberOrNull,
  file_count: numberOrNull,
  proof: proofStamp,
  pinned: flag.describe('No policy removes it'),
});

/** A snapshot with restic's own numbers of the run. */
export const createdSnapshot = snapshot.extend({
  snapshot_id: text,
  operation_id: operationId,
  unchanged: flag.describe('Nothing had changed: this is the previous snapshot, and restic was not started'),
  files_new: number,
  files_changed: number,
  files_unmodified: number,
  total_files_processed: number,
  data_added: number.describe('Bytes'),
  total_bytes_processed: number.describe('Bytes'),
});

export const createSnapshot = z.object({
  instance_id: vastId,
  source_path: remotePath.optional().describe("Default: the instance's data directory"),
  tags: z.array(tagText).max(20).default([]),
  repository_id: repositoryId.optional().describe("Where it is kept; default: where this directory's snapshots are, else the user's default repository"),
  wait: flag.default(true),
});

export const restoreSnapshot = z
  .object({
    snapshot_id: text.regex(/^[0-9a-f]{8,64}$/),
    instance_id: vastId.optional(),
    folder: text.min(1).max(4096).optional().describe('A new or empty folder on this computer; over HTTP it stays below the export folder'),
    target_path: remotePath.optional().describe('On the instance; default: where it was taken'),
    paths: z.array(text.min(1).max(4096)).max(mostPaths).optional().describe('Only these, relative to what was captured; a directory stands for all in it'),
    paths64: z.array(text.min(1).max(8192).regex(/^[A-Za-z0-9+/]*={0,2}$/, 'base64')).max(mostPaths).optional().describe('Only these too: base64 of their bytes, for names that are not UTF-8'),
    verify: flag.default(false),
    wait: flag.default(true),
  })
  .refine((body) => (body.instance_id === undefined) !== (body.folder === undefined), 'either instance_id or folder');

export const restoreResult = z.object({
  success: flag,
  snapshot_id: text,
  target_path: text,
  files_restored: number,
  errors: z.array(text),
  operation_id: operationId,
});

export const repository = z.object({
  state: z.enum(['none', 'ready', 'missing', 'wrong_password', 'locked', 'restic_missing', 'restic_too_old', 'unknown']),
  path: text,
  size_bytes: numberOrNull,
  snapshot_count: numberOrNull,
  restic: z.object({ path: text, version: text, advice: z.enum(['ok', 'update_advised', 'too_old']), from: z.enum(['settings', 'flag', 'path', 'bundled']).describe('Why this one') }).nullable(),
  ssh: z.object({ path: text, version: text }).nullable(),
  recovery_key: flag.describe('A recovery key has been made'),
});

const tag = { tags: ['snapshots'] };

export const snapshots = {
  list: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/snapshots', summary: 'All snapshots, newest first' })
    .input(z.object({ instance_id: vastId.optional(), tag: text.max(100).optional(), repository_id: repositoryId.optional() }).optional())
    .output(z.object({ snapshots: z.array(snapshot), count: whole }))
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
    .input(z.object({ id: text.regex(/^[0-9a-f]{8,64}$/) }))
    .output(z.object({ success: z.literal(true), snapshot_id: text }))
    .errors({ ...sessionErrors, ...secretErrors, ...lookupErrors, ...resticErrors }),
  repository: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/snapshots/repository', summary: 'Where snapshots are kept, and with which tools' })
    .output(repository)
    .errors(sessionErrors),
};
