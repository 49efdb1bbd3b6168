// Which file of the built renderer a dumont:// address names. No Electron: a table of hostile addresses tests it.
import { fileBelow } from '../transports/app-files';
import { isOurs } from './origin';

/** The file below `folder`, or null: for a foreign origin, and for any path that fileBelow refuses. */
export function fileFor(url: string, folder: string): string | null {
  if (!isOurs(url)) return null;
  const { pathname } = new URL(url);
  return fileBelow(folder, pathname === '/' ? '/index.html' : pathname);
}
