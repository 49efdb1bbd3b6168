// Which pages the app opens in the user's browser: a short list of hosts over https, and never a string from the marketplace.

const hosts: ReadonlySet<string> = new Set(['vast.ai', 'cloud.vast.ai', 'console.vast.ai', 'docs.vast.ai', 'restic.net', 'restic.readthedocs.io']);

/** The address to open, or null when it is not on the list. */
export function externalLink(text: string): string | null {
  if (text.length > 2048 || /[\p{Cc}\s\\]/u.test(text)) return null;
  try {
    const url = new URL(text);
    const plain = url.protocol === 'https:' && url.username === '' && url.password === '' && url.port === '';
    return plain && hosts.has(url.hostname) ? url.href : null;
  } catch {
    return null;
  }
}
