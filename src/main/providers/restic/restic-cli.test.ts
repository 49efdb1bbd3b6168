import { expect, it } from 'vitest';
import { inCommands } from './restic-cli';

it('patterns go to as many commands as their bytes need', () => {
  expect(inCommands([])).toEqual([[]]);
  expect(inCommands(['a', 'bb', 'ß', 'dddddd', 'e'], 5)).toEqual([['a', 'bb', 'ß'], ['dddddd'], ['e']]);
  const many = [...Array(50_000).keys()].map((at) => `/workspace/${'n'.repeat(200)}-${at}`);
  const commands = inCommands(many);
  expect(commands.flat()).toEqual(many);
  // Linux takes 2 MB in all, macOS 1 MB.
  for (const command of commands) expect(Buffer.byteLength(command.join('--include='))).toBeLessThan(200_000);
});
