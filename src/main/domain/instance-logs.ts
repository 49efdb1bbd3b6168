// The container log as lines that are safe to show: a stranger's program wrote them.

/** Longest line kept, characters. */
const lineLimit = 8192;
/** Escape sequences of terminals: CSI, OSC and other strings, single escapes. */
// oxlint-disable-next-line no-control-regex -- it is about control characters
const escapes = /\u{1b}(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u{7}\u{1b}]*(?:\u{7}|\u{1b}\\)?|[ -/]*[0-~])/gu;
const unshowable = /[\p{Cc}\p{Cs}\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/gu;

/** A progress bar writes over its own line: what stood last is what a terminal would show. */
const lastOverwrite = (line: string): string => line.replace(/\r+$/, '').split('\r').at(-1) ?? '';

const safeLine = (line: string): string => lastOverwrite(line).replaceAll(escapes, '').replaceAll('\t', '    ').replaceAll(unshowable, '\uFFFD').slice(0, lineLimit).replace(/[\uD800-\uDBFF]$/, '');

/** The last `tail` lines of a log; one that shows nothing at its end is none. */
export const logLines = (text: string, tail: number): { readonly lines: string[]; readonly truncated: boolean } => {
  const all = text.split('\n');
  if (safeLine(all.at(-1) ?? '').trim() === '') all.pop();
  return { lines: all.slice(-tail).map(safeLine), truncated: all.length > tail };
};
