// `npm run simulator -- --port N --seed S ...`: sets up and runs the simulated Vast.ai alone; stdout is its own one JSON line.
import './tools/node-version.mjs';
import { spawn } from 'node:child_process';
import { ensureInstalled } from './setup.mjs';
import { ensureBuilt } from './build.mjs';
import { at, main } from './tools/project.mjs';

await main(async (argv) => {
  await ensureInstalled();
  await ensureBuilt({ only: ['simulator'] });
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [at('dist', 'simulator', 'simulator.js'), ...argv], { stdio: ['ignore', 'inherit', 'inherit'] });
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        if (!asked) setTimeout(() => child.kill('SIGKILL'), 4500).unref();
        asked = true;
        child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
      });
    }
    process.on('exit', () => child.kill('SIGKILL'));
    child.once('exit', (code) => resolve(code ?? (asked ? 0 : 1)));
  });
});
