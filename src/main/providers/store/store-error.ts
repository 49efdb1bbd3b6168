// What keeps the database from being opened or read, in one sentence that names the file.

/** `newer`: written by a later version of the app; `damaged`: not readable as a database; `inaccessible`: cannot be opened or written. */
export type StoreProblem = 'newer' | 'damaged' | 'inaccessible';

/** Thrown by `openStore`, and later when a damaged page is met. The file is left as it is. */
export class StoreError extends Error {
  readonly problem: StoreProblem;
  readonly file: string;

  constructor(problem: StoreProblem, file: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'StoreError';
    this.problem = problem;
    this.file = file;
  }
}
