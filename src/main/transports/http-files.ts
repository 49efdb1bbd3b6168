// Serves files of one folder over HTTP: the built renderer, and Swagger UI's own files.
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { appHeaders } from './security-headers';

/** The only endings that are served. */
const mimeTypes: Readonly<Record<string, string>> = {
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

/** Vite puts a hash of the content into the names below assets/, so those never change. */
function cacheOf(file: string): string {
  return path.basename(path.dirname(file)) === 'assets' ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** Answers with bytes of a known type. */
export function sendBytes(response: ServerResponse, bytes: Uint8Array | string, ending: string, cache: string): void {
  const length = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
  response.writeHead(200, { ...appHeaders, 'Content-Type': mimeTypes[ending] ?? 'application/octet-stream', 'Content-Length': length, 'Cache-Control': cache });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

/** False when there is no such file; nothing was answered then. */
export async function sendFile(response: ServerResponse, file: string): Promise<boolean> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch {
    return false;
  }
  sendBytes(response, bytes, path.extname(file), cacheOf(file));
  return true;
}

/** The renderer: a file, or the index for a path that is an address inside the app. */
export async function sendRenderer(response: ServerResponse, folder: string, urlPath: string): Promise<boolean> {
  const isFile = path.posix.extname(urlPath) !== '';
  const file = urlPath === '/' || !isFile ? path.join(folder, 'index.html') : fileBelow(folder, urlPath);
  return file !== null && sendFile(response, file);
}
