// `npm run faults [-- --seed N --only ID]`: sets up, bundles test/faults/faults.ts and runs it with the same arguments. See docs/faults.md.
import './tools/node-version.mjs';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setUp } from './setup.mjs';
import { bundleForNode } from './tools/bundle.mjs';
import { at, main, root, ScriptError } from './tools/project.mjs';
import { ensureRestics } from './tools/restic.mjs';

const entry = 'test/faults/faults.ts';

await main(async (argv) => {
  if (!existsSync(at(entry))) throw new ScriptError(`${entry} is missing`);
  await setUp();
  await ensureRestics(['newest']);
  const file = await bundleForNode(entry, 'faults');
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--enable-source-maps', file, ...argv], { cwd: root, stdio: 'inherit' });
    process.on('SIGINT', () => child.kill('SIGINT'));
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.once('exit', (code) => resolve(code ?? 1));
  });
});
