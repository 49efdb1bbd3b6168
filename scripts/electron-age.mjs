// `npm run electron-age` (SEC-10): fails when the Electron we ship is older than the three majors that Electron keeps up. Asks the package registry; continuous integration runs it, `npm test` does not.
import './tools/node-version.mjs';
import { run } from './tools/run.mjs';
import { at, main, readJson, ScriptError, tell } from './tools/project.mjs';

/** Electron maintains its newest major and the two before it. */
const kept = 3;
const major = (version) => Number.parseInt(version, 10);

await main(async () => {
  const ours = readJson(at('package.json')).devDependencies.electron;
  const asked = await run('npm', ['view', 'electron', 'dist-tags.latest'], { limitMs: 60_000 });
  const newest = asked.stdout.trim();
  if (!/^\d+\.\d+\.\d+$/.test(newest)) throw new ScriptError(`The registry did not say which Electron is the newest: ${asked.output.trim()}`);
  if (major(ours) <= major(newest) - kept) throw new ScriptError(`Electron ${ours} gets no security updates any more; the newest is ${newest}`);
  tell(`Electron ${ours} is kept up; the newest is ${newest}`);
  return 0;
});
