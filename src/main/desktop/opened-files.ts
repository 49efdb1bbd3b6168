// Which file the app was started with, or asked to open while it runs: the window is led to a page that shows what is in it. No Electron.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenedFile } from '../../contract';
import { scheduleExtension } from '../domain/schedule-file';
import { readOpenedFile } from './opened-file';

const isOurs = (file: string): boolean => path.extname(file).toLowerCase() === `.${scheduleExtension}`;

/** The file that an argument names: a path, or an address as file managers on Linux give it. Null for any other word, and for a file on another computer. */
export function fileOfArgument(word: string, folder: string): string | null {
  if (word.startsWith('-') || word.includes('\0')) return null;
  if (!/^file:/i.test(word)) return isOurs(word) && !/^[a-z][a-z0-9+.-]+:\/\//i.test(word) ? path.resolve(folder, word) : null;
  try {
    const url = new URL(word);
    const file = url.host === '' ? fileURLToPath(url) : '';
    return isOurs(file) ? file : null;
  } catch {
    return null;
  }
}

/**
 * The newest file that was given to the app.
 *
 * [Note: Opened files] As with links (see [Note: Deep links]) opening a file only leads to a page, which shows what the file holds; the user saves it or not. The page
 * knows a number, never a path: main reads the file that it was given, once the page of a signed-in user asks.
 */
export class OpenedFiles {
  #newest: { readonly number: number; readonly file: string } | null = null;

  /** The route of the page that shows it. Each opening has another one, so that the same file can be opened again. */
  open(file: string): string {
    const number = (this.#newest?.number ?? 0) + 1;
    this.#newest = { number, file };
    return `#/schedules?file=${String(number)}`;
  }

  /** The route of the first file among the arguments; null where there is none. Relative paths begin at `folder`. */
  routeOf(argv: readonly string[], folder: string): string | null {
    const files = argv.flatMap((word) => fileOfArgument(word, folder) ?? []);
    return files[0] === undefined ? null : this.open(files[0]);
  }

  /** What the file of this number holds; one that was replaced by a newer one is not there any more. */
  async read(number: number): Promise<OpenedFile> {
    const newest = this.#newest;
    return newest?.number === number ? readOpenedFile(newest.file) : { name: '', schedule: null, problem: 'missing' };
  }
}
