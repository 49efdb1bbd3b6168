// Restore rehearsals: a snapshot is restored and compared, and only then it is called proven.
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { flag, instant, number, operationId, startedOperation, text, vastId, whole } from './common';
import { lookupErrors, proofErrors, resticErrors, secretErrors, sessionErrors, vastErrors } from './errors';

/**
 * `part`: what was restored so far was right, but not all of it was restored yet. `damaged`: a check found its repository damaged, and neither a repair nor a check of all data has found it
 * whole since; what was proven before counts no more. `failed` also when it is damaged.
 */
export const proofState = z.enum(['none', 'part', 'proven', 'damaged', 'failed']);

/** What is known about one snapshot. */
export const proofStamp = z.object({
  state: proofState,
  at: instant.nullable().describe('When it was last rehearsed'),
  coverage: number.min(0).max(1).describe('Share of its bytes that was restored and found right'),
  weak: flag.describe("Contents were not compared with the hashes of what the instance sent, because the snapshot keeps none: sizes and restic's own check only"),
});

/** One rehearsal that came to a result. */
export const proof = z.object({
  id: text,
  snapshot_id: text,
  operation_id: operationId,
  at: instant,
  kind: z.enum(['full', 'part']),
  result: z.enum(['ok', 'failed']),
  weak: flag,
  files: whole.describe('Restored and compared'),
  bytes: number,
  total_files: whole,
  total_bytes: number,
  command: z.enum(['none', 'ok', 'failed']).describe("The user's own check"),
  problems: z.array(text).describe('What was not right, the first of them'),
});

/**
 * Whether an instance may go. The worst of its sources decides.
 *
 * `no_snapshot`: also when those that were taken lie in their repository no more. `unreadable`: their repository cannot be read now. `damaged`: a check found it damaged, and neither a repair nor
 * a check of all data has found it whole since.
 */
export const safetyVerdict = z.enum(['proven', 'part', 'old', 'unproven', 'unreadable', 'damaged', 'failed', 'no_snapshot']);

export const sourceSafety = z.object({
  path: text,
  verdict: safetyVerdict,
  snapshot: z.object({ id: text, short_id: text, time: instant, result: z.enum(['ok', 'warnings', 'failed', 'verifying', 'unknown']) }).nullable().describe('The newest'),
  proof: z.object({ snapshot_id: text, at: instant, snapshot_time: instant, coverage: number }).nullable().describe('The newest rehearsal that went well, and how old what it proved is'),
});

/**
 * Whether a snapshot comes before an instance is paused or destroyed: `taken` by itself; `off` in the settings; `not_running`, when nothing of it can be read;
 * `nothing_known`, when none of its folders was ever snapshotted and no schedule names one.
 */
export const comingSnapshot = z.enum(['taken', 'off', 'not_running', 'nothing_known']);

export const snapshotFirst = z.object({
  paths: z.array(text).describe('What is snapshotted, or would be if asked for'),
  pause: comingSnapshot,
  destroy: comingSnapshot,
});

export const safety = z.object({
  instance_id: vastId,
  verdict: safetyVerdict,
  asks: flag.describe('Destroying it needs a second yes: not everything was proven within the policy'),
  max_age_days: number.describe('The policy: how old the newest proof may be'),
  sources: z.array(sourceSafety),
  snapshot_first: snapshotFirst,
});

const tag = { tags: ['proofs'] };
const snapshotId = text.regex(/^[0-9a-f]{8,64}$/);

export const proofs = {
  rehearse: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/snapshots/{id}/rehearse', summary: 'Restore a snapshot to a scratch place, compare it, and say whether it is proven' })
    .input(z.object({ id: snapshotId, wait: flag.default(true) }))
    .output(z.union([proof, startedOperation]))
    .errors({ ...sessionErrors, ...secretErrors, ...lookupErrors, ...resticErrors, ...proofErrors }),
  list: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/proofs', summary: 'Rehearsals that came to a result, newest first' })
    .input(z.object({ snapshot_id: snapshotId.optional(), limit: whole.min(1).max(500).default(100) }))
    .output(z.object({ proofs: z.array(proof), count: whole }))
    .errors(sessionErrors),
  safety: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/instances/{id}/safety', summary: 'What would be lost with an instance: its snapshots and how well they are proven' })
    .input(z.object({ id: vastId }))
    .output(safety)
    .errors({ ...sessionErrors, ...vastErrors, ...lookupErrors }),
};
