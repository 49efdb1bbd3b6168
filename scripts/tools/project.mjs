// Where things are in the checkout, and how scripts talk: set-up speaks on stderr only, because stdout belongs to the app.
import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root folder. */
export const root = path.resolve(import.meta.dirname, '../..');

/** Folder of what set-up fetches or assembles; ignored by git, safe to delete. */
export const toolsDir = path.join(root, '.tools');

/** Absolute path inside the checkout. */
export const at = (...parts) => path.join(root, ...parts);

/** One line on stderr. */
export const tell = (text) => process.stderr.write(`${text}\n`);

/** Parsed JSON of a file, or undefined when it is missing or unreadable. */
export const readJson = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
};

/** Whether the module is the one that node was started with (and not imported by another). */
export const isEntry = (url) => {
  try {
    return process.argv[1] !== undefined && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(url));
  } catch {
    return false;
  }
};

/**
 * An expected failure: told in its own words and without a stack.
 * `exitCode` is 1 unless the caller used the command wrongly (2).
 */
export class ScriptError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs a script's main function; its result is the exit code, an expected failure its message. */
export const main = async (body) => {
  try {
    process.exitCode = (await body(process.argv.slice(2))) ?? 0;
  } catch (error) {
    tell(error instanceof ScriptError ? error.message : String(error?.stack ?? error));
    process.exitCode = error instanceof ScriptError ? error.exitCode : 1;
  }
};
