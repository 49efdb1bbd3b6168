// The one origin that our pages have in the window, and the test whether something is it.

export const scheme = 'dumont';
export const appOrigin = `${scheme}://app`;
export const startUrl = `${appOrigin}/`;

/** Whether this URL is a page of ours: exact scheme and host, no credentials, no port. */
export function isOurs(url: string): boolean {
  try {
    const parsed = new URL(url);
    return parsed.protocol === `${scheme}:` && parsed.host === 'app' && parsed.username === '' && parsed.password === '';
  } catch {
    return false;
  }
}
