// Makes text of the marketplace safe to show: bounded, one line, without control characters or characters that turn the reading direction.

/** Most characters kept of any text a stranger wrote. */
export const textLimit = 512;

/** Control characters, lone surrogates and everything that changes direction or breaks lines invisibly. */
const unshowable = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/gu;

/** Cuts at `limit` UTF-16 units, never through a character. */
export const cut = (text: string, limit: number): string => {
  if (text.length <= limit) return text;
  const end = text.codePointAt(limit - 1) ?? 0;
  return text.slice(0, end > 0xffff ? limit - 1 : limit);
};

/** Line breaks and tabs become a space, other unshowable characters U+FFFD; trimmed and cut. */
export const cleanText = (text: string, limit = textLimit): string =>
  cut(cut(text, limit * 4).replaceAll(/[\t\r\n]+/g, ' ').trim(), limit).replaceAll(unshowable, '\uFFFD');

/** Replaces what looks like a key: the given secrets, and long runs of hex digits. */
export const redact = (text: string, secrets: readonly string[] = []): string =>
  secrets
    .filter((secret) => secret.length >= 4)
    .reduce((kept, secret) => kept.replaceAll(secret, '[hidden]'), text)
    .replaceAll(/[0-9a-f]{32,}/gi, '[hidden]');
