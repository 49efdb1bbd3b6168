// `npm run flake [-- N]`: runs the Electron specs N times (20) and prints which of them ever failed; writes to test-results only.
import './tools/node-version.mjs';
import path from 'node:path';
import { setUp } from './setup.mjs';
import { chooseElectron, electronLabel } from './tools/electron.mjs';
import { main, readJson, ScriptError } from './tools/project.mjs';
import { ensureRequirements } from './tools/requirements.mjs';
import { ensureRestics } from './tools/restic.mjs';
import { resultsDir, runStep, table } from './tools/step-runner.mjs';
import { playwrightSpecs } from './tools/test-reports.mjs';
import { electronStep } from './tools/test-steps.mjs';

/** Every spec of a run: its full title, whether it passed, and how long it took (ms). */
const specsOf = (report) => playwrightSpecs(report).map(({ titles, ok, results }) => ({ title: titles.join(' › '), ok, ms: results.reduce((sum, result) => sum + result.duration, 0) }));

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

await main(async (argv) => {
  const runs = Number(argv[0] ?? 20);
  if (argv.length > 1 || !Number.isInteger(runs) || runs < 1) throw new ScriptError('Usage: npm run flake [-- N]', 2);
  const missing = await ensureRequirements();
  if (missing !== undefined) throw new ScriptError(missing);
  await setUp();
  await ensureRestics(['newest']);
  const electron = await chooseElectron({ registry: process.env.DUMONT_ELECTRON === 'registry' ? 'only' : 'allowed' });
  if (!electron.ok) throw new ScriptError(electron.reason);
  const env = { ...process.env, CI: '1', NO_COLOR: '1', FORCE_COLOR: '0', ELECTRON_OVERRIDE_DIST_PATH: electron.folder };
  const specs = new Map();
  let broken = 0;
  for (let index = 1; index <= runs; index += 1) {
    process.stdout.write(`run ${index} of ${runs}\n`);
    const result = await runStep(electronStep, { env, limitMs: electronStep.limitMs, strict: true, folder: path.join(resultsDir, 'flake', String(index)) });
    const seen = specsOf(readJson(result.reportFile));
    if (seen.length === 0 || (result.failed > 0 && seen.every((spec) => spec.ok))) broken += 1;
    for (const { title, ok, ms } of seen) {
      const row = specs.get(title) ?? { passed: 0, failed: [], times: [] };
      if (ok) row.passed += 1;
      else row.failed.push(index);
      row.times.push(ms);
      specs.set(title, row);
    }
  }
  const rows = [...specs].map(([title, row]) => [title, String(row.passed), String(row.failed.length), `${Math.round(median(row.times))} ms`, row.failed.length === 0 ? '' : `run ${row.failed.join(', ')}`]);
  process.stdout.write(`\n${table([['spec', 'passed', 'failed', 'median', ''], ...rows])}\n\n${electronLabel(electron)}, ${runs} runs${broken > 0 ? `, ${broken} of them broken outside a spec` : ''}\n`);
  const failed = [...specs.values()].reduce((sum, row) => sum + row.failed.length, broken);
  process.stdout.write(`${[...specs.values()].reduce((sum, row) => sum + row.passed, 0)} passed, ${failed} failed\n`);
  return failed === 0 && specs.size > 0 ? 0 : 1;
});
