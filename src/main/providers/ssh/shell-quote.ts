// The one way text becomes part of a command for a host's shell.

/** One shell word that means exactly this text. Throws for NUL, which no argument can hold. */
export const sh = (text: string): string => {
  if (text.includes('\0')) throw new Error('A shell word cannot hold NUL');
  return `'${text.replaceAll("'", `'\\''`)}'`;
};

/** The same for shells of other families too, such as fish and csh: what any of them reads otherwise within quotes stands outside. csh takes no line break in a word. */
export const anyShell = (text: string): string => {
  if (text.includes('\0')) throw new Error('A shell word cannot hold NUL');
  return `'${text.replaceAll(/['\\!]/g, (char) => `'\\${char}'`)}'`;
};
