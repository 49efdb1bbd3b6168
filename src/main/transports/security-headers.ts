// The headers that every page of the app is served with, by the loopback server and by the desktop's own scheme alike.

/**
 * The content security policy.
 *
 * `style-src 'unsafe-inline'` because Mantine inserts style elements; images, fonts and connections stay on our origin, so a style
 * cannot send anything anywhere.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-src 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** For pages and files of the app. */
export const appHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), loopback-network=(self)',
};

/** For answers of the API: never kept anywhere. */
export const apiHeaders: Readonly<Record<string, string>> = { ...appHeaders, 'Cache-Control': 'no-store' };
