// Why the app could not start, in words for whoever double-clicked it and sees no terminal. Pure; the dialog is in main.ts.
import { AppError, isAppError } from '../domain/app-error';
import { StartError } from '../lifecycle';
import { StoreError } from '../providers/store/store-error';
import { PortUnavailableError } from '../transports/port-unavailable';
import { startWordsOf, type StartProblem } from './start-words';
import type { Language } from './words';

/** Codes of the system, of which each failure to write carries one. */
const systemCodes: Readonly<Record<string, StartProblem>> = { ENOSPC: 'disk_full', EDQUOT: 'disk_full', EACCES: 'inaccessible', EPERM: 'inaccessible', EROFS: 'inaccessible' };

/** Causes are looked at first: a database that could not be opened may have been out of disk. */
function problemOf(error: unknown): StartProblem {
  if (!(error instanceof Error)) return 'other';
  const deeper = problemOf(error.cause);
  if (deeper === 'disk_full') return deeper;
  if (error instanceof StoreError) return error.problem;
  if (error instanceof PortUnavailableError) return 'port';
  if (error instanceof StartError) return 'running';
  if (error instanceof AppError && error.code === 'disk_full') return 'disk_full';
  return ('code' in error && typeof error.code === 'string' ? systemCodes[error.code] : undefined) ?? deeper;
}

/** Whose disk is full: the data folder need not be on the one that the user thinks of. */
const placeOf = (error: unknown): string => (isAppError(error, 'disk_full') ? `\n${error.data.path}` : '');

/** Title and text of the dialog; the text ends with the error's own sentence, which names the file or the port, or with the place that is full. */
export function startFailure(error: unknown, language: Language): { readonly title: string; readonly text: string } {
  const { title, problems } = startWordsOf(language);
  return { title, text: `${problems[problemOf(error)]}\n\n${error instanceof Error ? error.message : String(error)}${placeOf(error)}` };
}
