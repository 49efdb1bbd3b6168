// Serves the built renderer on dumont://app/ with the same security headers as the loopback server.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { protocol, type Session } from 'electron';
import { mimeTypes } from '../transports/app-files';
import { appHeaders } from '../transports/security-headers';
import { fileFor } from './app-files';
import { scheme } from './origin';

/** Must run before `ready`. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } }]);
}

/** Answers GET and HEAD for files of the folder; everything else is a plain 404. */
export function serveApp(session: Session, folder: string): void {
  session.protocol.handle(scheme, async (request) => {
    const file = request.method === 'GET' || request.method === 'HEAD' ? fileFor(request.url, folder) : null;
    if (file === null) return new Response('not found', { status: 404, headers: appHeaders });
    try {
      const body = await readFile(file);
      return new Response(request.method === 'HEAD' ? null : new Uint8Array(body), {
        headers: { ...appHeaders, 'Content-Type': mimeTypes[path.extname(file)] ?? 'application/octet-stream' },
      });
    } catch {
      return new Response('not found', { status: 404, headers: appHeaders });
    }
  });
}
