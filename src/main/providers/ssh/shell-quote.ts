// The one way text becomes part of a command for a host's shell.

/** One shell word that means exactly this text. Throws for NUL, which no argument can hold. */
export const sh = (text: string): string => {
  if (text.includes('\0')) throw new Error('A shell word cannot hold NUL');
  return `'${text.replaceAll("'", `'\\''`)}'`;
};
