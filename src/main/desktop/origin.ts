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

/** Whether this URL is the one page that a window shows; the section stands behind `#`. Other files of ours are parts of it, never a page. */
export function isPage(url: string): boolean {
  return isOurs(url) && new URL(url).pathname === '/';
}
