// Snapshots from listing to verified snapshot (guard, sidecar and listings included) against `rsync -a` and `restic backup` by hand: first runs, nothing changed, one file of a hundred changed, a slow wire; and what it costs.
import { existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { captureBudget } from '../../src/main/domain/capture-ports';
import { defaultSourceOptions } from '../../src/main/domain/source-rows';
import { changeOnePercent, large, many, mixed, overwriteInPlace, small, type Tree } from './capture-data';
import { startStand, type Stand } from './capture-sides';
import { startLatencyRelay } from './latency-relay';
import { inTurns, median, milliseconds, ratio, timed, type Result } from './measure';
import { warmMemory } from './warm-memory';

const base = existsSync('/dev/shm') ? '/dev/shm' : (process.env['TMPDIR'] ?? '/tmp');

/** Bytes that the files below a folder take on disk, or that they hold. */
const bytesBelow = (folder: string, kind: 'used' | 'held'): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).reduce((sum, one) => {
    if (!one.isFile()) return sum;
    const facts = lstatSync(path.join(one.parentPath, one.name));
    return sum + (kind === 'used' ? facts.blocks * 512 : facts.size);
  }, 0);

const withStand = async (id: string, tree: Tree, work: (stand: Stand) => Promise<readonly Result[]>): Promise<readonly Result[]> => {
  const root = path.join(base, `dumont-bench-${String(process.pid)}-${id}`);
  mkdirSync(root, { recursive: true });
  try {
    tree.make(path.join(root, 'source'));
    const stand = await startStand(root, process.env['DUMONT_RESTIC'] ?? 'restic');
    try {
      return await work(stand);
    } finally {
      await stand.stop();
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};

/** The medians of both sides as a ratio with a limit, and in milliseconds. */
const compared = (id: string, what: string, taken: { readonly ours: readonly number[]; readonly reference: readonly number[] }, limit: number | null): Result[] => [
  ratio(id, `${what}, against rsync -a and restic by hand`, median(taken.ours), median(taken.reference), limit),
  milliseconds(`${id}-ours`, `the app (${taken.ours.map((ms) => (ms / 1000).toFixed(2)).join(' ')} s)`, median(taken.ours)),
  milliseconds(`${id}-hand`, `by hand (${taken.reference.map((ms) => (ms / 1000).toFixed(2)).join(' ')} s)`, median(taken.reference)),
];

/** One run, with memory at hand for two copies of the tree and the programs. */
const timedRun = (stand: Stand, side: 'ours' | 'hand'): Promise<number> => {
  warmMemory(base, bytesBelow(stand.source, 'used') * 2 + (1 << 30));
  return timed(() => stand[side].run());
};

/** First runs, each with nothing of the other side's on the disk: by hand twice as much stays there, which the app would have to run beside. */
const firstRuns = async (stand: Stand, rounds: number): Promise<{ ours: number[]; reference: number[] }> => {
  const each = async (side: 'ours' | 'hand'): Promise<number> => {
    await stand.ours.fresh();
    await stand.hand.fresh();
    return timedRun(stand, side);
  };
  const taken = await inTurns(rounds, () => each('ours'), () => each('hand'));
  // What follows wants both there, and ours came last.
  await stand.hand.run();
  return taken;
};

const laterRuns = async (stand: Stand, rounds: number, change: (turn: number) => Promise<void> | void): Promise<{ ours: number[]; reference: number[] }> => {
  const taken = { ours: [] as number[], reference: [] as number[] };
  for (let turn = 0; turn < rounds; turn += 1) {
    await change(turn);
    taken.reference.push(await timedRun(stand, 'hand'));
    taken.ours.push(await timedRun(stand, 'ours'));
  }
  return taken;
};

/** The event loop's delay while something runs, and while nothing does, p99 in milliseconds. */
const loopDelay = async (work: () => Promise<unknown>): Promise<{ readonly busy: number; readonly idle: number; readonly most: number }> => {
  const measured = async (what: () => Promise<unknown>): Promise<{ readonly p99: number; readonly max: number }> => {
    const histogram = monitorEventLoopDelay({ resolution: 10 });
    histogram.enable();
    await what();
    histogram.disable();
    return { p99: histogram.percentile(99) / 1e6, max: histogram.max / 1e6 };
  };
  const idle = await measured(() => delay(5000));
  const busy = await measured(work);
  return { busy: busy.p99, idle: idle.p99, most: busy.max };
};

const loopResults = (id: string, what: string, { busy, idle, most }: Awaited<ReturnType<typeof loopDelay>>): Result[] => [
  ratio(`${id}-loop`, `${what}: p99 of main's event-loop delay against idle`, busy, idle, 3),
  milliseconds(`${id}-loop-busy`, `p99 (idle ${idle.toFixed(1)}, longest ${most.toFixed(1)})`, busy),
];

export const benchSmall = (rounds: number): Promise<readonly Result[]> =>
  withStand('capture-small', small, async (stand) => {
    const { what } = small;
    const results = compared('capture-small-first', `${what}: first run`, await firstRuns(stand, rounds), 1.4);
    results.push(...compared('capture-small-same', `${what}: nothing changed`, await laterRuns(stand, rounds, () => undefined), 0.6));
    results.push(...compared('capture-small-1pc', `${what}: 1 % changed`, await laterRuns(stand, rounds, (turn) => changeOnePercent(small, stand.source, turn)), 1.5));
    const relay = await startLatencyRelay(stand.sshd.port, 40, 300);
    stand.port = relay.port;
    results.push(...compared('capture-small-40ms', `${what}: first run over a wire of 40 ms and 300 Mbit/s`, await firstRuns(stand, rounds), 1.2));
    await relay.stop();
    return results;
  });

export const benchMany = (rounds: number): Promise<readonly Result[]> =>
  withStand('capture-many', many, async (stand) => {
    const { what } = many;
    const results = compared('capture-many-first', `${what}: first run`, await firstRuns(stand, rounds), 1.2);
    results.push(...compared('capture-many-same', `${what}: nothing changed`, await laterRuns(stand, rounds, () => undefined), 0.6));
    results.push(...compared('capture-many-1pc', `${what}: 1 % changed`, await laterRuns(stand, rounds, (turn) => changeOnePercent(many, stand.source, turn)), 1.5));
    const loop = await loopDelay(async () => {
      await stand.ours.fresh();
      await stand.ours.run();
      changeOnePercent(many, stand.source, rounds);
      await stand.ours.run();
      await stand.ours.run();
    });
    return [...results, ...loopResults('capture-many', `${what}, first run, 1 % changed, nothing changed`, loop)];
  });

/** What lies beside the repository when a snapshot is done, of the data. */
const beside = (id: string, what: string, stand: Stand, limit: number | null): Result => ratio(id, `${what}: local disk beside the repository, of the data`, bytesBelow(path.join(stand.ours.folder, 'users'), 'used'), bytesBelow(stand.source, 'held'), limit);

export const benchLarge = (rounds: number): Promise<readonly Result[]> =>
  withStand('capture-large', large, async (stand) => {
    const { what } = large;
    const results = compared('capture-large-first', `${what}: first run`, await firstRuns(stand, rounds), 1.1);
    results.push(beside('capture-large-disk', what, stand, 0.02));
    results.push(...compared('capture-large-same', `${what}: nothing changed`, await laterRuns(stand, rounds, () => undefined), 0.6));
    // rsync's best case, and published as such: it sends the blocks that changed, the app the whole file.
    results.push(...compared('capture-large-in-place', `${what}: 10 MB overwritten in place`, await laterRuns(stand, rounds, (turn) => overwriteInPlace(stand.source, turn)), null));
    return results;
  });

export const benchMixed = (): Promise<readonly Result[]> =>
  withStand('capture-mixed', mixed, async (stand) => {
    await stand.ours.fresh();
    await stand.ours.run();
    return [beside('capture-mixed-disk', mixed.what, stand, null)];
  });

/** The most memory of a process that only runs the worker, MB. */
const memoryOf = (id: string, tree: Tree): Promise<readonly Result[]> =>
  withStand(id, tree, async (stand) => {
    const data = {
      dataFolder: path.join(stand.ours.folder, 'memory'), ssh: { folder: path.join(path.dirname(stand.source), 'ssh') },
      job: { userId: '00000000-0000-4000-8000-000000000000', sourceId: 'bench', target: { userId: '00000000-0000-4000-8000-000000000000', instanceId: 1, host: stand.sshd.host, port: stand.sshd.port, user: stand.sshd.user }, options: defaultSourceOptions },
    };
    const plan = { directory: stand.source, instanceId: 1, root: 'workspace', parentId: null, fullCopy: false, mostBytes: null, budget: captureBudget };
    const { stdout } = await execa(process.execPath, ['test/bench/reader-memory.mjs', path.resolve('dist/main/capture-worker.js'), JSON.stringify({ data, plan })]);
    const { before, most } = JSON.parse(stdout) as { before: number; most: number };
    const megabytes = most / 1024;
    return [{ id, what: `${tree.what}: most memory of a process that only reads (${(before / 1024).toFixed(0)} MB before)`, value: megabytes, unit: 'MB', limit: 120, holds: megabytes < 120 }];
  });

export const benchMemory = async (): Promise<readonly Result[]> => [
  ...(await memoryOf('capture-memory-small', small)), ...(await memoryOf('capture-memory-many', many)), ...(await memoryOf('capture-memory-large', large)),
];
