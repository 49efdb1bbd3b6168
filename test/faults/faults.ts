// Entry of `npm run faults`: runs the points of a seed, prints each that fails as it fails, then the table.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { faults, pointsOf, type Point } from './points';
import { runPoint, type Outcome } from './run-point';
import { World } from './world';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Columns padded to their widest cell; the first is left-aligned. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')).join('\n');
};

const wanted = (points: readonly Point[], only: readonly string[]): readonly Point[] =>
  only.length === 0 ? points : points.filter((point) => only.some((id) => point.id === id || point.id.startsWith(`${id}/`)));

/** One row per phase, one column per fault: passed of all. */
const grid = (outcomes: readonly Outcome[]): string => {
  const names = Object.keys(faults).filter((fault) => outcomes.some((one) => one.point.fault === fault));
  const cell = (chosen: readonly Outcome[]): string => (chosen.length === 0 ? '-' : `${chosen.filter((one) => one.passed).length}/${chosen.length}`);
  const rows = [...new Set(outcomes.map((one) => one.point.phase.name))].map((phase) => {
    const here = outcomes.filter((one) => one.point.phase.name === phase);
    return [phase, ...names.map((fault) => cell(here.filter((one) => one.point.fault === fault))), cell(here)];
  });
  return table([['phase', ...names, 'all'], ...rows, ['all', ...names.map((fault) => cell(outcomes.filter((one) => one.point.fault === fault))), cell(outcomes)]]);
};

const tell = (outcome: Outcome, verbose: boolean): void => {
  const { point, passed, problems, end, ms } = outcome;
  if (passed && !verbose) return;
  say(`${passed ? '✓' : '✗'} ${point.id}  ${JSON.stringify(point.moment)}  ${end}  ${seconds(ms)}`);
  for (const problem of problems) say(`    ${problem}`);
};

/** What a world tells of a point. */
type Told = Omit<Outcome, 'point'> & { readonly id: string };

/** This process is one world: it runs every so-manieth point and tells each as a line. */
const beWorld = async (points: readonly Point[], seed: number): Promise<void> => {
  const left = [...points];
  // Asked to end, it still clears up after the point that runs.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => left.splice(0));
  const world = await World.start(seed);
  try {
    for (let point = left.shift(); point !== undefined; point = left.shift()) {
      const { point: _point, ...rest } = await runPoint(world, point);
      say(JSON.stringify({ id: point.id, ...rest } satisfies Told));
    }
  } finally {
    await world.stop();
  }
};

/** Worlds are processes: what one waits for must not hold up the relay of another. Each has an app, an sshd and a simulator of its own. */
const runAll = async (points: readonly Point[], seed: number, worlds: number, verbose: boolean): Promise<readonly Outcome[]> => {
  const outcomes: Outcome[] = [];
  const take = (line: string): void => {
    const { id, ...rest } = JSON.parse(line) as Told;
    const point = points.find((one) => one.id === id);
    if (point === undefined) return;
    outcomes.push({ point, ...rest });
    tell({ point, ...rest }, verbose);
    if (outcomes.length % 20 === 0) say(`  ${outcomes.length} of ${points.length}`);
  };
  const start = async (share: number): Promise<void> => {
    const mine = points.filter((_, index) => index % worlds === share).flatMap((point) => ['--only', point.id]);
    if (mine.length === 0) return;
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', '--world', '--seed', String(seed), ...mine], { stdio: ['ignore', 'pipe', 'inherit'] });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
    for await (const line of createInterface({ input: child.stdout })) take(line);
  };
  await Promise.all(Array.from({ length: worlds }, (_, share) => start(share)));
  return outcomes;
};

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' }, only: { type: 'string', multiple: true, default: [] }, worlds: { type: 'string', default: '2' },
    list: { type: 'boolean', default: false }, world: { type: 'boolean', default: false }, verbose: { type: 'boolean', default: false },
  },
});
const points = wanted(pointsOf(Number(values.seed)), values.only);
if (points.length === 0) {
  say('No such point; --list shows all.');
  process.exitCode = 2;
} else if (values.world) await beWorld(points, Number(values.seed));
else if (values.list) for (const point of points) say(`${point.id}  ${JSON.stringify(point.moment)}`);
else {
  const began = Date.now();
  const outcomes = await runAll(points, Number(values.seed), Number(values.worlds), values.verbose || values.only.length > 0);
  const bad = outcomes.filter((one) => !one.passed);
  // A world that broke down, or was asked to end, leaves points that were not run: they have not passed.
  const notRun = points.length - outcomes.length;
  say(`\n${grid(outcomes)}\n\nseed ${values.seed}, ${seconds(Date.now() - began)}, ${seconds(outcomes.reduce((sum, one) => sum + one.ms, 0) / Math.max(1, outcomes.length))} a point and world`);
  for (const one of bad) say(`again: npm run faults -- --seed ${values.seed} --only ${JSON.stringify(one.point.id)}`);
  if (notRun > 0) say(`${notRun} points were not run`);
  say(`${outcomes.length - bad.length} passed, ${bad.length + notRun} failed`);
  process.exitCode = bad.length + notRun === 0 ? 0 : 1;
}
