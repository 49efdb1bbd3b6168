// Serves the built renderer on dumont://app/ with the same security headers as the loopback server.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { protocol, type Session } from 'electron';
import { appHeaders } from '../transports/security-headers';
import { isOurs, scheme } from './origin';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** Must run before `ready`. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } }]);
}

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
  return types[path.extname(file)] === undefined ? null : file;
}

/** Answers GET and HEAD for files of the folder; everything else is a plain 404. */
export function serveApp(session: Session, folder: string): void {
  session.protocol.handle(scheme, async (request) => {
    const file = request.method === 'GET' || request.method === 'HEAD' ? fileFor(request.url, folder) : null;
    if (file === null) return new Response('not found', { status: 404, headers: appHeaders });
    try {
      const body = await readFile(file);
      return new Response(request.method === 'HEAD' ? null : new Uint8Array(body), {
        headers: { ...appHeaders, 'Content-Type': types[path.extname(file)] ?? 'application/octet-stream' },
      });
    } catch {
      return new Response('not found', { status: 404, headers: appHeaders });
    }
  });
}
