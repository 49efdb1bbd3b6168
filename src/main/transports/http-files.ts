// Serves files of one folder over HTTP: the built renderer, and Swagger UI's own files.
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { fileBelow, mimeTypes } from './app-files';
import { appHeaders } from './security-headers';

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
