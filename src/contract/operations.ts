// Anything slow: its state, progress and log, while it runs and afterwards.
import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { flag, instant, number, numberOrNull, operationId, text, textOrNull, vastId, whole } from './common';
import { operationErrors, sessionErrors } from './errors';

export const operationKind = z.enum(['create', 'pause', 'resume', 'destroy', 'snapshot', 'restore', 'delete_snapshot', 'index', 'rehearse', 'import', 'repair', 'preview', 'prune', 'check', 'retention', 'command_after']);

/** `warnings` is a success that names what it could not do. `unknown`: the provider has not said how it ended; it is being looked into. */
export const operationState = z.enum(['queued', 'running', 'cancelling', 'succeeded', 'warnings', 'failed', 'cancelled', 'unknown']);

export const progress = z.object({
  phase: text.describe('A code: connect, scan, fetch, backup, verify, dump, wait, snapshot_first ...'),
  bytes_done: number,
  bytes_total: numberOrNull,
  files_done: number,
  files_total: numberOrNull,
});

export const operation = z.object({
  id: operationId,
  kind: operationKind,
  state: operationState,
  instance_id: vastId.nullable(),
  snapshot_id: textOrNull,
  title: text.describe("What it is about, in the user's own words: a label or a path"),
  progress: progress.nullable(),
  cancellable: flag,
  asks: textOrNull.describe('A question code that waits for the user: still_loading (wait, destroy), snapshot_first_failed (proceed, keep)'),
  error: z.object({ code: text, message: text, data: z.unknown() }).nullable(),
  warnings: z.array(text),
  created_at: instant,
  ended_at: instant.nullable(),
});

export const logLine = z.object({
  at: instant,
  level: z.enum(['info', 'warn', 'error']),
  src: z.enum(['local', 'remote']).describe('remote: the rented host said it; never trusted'),
  text: text,
});

export const operationEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('operation'), operation }),
  z.object({ type: z.literal('log'), line: logLine }),
]);

const byId = z.object({ id: operationId });
const tag = { tags: ['operations'] };

export const operations = {
  list: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/operations', summary: 'Running and past operations, newest first' })
    .input(z.object({ instance_id: vastId.optional(), active: flag.optional(), limit: whole.min(1).max(500).default(100) }))
    .output(z.object({ operations: z.array(operation), count: whole }))
    .errors(sessionErrors),
  get: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/operations/{id}', summary: 'One operation with its log' })
    .input(byId)
    .output(operation.extend({ log: z.array(logLine) }))
    .errors({ ...sessionErrors, ...operationErrors }),
  cancel: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/operations/{id}/cancel', summary: 'Ask an operation to stop' })
    .input(byId)
    .output(operation)
    .errors({ ...sessionErrors, ...operationErrors }),
  answer: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/operations/{id}/answer', summary: 'Answer the question of an operation: wait on or destroy what is loading; proceed without the snapshot that failed, or keep the instance' })
    .input(byId.extend({ answer: z.enum(['wait', 'destroy', 'proceed', 'keep']) }))
    .output(operation)
    .errors({ ...sessionErrors, ...operationErrors }),
  follow: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/operations/{id}/events', summary: 'Follow an operation until it ends (server-sent events)' })
    .input(byId)
    .output(eventIterator(operationEvent))
    .errors({ ...sessionErrors, ...operationErrors }),
};
