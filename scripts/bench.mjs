// `npm run bench [-- --json FILE]`: sets up, bundles test/bench/bench.ts and runs it with the same arguments.
import './tools/node-version.mjs';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setUp } from './setup.mjs';
import { bundleForNode } from './tools/bundle.mjs';
import { at, main, root, ScriptError } from './tools/project.mjs';
import { ensureRestics } from './tools/restic.mjs';

const entry = 'test/bench/bench.ts';

await main(async (argv) => {
  if (!existsSync(at(entry))) throw new ScriptError(`${entry} is missing`);
  await setUp();
  const [restic] = await ensureRestics(['newest']);
  const file = await bundleForNode(entry, 'bench');
  const env = { ...process.env };
  if (env.DUMONT_RESTIC === undefined && restic.file !== undefined) env.DUMONT_RESTIC = restic.file;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--enable-source-maps', '--expose-gc', file, ...argv], { cwd: root, env, stdio: 'inherit' });
    process.on('SIGINT', () => child.kill('SIGINT'));
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.once('exit', (code) => resolve(code ?? 1));
  });
});
