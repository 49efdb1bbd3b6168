// What a page may ask of the computer: nothing, but two things that copying and telling need.

import type { Session } from 'electron';
import { isOurs } from './origin';

const allowed: ReadonlySet<string> = new Set(['clipboard-sanitized-write', 'notifications']);

/** Deny by default: only our own top frame, only the two names above; a name that Electron adds later is denied. */
export function isAllowed(permission: string, url: string, isMainFrame: boolean): boolean {
  return isMainFrame && allowed.has(permission) && isOurs(url);
}

/** Puts the rule into every place where Electron asks. Without handlers Electron grants everything. */
export function guardPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    callback(isAllowed(permission, details.requestingUrl, details.isMainFrame));
  });
  session.setPermissionCheckHandler((_contents, permission, origin, details) => isAllowed(permission, details.requestingUrl ?? origin, details.isMainFrame));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, callback) => callback({}));
}
