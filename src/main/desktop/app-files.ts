// Which file of the built renderer a dumont:// address names, and its type. No Electron: a table of hostile addresses tests it.
import path from 'node:path';
import { isOurs } from './origin';

/** The only endings that are served. */
export const mimeTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/**
 * The file below `folder` that a URL names, or null: the path is decoded once, and anything that could leave the folder
 * (backslash, NUL, dot segments, drive or stream colons, a second level of encoding) names nothing.
 */
export function fileFor(url: string, folder: string): string | null {
  if (!isOurs(url)) return null;
  let name: string;
  try {
    name = decodeURIComponent(new URL(url).pathname);
  } catch {
    return null;
  }
  if (/[\\\0:%]/.test(name) || name.split('/').some((part) => part === '..' || part === '.')) return null;
  const file = path.join(folder, name === '/' ? 'index.html' : name);
  const inside = path.relative(folder, file);
  if (inside === '' || inside.startsWith('..') || path.isAbsolute(inside)) return null;
  return mimeTypes[path.extname(file)] === undefined ? null : file;
}
