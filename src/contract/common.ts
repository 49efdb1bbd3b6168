// Small schemas that several groups of the contract share.
import * as z from 'zod';

// Schemas are never changed, so one of a kind serves everywhere; making each anew was a tenth of the start.
export const text = z.string();
export const textOrNull = text.nullable();
export const number = z.number();
export const numberOrNull = number.nullable();
export const whole = z.number().int();
export const wholeOrNull = whole.nullable();
export const flag = z.boolean();

/** An id that Vast.ai gave: a positive integer. */
export const vastId = whole.positive().max(Number.MAX_SAFE_INTEGER);

/** An instant as an ISO 8601 string in UTC. */
export const instant = z.iso.datetime();

/** Dollars per hour. */
export const dollarsPerHour = number.min(0).max(100_000);

/** A user's label for an instance: what Vast keeps, less the part that carries the intent. */
export const label = text.trim().min(1).max(200);

/** A snapshot tag: restic splits tags at commas. */
export const tag = text.trim().min(1).max(100).regex(/^[^,\p{Cc}]+$/u, 'no commas or control characters');

/** An absolute path on a rented instance. */
export const remotePath = text.min(1).max(1024).regex(/^\/[^\0\n\r]*$/, 'an absolute path');

/** The id of an operation. */
export const operationId = z.uuid();

/** What an endpoint adds to a resource when it started something slow. */
export const startedOperation = z.object({ operation_id: operationId });

/** Paths of one list that a caller names. What is sent in one go is bounded besides, in bytes. */
export const mostPaths = 50_000;
