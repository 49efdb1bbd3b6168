// Turns whatever was thrown into an error of the contract's table, and logs what nobody expected.
import { ORPCError, ValidationError } from '@orpc/server';
import { errorTable, type ErrorCode } from '../../contract';
import { AppError } from '../domain/app-error';
import type { Log } from '../domain/ports';

/** At most so many problems of one input are named: an array of thousands of wrong rows is one mistake. */
const maxIssues = 20;

interface Issue {
  readonly path: string;
  readonly message: string;
}

/** An error of the table with its status; `defined` is settled by oRPC per endpoint. */
export function contractError(code: ErrorCode, data: unknown, message?: string, cause?: unknown): ORPCError<ErrorCode, unknown> {
  const { status, message: fallback } = errorTable[code];
  return new ORPCError(code, { status, message: message ?? fallback, data, cause });
}

function segment(part: unknown): string {
  return String(typeof part === 'object' && part !== null && 'key' in part ? part.key : part);
}

function issuesOf(cause: unknown): Issue[] | undefined {
  if (!(cause instanceof ValidationError)) return undefined;
  return cause.issues.slice(0, maxIssues).map((issue) => ({ path: (issue.path ?? []).map(segment).join('.'), message: issue.message }));
}

/** One line that also says where, for a reader of the REST answer. */
function inputMessage(issues: readonly Issue[] | undefined): string {
  const first = issues?.[0];
  if (first === undefined) return errorTable.invalid_input.message;
  return first.path === '' ? `The request is not valid: ${first.message}` : `The request is not valid: ${first.path}: ${first.message}`;
}

function isAbort(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}

/**
 * The error that the caller sees.
 *
 * An AppError keeps its code, sentence and data; refused input is `invalid_input` with where and why; an aborted call stays silent in the
 * log, since its caller has gone; anything else is a bug: the log has it, the caller reads `internal`.
 */
export function toContractError(error: unknown, at: { readonly path: readonly string[]; readonly log: Log; readonly signal?: AbortSignal }): ORPCError<string, unknown> {
  if (error instanceof AppError) return contractError(error.code, error.data, error.message, error);
  if (error instanceof ORPCError && Object.hasOwn(errorTable, error.code)) return error;
  if (error instanceof ORPCError && error.code === 'BAD_REQUEST') {
    const issues = issuesOf(error.cause);
    return contractError('invalid_input', issues === undefined ? {} : { issues }, inputMessage(issues), error);
  }
  if (isAbort(error, at.signal)) return contractError('cancelled', {});
  const seen = error instanceof ORPCError && error.cause instanceof Error ? error.cause : error;
  at.log.error('handler.failed', { endpoint: at.path.join('.'), error: seen, issues: error instanceof ORPCError ? issuesOf(error.cause) : undefined });
  return contractError('internal', {});
}
