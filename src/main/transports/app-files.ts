// Which file of a folder an address names, and its type: one rule for the loopback server and for the desktop's own scheme.
import path from 'node:path';

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
 * The file below `folder` that a path names, or null.
 *
 * Decoded once; anything that could leave the folder (backslash, NUL, colon, dot segments, hidden names, a second level of encoding)
 * names nothing.
 */
export function fileBelow(folder: string, urlPath: string): string | null {
  let name: string;
  try {
    name = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  if (!name.startsWith('/') || /[\\\0:%]/.test(name) || name.split('/').some((part) => part.startsWith('.'))) return null;
  const file = path.join(folder, name);
  const inside = path.relative(folder, file);
  if (inside === '' || inside.startsWith('..') || path.isAbsolute(inside)) return null;
  return mimeTypes[path.extname(file)] === undefined ? null : file;
}
