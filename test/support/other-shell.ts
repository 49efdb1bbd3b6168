// A login shell that does not understand sh, as fish and csh do not: simple statements alone, one after the other. The commands of real ones are in docs/verified.md.
import { writeFileSync } from 'node:fs';

const word = String.raw`(?:'[^']*'|\\[\\'!]|[A-Za-z0-9_./:-])+`;

/** Makes it; gives the lines of an sshd's settings that give every command to it. */
export const otherShellSettings = (file: string): readonly string[] => {
  const script = [
    'const [, , command] = process.argv;',
    `const understood = new RegExp(${JSON.stringify(`^(?:${word} *)+(?:; (?:${word} *)+)*$`)});`,
    "if (!understood.test(command)) { process.stderr.write('other-shell: Unsupported use of \\'&&\\' or \\'$\\'\\n'); process.exit(127); }",
    "const { status } = require('node:child_process').spawnSync('sh', ['-c', command], { stdio: 'inherit' });",
    'process.exit(status ?? 255);',
  ];
  writeFileSync(file, script.join('\n'));
  return [`ForceCommand ${process.execPath} ${file} "$SSH_ORIGINAL_COMMAND"`];
};
