// `npm run lint [-- PATHS]`: oxlint with types, then the project's own rules over every tracked file.
import './tools/node-version.mjs';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { checkFile, checkTogether } from './tools/own-rules.mjs';
import { at, main, root } from './tools/project.mjs';
import { run } from './tools/run.mjs';

const lintedPaths = ['src', 'test', 'scripts'];
const generated = new Set(['package-lock.json', 'docs/openapi.json']);
const isText = (file) => /\.(ts|tsx|mjs|cjs|js|json|md|css|html|sh|yml|yaml|txt|svg)$/.test(file) || /(^|\/)(run|\.npmrc|\.gitignore)$/.test(file);

/** Files that git tracks or would track; without git, those below the known folders. */
const listFiles = async () => {
  const listed = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, limitMs: 30_000 });
  if (listed.failure === undefined) return listed.stdout.split('\0').filter((name) => name !== '' && existsSync(at(name)));
  return ['src', 'test', 'scripts', 'docs', 'resources'].filter((name) => existsSync(at(name))).flatMap((name) =>
    readdirSync(at(name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/')));
};

const ownProblems = async () => {
  const files = (await listFiles()).filter((file) => isText(file) && !generated.has(file) && statSync(at(file)).isFile());
  const texts = new Map(files.map((file) => [file, readFileSync(at(file), 'utf8')]));
  const each = [...texts].flatMap(([file, text]) => checkFile(file, text).map(({ line, says }) => `${file}:${line} ${says}`));
  return [...each, ...checkTogether(texts)];
};

await main(async (argv) => {
  const paths = argv.length > 0 ? argv : lintedPaths.filter((name) => existsSync(at(name)));
  const oxlint = await run(process.execPath, [at('node_modules', 'oxlint', 'bin', 'oxlint'), '--type-aware', '--deny-warnings', ...paths], { cwd: root, limitMs: 300_000, onText: (text) => process.stdout.write(text) });
  const problems = await ownProblems();
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.stdout.write(problems.length === 0 ? 'Own rules: nothing found\n' : `Own rules: ${problems.length} found\n`);
  return oxlint.failure === undefined && problems.length === 0 ? 0 : 1;
});
