// execa, read when the first program is started: it is a tenth of what main would read at its own start.
import type * as Library from 'execa';

/** For what talks with its program while it runs. */
export const loadExeca = async (): Promise<typeof Library.execa> => (await import('execa')).execa;

/** Runs a program to its end, without input and in this environment only. That it failed is in the result; `timeout` in milliseconds. */
export const runProgram = async (file: string, args: readonly string[], options: { readonly env: NodeJS.ProcessEnv; readonly timeout?: number }) => {
  const execa = await loadExeca();
  return execa(file, args, { ...options, reject: false, stdin: 'ignore', extendEnv: false });
};
