// The one error that domain and providers throw on purpose: a code and its data, typed by the contract's table.
import type { ErrorCode, ErrorData } from '../../contract';

/**
 * An expected failure.
 *
 * `message` is one English sentence without secrets; the renderer has its own words for `code`. Anything else that is thrown is a bug
 * and reaches the caller as `internal`.
 */
export class AppError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly data: ErrorData<Code>;

  constructor(code: Code, message: string, data: ErrorData<Code>, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
    this.data = data;
  }
}

/** Whether this is an AppError of one of these codes. */
export function isAppError<Code extends ErrorCode>(error: unknown, ...codes: readonly Code[]): error is AppError<Code> {
  return error instanceof AppError && (codes.length === 0 || codes.includes(error.code as Code));
}
