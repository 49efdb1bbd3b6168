// Reads the first statement of a remote command, which names it and its arguments; see [Note: Remote commands].

// [Note: Remote commands] The app sends a fixed set of commands. Each begins with a no-op statement, `: dumont-v1 NAME 'ARG'...;`,
// which a real shell ignores and this simulator dispatches on: it has no shell and never looks at the rest.

/** A named remote command. */
export interface RemoteCommand {
  readonly name: string;
  readonly args: readonly string[];
}

/** The words of one shell statement made of plain and single-quoted words; null when it has anything else. */
const statementWords = (text: string): readonly string[] | null => {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if (char === "'") {
      const end = text.indexOf("'", at + 1);
      if (end === -1) return null;
      word = (word ?? '') + text.slice(at + 1, end);
      at = end;
    } else if (char === '\\') {
      if (at + 1 >= text.length) return null;
      word = (word ?? '') + (text[at + 1] as string);
      at += 1;
    } else if (char === ';') {
      return word === null ? words : [...words, word];
    } else if (char === ' ') {
      if (word !== null) words.push(word);
      word = null;
    } else if (/[A-Za-z0-9_:./-]/.test(char)) {
      word = (word ?? '') + char;
    } else return null;
  }
  return null;
};

/** The command that a command line names, or null when it is not one of ours. */
export const parseRemote = (line: string): RemoteCommand | null => {
  const words = statementWords(line);
  if (!words || words[0] !== ':' || words[1] !== 'dumont-v1' || words[2] === undefined) return null;
  return { name: words[2], args: words.slice(3) };
};
