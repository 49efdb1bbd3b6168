// Care of a repository: what is kept, freeing space, checking, pinned snapshots.
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { flag, instant, number, operationId, startedOperation, text, textOrNull, whole } from './common';
import { lookupErrors, resticErrors, retentionErrors, secretErrors, sessionErrors } from './errors';
import { retentionPlan, retentionPolicy, retentionView } from './retention';

const repositoryId = text.min(1).max(64).default('default');

export const upkeepRun = z.object({
  at: instant,
  state: z.enum(['succeeded', 'warnings', 'failed', 'cancelled']),
  operation_id: operationId,
  code: textOrNull.describe('Of its error'),
});

export const upkeep = z.object({
  repository_id: text,
  prune: upkeepRun.nullable(),
  check: upkeepRun.nullable().describe('Structure, or all data'),
  rolling_check: upkeepRun.nullable(),
  part: whole.describe('The part of the rolling check that is read next'),
  parts: whole,
  removed_since_prune: whole.describe('Snapshots that were removed and whose space is not freed yet'),
  damaged_at: instant.nullable().describe('When a check found it damaged; null once a repair or a check of all data has found it whole'),
});

const bySource = z.object({ source_id: z.uuid() });
const tag = { tags: ['maintenance'] };
const work = { ...sessionErrors, ...secretErrors, ...resticErrors };

export const maintenance = {
  get: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/maintenance', summary: 'When each repository was last pruned and checked' })
    .output(z.object({ repositories: z.array(upkeep) }))
    .errors(sessionErrors),
  retention: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/maintenance/retention', summary: 'What is kept of each source' })
    .output(z.object({ retention: z.array(retentionView) }))
    .errors(sessionErrors),
  setRetention: oc
    .route({ ...tag, method: 'PUT', path: '/api/v1/maintenance/retention/{source_id}', summary: 'Set what is kept of a source; null keeps everything' })
    .input(bySource.extend({ policy: retentionPolicy.nullable() }))
    .output(retentionView)
    .errors({ ...sessionErrors, ...lookupErrors, retention_empty: retentionErrors.retention_empty }),
  planRetention: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/maintenance/retention/{source_id}/plan', summary: 'What a policy would remove now; removes nothing' })
    .input(bySource.extend({ policy: retentionPolicy.optional().describe("Default: the source's own") }))
    .output(retentionPlan)
    .errors({ ...work, ...lookupErrors, ...retentionErrors }),
  applyRetention: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/maintenance/retention/{source_id}/apply', summary: 'Remove what a plan named, and let the policy work by itself from now on' })
    .input(bySource.extend({ token: text.min(1).max(100) }))
    .output(startedOperation)
    .errors({ ...work, ...lookupErrors, ...retentionErrors }),
  prune: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/maintenance/prune', summary: 'Free the space of removed snapshots' })
    .input(z.object({ repository_id: repositoryId, max_repack_gb: number.min(0).max(100_000).default(5) }))
    .output(startedOperation)
    .errors({ ...work, ...lookupErrors }),
  check: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/maintenance/check', summary: 'Check a repository: its structure, the next part of its data, or all data' })
    .input(z.object({ repository_id: repositoryId, read: z.enum(['none', 'part', 'all']).default('none'), parts: whole.min(2).max(365).default(30) }))
    .output(startedOperation)
    .errors({ ...work, ...lookupErrors }),
  pin: oc
    .route({ ...tag, method: 'PUT', path: '/api/v1/maintenance/pins/{snapshot_id}', summary: 'Pin a snapshot, so that no policy removes it, or let it go again' })
    .input(z.object({ snapshot_id: text.regex(/^[0-9a-f]{64}$/), pinned: flag }))
    .output(z.object({ snapshot_id: text, pinned: flag }))
    .errors({ ...sessionErrors, ...lookupErrors }),
};
