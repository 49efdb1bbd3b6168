// Hints that something changed: the page asks again. Nobody patches state.
import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { number, text } from './common';
import { sessionErrors } from './errors';
import { operation } from './operations';

export const topic = z.enum(['instances', 'account', 'operations', 'snapshots', 'schedules', 'settings', 'session', 'notices']);

export const watchEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hint'), topic, id: z.union([text, number]).nullable() }),
  z.object({ type: z.literal('operation'), operation }).describe('Progress of a running operation, at most four times a second'),
  z.object({ type: z.literal('alive') }).describe('Sent at once and every 15 s, so that a dead connection is noticed'),
]);

export const events = {
  watch: oc
    .route({ tags: ['events'], method: 'GET', path: '/api/v1/events', summary: 'Hints and progress for one page (server-sent events)' })
    .output(eventIterator(watchEvent))
    .errors(sessionErrors),
};
